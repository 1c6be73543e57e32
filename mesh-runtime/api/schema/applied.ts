/**
 * The check of a server-side apply's body against the schema: what structured-merge-diff refuses when it makes a
 * typed value of it. Paths name list entries by their keys: `.spec.ports[port=80,protocol="TCP"].target`.
 */
import { goPlain } from "./go-format.ts";
import { canonical, get, isObject } from "./json.ts";
import type { Structural } from "./structural.ts";

/**
 * Every mismatch, as `<path>: <what>`. `keysDefault`: keys of lists have Go's zero values as defaults, as those of
 * built-in kinds do.
 */
export function checkApplied(schema: Structural, body: unknown, keysDefault = true): string[] {
  const errors: string[] = [];
  walk({ errors, keysDefault }, schema, body, "");
  return errors;
}

interface Walk {
  readonly errors: string[];
  readonly keysDefault: boolean;
}

function walk(to: Walk, schema: Structural, value: unknown, path: string): void {
  const { errors } = to;
  if (value === null || value === undefined) {
    return;
  }
  if (schema["x-kubernetes-int-or-string"]) {
    if (typeof value !== "string" && typeof value !== "number") {
      errors.push(`${path}: expected string or number, got &{${goPlain(value)}}`);
    }
    return;
  }
  switch (schema.type) {
    case "string":
      // A quantity may be a number.
      if (typeof value !== "string" && !(schema.format === "quantity" && typeof value === "number")) {
        errors.push(`${path}: expected string, got &value.valueUnstructured{Value:${goPlain(value)}}`);
      }
      return;
    case "boolean":
      if (typeof value !== "boolean") {
        errors.push(`${path}: expected boolean, got &{${goPlain(value)}}`);
      }
      return;
    case "integer":
    case "number":
      if (typeof value !== "number") {
        errors.push(
          `${path}: expected numeric (int or float), got ${typeof value === "object" ? "map" : typeof value}`,
        );
      }
      return;
    case "array":
      if (Array.isArray(value)) {
        walkList(to, schema, value, path);
      } else {
        errors.push(`${path}: expected list, got &{${goPlain(value)}}`);
      }
      return;
    case "object":
      if (isObject(value)) {
        walkObject(to, schema, value, path);
      } else {
        errors.push(`${path}: expected map, got &{${goPlain(value)}}`);
      }
      return;
    default:
  }
}

function walkObject(to: Walk, schema: Structural, value: { [key: string]: unknown }, path: string): void {
  for (const [key, entry] of Object.entries(value)) {
    const property = get(schema.properties, key) ?? schema.additionalProperties;
    if (property !== undefined) {
      walk(to, property, entry, `${path}.${key}`);
    } else if (!schema["x-kubernetes-preserve-unknown-fields"]) {
      to.errors.push(`${path}.${key}: field not declared in schema`);
    }
  }
}

function walkList(to: Walk, schema: Structural, value: readonly unknown[], path: string): void {
  const { errors } = to;
  const type = schema["x-kubernetes-list-type"];
  const items = schema.items ?? {};
  const seen = new Set<string>();
  const doubled = new Set<string>();
  for (const [i, entry] of value.entries()) {
    let element = `[${i}]`;
    if (type === "set") {
      element = `[=${JSON.stringify(entry)}]`;
    } else if (type === "map" && isObject(entry)) {
      const missing = to.keysDefault ? undefined : missingKey(schema, entry);
      if (missing !== undefined) {
        errors.push(
          `${path}: element ${i}: associative list with keys has an element that omits key field "${missing}" (and doesn't have default value)`,
        );
        return;
      }
      element = `[${keysOf(schema, entry)}]`;
    }
    if (type === "set" || (type === "map" && isObject(entry))) {
      const text = type === "set" ? canonical(entry) : element;
      if (seen.has(text) && !doubled.has(text)) {
        doubled.add(text);
        errors.push(`${path}: duplicate entries for key ${element}`);
      }
      seen.add(text);
    }
    walk(to, items, entry, `${path}${element}`);
  }
}

/** A key that the entry lacks and that has no default. */
function missingKey(schema: Structural, entry: { [key: string]: unknown }): string | undefined {
  return schema["x-kubernetes-list-map-keys"]?.find(
    (name) => get(entry, name) === undefined && get(schema.items?.properties, name)?.default === undefined,
  );
}

/** `port=80,protocol="TCP"`: defaults stand in for absent keys. */
function keysOf(schema: Structural, entry: { [key: string]: unknown }): string {
  return [...(schema["x-kubernetes-list-map-keys"] ?? [])]
    .sort()
    .flatMap((name) => {
      const part = get(entry, name) ?? get(schema.items?.properties, name)?.default;
      return part === undefined ? [] : [`${name}=${JSON.stringify(part)}`];
    })
    .join(",");
}
