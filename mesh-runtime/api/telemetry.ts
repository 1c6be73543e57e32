/**
 * The telemetry contract between proxies and the portal. Proxies push once a second by OTLP/HTTP (JSON): `metrics` to
 * `/v1/metrics` (delta sums and histograms, Istio's standard metric and label names), `records` to `/v1/logs`.
 * `otlp.ts` maps these shapes to and from OTLP. Missing label values are the string "unknown".
 */
import * as z from "zod";

const text = z.string().max(512);

/** Istio's standard labels (istio.io "Istio Standard Metrics"). */
export const edgeLabels = z.strictObject({
  reporter: z.enum(["source", "destination", "waypoint"]),
  source_workload: text,
  source_workload_namespace: text,
  source_principal: text,
  source_app: text,
  source_version: text,
  source_cluster: text,
  source_canonical_service: text,
  source_canonical_revision: text,
  destination_workload: text,
  destination_workload_namespace: text,
  destination_principal: text,
  destination_app: text,
  destination_version: text,
  destination_service: text,
  destination_service_name: text,
  destination_service_namespace: text,
  destination_cluster: text,
  destination_canonical_service: text,
  destination_canonical_revision: text,
  request_protocol: z.enum(["http", "grpc", "tcp"]),
  connection_security_policy: z.enum(["mutual_tls", "none", "unknown"]),
});
export type EdgeLabels = z.infer<typeof edgeLabels>;

/** Envoy's `%RESPONSE_FLAGS%` that Towpath's proxies use; "-" is none. */
export const responseFlag = z.enum([
  "-",
  "UF",
  "UH",
  "NR",
  "UT",
  "DC",
  "UC",
  "RBAC_ACCESS_DENIED",
  "DPE",
  "UAEX",
  "RL",
  "FI",
  "DENY",
  "CONNECT",
  "TLS_FAILURE",
]);
export type ResponseFlag = z.infer<typeof responseFlag>;

/** Bounds in milliseconds of the duration histogram; the last bucket is open. */
export const durationBoundsMs = [0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000] as const;

/** Requests of one edge since the last push. `istio_requests_total` and `istio_request_duration_milliseconds`. */
export const requestDelta = z.strictObject({
  labels: edgeLabels,
  responseCode: z.int().min(0).max(999),
  responseFlags: responseFlag,
  count: z.int().nonnegative(),
  durationSumMs: z.number().nonnegative(),
  /** One more entry than `durationBoundsMs`. */
  durationBuckets: z.array(z.int().nonnegative()).length(durationBoundsMs.length + 1),
  requestBytes: z.int().nonnegative(),
  responseBytes: z.int().nonnegative(),
});
export type RequestDelta = z.infer<typeof requestDelta>;

/** Connections of one edge since the last push. The four `istio_tcp_*` metrics. */
export const connectionDelta = z.strictObject({
  labels: edgeLabels,
  responseFlags: responseFlag,
  opened: z.int().nonnegative(),
  closed: z.int().nonnegative(),
  sentBytes: z.int().nonnegative(),
  receivedBytes: z.int().nonnegative(),
});
export type ConnectionDelta = z.infer<typeof connectionDelta>;

/** Why a hop refused. */
export const denialReason = z.enum([
  "denied-by-policy",
  "no-allow-policy-matched",
  "unknown-policy",
  "plain-text-under-strict",
  "certificate-expired",
  "certificate-untrusted",
  "certificate-invalid",
  "identity-mismatch",
  "caller-not-in-pod",
  "not-synced",
]);
export type DenialReason = z.infer<typeof denialReason>;

/** Refusals that are alike, since the last push. Counts are exact; `last*` are those of the newest one. */
export const denial = z.strictObject({
  timeUnixMs: z.number(),
  labels: edgeLabels,
  /** Which kind of hop decided. */
  hop: z.enum(["agent", "waypoint", "gateway"]),
  node: text,
  reason: denialReason,
  /** `<namespace>/<name>`; empty when no policy was involved. */
  policy: text,
  rule: z.int().min(-1),
  attribute: text,
  /** All policies read, in order. */
  evaluated: z.array(text).max(64),
  destinationPort: z.int(),
  /** Layer 7 only; empty at layer 4. */
  method: text,
  path: text,
  host: text,
  /** What the caller saw: an HTTP status, or 0 for a reset connection. */
  answer: z.int(),
  sourceIp: text,
  sourcePod: text,
  destinationPod: text,
  count: z.int().positive(),
});
export type Denial = z.infer<typeof denial>;

/** A request shape: bounded cardinality, counts since the last push. */
export const requestShape = z.strictObject({
  labels: edgeLabels,
  destinationPort: z.int(),
  /** Empty at layer 4. `path` is a template: identifiers and numbers are replaced by `{id}`. */
  method: text,
  path: text,
  responseCode: z.int(),
  decision: z.enum(["allowed", "denied"]),
  count: z.int().positive(),
  lastUnixMs: z.number(),
});
export type RequestShape = z.infer<typeof requestShape>;

/** A sampled request or connection. */
export const accessRecord = z.strictObject({
  timeUnixMs: z.number(),
  labels: edgeLabels,
  method: text,
  path: text,
  responseCode: z.int(),
  responseFlags: responseFlag,
  durationMs: z.number(),
  requestBytes: z.int(),
  responseBytes: z.int(),
  sourcePod: text,
  destinationPod: text,
  traceId: text,
});
export type AccessRecord = z.infer<typeof accessRecord>;

/** The mutual TLS that protects an edge, as the dialling proxy sees it; repeated while connections are open. */
export const securedEdge = z.strictObject({
  timeUnixMs: z.number(),
  sourcePrincipal: text,
  destinationPrincipal: text,
  sourceWorkload: text,
  sourceNamespace: text,
  destinationWorkload: text,
  destinationNamespace: text,
  tlsVersion: text,
  cipher: text,
  sourceCertificate: z.strictObject({ serial: text, notBeforeUnixMs: z.number(), notAfterUnixMs: z.number() }),
  destinationCertificate: z.strictObject({ serial: text, notBeforeUnixMs: z.number(), notAfterUnixMs: z.number() }),
  connections: z.int().nonnegative(),
});
export type SecuredEdge = z.infer<typeof securedEdge>;

/** State of one proxy, with every push. */
export const proxyStatus = z.strictObject({
  timeUnixMs: z.number(),
  /** `ztunnel~<node>` or `<pod name>.<namespace>`. */
  proxy: text,
  kind: z.enum(["agent", "waypoint", "gateway"]),
  node: text,
  version: text,
  startedUnixMs: z.number(),
  xdsConnected: z.boolean(),
  /** Time of the last applied configuration, 0 before the first. */
  lastAppliedUnixMs: z.number(),
  resources: z.strictObject({ workloads: z.int(), services: z.int(), authorizations: z.int(), proxyConfigs: z.int() }),
  /** Resources whose last version was refused; their last good version is in force. */
  rejected: z.array(z.strictObject({ type: text, name: text, reason: text })).max(64),
  certificates: z
    .array(z.strictObject({ identity: text, serial: text, notBeforeUnixMs: z.number(), notAfterUnixMs: z.number() }))
    .max(1024),
  openConnections: z.int().nonnegative(),
  residentBytes: z.int().nonnegative(),
});
export type ProxyStatus = z.infer<typeof proxyStatus>;

/** One push, after decoding. `proxy`, `node` and `batch` are attributes of the OTLP resource. */
export const telemetryBatch = z.strictObject({
  proxy: text,
  node: text,
  /** Unique per push and kept when the push is repeated: a collector counts a batch once. */
  batch: text,
  requests: z.array(requestDelta).max(10_000),
  connections: z.array(connectionDelta).max(10_000),
  denials: z.array(denial).max(1_000),
  shapes: z.array(requestShape).max(10_000),
  access: z.array(accessRecord).max(1_000),
  secured: z.array(securedEdge).max(10_000),
  status: z.array(proxyStatus).max(1),
});
export type TelemetryBatch = z.infer<typeof telemetryBatch>;
