/** Clusters ⇄ wire. */
import type { MessageInitShape } from "@bufbuild/protobuf";
import {
  type ClusterSchema,
  L7Protocol as Protocol,
  type Cluster as WireCluster,
  type Limits as WireLimits,
  type OutlierDetection as WireOutlierDetection,
  type Outside as WireOutside,
} from "../gen/l7-cluster_pb.js";
import type { L7Cluster, L7Limits, L7OutlierDetection, L7Outside } from "../proxy-config.ts";
import { portNumber } from "../resource-type.ts";
import { closedEnum } from "./closed-enum.ts";
import { entriesMax, filledText, list, milliseconds, percent, required, text, texts, time } from "./limits.ts";
import { loadBalancingFromWire, loadBalancingToWire } from "./load-balancing.ts";

/** What is spoken at a port. */
export const protocols = closedEnum({
  HTTP: Protocol.HTTP,
  HTTP2: Protocol.HTTP2,
  GRPC: Protocol.GRPC,
  TCP: Protocol.TCP,
  AUTO: Protocol.AUTO,
});

/** One cluster. */
export const clusterToWire = (cluster: L7Cluster): MessageInitShape<typeof ClusterSchema> => ({
  key: cluster.key,
  service: cluster.service,
  port: cluster.port,
  subset: cluster.subset,
  members: cluster.members && { uids: [...cluster.members] },
  protocol: protocols.toWire(cluster.protocol),
  loadBalancing: loadBalancingToWire(cluster.loadBalancing),
  limits: {
    ...cluster.limits,
    connectTimeoutMs: milliseconds(cluster.limits.connectTimeoutMs),
    idleTimeoutMs: milliseconds(cluster.limits.idleTimeoutMs),
  },
  outlierDetection: cluster.outlierDetection && {
    ...cluster.outlierDetection,
    intervalMs: milliseconds(cluster.outlierDetection.intervalMs),
    baseEjectionMs: milliseconds(cluster.outlierDetection.baseEjectionMs),
  },
  retryBudget: cluster.retryBudget && { ...cluster.retryBudget },
  origin: cluster.origin,
  outside: cluster.outside && { endpoints: cluster.outside.endpoints.map((endpoint) => ({ ...endpoint })) },
});

/** And back; throws `MalformedResource`. */
export const clusterFromWire = (wire: WireCluster): L7Cluster => ({
  key: filledText(wire.key, "cluster key"),
  service: text(wire.service, "cluster service"),
  port: portNumber(wire.port, `port of ${wire.key}`),
  subset: text(wire.subset, "subset"),
  members: wire.members && texts(wire.members.uids, `members of ${wire.key}`, entriesMax),
  protocol: protocols.fromWire(wire.protocol, `protocol of ${wire.key}`),
  loadBalancing: loadBalancingFromWire(required(wire.loadBalancing, `load balancing of ${wire.key}`)),
  limits: limitsFromWire(required(wire.limits, `limits of ${wire.key}`)),
  outlierDetection: wire.outlierDetection && outlierDetectionFromWire(wire.outlierDetection),
  retryBudget: wire.retryBudget && {
    percent: percent(wire.retryBudget.percent, "retry budget"),
    minConcurrency: wire.retryBudget.minConcurrency,
  },
  origin: text(wire.origin, "origin"),
  ...(wire.outside === undefined ? {} : { outside: outsideFromWire(wire.outside) }),
});

const outsideFromWire = ({ endpoints }: WireOutside): L7Outside => ({
  endpoints: list(
    endpoints,
    "endpoints outside",
    ({ host, port }) => ({ host: filledText(host, "endpoint host"), port: portNumber(port, "endpoint port") }),
    entriesMax,
  ),
});

const limitsFromWire = (wire: WireLimits): L7Limits => ({
  maxConnections: wire.maxConnections,
  connectTimeoutMs: time(wire.connectTimeoutMs, "connect timeout"),
  maxPendingRequests: wire.maxPendingRequests,
  maxRequests: wire.maxRequests,
  maxRetries: wire.maxRetries,
  maxRequestsPerConnection: wire.maxRequestsPerConnection,
  idleTimeoutMs: time(wire.idleTimeoutMs, "idle timeout"),
});

const outlierDetectionFromWire = (wire: WireOutlierDetection): L7OutlierDetection => ({
  consecutive5xx: wire.consecutive5xx,
  consecutiveGatewayErrors: wire.consecutiveGatewayErrors,
  intervalMs: time(wire.intervalMs, "outlier interval"),
  baseEjectionMs: time(wire.baseEjectionMs, "ejection time"),
  maxEjectionPercent: percent(wire.maxEjectionPercent, "ejection"),
  panicPercent: percent(wire.panicPercent, "panic"),
});
