import * as z from "zod";
import { prefilled } from "./golden-paths.ts";
import { enrolment, health, hop, resourceRef, unixMs } from "./names.ts";

/** `?window=` of graph, edge, node and service figures, in seconds. */
export const windowSeconds = z.coerce.number().int().min(60).max(3600);

/** `service`, `gateway` and `waypoint` are Kubernetes Services, `outside` is a client beyond the gateway, `unknown` has no name. */
export const nodeKind = z.enum(["service", "gateway", "waypoint", "outside", "unknown"]);
export type NodeKind = z.infer<typeof nodeKind>;

export const versionShare = z.strictObject({
  version: z.string(),
  pods: z.int(),
  readyPods: z.int(),
  /** Requests (or connections) per second that reached this version. */
  rps: z.number(),
  /** 0 to 1 of what reached the service; null without traffic. */
  share: z.number().nullable(),
});
export type VersionShare = z.infer<typeof versionShare>;

export const graphNode = z.strictObject({
  /** `<namespace>/<name>` for services and gateways, `outside/<host>` for outside, `unknown` for unknown. */
  id: z.string(),
  kind: nodeKind,
  namespace: z.string(),
  name: z.string(),
  /** Team that owns the namespace; empty when nobody does. */
  team: z.string(),
  health,
  /** One line, e.g. "12.4 % of answers are 5xx"; empty when healthy. */
  healthReason: z.string(),
  enrolment,
  versions: z.array(versionShare),
  pods: z.int(),
  readyPods: z.int(),
  rpsIn: z.number(),
  rpsOut: z.number(),
  /** 0 to 1 of the requests that came in. */
  errorShare: z.number(),
  p95Ms: z.number().nullable(),
  /** Carries an AuthorizationPolicy or lies under one. */
  authorized: z.boolean(),
  /** `<namespace>/<name>` of the waypoint that calls to it go through; empty without one. */
  waypoint: z.string(),
  /** `open`: calls can pass the waypoint by; `unknown` also without one. */
  waypointWay: z.enum(["guarded", "open", "unknown"]),
  /** Pods that the waypoint or gateway sends nothing to for now, since they failed. */
  ejectedPods: z.int(),
});
export type GraphNode = z.infer<typeof graphNode>;

export const edgeProtocol = z.enum(["http", "grpc", "tcp"]);
export type EdgeProtocol = z.infer<typeof edgeProtocol>;

/** One per caller and callee: layer 4 and layer 7 views of the same traffic are one edge. */
export const graphEdge = z.strictObject({
  /** `<from>~<to>` of node ids. */
  id: z.string(),
  from: z.string(),
  to: z.string(),
  protocol: edgeProtocol,
  /** Layer 4 counts connections and has no codes: write "connections", not "requests". */
  unit: z.enum(["requests", "connections"]),
  count: z.int(),
  rps: z.number(),
  /** 0 to 1 of `count`; refusals by policy are not errors. */
  errorShare: z.number(),
  denied: z.int(),
  deniedPerSecond: z.number(),
  /** Mirrored requests: copies of those to `from`. No caller waits for them, so no other figure counts them. */
  copies: z.int(),
  copiesPerSecond: z.number(),
  p50Ms: z.number().nullable(),
  p95Ms: z.number().nullable(),
  p99Ms: z.number().nullable(),
  bytesPerSecond: z.number(),
  /** 0 to 1 of what got through; null: not known, draw no lock. */
  mtlsShare: z.number().min(0).max(1).nullable(),
  health,
});
export type GraphEdge = z.infer<typeof graphEdge>;

export const graphNamespace = z.strictObject({ name: z.string(), team: z.string(), enrolment });
export type GraphNamespace = z.infer<typeof graphNamespace>;

/** `GET /api/v1/graph?window=` and each `graph` event of `GET /api/v1/graph/stream?window=`. */
export const trafficGraph = z.strictObject({
  /** Strictly rising within one portal process. */
  revision: z.int(),
  endUnixMs: unixMs,
  windowSeconds: z.int(),
  nodes: z.array(graphNode),
  edges: z.array(graphEdge),
  namespaces: z.array(graphNamespace),
  totals: z.strictObject({
    rps: z.number(),
    errorShare: z.number(),
    deniedPerSecond: z.number(),
    mtlsShare: z.number().nullable(),
  }),
  /** Time of the newest telemetry, 0 when none came yet. */
  newestUnixMs: unixMs,
});
export type TrafficGraph = z.infer<typeof trafficGraph>;

/** `GET /api/v1/graph?window=&end=`; `end` (milliseconds) looks back, at most an hour. */
export const graphQuery = z.strictObject({
  window: windowSeconds.default(60),
  end: z.coerce.number().int().positive().optional(),
});
export type GraphQuery = z.infer<typeof graphQuery>;

/** `GET /api/v1/graph/timeline`: the last 30 minutes in steps of 10 s. */
export const timeline = z.strictObject({
  stepSeconds: z.int(),
  endUnixMs: unixMs,
  rps: z.array(z.number().nullable()),
  errorsPerSecond: z.array(z.number().nullable()),
  deniedPerSecond: z.array(z.number().nullable()),
  changes: z.array(z.strictObject({ id: z.string(), number: z.int(), title: z.string(), timeUnixMs: unixMs })),
});
export type Timeline = z.infer<typeof timeline>;

export const certificate = z.strictObject({
  identity: z.string(),
  serial: z.string(),
  notBeforeUnixMs: unixMs,
  notAfterUnixMs: unixMs,
});
export type Certificate = z.infer<typeof certificate>;

/** One end of an edge. */
export const peer = z.strictObject({
  /** `spiffe://…`, null when nothing proved it. */
  spiffeId: z.string().nullable(),
  workload: z.string(),
  namespace: z.string(),
  certificate: certificate.nullable(),
});
export type Peer = z.infer<typeof peer>;

export const answerCount = z.strictObject({
  /** HTTP status; 0 for a connection without one. */
  code: z.int(),
  /** Envoy's response flag, "-" for none. */
  flags: z.string(),
  count: z.int(),
  /** 0 to 1. */
  share: z.number(),
});
export type AnswerCount = z.infer<typeof answerCount>;

export const pathCount = z.strictObject({
  /** Both empty at layer 4. */
  method: z.string(),
  path: z.string(),
  port: z.int(),
  count: z.int(),
  errors: z.int(),
  denied: z.int(),
  lastUnixMs: unixMs,
});
export type PathCount = z.infer<typeof pathCount>;

/** A policy that decided on an edge. */
export const policyVerdict = z.strictObject({
  policy: resourceRef,
  action: z.enum(["ALLOW", "DENY"]),
  verdict: z.enum(["allowed", "denied"]),
  /** Index from 0 of the rule; -1 when no rule matched. */
  rule: z.int(),
  hop,
  /** Node of the deciding proxy; empty when several. */
  node: z.string(),
  count: z.int(),
  /** `observed` counts what proxies reported; `computed` evaluates the live policy for the observed traffic. */
  basis: z.enum(["observed", "computed"]),
});
export type PolicyVerdict = z.infer<typeof policyVerdict>;

/** What proxies did for callers at a service without their noticing, over the window; all its callers together. */
export const behindTheScenes = z.strictObject({
  /** Tries after the first; those that then ended well; those that a budget or limit forbade. */
  retries: z.int(),
  retriesSucceeded: z.int(),
  retriesForbidden: z.int(),
  timeouts: z.int(),
  /** Refused since a limit of the connection pool was reached. */
  overflows: z.int(),
  rateLimited: z.int(),
  faultsInjected: z.int(),
  mirrored: z.int(),
  /** Requests that were to be copied to it and were not: too long, or never whole. */
  notMirrored: z.int(),
  ejections: z.int(),
  /** Pods that get nothing now. */
  ejected: z.array(z.strictObject({ pod: z.string(), untilUnixMs: unixMs, reason: z.string() })),
});
export type BehindTheScenes = z.infer<typeof behindTheScenes>;

/** What a dry-run policy would have decided otherwise. */
export const shadowVerdict = z.strictObject({
  policy: z.strictObject({ namespace: z.string(), name: z.string() }),
  wouldBe: z.enum(["allowed", "denied"]),
  method: z.string(),
  path: z.string(),
  count: z.int(),
});
export type ShadowVerdict = z.infer<typeof shadowVerdict>;

/** One hop of a trace. `GET /api/v1/traces?id=<32 hexadecimal digits>` */
export const traceSpan = z.strictObject({
  spanId: z.string(),
  parentSpanId: z.string(),
  name: z.string(),
  kind: z.enum(["server", "client"]),
  startUnixMs: z.number(),
  durationMs: z.number(),
  failed: z.boolean(),
  attributes: z.record(z.string(), z.string()),
});
export type TraceSpan = z.infer<typeof traceSpan>;
export const traceQuery = z.strictObject({ id: z.string().regex(/^[0-9a-f]{32}$/, "32 hexadecimal digits") });
export const trace = z.strictObject({ traceId: z.string(), spans: z.array(traceSpan) });
export type Trace = z.infer<typeof trace>;

export const requestRecord = z.strictObject({
  timeUnixMs: unixMs,
  from: z.string(),
  to: z.string(),
  method: z.string(),
  path: z.string(),
  code: z.int(),
  flags: z.string(),
  durationMs: z.number(),
  bytes: z.int(),
  sourcePod: z.string(),
  destinationPod: z.string(),
  version: z.string(),
  mtls: z.boolean(),
  traceId: z.string(),
  /** Route and rule that were taken, `<kind>/<namespace>/<name>`; empty without a layer 7 proxy. */
  route: z.string(),
  /** Tries at upstreams; 0 when unknown. */
  attempts: z.int(),
  protocol: z.string(),
});
export type RequestRecord = z.infer<typeof requestRecord>;

export const latencySeries = z.strictObject({
  stepSeconds: z.int(),
  endUnixMs: unixMs,
  p50Ms: z.array(z.number().nullable()),
  p95Ms: z.array(z.number().nullable()),
  p99Ms: z.array(z.number().nullable()),
  rps: z.array(z.number().nullable()),
});
export type LatencySeries = z.infer<typeof latencySeries>;

/** `GET /api/v1/graph/edge?from=<node id>&to=<node id>&window=` */
export const edgeDetails = z.strictObject({
  edge: graphEdge,
  windowSeconds: z.int(),
  source: peer,
  destination: peer,
  /** null when no secured connection was seen in the window. */
  tls: z.strictObject({ version: z.string(), cipher: z.string(), connections: z.int() }).nullable(),
  /** `<namespace>/<name>` of the waypoint in between, which each side is mutually authenticated with; empty without. */
  waypoint: z.string(),
  /** Its identity in the middle of two handshakes; null without one, or when none was seen. */
  waypointPeer: peer.nullable(),
  /** The second handshake, from the waypoint on; `tls` is the first. */
  waypointTls: z.strictObject({ version: z.string(), cipher: z.string(), connections: z.int() }).nullable(),
  /** null where no layer 7 proxy is in the way. */
  behind: behindTheScenes.nullable(),
  shadows: z.array(shadowVerdict),
  /** Since when every request was mutually authenticated without a break; null when not now. */
  mtlsSinceUnixMs: unixMs.nullable(),
  answers: z.array(answerCount),
  versions: z.array(versionShare),
  series: latencySeries,
  paths: z.array(pathCount),
  policies: z.array(policyVerdict),
  records: z.array(requestRecord),
  denials: z.array(z.strictObject({ groupId: z.string(), sentence: z.string(), count: z.int() })),
  /** Golden paths that fit this edge, filled in. */
  suggestions: z.array(prefilled),
});
export type EdgeDetails = z.infer<typeof edgeDetails>;

/** `GET /api/v1/graph/node?id=<node id>&window=` */
export const nodeDetails = z.strictObject({
  node: graphNode,
  windowSeconds: z.int(),
  callers: z.array(graphEdge),
  callees: z.array(graphEdge),
  series: latencySeries,
  answers: z.array(answerCount),
  behind: behindTheScenes.nullable(),
  suggestions: z.array(prefilled),
});
export type NodeDetails = z.infer<typeof nodeDetails>;
