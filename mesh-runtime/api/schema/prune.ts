/** Pruning and defaulting of custom kinds, as apiextensions does it with a structural schema. */
import { copy, emptyObject, get, isObject, type JsonObject, put } from "./json.ts";
import type { Structural } from "./structural.ts";

/** What is left, and the paths of what was dropped (`spec.listeners[0].host`). */
export interface Pruned<T> {
  readonly value: T;
  readonly unknown: readonly string[];
}

/** Drops every field that the schema does not have, unless the schema keeps unknown fields there. */
export function prune<T>(schema: Structural, value: T): Pruned<T> {
  const unknown: string[] = [];
  const walk = (node: Structural, at: unknown, path: string): unknown => {
    if (Array.isArray(at)) {
      return at.map((entry, i) => walk(node.items ?? {}, entry, `${path}[${i}]`));
    }
    if (!isObject(at)) {
      return at;
    }
    const result = emptyObject();
    for (const [key, entry] of Object.entries(at)) {
      const inner = path === "" ? key : `${path}.${key}`;
      const property = get(node.properties, key) ?? node.additionalProperties;
      if (property !== undefined) {
        put(result, key, walk(property, entry, inner));
      } else if (node["x-kubernetes-preserve-unknown-fields"]) {
        put(result, key, entry);
      } else {
        unknown.push(inner);
      }
    }
    return result;
  };
  return { value: walk(schema, value, "") as T, unknown };
}

const isForbiddenNull = (value: unknown, schema: Structural) => value === null && schema.nullable !== true;

/** Fills the defaults of the schema, also in place of nulls that may not be. */
export function fillDefaults<T>(schema: Structural, value: T): T {
  if (Array.isArray(value)) {
    const items = schema.items ?? {};
    return value.map((entry) => {
      const start = isForbiddenNull(entry, items) && items.default !== undefined ? copy(items.default) : entry;
      return fillDefaults(items, start);
    }) as T;
  }
  if (!isObject(value)) {
    return value;
  }
  const result: JsonObject = emptyObject(Object.entries(value));
  for (const [key, property] of Object.entries(schema.properties ?? {})) {
    const present = Object.hasOwn(result, key) && result[key] !== undefined;
    if (property.default !== undefined && (!present || isForbiddenNull(result[key], property))) {
      put(result, key, copy(property.default));
    }
  }
  for (const [key, entry] of Object.entries(result)) {
    const property = get(schema.properties, key) ?? schema.additionalProperties;
    if (property !== undefined) {
      const start = isForbiddenNull(entry, property) && property.default !== undefined ? copy(property.default) : entry;
      put(result, key, fillDefaults(property, start));
    }
  }
  return result as T;
}

/** Drops nulls of fields that may not be null; a default was filled in before where there is one. */
export function dropNulls<T>(schema: Structural, value: T): T {
  if (Array.isArray(value)) {
    return value.map((entry) => dropNulls(schema.items ?? {}, entry)) as T;
  }
  if (!isObject(value)) {
    return value;
  }
  const result = emptyObject();
  for (const [key, entry] of Object.entries(value)) {
    const property = get(schema.properties, key);
    if (property !== undefined && isForbiddenNull(entry, property)) {
      continue;
    }
    put(result, key, dropNulls(property ?? schema.additionalProperties ?? {}, entry));
  }
  return result as T;
}
