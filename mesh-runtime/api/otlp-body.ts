/** What every OTLP body has in common, for reading. */
import * as z from "zod";
import { type Resource, resourceKeys } from "./otlp-encode.ts";
import { fromKeyValues, type KeyValue, keyValue } from "./otlp-value.ts";
import type { TelemetryBatch } from "./telemetry.ts";

/** A 64-bit integer, as text or number. */
export const integer = z.union([z.string().regex(/^\d{1,16}$/), z.int().nonnegative()]).transform(Number);
export const resource = z.object({ attributes: z.array(keyValue).max(64) });
export const point = z.object({ attributes: z.array(keyValue).max(64) });
/** Thrown for a body that is no valid telemetry; `message` names the first problem. */
export class TelemetryFormatError extends Error {
  readonly code = "invalid-telemetry";
}

/** Throws TelemetryFormatError. */
export function parse<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (!result.success) {
    const issue = result.error.issues[0];
    throw new TelemetryFormatError(issue === undefined ? "invalid" : `${issue.path.join(".")}: ${issue.message}`);
  }
  return result.data;
}

/** Who sent it. */
export function decodeResource(attributes: readonly KeyValue[]): Resource {
  const values = fromKeyValues(attributes);
  return {
    proxy: String(values[resourceKeys.proxy] ?? ""),
    node: String(values[resourceKeys.node] ?? ""),
    batch: String(values[resourceKeys.batch] ?? ""),
  };
}

/** A batch without records. */
export const emptyBatch = (from: Resource): TelemetryBatch => ({
  ...from,
  requests: [],
  connections: [],
  denials: [],
  shapes: [],
  access: [],
  secured: [],
  clusters: [],
  shadows: [],
  copies: [],
  names: [],
  spans: [],
  status: [],
});
