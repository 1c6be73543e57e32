/** Several paths may write parts of one object (labels of a Namespace, fields of a Service): the parts become one. Pure. */
import { isJsonObject } from "./json-object.ts";
import { type Rendered, refOf, resourceKey } from "./resource.ts";

type Json = unknown;
const nameOf = (value: Json): string | undefined =>
  isJsonObject(value) && typeof value["name"] === "string" ? value["name"] : undefined;

/** Objects merge by key, lists of named entries by name; else the later one holds. */
function merge(one: Json, other: Json): Json {
  if (isJsonObject(one) && isJsonObject(other)) {
    const merged: Record<string, Json> = { ...one };
    for (const [key, value] of Object.entries(other)) {
      merged[key] = key in merged ? merge(merged[key], value) : value;
    }
    return merged;
  }
  if (Array.isArray(one) && Array.isArray(other) && [...one, ...other].every((entry) => nameOf(entry) !== undefined)) {
    const names = [...new Set([...one, ...other].map(nameOf))];
    return names.map((name) => {
      const [first, second] = [one, other].map((list) => list.find((entry: Json) => nameOf(entry) === name));
      return first === undefined ? second : second === undefined ? first : merge(first, second);
    });
  }
  return other;
}

/** By `resourceKey`, each object once. */
export function mergeRendered(resources: readonly Rendered[]): ReadonlyMap<string, Rendered> {
  const merged = new Map<string, Rendered>();
  for (const resource of resources) {
    const key = resourceKey(refOf(resource));
    const known = merged.get(key);
    // Parts of one object are of one shape.
    merged.set(key, known === undefined ? resource : (merge(known, resource) as Rendered));
  }
  return merged;
}
