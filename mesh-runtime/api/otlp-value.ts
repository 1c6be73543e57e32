/** OTLP's `AnyValue` in its JSON mapping (opentelemetry-proto `common.proto`): 64-bit integers travel as text. */
import * as z from "zod";

export type AnyValue =
  | { readonly stringValue: string }
  | { readonly boolValue: boolean }
  | { readonly intValue: string | number }
  | { readonly doubleValue: number }
  | { readonly arrayValue: { readonly values?: readonly AnyValue[] | undefined } }
  | { readonly kvlistValue: { readonly values?: readonly KeyValue[] | undefined } };

export interface KeyValue {
  readonly key: string;
  readonly value: AnyValue;
}

export const anyValue: z.ZodType<AnyValue> = z.lazy(() =>
  z.union([
    z.object({ stringValue: z.string() }),
    z.object({ boolValue: z.boolean() }),
    z.object({ intValue: z.union([z.string(), z.number()]) }),
    z.object({ doubleValue: z.number() }),
    z.object({ arrayValue: z.object({ values: z.array(anyValue).optional() }) }),
    z.object({ kvlistValue: z.object({ values: z.array(keyValue).optional() }) }),
  ]),
);
export const keyValue: z.ZodType<KeyValue> = z.object({ key: z.string().max(256), value: anyValue });

/** Plain data to `AnyValue`; whole numbers become integers. */
export function toAnyValue(value: unknown): AnyValue {
  switch (typeof value) {
    case "string":
      return { stringValue: value };
    case "boolean":
      return { boolValue: value };
    case "number":
      return Number.isSafeInteger(value) ? { intValue: String(value) } : { doubleValue: value };
    default:
      if (Array.isArray(value)) {
        return { arrayValue: { values: value.map(toAnyValue) } };
      }
      if (typeof value === "object" && value !== null) {
        return { kvlistValue: { values: toKeyValues(value) } };
      }
      return { stringValue: "" };
  }
}

export function toKeyValues(object: object): KeyValue[] {
  return Object.entries(object).map(([key, value]) => ({ key, value: toAnyValue(value) }));
}

/** Back to plain data. `__proto__` and friends are ordinary keys of a null-prototype object. */
export function fromAnyValue(value: AnyValue): unknown {
  if ("stringValue" in value) {
    return value.stringValue;
  }
  if ("boolValue" in value) {
    return value.boolValue;
  }
  if ("intValue" in value) {
    return Number(value.intValue);
  }
  if ("doubleValue" in value) {
    return value.doubleValue;
  }
  if ("arrayValue" in value) {
    return (value.arrayValue.values ?? []).map(fromAnyValue);
  }
  return fromKeyValues(value.kvlistValue.values ?? []);
}

export function fromKeyValues(pairs: readonly KeyValue[]): Record<string, unknown> {
  return Object.fromEntries(pairs.map(({ key, value }) => [key, fromAnyValue(value)]));
}
