import type { Structural } from "../../api/schema/structural.ts";
import { keyElement } from "./field-set.ts";

export type JsonObject = { readonly [key: string]: unknown };

/** How a node merges: the shape its schema declares, or what the value is where the schema leaves it open. */
export type Atom =
  | { readonly shape: "leaf" }
  | { readonly shape: "list"; readonly merge: "atomic" | "set" | "map"; readonly keys: readonly string[] }
  | { readonly shape: "map"; readonly atomic: boolean };

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const leaf: Atom = { shape: "leaf" };

/** The atom of a value under a schema. An absent value takes the declared shape, and so does null. */
export function atomOf(schema: Structural | undefined, value: unknown): Atom {
  const shape = shapeOf(schema, value);
  if (shape === "map") {
    return { shape, atomic: schema?.["x-kubernetes-map-type"] === "atomic" };
  }
  if (shape === "list") {
    return { shape, merge: mergeOf(schema), keys: schema?.["x-kubernetes-list-map-keys"] ?? [] };
  }
  return leaf;
}

function shapeOf(schema: Structural | undefined, value: unknown): "map" | "list" | "leaf" {
  if (isObject(value)) {
    return "map";
  }
  if (Array.isArray(value)) {
    return "list";
  }
  if (value === undefined || value === null) {
    return schema?.type === "object" ? "map" : schema?.type === "array" ? "list" : "leaf";
  }
  return "leaf";
}

function mergeOf(schema: Structural | undefined): "atomic" | "set" | "map" {
  // A list whose schema is not known has one owner.
  return schema?.type === "array" ? (schema["x-kubernetes-list-type"] ?? "atomic") : "atomic";
}

/** Schema of a field or map value; undefined when nothing is known about it. */
export function fieldSchema(schema: Structural | undefined, name: string): Structural | undefined {
  const declared = schema?.properties;
  return declared !== undefined && Object.hasOwn(declared, name) ? declared[name] : schema?.additionalProperties;
}

/** Whether `name` is a declared field (of a struct), as opposed to a key of a map. */
export const isDeclared = (schema: Structural | undefined, name: string): boolean =>
  schema?.properties !== undefined && Object.hasOwn(schema.properties, name);

/** Schema below a path element. */
export function schemaBelow(schema: Structural | undefined, element: string): Structural | undefined {
  return element.startsWith("f:") ? fieldSchema(schema, element.slice(2)) : schema?.items;
}

/** The path element of a list's item, or undefined when the item has no usable key or is no scalar. */
export function itemElement(
  atom: Extract<Atom, { shape: "list" }>,
  items: Structural | undefined,
  item: unknown,
): string | undefined {
  if (atom.merge === "set") {
    return isObject(item) || Array.isArray(item) || item === null ? undefined : `v:${JSON.stringify(item)}`;
  }
  if (!isObject(item)) {
    return undefined;
  }
  const keys: Record<string, unknown> = {};
  for (const name of atom.keys) {
    const value = item[name] ?? items?.properties?.[name]?.default;
    if (value !== undefined && value !== null) {
      keys[name] = value;
    }
  }
  return Object.keys(keys).length === 0 ? undefined : keyElement(keys);
}

/** Same JSON value, whatever the order of keys. */
export function sameValue(a: unknown, b: unknown): boolean {
  if (a === b) {
    return true;
  }
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item, index) => sameValue(item, b[index]));
  }
  if (isObject(a) && isObject(b)) {
    const keys = Object.keys(a);
    return (
      keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && sameValue(a[key], b[key]))
    );
  }
  return false;
}
