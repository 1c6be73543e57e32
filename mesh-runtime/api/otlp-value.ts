/** Reading OTLP's `AnyValue` (opentelemetry-proto `common.proto`). */
import * as z from "zod";
import { type AnyValue, type KeyValue, toAnyValue, toKeyValues } from "./otlp-any-value.ts";

export { type AnyValue, type KeyValue, toAnyValue, toKeyValues };

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
