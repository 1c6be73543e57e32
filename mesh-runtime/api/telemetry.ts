/**
 * The telemetry contract between proxies and the portal. Proxies push once a second by OTLP/HTTP (JSON): `metrics` to
 * `/v1/metrics` (delta sums and histograms, Istio's standard metric and label names), records to `/v1/logs`, spans to
 * `/v1/traces`.
 * `otlp.ts` maps these shapes to and from OTLP. Missing label values are the string "unknown".
 */
import * as z from "zod";
import { durationBoundsMs } from "./duration-bounds.ts";
import { seenName } from "./seen-name.ts";

export { durationBoundsMs };

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
  "DI",
  "UO",
  "URX",
  "UPE",
  "NC",
  "SI",
  "DENY",
  "CONNECT",
  "TLS_FAILURE",
]);
export type ResponseFlag = z.infer<typeof responseFlag>;

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
  /** gRPC alone: the status that the label `grpc_response_status` names. */
  grpcStatus: z.int().nonnegative().optional(),
  /** gRPC alone: `istio_request_messages_total` and `istio_response_messages_total`. */
  requestMessages: z.int().nonnegative().optional(),
  responseMessages: z.int().nonnegative().optional(),
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
  "destination-not-listed",
  "not-synced",
  "token-invalid",
  "refused-by-authorizer",
  "authorizer-unavailable",
  "rate-limited",
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
  /** Layer 7 proxies only; empty or 0 elsewhere. */
  host: text,
  /** `HTTP/1.1`, `HTTP/2`. */
  protocol: text,
  /** Key and rule of the route that was taken, `<kind>/<namespace>/<name>` and its rule's name or index. */
  route: text,
  /** Tries at upstreams; 0 when none was made. */
  attempts: z.int().nonnegative(),
  /** -1: no gRPC. */
  grpcStatus: z.int().min(-1),
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

/** What a layer 7 proxy did on behalf of callers at one cluster since the last push, and how its endpoints stand. */
export const clusterDelta = z.strictObject({
  timeUnixMs: z.number(),
  /** `<namespace>/<hostname>|<port>|<subset>` */
  cluster: text,
  service: text,
  serviceNamespace: text,
  /** Requests sent to it, each once however many tries it took. */
  requests: z.int().nonnegative().optional(),
  /** Tries after the first, those that ended well, and those that a budget or limit forbade. */
  retries: z.int().nonnegative(),
  retriesSucceeded: z.int().nonnegative(),
  retriesForbidden: z.int().nonnegative(),
  timeouts: z.int().nonnegative(),
  /** Requests refused because a limit of the connection pool was reached. */
  overflows: z.int().nonnegative(),
  rateLimited: z.int().nonnegative(),
  faultsInjected: z.int().nonnegative(),
  /** Copies of requests to other services that were sent to it, and whose requests they were. Nobody waits for an answer. */
  mirrored: z.int().nonnegative(),
  /** Requests that were to be copied to it and were not: their body was too long to be kept, or they ended before it was whole. */
  notMirrored: z.int().nonnegative().optional(),
  copiesOf: z
    .array(z.strictObject({ service: text, serviceNamespace: text, count: z.int().positive() }))
    .max(64)
    .optional(),
  ejections: z.int().nonnegative(),
  /** Pods that get no requests now, `<namespace>/<pod>`, and until when. */
  ejected: z.array(z.strictObject({ pod: text, untilUnixMs: z.number(), reason: text })).max(256),
  endpoints: z.int().nonnegative(),
  activeRequests: z.int().nonnegative(),
});
export type ClusterDelta = z.infer<typeof clusterDelta>;

const serviceName = { service: text, serviceNamespace: text };

/**
 * Copies of requests that were answered alike, since the last push. No caller waits for them, so they are no part of
 * `requests`. Durations begin when the request was whole and end with the answer.
 */
export const copyDelta = z.strictObject({
  /** Whose requests they are, and which service got the copies. */
  of: z.strictObject(serviceName),
  to: z.strictObject(serviceName),
  /** 0: no answer. */
  responseCode: z.int().min(0).max(999),
  responseFlags: responseFlag,
  /** gRPC alone. */
  grpcStatus: z.int().nonnegative().optional(),
  count: z.int().positive(),
  durationSumMs: z.number().nonnegative(),
  /** One more entry than `durationBoundsMs`. */
  durationBuckets: z.array(z.int().nonnegative()).length(durationBoundsMs.length + 1),
});
export type CopyDelta = z.infer<typeof copyDelta>;

/** A dry-run policy that would have decided otherwise than what was enforced, since the last push. */
export const shadowDecision = z.strictObject({
  timeUnixMs: z.number(),
  labels: edgeLabels,
  policy: text,
  rule: z.int().min(-1),
  attribute: text,
  /** What the policy would have said. */
  wouldBe: z.enum(["allowed", "denied"]),
  method: text,
  path: text,
  count: z.int().positive(),
});
export type ShadowDecision = z.infer<typeof shadowDecision>;

/** One hop of a trace (OTLP span); pushed to `/v1/traces`. */
export const span = z.strictObject({
  /** 32 and 16 lower-case hexadecimal digits. */
  traceId: z.string().regex(/^[0-9a-f]{32}$/),
  spanId: z.string().regex(/^[0-9a-f]{16}$/),
  /** Empty for a root. */
  parentSpanId: z.string().regex(/^([0-9a-f]{16})?$/),
  name: text,
  kind: z.enum(["server", "client"]),
  startUnixMs: z.number(),
  endUnixMs: z.number(),
  /** An answer with 5xx, or none. */
  failed: z.boolean(),
  /** OpenTelemetry's names where there are some (`http.request.method`, …). */
  attributes: z.record(z.string().max(128), text),
});
export type Span = z.infer<typeof span>;

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
  clusters: z.array(clusterDelta).max(2_000),
  shadows: z.array(shadowDecision).max(1_000),
  copies: z.array(copyDelta).max(2_000),
  names: z.array(seenName).max(20_000),
  spans: z.array(span).max(2_000),
  status: z.array(proxyStatus).max(1),
});
export type TelemetryBatch = z.infer<typeof telemetryBatch>;
