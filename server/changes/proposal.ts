/** A filled-in form against the live cluster: what would be written. Pure but for the hash. */
import { createHash } from "node:crypto";
import type { KubeObject } from "@/mesh-runtime/api/meta.ts";
import type { ProblemConflict } from "@/server/contracts/errors.ts";
import type { PathFormValues } from "@/server/contracts/golden-paths/forms.ts";
import type { PathSlug } from "@/server/contracts/golden-paths/slug.ts";
import type { ResourceChange } from "@/server/contracts/golden-paths.ts";
import type { ResourceRef } from "@/server/contracts/names.ts";
import { diffLines } from "@/server/golden-paths/diff.ts";
import { changeIntents, type IntentChange, type IntentSet } from "@/server/golden-paths/intent.ts";
import { isWholeOurs, ownedPart } from "@/server/golden-paths/owned-part.ts";
import type { PathContext } from "@/server/golden-paths/path.ts";
import { type FilledIn, fillIn } from "@/server/golden-paths/registry.ts";
import { render } from "@/server/golden-paths/render.ts";
import {
  canonical,
  type Rendered,
  refOf,
  resourceKey,
  resourceName,
  sameResource,
  toYaml,
} from "@/server/golden-paths/resource.ts";

/** One object to be written; `undefined` means absent. Kept in the change so that it can be resumed and undone. */
export interface ResourceStep {
  readonly ref: ResourceRef;
  /** Live, as far as paths own it. */
  readonly before: Rendered | undefined;
  readonly after: Rendered | undefined;
}

export interface Proposal {
  readonly slug: PathSlug;
  readonly values: PathFormValues[PathSlug];
  readonly filled: FilledIn;
  readonly intentChanges: readonly IntentChange[];
  /** In the order in which they must be applied. */
  readonly steps: readonly ResourceStep[];
  /** Live objects that are not what the last change left behind. */
  readonly conflicts: readonly ProblemConflict[];
  /** Stands for everything that was read. */
  readonly etag: string;
}

/** Finds the live object of a reference. */
export type ReadLive = (ref: ResourceRef) => KubeObject | undefined;

export function propose<S extends PathSlug>(
  slug: S,
  values: PathFormValues[S],
  context: PathContext,
  readLive: ReadLive,
): Proposal {
  const filled = fillIn(slug, values, context);
  return { slug, values, filled, ...proposeIntents(filled.plan.changes, context, readLive) };
}

/** The same for intents without a form: undo. */
export function proposeIntents(
  intentChanges: readonly IntentChange[],
  { current, inventory }: PathContext,
  readLive: ReadLive,
): Pick<Proposal, "intentChanges" | "steps" | "conflicts" | "etag"> {
  const former = render(current, inventory);
  const next = render(changeIntents(current, intentChanges), inventory);
  const touched = new Map<string, ResourceRef>();
  // Resources of the intents in question, also where the intents stay as they are but the cluster does not.
  const only = (intents: IntentSet): ReadonlyMap<string, Rendered> => render(intents, inventory);
  const named = (pick: (change: IntentChange) => IntentChange["before"]): IntentSet =>
    new Map(
      intentChanges.flatMap((change) => {
        const intent = pick(change);
        return intent === undefined ? [] : [[change.key, intent] as const];
      }),
    );
  const subjects = [named(({ before }) => before), named(({ after }) => after), named(({ subject }) => subject)];
  const proposed = new Map<string, Rendered>();
  for (const [key, resource] of subjects.flatMap((intents) => [...only(intents)])) {
    proposed.set(key, resource);
    touched.set(key, refOf(resource));
  }
  // What changes because of its neighbours: a waypoint moves the rules of all services behind it.
  for (const [key, resource] of [...former, ...next]) {
    if (!sameResource(former.get(key), next.get(key))) {
      touched.set(key, refOf(resource));
    }
  }
  const steps: ResourceStep[] = [];
  const conflicts: ProblemConflict[] = [];
  for (const [key, ref] of touched) {
    const live = readLive(ref);
    const expected = former.get(key);
    const wanted = next.get(key);
    const before = live === undefined ? undefined : ownedPart(live, [expected, wanted, proposed.get(key)]);
    const partial = [expected, wanted, proposed.get(key)].some((one) => one !== undefined && !isWholeOurs(one));
    const after = wanted ?? (partial && before !== undefined ? bare(before) : undefined);
    if (before === undefined && after === undefined) {
      continue;
    }
    steps.push({ ref, before, after });
    if (!partial && !sameResource(expected, before) && !sameResource(before, after)) {
      conflicts.push({ resource: resourceName(ref), expected: toYaml(expected), live: toYaml(before) });
    }
  }
  const ordered = steps.toSorted((one, other) => rank(one) - rank(other) || compareKeys(one.ref, other.ref));
  const kept = intentChanges.map(({ key, before, after }) => ({ key, before, after }));
  return { intentChanges: kept, steps: ordered, conflicts, etag: etagOf(kept, ordered) };
}

/** Somebody else's object without our fields: applying it gives them up. */
const bare = ({ apiVersion, kind, metadata }: Rendered): Rendered => ({
  apiVersion,
  kind,
  metadata: { name: metadata.name, ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }) },
});

const compareKeys = (one: ResourceRef, other: ResourceRef): number => (resourceKey(one) < resourceKey(other) ? -1 : 1);

const deniesAll = (resource: Rendered | undefined): boolean =>
  resource?.kind === "AuthorizationPolicy" && Object.keys((resource.spec ?? {}) as object).length === 0;

/** What opens comes first, what closes last, so that no moment in between cuts anybody off (`resources.md` §15). */
function rank({ ref, before, after }: ResourceStep): number {
  if (deniesAll(before) && after === undefined) {
    return 0;
  }
  if (deniesAll(after)) {
    return 6;
  }
  if (ref.kind === "Namespace") {
    return 2;
  }
  if (ref.kind === "PeerAuthentication") {
    return after === undefined ? 1 : 4;
  }
  return after === undefined ? 5 : 1;
}

function etagOf(changes: readonly IntentChange[], steps: readonly ResourceStep[]): string {
  return createHash("sha256").update(canonical({ changes, steps })).digest("base64url").slice(0, 32);
}

export const isUnchanged = ({ before, after }: ResourceStep): boolean => sameResource(before, after);

/** For the screen. */
export function toResourceChange(step: ResourceStep): ResourceChange {
  const before = toYaml(step.before);
  const after = toYaml(step.after);
  const action = isUnchanged(step)
    ? "unchanged"
    : step.before === undefined
      ? "create"
      : step.after === undefined
        ? "delete"
        : "update";
  return { resource: step.ref, action, before, after, diff: diffLines(before, after) };
}
