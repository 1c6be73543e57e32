/**
 * Validation of custom kinds, as apiextensions does it: the schema, then unique keys of lists, then rules. Rules are
 * skipped, and a line says so, when the object is too broken to evaluate them; a kind without rules has no such line.
 */
import type { FieldError } from "../status.ts";
import {
  duplicate,
  goText,
  invalid,
  notSupported,
  required,
  tooLong,
  tooMany,
  typeInvalid,
} from "../validation/field-errors.ts";
import { goSyntax } from "./go-format.ts";
import { canonical, emptyObject, get, isObject, type JsonObject, put } from "./json.ts";
import { checkRules } from "./rules.ts";
import type { Structural } from "./structural.ts";

const blocking = new Set<FieldError["reason"]>([
  "FieldValueNotSupported",
  "FieldValueRequired",
  "FieldValueTooLong",
  "FieldValueTooMany",
  "FieldValueTypeInvalid",
]);

/** Everything wrong with `value`; `old` is the stored one, for rules on changes. */
export function check(schema: Structural, value: unknown, old?: unknown): FieldError[] {
  const errors: FieldError[] = [];
  checkSchema(schema, value, "", errors);
  checkLists(schema, value, "", errors);
  if (errors.some((error) => blocking.has(error.reason))) {
    if (!hasRules(schema)) {
      return errors;
    }
    errors.push(
      invalid(
        "<nil>",
        "null",
        "some validation rules were not checked because the object was invalid; correct the existing errors to complete validation",
      ),
    );
    return errors;
  }
  checkRules(schema, value, old, "", errors);
  return errors;
}

const ruled = new WeakMap<Structural, boolean>();

/** Whether there is a rule anywhere below; schemas are few and live as long as the process. */
function hasRules(schema: Structural): boolean {
  const known =
    ruled.get(schema) ??
    ((schema.validations?.length ?? 0) > 0 ||
      [schema.items, schema.additionalProperties, ...Object.values(schema.properties ?? {})].some(
        (below) => below !== undefined && hasRules(below),
      ));
  ruled.set(schema, known);
  return known;
}

const join = (path: string, name: string) => (path === "" ? name : `${path}.${name}`);

/** OpenAPI's name of a value's type. */
function typeOf(value: unknown): string {
  if (value === null || value === undefined) {
    return "null";
  }
  if (Array.isArray(value)) {
    return "array";
  }
  if (typeof value === "number") {
    return Number.isInteger(value) ? "integer" : "number";
  }
  return typeof value;
}

function hasType(schema: Structural, value: unknown): boolean {
  const type = typeOf(value);
  if (schema["x-kubernetes-int-or-string"]) {
    return type === "integer" || type === "string";
  }
  return schema.type === undefined || schema.type === type || (schema.type === "number" && type === "integer");
}

function checkSchema(schema: Structural, value: unknown, path: string, errors: FieldError[]): void {
  if (value === null && schema.nullable) {
    return;
  }
  if (!hasType(schema, value)) {
    const type = typeOf(value);
    const wished = schema["x-kubernetes-int-or-string"] ? "integer,string" : schema.type;
    errors.push(typeInvalid(path, type, `${path} in body must be of type ${wished}: "${type}"`));
    return;
  }
  if (schema.enum && !schema.enum.includes(value as string | number)) {
    errors.push(notSupported(path, value as string | number, schema.enum));
  }
  if (typeof value === "string") {
    checkString(schema, value, path, errors);
  } else if (typeof value === "number") {
    checkNumber(schema, value, path, errors);
  } else if (Array.isArray(value)) {
    if (schema.maxItems !== undefined && value.length > schema.maxItems) {
      errors.push(tooMany(path, value.length, schema.maxItems));
    }
    if (schema.minItems !== undefined && value.length < schema.minItems) {
      errors.push(invalid(path, value.length, `${path} in body should have at least ${schema.minItems} items`));
    }
    for (const [i, entry] of value.entries()) {
      checkSchema(schema.items ?? {}, entry, `${path}[${i}]`, errors);
    }
  } else if (isObject(value)) {
    checkObject(schema, value, path, errors);
  }
}

function checkString(schema: Structural, value: string, path: string, errors: FieldError[]): void {
  const length = [...value].length;
  if (schema.maxLength !== undefined && length > schema.maxLength) {
    errors.push(tooLong(path, schema.maxLength));
  }
  if (schema.minLength !== undefined && length < schema.minLength) {
    errors.push(invalid(path, value, `${path} in body should be at least ${schema.minLength} chars long`));
  }
  // Some patterns of the Gateway API take quadratic time: a text far beyond its limit is refused without them.
  const testable = schema.maxLength === undefined || length <= 2 * schema.maxLength;
  if (schema.pattern !== undefined && testable && !regex(schema.pattern).test(value)) {
    errors.push(invalid(path, value, `${path} in body should match '${schema.pattern}'`));
  }
  if (schema.format === "date-time" && Number.isNaN(Date.parse(value))) {
    errors.push(typeInvalid(path, value, `${path} in body must be of type date-time: ${JSON.stringify(value)}`));
  }
}

function checkNumber(schema: Structural, value: number, path: string, errors: FieldError[]): void {
  if (schema.maximum !== undefined && value > schema.maximum) {
    errors.push(invalid(path, value, `${path} in body should be less than or equal to ${schema.maximum}`));
  }
  if (schema.minimum !== undefined && value < schema.minimum) {
    errors.push(invalid(path, value, `${path} in body should be greater than or equal to ${schema.minimum}`));
  }
  if (schema.format === "int32" && schema.maximum === undefined && Math.abs(value) > 2 ** 31 - 1) {
    errors.push(invalid(path, value, `${path} in body should be of type int32`));
  }
}

/** Complaints about groups of fields that exclude each other, in the words of kube-openapi's `oneOf`. */
function checkExclusive(groups: readonly (readonly string[])[], value: JsonObject, path: string): FieldError[] {
  const wrong = groups
    .map((group) => group.filter((name) => Object.hasOwn(value, name)).length)
    .filter((count) => count > 1);
  const named = JSON.stringify(path);
  const errors = wrong.map((count) =>
    invalid("<nil>", "", `${named} must validate one and only one schema (oneOf). Found ${count} valid alternatives`),
  );
  if (groups.length === 1 || wrong.length === 0) {
    return errors;
  }
  const none = wrong.length === groups.length ? ". None validated" : "";
  return [...errors, invalid("<nil>", "", `${named} must validate all the schemas (allOf)${none}`)];
}

function checkObject(schema: Structural, value: { [key: string]: unknown }, path: string, errors: FieldError[]): void {
  errors.push(...checkExclusive(schema.exclusive ?? [], value, path));
  const size = Object.keys(value).length;
  if (schema.maxProperties !== undefined && size > schema.maxProperties) {
    errors.push(tooMany(path, size, schema.maxProperties));
  }
  if (schema.minProperties !== undefined && size < schema.minProperties) {
    errors.push(invalid(path, size, `${path} in body should have at least ${schema.minProperties} properties`));
  }
  for (const [key, entry] of Object.entries(value)) {
    const property = get(schema.properties, key) ?? schema.additionalProperties;
    if (property !== undefined && entry !== undefined) {
      checkSchema(property, entry, join(path, key), errors);
    }
  }
  for (const name of schema.required ?? []) {
    if (get(value, name) === undefined) {
      errors.push(required(join(path, name)));
    }
  }
}

/** Entries of sets, and keys of keyed lists, must differ. */
function checkLists(schema: Structural, value: unknown, path: string, errors: FieldError[]): void {
  if (Array.isArray(value)) {
    checkList(schema, value, path, errors);
    for (const [i, entry] of value.entries()) {
      checkLists(schema.items ?? {}, entry, `${path}[${i}]`, errors);
    }
  } else if (isObject(value)) {
    for (const [key, entry] of Object.entries(value)) {
      const property = get(schema.properties, key) ?? schema.additionalProperties;
      if (property !== undefined) {
        checkLists(property, entry, join(path, key), errors);
      }
    }
  }
}

function checkList(schema: Structural, value: readonly unknown[], path: string, errors: FieldError[]): void {
  const type = schema["x-kubernetes-list-type"];
  if (type !== "set" && type !== "map") {
    return;
  }
  const seen = new Set<string>();
  for (const [i, entry] of value.entries()) {
    const key = type === "set" ? entry : keyOf(schema, entry);
    const text = canonical(key);
    if (key !== undefined && seen.has(text)) {
      const quoted = typeof key === "string" || typeof key === "number" ? key : goText(goSyntax(key));
      errors.push(duplicate(`${path}[${i}]`, quoted));
    }
    seen.add(text);
  }
}

function keyOf(schema: Structural, entry: unknown): unknown {
  if (!isObject(entry)) {
    return undefined;
  }
  const key = emptyObject();
  for (const name of schema["x-kubernetes-list-map-keys"] ?? []) {
    const part = get(entry, name);
    if (part !== undefined) {
      put(key, name, part);
    }
  }
  return key;
}

const compiled = new Map<string, RegExp>();

/** Patterns come from our declarations only, so the cache is bounded. */
function regex(pattern: string): RegExp {
  const known = compiled.get(pattern) ?? new RegExp(pattern);
  compiled.set(pattern, known);
  return known;
}
