/**
 * OTLP's `AnyValue` in its JSON mapping (opentelemetry-proto `common.proto`), the writing side: 64-bit integers travel
 * as text. Loads no zod.
 */

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
