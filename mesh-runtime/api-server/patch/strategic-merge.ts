import type { Structural } from "../../api/schema/structural.ts";
import { fieldSchema, isObject, type JsonObject, sameValue } from "../fields/atom.ts";

/** A strategic merge patch that does not fit the object. */
export class StrategicMergeError extends Error {
  override readonly name = "StrategicMergeError";
}

const strategies = (schema: Structural | undefined): readonly string[] =>
  schema?.["x-kubernetes-patch-strategy"]?.split(",") ?? [];

/**
 * Strategic merge patch (k8s.io/apimachinery `strategicpatch`): like a merge patch, but lists that declare it merge by
 * key, and `$patch`, `$retainKeys`, `$setElementOrder/…` and `$deleteFromPrimitiveList/…` say what a merge cannot.
 */
export function strategicMerge(schema: Structural | undefined, target: unknown, patch: JsonObject): unknown {
  if (patch["$patch"] === "replace") {
    return withoutDirectives(patch);
  }
  if (patch["$patch"] === "delete") {
    return {};
  }
  const out: Record<string, unknown> = isObject(target) ? { ...target } : {};
  const retained = patch["$retainKeys"];
  if (Array.isArray(retained)) {
    for (const name of Object.keys(out)) {
      if (!retained.includes(name)) {
        delete out[name];
      }
    }
  }
  for (const [name, value] of Object.entries(patch)) {
    const doomed = directive(name, "$deleteFromPrimitiveList/");
    if (doomed !== undefined && Array.isArray(value) && Array.isArray(out[doomed])) {
      out[doomed] = out[doomed].filter((item) => !value.some((gone) => sameValue(gone, item)));
    }
  }
  for (const [name, order] of Object.entries(patch)) {
    const ordered = directive(name, "$setElementOrder/");
    if (ordered !== undefined && Array.isArray(order) && patch[ordered] === undefined) {
      const list = asList(out[ordered]);
      out[ordered] = inOrder(list, list, order, keyOf(fieldSchema(schema, ordered)));
    }
  }
  for (const [name, value] of Object.entries(patch)) {
    if (name.startsWith("$")) {
      continue;
    }
    const below = fieldSchema(schema, name);
    if (value === null) {
      delete out[name];
    } else if (isObject(value)) {
      out[name] = strategies(below).includes("replace") ? value : strategicMerge(below, out[name], value);
    } else if (Array.isArray(value) && strategies(below).includes("merge")) {
      const order = patch[`$setElementOrder/${name}`];
      out[name] = mergeList(below, asList(out[name]), value, Array.isArray(order) ? order : value);
    } else {
      out[name] = value;
    }
  }
  return out;
}

const asList = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

const directive = (name: string, prefix: string): string | undefined =>
  name.startsWith(prefix) ? name.slice(prefix.length) : undefined;

const keyOf = (schema: Structural | undefined): string | undefined => schema?.["x-kubernetes-patch-merge-key"];

function mergeList(
  schema: Structural | undefined,
  target: readonly unknown[],
  patch: readonly unknown[],
  order: readonly unknown[],
): unknown[] {
  const key = keyOf(schema);
  if (key === undefined) {
    const added = patch.filter((item) => !target.some((there) => sameValue(there, item)));
    return inOrder([...target, ...added], target, order, undefined);
  }
  const items = patch.map((item) => {
    if (!isObject(item)) {
      throw new StrategicMergeError(`an item of a list that merges by ${key} is no map`);
    }
    return item;
  });
  if (items.some((item) => item["$patch"] === "replace")) {
    return items.filter((item) => item["$patch"] !== "replace").map(withoutDirectives);
  }
  let out = [...target];
  for (const item of items) {
    const wanted = item[key];
    if (wanted === undefined) {
      throw new StrategicMergeError(`map: ${JSON.stringify(item)} does not contain declared merge key: ${key}`);
    }
    const isIt = (there: unknown): boolean => isObject(there) && sameValue(there[key], wanted);
    if (item["$patch"] === "delete") {
      out = out.filter((there) => !isIt(there));
    } else if (out.some(isIt)) {
      out = out.map((there) => (isIt(there) ? strategicMerge(schema?.items, there, item) : there));
    } else {
      out.push(strategicMerge(schema?.items, {}, item));
    }
  }
  return inOrder(out, target, order, key);
}

/**
 * The items that the patch names come in its order. The others keep their order and come before the first named item
 * that followed them on the server; items that the server did not have come first.
 */
function inOrder(
  merged: readonly unknown[],
  server: readonly unknown[],
  order: readonly unknown[],
  key: string | undefined,
): unknown[] {
  const identity = (item: unknown): string =>
    JSON.stringify(key !== undefined && isObject(item) ? item[key] : item) ?? "";
  const rankOf = (list: readonly unknown[]): Map<string, number> =>
    new Map(list.map((item, index) => [identity(item), index]));
  const wanted = rankOf(order);
  const before = rankOf(server);
  const rank = (ranks: Map<string, number>, item: unknown): number => ranks.get(identity(item)) ?? -1;
  const named = merged.filter((item) => wanted.has(identity(item))).sort((a, b) => rank(wanted, a) - rank(wanted, b));
  const others = merged.filter((item) => !wanted.has(identity(item)));
  const out: unknown[] = [];
  for (const item of named) {
    const place = rank(before, item);
    while (place >= 0 && others.length > 0 && rank(before, others[0]) >= 0 && rank(before, others[0]) < place) {
      out.push(others.shift());
    }
    out.push(item);
  }
  return [...out, ...others];
}

function withoutDirectives(value: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(value).filter(([name]) => !name.startsWith("$")));
}
