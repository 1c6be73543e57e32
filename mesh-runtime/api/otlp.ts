/**
 * The telemetry contract on the wire: OTLP/HTTP in JSON. Counters are delta sums, durations delta histograms, with
 * Istio's metric names; records are log records whose `eventName` says what they are.
 */
import * as z from "zod";
import {
  anyValue,
  fromAnyValue,
  fromKeyValues,
  type KeyValue,
  keyValue,
  toAnyValue,
  toKeyValues,
} from "./otlp-value.ts";
import {
  type ConnectionDelta,
  connectionDelta,
  durationBoundsMs,
  type EdgeLabels,
  edgeLabels,
  type RequestDelta,
  type ResponseFlag,
  requestDelta,
  type TelemetryBatch,
  telemetryBatch,
} from "./telemetry.ts";

const delta = 1;
const resourceKeys = { proxy: "service.instance.id", node: "k8s.node.name", batch: "towpath.batch" } as const;
const recordKinds = ["denials", "shapes", "access", "secured", "status"] as const;
type RecordKind = (typeof recordKinds)[number];
const eventNames: Record<RecordKind, string> = {
  denials: "towpath.denial",
  shapes: "towpath.request_shape",
  access: "towpath.access",
  secured: "towpath.secured_edge",
  status: "towpath.proxy_status",
};

type Resource = Pick<TelemetryBatch, "proxy" | "node" | "batch">;

function encodeResource({ proxy, node, batch }: Resource): { attributes: KeyValue[] } {
  return {
    attributes: toKeyValues({ [resourceKeys.proxy]: proxy, [resourceKeys.node]: node, [resourceKeys.batch]: batch }),
  };
}

const nanos = (unixMs: number): string => `${Math.trunc(unixMs)}000000`;

/** The body of a POST to `/v1/metrics`. `unixMs` is the time of the push. */
export function encodeMetrics(batch: TelemetryBatch, unixMs: number): object {
  const time = nanos(unixMs);
  const attributes = (labels: EdgeLabels, more: object): KeyValue[] => toKeyValues({ ...labels, ...more });
  const sum = (name: string, points: readonly object[]): object[] =>
    points.length === 0
      ? []
      : [{ name, sum: { aggregationTemporality: delta, isMonotonic: true, dataPoints: points } }];
  const requests = batch.requests.map((request) => ({
    request,
    attributes: attributes(request.labels, {
      response_code: String(request.responseCode),
      response_flags: request.responseFlags,
    }),
  }));
  const connections = batch.connections.map((connection) => ({
    connection,
    attributes: attributes(connection.labels, { response_flags: connection.responseFlags }),
  }));
  const connectionSum = (name: string, pick: (c: ConnectionDelta) => number): object[] =>
    sum(
      name,
      connections.map(({ connection, attributes }) => ({
        attributes,
        timeUnixNano: time,
        asInt: String(pick(connection)),
      })),
    );
  const requestSum = (name: string, pick: (r: RequestDelta) => number): object[] =>
    sum(
      name,
      requests.map(({ request, attributes }) => ({ attributes, timeUnixNano: time, asInt: String(pick(request)) })),
    );
  const durations = requests.map(({ request, attributes }) => ({
    attributes,
    timeUnixNano: time,
    count: String(request.count),
    sum: request.durationSumMs,
    bucketCounts: request.durationBuckets.map(String),
    explicitBounds: durationBoundsMs,
  }));
  const metrics = [
    ...requestSum("istio_requests_total", (request) => request.count),
    ...(durations.length === 0
      ? []
      : [
          {
            name: "istio_request_duration_milliseconds",
            histogram: { aggregationTemporality: delta, dataPoints: durations },
          },
        ]),
    ...requestSum("istio_request_bytes", (request) => request.requestBytes),
    ...requestSum("istio_response_bytes", (request) => request.responseBytes),
    ...connectionSum("istio_tcp_connections_opened_total", (connection) => connection.opened),
    ...connectionSum("istio_tcp_connections_closed_total", (connection) => connection.closed),
    ...connectionSum("istio_tcp_sent_bytes_total", (connection) => connection.sentBytes),
    ...connectionSum("istio_tcp_received_bytes_total", (connection) => connection.receivedBytes),
  ];
  return {
    resourceMetrics: [{ resource: encodeResource(batch), scopeMetrics: [{ scope: { name: "towpath" }, metrics }] }],
  };
}

/** The body of a POST to `/v1/logs`. */
export function encodeLogs(batch: TelemetryBatch, unixMs: number): object {
  const logRecords = recordKinds.flatMap((kind) =>
    batch[kind].map((record) => ({
      timeUnixNano: nanos("timeUnixMs" in record ? record.timeUnixMs : unixMs),
      eventName: eventNames[kind],
      body: toAnyValue(record),
    })),
  );
  return {
    resourceLogs: [{ resource: encodeResource(batch), scopeLogs: [{ scope: { name: "towpath" }, logRecords }] }],
  };
}

const integer = z.union([z.string().regex(/^\d{1,16}$/), z.int().nonnegative()]).transform(Number);
const resource = z.object({ attributes: z.array(keyValue).max(64) });
const point = z.object({ attributes: z.array(keyValue).max(64) });
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

/** Thrown for a body that is no valid telemetry; `message` names the first problem. */
export class TelemetryFormatError extends Error {
  readonly code = "invalid-telemetry";
}

function parse<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (!result.success) {
    const issue = result.error.issues[0];
    throw new TelemetryFormatError(issue === undefined ? "invalid" : `${issue.path.join(".")}: ${issue.message}`);
  }
  return result.data;
}

function decodeResource(attributes: readonly KeyValue[]): Resource {
  const values = fromKeyValues(attributes);
  return {
    proxy: String(values[resourceKeys.proxy] ?? ""),
    node: String(values[resourceKeys.node] ?? ""),
    batch: String(values[resourceKeys.batch] ?? ""),
  };
}

const empty = (from: Resource): TelemetryBatch => ({
  ...from,
  requests: [],
  connections: [],
  denials: [],
  shapes: [],
  access: [],
  secured: [],
  status: [],
});

interface Mutable {
  labels: EdgeLabels;
  responseCode: number;
  responseFlags: ResponseFlag;
  values: Record<string, number>;
  durationSumMs: number;
  durationBuckets: number[];
}

/** Decodes `/v1/metrics`. Metrics that Towpath does not know are ignored. Throws TelemetryFormatError. */
export function decodeMetrics(body: unknown): TelemetryBatch[] {
  return parse(metricsBody, body).resourceMetrics.map(({ resource: from, scopeMetrics }) => {
    const series = new Map<string, Mutable>();
    const at = (attributes: readonly KeyValue[]): Mutable => {
      const { response_code, response_flags, ...labels } = fromKeyValues(attributes);
      const key = JSON.stringify([labels, response_code, response_flags]);
      let entry = series.get(key);
      if (entry === undefined) {
        entry = {
          labels: parse(edgeLabels, labels),
          responseCode: response_code === undefined ? -1 : Number(response_code),
          responseFlags: String(response_flags ?? "-") as ResponseFlag,
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
    const batch = empty(decodeResource(from.attributes));
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

/** Decodes `/v1/logs`. Events that Towpath does not know are ignored. Throws TelemetryFormatError. */
export function decodeLogs(body: unknown): TelemetryBatch[] {
  return parse(logsBody, body).resourceLogs.map(({ resource: from, scopeLogs }) => {
    const records: Record<RecordKind, unknown[]> = { denials: [], shapes: [], access: [], secured: [], status: [] };
    for (const { eventName, body: value } of scopeLogs.flatMap(({ logRecords }) => logRecords)) {
      const kind = recordKinds.find((candidate) => eventNames[candidate] === eventName);
      if (kind !== undefined) {
        records[kind].push(fromAnyValue(value));
      }
    }
    return parse(telemetryBatch, { ...empty(decodeResource(from.attributes)), ...records });
  });
}
