/** What a schema says about a form that is still being filled in: where it starts, and what fits into it. Pure. */
import * as z from "zod";

type Schema = z.core.$ZodType;

/** Elements of a list that are read from an address; the contracts allow fewer. */
const mostElements = 256;

/** Something with a place of its own is chosen as a whole, or not yet. */
const isPlace = (schema: z.ZodObject): boolean => Object.keys(schema.shape).join() === "namespace,name";

/** Addresses and the like are texts with a class of their own. */
const isText = (schema: Schema): boolean => schema._zod.def.type === "string";

/** Where a field starts: its default, else empty; the first of a choice. */
export function emptyOf(schema: Schema): unknown {
  if (schema instanceof z.ZodDefault) {
    return structuredClone(schema.def.defaultValue);
  }
  if (schema instanceof z.ZodArray) {
    return [];
  }
  if (isText(schema)) {
    return "";
  }
  if (schema instanceof z.ZodBoolean) {
    return false;
  }
  if (schema instanceof z.ZodEnum || schema instanceof z.ZodUnion) {
    const [first] = schema.options;
    return first instanceof z.core.$ZodType ? emptyOf(first) : first;
  }
  if (schema instanceof z.ZodLiteral) {
    return schema.value;
  }
  if (schema instanceof z.ZodObject && !isPlace(schema)) {
    return Object.fromEntries(Object.entries(schema.shape).map(([field, inner]) => [field, emptyOf(inner)]));
  }
  return null;
}

/**
 * A value as a half-filled form may hold it, or undefined when it is of another shape. Looks at shapes only: a list may
 * be too short, a text empty or wrong. Unknown fields are dropped, so are elements of lists that do not fit.
 */
export function readAs(schema: Schema, value: unknown): unknown {
  if (schema instanceof z.ZodDefault) {
    return value === undefined ? emptyOf(schema) : readAs(schema.unwrap(), value);
  }
  if (schema instanceof z.ZodNullable) {
    return value === null ? null : readAs(schema.unwrap(), value);
  }
  if (schema._zod.def.type === "number") {
    return value === null || typeof value === "number" ? value : undefined;
  }
  if (isText(schema)) {
    return typeof value === "string" ? value : undefined;
  }
  if (schema instanceof z.ZodBoolean) {
    return typeof value === "boolean" ? value : undefined;
  }
  if (schema instanceof z.ZodEnum) {
    return schema.options.find((option) => option === value);
  }
  if (schema instanceof z.ZodLiteral) {
    return [...schema.values].find((literal) => literal === value);
  }
  if (schema instanceof z.ZodUnion) {
    return readAsOneOf(schema.options, value);
  }
  if (schema instanceof z.ZodArray) {
    return readAsArray(schema.element, value);
  }
  return schema instanceof z.ZodObject ? readAsObject(schema, value) : undefined;
}

function readAsOneOf(options: readonly Schema[], value: unknown): unknown {
  for (const option of options) {
    const read = readAs(option, value);
    if (read !== undefined) {
      return read;
    }
  }
  return undefined;
}

function readAsArray(element: Schema, value: unknown): unknown {
  if (!Array.isArray(value)) {
    return undefined;
  }
  return value.slice(0, mostElements).flatMap((entry: unknown) => {
    const read = readAs(element, entry);
    return read === undefined ? [] : [read];
  });
}

function readAsObject(schema: z.ZodObject, value: unknown): unknown {
  if (value === null) {
    return isPlace(schema) ? null : undefined;
  }
  if (typeof value !== "object" || Array.isArray(value)) {
    return undefined;
  }
  const fields: Record<string, unknown> = {};
  for (const [field, inner] of Object.entries(schema.shape)) {
    const read = readAs(inner, (value as Record<string, unknown>)[field]);
    if (read === undefined) {
      return undefined;
    }
    fields[field] = read;
  }
  return fields;
}
