import type { Structural } from "../../api/schema/structural.ts";
import { sameValue } from "./atom.ts";
import { type Comparison, compare } from "./compare.ts";
import { Conflict } from "./conflict.ts";
import {
  difference,
  emptySet,
  type FieldSet,
  FieldSetBuilder,
  intersection,
  isEmpty,
  recursiveDifference,
  union,
} from "./field-set.ts";
import { identityOf, type Manager, type Managers } from "./managers.ts";
import { merge } from "./merge.ts";
import { fieldsOf, withStructFields } from "./own.ts";
import { removeFields } from "./remove.ts";

/** Who writes, through which version and subresource, and when (RFC 3339, seconds). */
export type Writer = Pick<Manager, "manager" | "apiVersion" | "subresource"> & { readonly time: string };

function setOf(...paths: readonly (readonly string[])[]): FieldSet {
  const builder = new FieldSetBuilder();
  for (const path of paths) {
    builder.insert(path.map((name) => `f:${name}`));
  }
  return builder.build();
}

/** Nobody owns these: they name the object or are kept by the server. */
const unowned = setOf(
  ["apiVersion"],
  ["kind"],
  ["metadata"],
  ...[
    "name",
    "namespace",
    "creationTimestamp",
    "selfLink",
    "uid",
    "clusterName",
    "generation",
    "managedFields",
    "resourceVersion",
  ].map((name) => ["metadata", name]),
);

/** Fields that an endpoint discards: nobody comes to own them through it. */
export const discardedBy = (...names: readonly string[]): FieldSet => setOf(...names.map((name) => [name]));

function restrict({ added, modified, removed }: Comparison, discarded: FieldSet): Comparison {
  return {
    added: recursiveDifference(added, discarded),
    modified: recursiveDifference(modified, discarded),
    removed: recursiveDifference(removed, discarded),
  };
}

/** Takes what changed away from everybody but `writer`; what others own and changed is given as conflicts. */
function dispossess(
  managers: Managers,
  writer: string,
  { added, modified, removed }: Comparison,
): { readonly rest: Map<string, Manager>; readonly conflicts: Map<string, { manager: Manager; fields: FieldSet }> } {
  const changed = union(added, modified);
  const rest = new Map<string, Manager>();
  const conflicts = new Map<string, { manager: Manager; fields: FieldSet }>();
  for (const [identity, manager] of managers) {
    if (identity === writer) {
      rest.set(identity, manager);
      continue;
    }
    const lost = intersection(manager.fields, changed);
    if (!isEmpty(lost)) {
      conflicts.set(identity, { manager, fields: lost });
    }
    const fields = difference(difference(manager.fields, lost), removed);
    if (!isEmpty(fields)) {
      rest.set(identity, { ...manager, fields });
    }
  }
  return { rest, conflicts };
}

/** Most updaters that are kept apart; older ones are folded into one. */
const updatersMax = 10;
const ancient = "ancient-changes";

/**
 * Ownership after a create, update or patch: the writer owns what it changed, everybody else loses it.
 * `before` of a create is the empty object of the kind.
 */
export function trackUpdate(
  schema: Structural,
  before: unknown,
  after: unknown,
  managers: Managers,
  writer: Writer,
  discarded: FieldSet = emptySet,
): Managers {
  const comparison = restrict(compare(schema, before, after), discarded);
  const { rest } = dispossess(managers, "", comparison);
  const own = difference(union(comparison.added, comparison.modified), unowned);
  if (isEmpty(own)) {
    return rest;
  }
  const entry = { ...writer, operation: "Update" } as const;
  const identity = identityOf(entry);
  const previous = rest.get(identity)?.fields ?? emptySet;
  rest.set(identity, { ...entry, fields: union(previous, own) });
  return foldAncient(rest);
}

function foldAncient(managers: Map<string, Manager>): Managers {
  const updaters = [...managers].filter(([, { operation }]) => operation === "Update");
  if (updaters.length <= updatersMax) {
    return managers;
  }
  updaters.sort(([, a], [, b]) => ((a.time ?? "") < (b.time ?? "") ? -1 : 1));
  for (const [identity, manager] of updaters.slice(0, updaters.length - updatersMax + 1)) {
    managers.delete(identity);
    const folded = { ...manager, manager: ancient, subresource: undefined };
    const into = identityOf(folded);
    managers.set(into, { ...folded, fields: union(managers.get(into)?.fields ?? emptySet, manager.fields) });
  }
  return managers;
}

export interface Applied {
  /** The merged object, or undefined when the live object already says all of it. */
  readonly object: unknown;
  readonly managers: Managers;
}

/**
 * `shape` completes an object with what its Go type always has, so that these structs do not count as added.
 *
 * Server-side apply: merges `config` over `live`, removes what the writer applied before and left out now, unless
 * somebody else owns it. Throws `Conflict` when others own a field that changes and `force` is not set.
 */
export function applyFields(
  schema: Structural,
  live: unknown,
  config: unknown,
  managers: Managers,
  writer: Writer,
  options: { readonly force: boolean; readonly discarded: FieldSet; readonly shape?: (object: unknown) => unknown },
): Applied {
  const { force, discarded, shape = (whole) => whole } = options;
  const entry = { ...writer, operation: "Apply" } as const;
  const identity = identityOf(entry);
  const last = managers.get(identity);
  const claimed = recursiveDifference(fieldsOf(schema, config), discarded);
  const withClaim = new Map(managers);
  withClaim.set(identity, { ...entry, time: last?.time, fields: claimed });

  const object = prune(schema, merge(schema, live, config), withClaim, last?.fields ?? emptySet);
  const comparison = restrict(compare(schema, shape(live), shape(object)), discarded);
  const { rest, conflicts } = dispossess(withClaim, identity, comparison);
  if (conflicts.size > 0 && !force) {
    throw new Conflict([...conflicts.values()]);
  }
  const isSame = sameValue(live, object);
  const time = isSame ? last?.time : writer.time;
  rest.set(identity, { ...entry, time, fields: difference(claimed, unowned) });
  return { object: isSame ? undefined : object, managers: rest };
}

/** Removes what the writer owned and does not claim any more, as far as nobody else claims it. */
function prune(schema: Structural, merged: unknown, managers: Managers, last: FieldSet): unknown {
  if (isEmpty(last)) {
    return merged;
  }
  const all = (set: FieldSet): FieldSet => withStructFields(set, schema);
  const pruned = removeFields(schema, merged, all(last));
  let owned = emptySet;
  for (const { fields } of managers.values()) {
    owned = union(owned, fields);
  }
  const present = all(fieldsOf(schema, merged));
  const kept = union(all(fieldsOf(schema, pruned)), all(owned));
  const withOwned = removeFields(schema, merged, difference(present, kept));
  // What nobody owns was never the writer's to remove.
  const gone = difference(present, all(fieldsOf(schema, withOwned)));
  return removeFields(schema, merged, intersection(gone, all(last)));
}
