/** What others changed of resources that golden paths made, and what can be done about it. */
import type * as z from "zod";
import { namespacesRefused, type SignedIn } from "@/server/auth/signed-in.ts";
import { type ChangeRow, stepsOf } from "@/server/changes/change-row.ts";
import type { Asker, Changes } from "@/server/changes/changes.ts";
import { intentsAt } from "@/server/changes/intents-at.ts";
import { cachedObjects } from "@/server/changes/live-objects.ts";
import { endsAccess } from "@/server/changes/overdue-ends.ts";
import { isUnchanged } from "@/server/changes/proposal.ts";
import { namespaceOf } from "@/server/changes/touched.ts";
import type { Cluster } from "@/server/cluster/cluster.ts";
import type { ChangeSummary } from "@/server/contracts/changes.ts";
import type { DriftItem, DriftList, DriftRequest, driftQuery } from "@/server/contracts/drift.ts";
import { pathSlug } from "@/server/contracts/golden-paths/slug.ts";
import type { ResourceRef } from "@/server/contracts/names.ts";
import type { Database } from "@/server/db/client.ts";
import { PortalError } from "@/server/errors.ts";
import { diffLines } from "@/server/golden-paths/diff.ts";
import { endOf, type Intent, isServiceIntent } from "@/server/golden-paths/intent.ts";
import type { PathContext } from "@/server/golden-paths/path.ts";
import { goldenPaths } from "@/server/golden-paths/registry.ts";
import { render } from "@/server/golden-paths/render.ts";
import { type Rendered, resourceKey, resourceName, toYaml } from "@/server/golden-paths/resource.ts";
import { type Drifted, findDrifted } from "./drifted.ts";
import { effectOf } from "./effect.ts";
import { tellMissing } from "./never-written.ts";
import { readBack } from "./read-back.ts";
import { lastWriter } from "./who.ts";

export interface DriftDeps {
  readonly db: Database;
  readonly cluster: Cluster;
  readonly changes: Changes;
}

/** Objects of which it is worked out whether they could be taken over; a page shows no more. */
const itemsMax = 200;

export async function listDrift(
  deps: DriftDeps,
  query: z.infer<typeof driftQuery>,
  person: SignedIn,
): Promise<DriftList> {
  const context = await deps.changes.context();
  const rendered = render(context.current, context.inventory);
  const found = await drifted(deps, rendered);
  const items = found
    .filter(({ ref }) => query.namespace === undefined || namespaceOf(ref) === query.namespace)
    .map((one) => ({ one, intents: intentsAt(one.ref, context, rendered) }))
    .filter(({ intents }) => query.service === undefined || intents.some(([, of]) => isAbout(of, query.service)))
    .slice(0, itemsMax)
    .map(({ one, intents }) => toItem(one, intents, context, person));
  return { items, checkedUnixMs: context.nowUnixMs };
}

/** Writes what the paths render over what is live. Throws PortalError. */
export function putBack(deps: DriftDeps, request: DriftRequest, asker: Asker): Promise<ChangeSummary> {
  return settle("put-back", deps, request, asker);
}

/** Makes what is live the paths' values. Throws PortalError, `not-readable-back` when no form says it. */
export function takeOver(deps: DriftDeps, request: DriftRequest, asker: Asker): Promise<ChangeSummary> {
  return settle("take-over", deps, request, asker);
}

async function settle(
  kind: "put-back" | "take-over",
  deps: DriftDeps,
  { resource, live, openedUnixMs, reason }: DriftRequest,
  asker: Asker,
): Promise<ChangeSummary> {
  const { intents, drifted: one } = await find(deps, resource, live);
  if (kind === "take-over" && one.kind === "missing") {
    throw new PortalError("not-readable-back", missing);
  }
  const slug = pathSlug.catch("let-a-caller-in").parse(intents[0]?.[1].slug);
  return deps.changes.settleDrift(kind, resource, slug, { openedUnixMs, reason }, asker, async () => {
    await find(deps, resource, live);
  });
}

/** The drifted object as it was shown. Throws `not-found`, or `conflict` when it is something else by now. */
async function find(
  deps: DriftDeps,
  resource: ResourceRef,
  shown: string,
): Promise<{ readonly intents: [string, Intent][]; readonly drifted: Drifted }> {
  const context = await deps.changes.context();
  const rendered = render(context.current, context.inventory);
  const key = resourceKey(resource);
  const one = (await drifted(deps, rendered)).find(({ ref }) => resourceKey(ref) === key);
  if (one === undefined || one.ref.apiVersion !== resource.apiVersion) {
    throw new PortalError("not-found", `${resourceName(resource)} is as the golden paths have it by now.`);
  }
  const live = toYaml(one.live);
  if (live !== shown) {
    throw new PortalError("conflict", `Somebody changed ${resourceName(resource)} again. Compare, then decide anew.`, {
      conflicts: [{ resource: resourceName(resource), expected: shown, live }],
    });
  }
  return { intents: intentsAt(resource, context, rendered), drifted: one };
}

/** What a change writes at this moment is neither before nor after: it is left out. */
async function drifted({ db, cluster }: DriftDeps, rendered: ReadonlyMap<string, Rendered>): Promise<Drifted[]> {
  const applying = await db.change.findMany({ where: { state: "applying" }, select: { resources: true } });
  const steps = applying.flatMap((row: Pick<ChangeRow, "resources">) => stepsOf(row));
  const busy = new Set(steps.filter((step) => !isUnchanged(step)).map(({ ref }) => resourceKey(ref)));
  return tellMissing(db, findDrifted(rendered, cachedObjects(cluster), busy));
}

const isAbout = (of: Intent, service: string | undefined): boolean =>
  isServiceIntent(of) && `${of.service.namespace}/${of.service.name}` === service;

function toItem(one: Drifted, intents: [string, Intent][], context: PathContext, person: SignedIn): DriftItem {
  const { ref, kind, object } = one;
  const expected = toYaml(one.expected);
  const live = toYaml(one.live);
  const blocked = kind === "in-the-way" ? inTheWay : kind === "missing" ? missing : undefined;
  const read = blocked === undefined ? readBack(ref, context, object) : { blocked };
  return {
    resource: ref,
    kind,
    ...lastWriter(object),
    expected,
    live,
    diff: diffLines(expected, live),
    intents: intents.flatMap(([key, of]) => {
      // What keeps a service closed is told by the path that opens it.
      const slug = pathSlug.safeParse(of.slug === "keep-closed" ? "let-a-caller-in" : of.slug);
      return slug.success
        ? [{ key, slug: slug.data, summary: summaryOf(of, context), endsUnixMs: endsAccess(of) ? endOf(of) : null }]
        : [];
    }),
    takeOver: "words" in read ? read.words : "",
    takeOverBlocked: "blocked" in read ? read.blocked : "",
    mine: namespacesRefused(person, [namespaceOf(ref)]).length === 0,
    effect: effectOf(one),
  };
}

const inTheWay = "Somebody else made this object. Remove it or give it another name, or put ours in its place.";
const missing =
  "Nobody removed it: this version of Towpath writes it for what is in force, an older one did not. Put it back to have it too, or take the path back.";

const summaryOf = (of: Intent, context: PathContext): string =>
  Object.values(goldenPaths)
    .map((path) => path.refill(of, context)?.summary)
    .find((text) => text !== undefined) ?? "";
