/**
 * The telemetry contract on the wire, reading and writing. Proxies import `otlp-encode.ts` alone, which loads no zod.
 */
import * as z from "zod";
import { decodeResource, emptyBatch, integer, parse, resource } from "./otlp-body.ts";
import { eventNames, type RecordKind, recordKinds } from "./otlp-encode.ts";
import { anyValue, fromAnyValue, fromKeyValues, keyValue } from "./otlp-value.ts";
import { type TelemetryBatch, telemetryBatch } from "./telemetry.ts";

export { TelemetryFormatError } from "./otlp-body.ts";
export { decodeMetrics } from "./otlp-decode-metrics.ts";
export { encodeLogs, encodeMetrics, encodeTraces } from "./otlp-encode.ts";

const logsBody = z.object({
  resourceLogs: z
    .array(
      z.object({
        resource,
        scopeLogs: z
          .array(
            z.object({
              logRecords: z.array(z.object({ eventName: z.string().max(128), body: anyValue })).max(40_000),
            }),
          )
          .max(8),
      }),
    )
    .max(8),
});

/** Decodes `/v1/logs`. Events that Towpath does not know are ignored. Throws TelemetryFormatError. */
export function decodeLogs(body: unknown): TelemetryBatch[] {
  return parse(logsBody, body).resourceLogs.map(({ resource: from, scopeLogs }) => {
    const records: Record<RecordKind, unknown[]> = Object.fromEntries(
      recordKinds.map((kind) => [kind, []]),
    ) as unknown as Record<RecordKind, unknown[]>;
    for (const { eventName, body: value } of scopeLogs.flatMap(({ logRecords }) => logRecords)) {
      const kind = recordKinds.find((candidate) => eventNames[candidate] === eventName);
      if (kind !== undefined) {
        records[kind].push(fromAnyValue(value));
      }
    }
    return parse(telemetryBatch, { ...emptyBatch(decodeResource(from.attributes)), ...records });
  });
}

const hexadecimal = (digits: number) => z.string().regex(new RegExp(`^[0-9a-f]{${digits}}$`));
const tracesBody = z.object({
  resourceSpans: z
    .array(
      z.object({
        resource,
        scopeSpans: z
          .array(
            z.object({
              spans: z
                .array(
                  z.object({
                    traceId: hexadecimal(32),
                    spanId: hexadecimal(16),
                    parentSpanId: z.union([hexadecimal(16), z.literal("")]).default(""),
                    name: z.string().max(512),
                    kind: z.int(),
                    startTimeUnixNano: z.string().regex(/^\d{13,19}$/),
                    endTimeUnixNano: z.string().regex(/^\d{13,19}$/),
                    attributes: z.array(keyValue).max(64),
                    status: z.object({ code: integer.optional() }).optional(),
                  }),
                )
                .max(40_000),
            }),
          )
          .max(8),
      }),
    )
    .max(8),
});

const unixMsOf = (nanos: string): number => Number(nanos.slice(0, -6)) + Number(nanos.slice(-6)) / 1e6;

/** Decodes `/v1/traces`. Spans that are neither server nor client are ignored. Throws TelemetryFormatError. */
export function decodeTraces(body: unknown): TelemetryBatch[] {
  return parse(tracesBody, body).resourceSpans.map(({ resource: from, scopeSpans }) =>
    parse(telemetryBatch, {
      ...emptyBatch(decodeResource(from.attributes)),
      spans: scopeSpans.flatMap(({ spans }) =>
        spans
          .filter(({ kind }) => kind === 2 || kind === 3)
          .map(({ traceId, spanId, parentSpanId, name, kind, status, attributes, ...times }) => ({
            traceId,
            spanId,
            parentSpanId,
            name,
            kind: kind === 2 ? "server" : "client",
            startUnixMs: unixMsOf(times.startTimeUnixNano),
            endUnixMs: unixMsOf(times.endTimeUnixNano),
            failed: status?.code === 2,
            attributes: Object.fromEntries(
              Object.entries(fromKeyValues(attributes)).map(([key, value]) => [key, String(value)]),
            ),
          })),
      ),
    }),
  );
}
