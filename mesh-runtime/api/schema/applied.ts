/**
 * The check of a server-side apply's body against the schema: what structured-merge-diff refuses when it makes a
 * typed value of it. Paths name list entries by their keys: `.spec.ports[port=80,protocol="TCP"].target`.
 */
import { goPlain } from "./go-format.ts";
import { canonical, get, isObject } from "./json.ts";
import type { Structural } from "./structural.ts";

/** Every mismatch, as `<path>: <what>`. */
export function checkApplied(schema: Structural, body: unknown): string[] {
  const errors: string[] = [];
  walk(schema, body, "", errors);
  return errors;
}

function walk(schema: Structural, value: unknown, path: string, errors: string[]): void {
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
        walkList(schema, value, path, errors);
      } else {
        errors.push(`${path}: expected list, got &{${goPlain(value)}}`);
      }
      return;
    case "object":
      if (isObject(value)) {
        walkObject(schema, value, path, errors);
      } else {
        errors.push(`${path}: expected map, got &{${goPlain(value)}}`);
      }
      return;
    default:
  }
}

function walkObject(schema: Structural, value: { [key: string]: unknown }, path: string, errors: string[]): void {
  for (const [key, entry] of Object.entries(value)) {
    const property = get(schema.properties, key) ?? schema.additionalProperties;
    if (property !== undefined) {
      walk(property, entry, `${path}.${key}`, errors);
    } else if (!schema["x-kubernetes-preserve-unknown-fields"]) {
      errors.push(`${path}.${key}: field not declared in schema`);
    }
  }
}

function walkList(schema: Structural, value: readonly unknown[], path: string, errors: string[]): void {
  const type = schema["x-kubernetes-list-type"];
  const items = schema.items ?? {};
  const seen = new Set<string>();
  const doubled = new Set<string>();
  for (const [i, entry] of value.entries()) {
    let element = `[${i}]`;
    if (type === "set") {
      element = `[=${JSON.stringify(entry)}]`;
    } else if (type === "map" && isObject(entry)) {
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
    walk(items, entry, `${path}${element}`, errors);
  }
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
