/** What Go's `omitempty` leaves out of built-in types: empty maps and empty lists. Empty structs stay. */
import { emptyObject, get, isObject, type JsonObject, put } from "./json.ts";
import type { Structural } from "./structural.ts";

/** A copy without empty maps and lists in fields; entries of maps and lists themselves stay as they are. */
export function omitEmpty(schema: Structural, value: JsonObject): JsonObject {
  return walk(schema, value) as JsonObject;
}

function walk(schema: Structural, value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map((entry) => walk(schema.items ?? {}, entry));
  }
  if (!isObject(value) || schema["x-kubernetes-preserve-unknown-fields"]) {
    return value;
  }
  const result = emptyObject();
  for (const [key, entry] of Object.entries(value)) {
    const property = get(schema.properties, key);
    if (property === undefined) {
      put(result, key, walk(schema.additionalProperties ?? {}, entry));
    } else if (!isEmpty(property, entry) || key === "managedFields") {
      // An empty list of managers has a meaning of its own: forget them.
      put(result, key, walk(property, entry));
    }
  }
  return result;
}

const isEmpty = (schema: Structural, value: unknown): boolean =>
  Array.isArray(value)
    ? value.length === 0
    : isObject(value) && schema.additionalProperties !== undefined && Object.keys(value).length === 0;
