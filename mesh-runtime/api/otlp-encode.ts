/**
 * The telemetry contract's writing side: OTLP/HTTP in JSON. Counters are delta sums, durations delta histograms, with
 * Istio's metric names; records are log records whose `eventName` says what they are. Loads no zod.
 */
import { durationBoundsMs } from "./duration-bounds.ts";
import { type KeyValue, toAnyValue, toKeyValues } from "./otlp-any-value.ts";
import type { ConnectionDelta, EdgeLabels, RequestDelta, TelemetryBatch } from "./telemetry.ts";

const delta = 1;
export const resourceKeys = { proxy: "service.instance.id", node: "k8s.node.name", batch: "towpath.batch" } as const;
/** What travels as log records. */
export const recordKinds = [
  "denials",
  "shapes",
  "access",
  "secured",
  "clusters",
  "copies",
  "shadows",
  "names",
  "status",
] as const;
export type RecordKind = (typeof recordKinds)[number];
export const eventNames: Record<RecordKind, string> = {
  denials: "towpath.denial",
  shapes: "towpath.request_shape",
  access: "towpath.access",
  secured: "towpath.secured_edge",
  clusters: "towpath.cluster",
  copies: "towpath.copies",
  shadows: "towpath.shadow_decision",
  names: "towpath.seen_name",
  status: "towpath.proxy_status",
};

export type Resource = Pick<TelemetryBatch, "proxy" | "node" | "batch">;

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
      ...(request.grpcStatus === undefined ? {} : { grpc_response_status: String(request.grpcStatus) }),
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
  const messageSum = (name: string, pick: (r: RequestDelta) => number | undefined): object[] =>
    sum(
      name,
      requests.flatMap(({ request, attributes }) => {
        const count = pick(request) ?? 0;
        return count === 0 ? [] : [{ attributes, timeUnixNano: time, asInt: String(count) }];
      }),
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
    ...messageSum("istio_request_messages_total", (request) => request.requestMessages),
    ...messageSum("istio_response_messages_total", (request) => request.responseMessages),
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

const spanKinds = { server: 2, client: 3 } as const;
const errorStatus = 2;

/** Nanoseconds of a time in milliseconds that may have a fraction. */
function preciseNanos(unixMs: number): string {
  const whole = Math.trunc(unixMs);
  const fraction = Math.min(999_999, Math.round((unixMs - whole) * 1e6));
  return `${whole}${String(fraction).padStart(6, "0")}`;
}

/** The body of a POST to `/v1/traces` (opentelemetry-proto `trace.proto`). */
export function encodeTraces(batch: TelemetryBatch): object {
  const from = encodeResource(batch);
  const spans = batch.spans.map((span) => ({
    traceId: span.traceId,
    spanId: span.spanId,
    ...(span.parentSpanId === "" ? {} : { parentSpanId: span.parentSpanId }),
    name: span.name,
    kind: spanKinds[span.kind],
    startTimeUnixNano: preciseNanos(span.startUnixMs),
    endTimeUnixNano: preciseNanos(span.endUnixMs),
    attributes: toKeyValues(span.attributes),
    status: span.failed ? { code: errorStatus } : {},
  }));
  return {
    resourceSpans: [
      {
        resource: { attributes: [...from.attributes, ...toKeyValues({ "service.name": batch.proxy })] },
        scopeSpans: [{ scope: { name: "towpath" }, spans }],
      },
    ],
  };
}
