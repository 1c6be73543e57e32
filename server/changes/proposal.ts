/** A filled-in form against the live cluster: what would be written. Pure but for the hash. */
import { createHash } from "node:crypto";
import type { KubeObject } from "@/mesh-runtime/api/meta.ts";
import type { OverwrittenEdit } from "@/server/contracts/changes.ts";
import type { PathFormValues } from "@/server/contracts/golden-paths/forms.ts";
import type { PathSlug } from "@/server/contracts/golden-paths/slug.ts";
import type { ResourceChange } from "@/server/contracts/golden-paths.ts";
import type { ResourceRef } from "@/server/contracts/names.ts";
import { otherWriter } from "@/server/drift/who.ts";
import { diffLines } from "@/server/golden-paths/diff.ts";
import { changeIntents, type IntentChange } from "@/server/golden-paths/intent.ts";
import { orderFree } from "@/server/golden-paths/order-free.ts";
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
import { orderSteps, type Phase, type Step } from "./order.ts";

/** One object to be written. Kept in the change so that it can be resumed and undone. */
export interface ResourceStep extends Step {
  /** Absent in changes of older versions. */
  readonly phase?: Phase;
}

export interface Proposal {
  readonly slug: PathSlug;
  readonly values: PathFormValues[PathSlug];
  readonly filled: FilledIn;
  readonly intentChanges: readonly IntentChange[];
  /** In the order in which they must be applied. */
  readonly steps: readonly ResourceStep[];
  /** Live objects that are not what the last change left behind. */
  readonly conflicts: readonly OverwrittenEdit[];
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
  // Resources of the intents in question, also where the intents stay as they are but the cluster does not: what a set
  // renders with them and not without.
  const without = intentChanges.map(({ key }) => ({ key, before: undefined, after: undefined }));
  const rest = render(changeIntents(current, without), inventory);
  const subjects = intentChanges.map(({ key, before, after, subject }) => ({
    key,
    before: undefined,
    after: after ?? before ?? subject,
  }));
  const proposed = new Map<string, Rendered>();
  for (const set of [former, next, render(changeIntents(current, subjects), inventory)]) {
    for (const [key, resource] of set) {
      if (!sameResource(resource, rest.get(key))) {
        proposed.set(key, resource);
        touched.set(key, refOf(resource));
      }
    }
  }
  // What changes because of its neighbours: a waypoint moves the rules of all services behind it.
  for (const [key, resource] of [...former, ...next]) {
    if (!sameResource(former.get(key), next.get(key))) {
      touched.set(key, refOf(resource));
    }
  }
  const steps: ResourceStep[] = [];
  const conflicts: OverwrittenEdit[] = [];
  for (const [key, ref] of touched) {
    const live = readLive(ref);
    const expected = former.get(key);
    const wanted = next.get(key);
    const renderings = [expected, wanted, proposed.get(key)];
    const before = live === undefined ? undefined : ownedPart(live, renderings);
    const partial = renderings.some((one) => one !== undefined && !isWholeOurs(one));
    const after = wanted ?? (partial && before !== undefined ? bare(before) : undefined);
    if (before === undefined && after === undefined) {
      continue;
    }
    steps.push({ ref, before, after });
    // Of other people's objects a part that nobody of ours ever wrote or wants is somebody else's edit.
    const nothing = before === undefined ? undefined : bare(before);
    const known = partial
      ? [expected ?? nothing, wanted ?? nothing, proposed.get(key)].some((one) => sameParts(one, before))
      : sameResource(inOrder(expected), inOrder(before));
    if (!known && !sameResource(before, after)) {
      conflicts.push({
        resource: resourceName(ref),
        expected: toYaml(expected),
        live: toYaml(before),
        ...otherWriter(live),
      });
    }
  }
  const kept = intentChanges.map(({ key, before, after }) => ({ key, before, after }));
  const ordered = orderSteps(steps, inventory);
  return { intentChanges: kept, steps: ordered, conflicts, etag: etagOf(kept, ordered) };
}

/** Somebody else's object without our fields: applying it gives them up. */
const bare = ({ apiVersion, kind, metadata }: Rendered): Rendered => ({
  apiVersion,
  kind,
  metadata: { name: metadata.name, ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }) },
});

/** Without an order of lists that means nothing. */
const inOrder = (one: Rendered | undefined): Rendered | undefined =>
  one?.spec === undefined ? one : { ...one, spec: orderFree(one) };

/** Equal but for what one says nothing of: an empty list of labels is none. */
const sameParts = (one: Rendered | undefined, other: Rendered | undefined): boolean =>
  one === undefined || other === undefined ? one === other : canonical(partsIn(one)) === canonical(partsIn(other));
const partsIn = ({ metadata, spec, data }: Rendered): object => ({
  labels: metadata.labels ?? {},
  annotations: metadata.annotations ?? {},
  spec: spec ?? null,
  data: data ?? null,
});

/** The order of writing is no part of it: it depends on the moment, the outcome does not. */
function etagOf(changes: readonly IntentChange[], steps: readonly ResourceStep[]): string {
  const contents = steps
    .map(({ ref, before, after }) => ({ ref, before, after }))
    .toSorted((one, other) => (resourceKey(one.ref) < resourceKey(other.ref) ? -1 : 1));
  return createHash("sha256")
    .update(canonical({ changes, steps: contents }))
    .digest("base64url")
    .slice(0, 32);
}

export const isUnchanged = ({ before, after }: Pick<Step, "before" | "after">): boolean => sameResource(before, after);

/** Neither the cluster nor what is known of it would be otherwise. */
export const changesNothing = ({ steps, intentChanges }: Pick<Proposal, "steps" | "intentChanges">): boolean =>
  steps.every(isUnchanged) &&
  intentChanges.every(({ before, after }) => canonical(before ?? null) === canonical(after ?? null));

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
