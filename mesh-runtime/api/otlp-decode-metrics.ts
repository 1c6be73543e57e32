import * as z from "zod";
import { decodeResource, emptyBatch, integer, parse, point, resource } from "./otlp-body.ts";
import { fromKeyValues, type KeyValue } from "./otlp-value.ts";
import {
  connectionDelta,
  durationBoundsMs,
  type EdgeLabels,
  edgeLabels,
  type ResponseFlag,
  requestDelta,
  type TelemetryBatch,
} from "./telemetry.ts";

const metricsBody = z.object({
  resourceMetrics: z
    .array(
      z.object({
        resource,
        scopeMetrics: z
          .array(
            z.object({
              metrics: z
                .array(
                  z.object({
                    name: z.string().max(128),
                    sum: z.object({ dataPoints: z.array(point.extend({ asInt: integer })).max(20_000) }).optional(),
                    histogram: z
                      .object({
                        dataPoints: z
                          .array(point.extend({ sum: z.number(), bucketCounts: z.array(integer).max(64) }))
                          .max(20_000),
                      })
                      .optional(),
                  }),
                )
                .max(64),
            }),
          )
          .max(8),
      }),
    )
    .max(8),
});

interface Mutable {
  labels: EdgeLabels;
  responseCode: number;
  responseFlags: ResponseFlag;
  grpcStatus: number | undefined;
  values: Record<string, number>;
  durationSumMs: number;
  durationBuckets: number[];
}

/** Decodes `/v1/metrics`. Metrics that Towpath does not know are ignored. Throws TelemetryFormatError. */
export function decodeMetrics(body: unknown): TelemetryBatch[] {
  return parse(metricsBody, body).resourceMetrics.map(({ resource: from, scopeMetrics }) => {
    const series = new Map<string, Mutable>();
    const at = (attributes: readonly KeyValue[]): Mutable => {
      const { response_code, response_flags, grpc_response_status, ...labels } = fromKeyValues(attributes);
      const key = JSON.stringify([labels, response_code, response_flags, grpc_response_status]);
      let entry = series.get(key);
      if (entry === undefined) {
        entry = {
          labels: parse(edgeLabels, labels),
          responseCode: response_code === undefined ? -1 : Number(response_code),
          responseFlags: String(response_flags ?? "-") as ResponseFlag,
          grpcStatus: grpc_response_status === undefined ? undefined : Number(grpc_response_status),
          values: {},
          durationSumMs: 0,
          durationBuckets: durationBoundsMs.map(() => 0).concat(0),
        };
        series.set(key, entry);
      }
      return entry;
    };
    for (const { metrics } of scopeMetrics) {
      for (const { name, sum, histogram } of metrics) {
        for (const { attributes, asInt } of sum?.dataPoints ?? []) {
          const { values } = at(attributes);
          values[name] = (values[name] ?? 0) + asInt;
        }
        for (const { attributes, sum: total, bucketCounts } of histogram?.dataPoints ?? []) {
          const entry = at(attributes);
          entry.durationSumMs += total;
          entry.durationBuckets = entry.durationBuckets.map((count, index) => count + (bucketCounts[index] ?? 0));
        }
      }
    }
    const batch = emptyBatch(decodeResource(from.attributes));
    for (const entry of series.values()) {
      const value = (name: string): number => entry.values[name] ?? 0;
      if (entry.responseCode >= 0) {
        batch.requests.push(
          parse(requestDelta, {
            labels: entry.labels,
            responseCode: entry.responseCode,
            responseFlags: entry.responseFlags,
            count: value("istio_requests_total"),
            durationSumMs: entry.durationSumMs,
            durationBuckets: entry.durationBuckets,
            requestBytes: value("istio_request_bytes"),
            responseBytes: value("istio_response_bytes"),
            ...(entry.grpcStatus === undefined
              ? {}
              : {
                  grpcStatus: entry.grpcStatus,
                  requestMessages: value("istio_request_messages_total"),
                  responseMessages: value("istio_response_messages_total"),
                }),
          }),
        );
      } else {
        batch.connections.push(
          parse(connectionDelta, {
            labels: entry.labels,
            responseFlags: entry.responseFlags,
            opened: value("istio_tcp_connections_opened_total"),
            closed: value("istio_tcp_connections_closed_total"),
            sentBytes: value("istio_tcp_sent_bytes_total"),
            receivedBytes: value("istio_tcp_received_bytes_total"),
          }),
        );
      }
    }
    return batch;
  });
}
