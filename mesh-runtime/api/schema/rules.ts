/** Evaluation of rules: what CEL does in a cluster. */
import type { FieldError } from "../status.ts";
import { duplicate, forbidden, invalid, required } from "../validation/field-errors.ts";
import { get, isObject } from "./json.ts";
import type { Rule, Structural } from "./structural.ts";

/** Runs the rules of a node, then those below it. */
export function checkRules(schema: Structural, value: unknown, old: unknown, path: string, errors: FieldError[]): void {
  if (value === null || value === undefined) {
    return;
  }
  for (const rule of schema.validations ?? []) {
    if (rule.transition && old === undefined) {
      continue;
    }
    if (!rule.check(value as never, old as never)) {
      errors.push(errorOf(rule, schema, path));
    }
  }
  if (Array.isArray(value)) {
    for (const [i, entry] of value.entries()) {
      checkRules(schema.items ?? {}, entry, undefined, `${path}[${i}]`, errors);
    }
  } else if (isObject(value)) {
    const before = isObject(old) ? old : undefined;
    for (const [key, entry] of Object.entries(value)) {
      const property = get(schema.properties, key);
      const name = path === "" ? key : `${path}.${key}`;
      if (property !== undefined) {
        checkRules(property, entry, get(before, key), name, errors);
      } else if (schema.additionalProperties !== undefined) {
        checkRules(schema.additionalProperties, entry, get(before, key), `${path}[${key}]`, errors);
      }
    }
  }
}

function errorOf(rule: Rule, schema: Structural, path: string): FieldError {
  const field = rule.fieldPath === undefined ? path : `${path}${rule.fieldPath}`;
  switch (rule.reason) {
    case "FieldValueForbidden":
      return forbidden(field, rule.message);
    case "FieldValueRequired":
      return required(field, rule.message);
    case "FieldValueDuplicate":
      return duplicate(field, schema.type ?? "");
    default:
      return invalid(field, schema.type ?? "", rule.message);
  }
}
