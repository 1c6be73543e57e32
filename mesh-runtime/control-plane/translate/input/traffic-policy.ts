import type { L7LoadBalancing, L7OutlierDetection } from "../../../xds/proxy-config.ts";
import { type LocalitySettings, readLocality } from "./locality-settings.ts";
import type { FieldReader } from "./unsupported.ts";

/** How endpoints are chosen; absent parts have Istio's defaults. */
export interface LoadBalancerInput {
  readonly policy: L7LoadBalancing["policy"];
  readonly hashBy: L7LoadBalancing["hashBy"];
  readonly warmupMs: number;
  readonly locality: LocalitySettings | undefined;
}

/** Limits as written; 0 is none. */
export interface ConnectionPoolInput {
  readonly maxConnections: number;
  readonly connectTimeoutMs: number | undefined;
  readonly maxPendingRequests: number;
  readonly maxRequests: number;
  readonly maxRetries: number;
  readonly maxRequestsPerConnection: number;
  readonly idleTimeoutMs: number | undefined;
  readonly upgrade: "DEFAULT" | "DO_NOT_UPGRADE" | "UPGRADE" | "CLIENT_PROTOCOL";
}

/** The parts of a DestinationRule's traffic policy; each is taken or overridden as a whole (Istio). */
export interface TrafficPolicyInput {
  readonly loadBalancer: LoadBalancerInput | undefined;
  readonly connectionPool: ConnectionPoolInput | undefined;
  readonly outlierDetection: L7OutlierDetection | undefined;
  readonly retryBudget: { readonly percent: number; readonly minConcurrency: number } | undefined;
}

/** A traffic policy with its exceptions for single ports, which inherit nothing from it (Istio "portLevelSettings"). */
export interface PortedTrafficPolicyInput extends TrafficPolicyInput {
  readonly ports: readonly { readonly port: number; readonly policy: TrafficPolicyInput }[];
}

/** Reads `trafficPolicy` of a DestinationRule or of one of its subsets. */
export function readTrafficPolicy(reader: FieldReader | undefined): PortedTrafficPolicyInput | undefined {
  if (reader === undefined) {
    return undefined;
  }
  const policy = readParts(reader);
  const ports = reader.objects("portLevelSettings").map((entry) => {
    const port = entry.object("port");
    const read = { port: port?.count("number") ?? 0, policy: readParts(entry) };
    port?.rest();
    entry.rest();
    return read;
  });
  reader.rest();
  return { ...policy, ports };
}

function readParts(reader: FieldReader): TrafficPolicyInput {
  const tls = reader.object("tls");
  const mode = tls?.text("mode", "DISABLE") ?? "ISTIO_MUTUAL";
  if (mode !== "ISTIO_MUTUAL") {
    tls?.report("mode", `${mode}: calls inside the mesh stay under its mutual TLS`);
  } else {
    tls?.rest();
  }
  return {
    loadBalancer: readLoadBalancer(reader.object("loadBalancer")),
    connectionPool: readConnectionPool(reader.object("connectionPool")),
    outlierDetection: readOutlierDetection(reader.object("outlierDetection")),
    retryBudget: readRetryBudget(reader.object("retryBudget")),
  };
}

function readLoadBalancer(reader: FieldReader | undefined): LoadBalancerInput | undefined {
  if (reader === undefined) {
    return undefined;
  }
  const simple = reader.text("simple", "UNSPECIFIED");
  const known = Object.hasOwn(simplePolicies, simple) ? simplePolicies[simple] : undefined;
  if (known === undefined) {
    reader.report("simple", simple);
  }
  const hash = reader.object("consistentHash");
  const hashBy = hash === undefined ? undefined : readHash(hash);
  const warmup = reader.object("warmup");
  const warmupMs = warmup?.duration("duration") ?? reader.duration("warmupDurationSecs") ?? 0;
  // Envoy's own defaults may be written out; other curves are not known here.
  for (const [name, standard] of [
    ["minimumPercent", 10],
    ["aggression", 1],
  ] as const) {
    const written = warmup?.raw(name);
    if (written !== undefined && written !== null && written !== standard) {
      warmup?.report(name);
    }
  }
  warmup?.rest();
  const locality = readLocality(reader.object("localityLbSetting"));
  reader.has("warmupDurationSecs");
  reader.rest();
  return {
    policy: hashBy === undefined ? (known ?? "LEAST_REQUEST") : "CONSISTENT_HASH",
    hashBy,
    warmupMs,
    locality,
  };
}

const simplePolicies: Readonly<Record<string, L7LoadBalancing["policy"]>> = {
  UNSPECIFIED: "LEAST_REQUEST",
  LEAST_CONN: "LEAST_REQUEST",
  LEAST_REQUEST: "LEAST_REQUEST",
  ROUND_ROBIN: "ROUND_ROBIN",
  RANDOM: "RANDOM",
};

function readHash(reader: FieldReader): L7LoadBalancing["hashBy"] {
  const header = reader.text("httpHeaderName");
  const parameter = reader.text("httpQueryParameterName");
  const sourceIp = reader.flag("useSourceIp");
  const cookie = reader.object("httpCookie");
  const name = cookie?.text("name") ?? "";
  const path = cookie?.text("path") ?? "";
  const ttlMs = cookie?.duration("ttl");
  cookie?.rest();
  // Which ring is an implementation's own business: a key stays with its endpoint, and few keys move.
  for (const [algorithm, size] of [
    ["ringHash", "minimumRingSize"],
    ["maglev", "tableSize"],
  ] as const) {
    const ring = reader.object(algorithm);
    ring?.has(size);
    ring?.rest();
  }
  reader.has("minimumRingSize");
  reader.rest();
  if (header !== "") {
    return { kind: "header", name: header.toLowerCase() };
  }
  if (name !== "") {
    return { kind: "cookie", name, path, ttlMs };
  }
  if (sourceIp) {
    return { kind: "sourceIp" };
  }
  if (parameter !== "") {
    return { kind: "queryParameter", name: parameter };
  }
  reader.report("key", "none is named");
  return undefined;
}

function readConnectionPool(reader: FieldReader | undefined): ConnectionPoolInput | undefined {
  if (reader === undefined) {
    return undefined;
  }
  const tcp = reader.object("tcp");
  const http = reader.object("http");
  const tcpIdleMs = tcp?.duration("idleTimeout");
  const useClientProtocol = http?.flag("useClientProtocol") === true;
  const upgrade = http?.text("h2UpgradePolicy", "DEFAULT") ?? "DEFAULT";
  const knownUpgrade = upgrade === "UPGRADE" || upgrade === "DO_NOT_UPGRADE" ? upgrade : "DEFAULT";
  if (upgrade !== knownUpgrade) {
    http?.report("h2UpgradePolicy", upgrade);
  }
  const pool: ConnectionPoolInput = {
    maxConnections: tcp?.count("maxConnections") ?? 0,
    connectTimeoutMs: tcp?.duration("connectTimeout"),
    maxPendingRequests: http?.count("http1MaxPendingRequests") ?? 0,
    maxRequests: http?.count("http2MaxRequests") ?? 0,
    maxRetries: http?.count("maxRetries") ?? 0,
    maxRequestsPerConnection: http?.count("maxRequestsPerConnection") ?? 0,
    idleTimeoutMs: http?.duration("idleTimeout") ?? tcpIdleMs,
    upgrade: useClientProtocol ? "CLIENT_PROTOCOL" : knownUpgrade,
  };
  tcp?.rest();
  http?.rest();
  reader.rest();
  return pool;
}

/** Istio's and, where it is silent, Envoy's defaults; the block alone switches detection on. */
function readOutlierDetection(reader: FieldReader | undefined): L7OutlierDetection | undefined {
  if (reader === undefined) {
    return undefined;
  }
  if (reader.has("splitExternalLocalOriginErrors") && reader.raw("splitExternalLocalOriginErrors") === false) {
    // Written out default.
  } else if (reader.has("splitExternalLocalOriginErrors")) {
    reader.report("splitExternalLocalOriginErrors");
  }
  const detection: L7OutlierDetection = {
    consecutive5xx: reader.count("consecutive5xxErrors") ?? 5,
    consecutiveGatewayErrors: reader.count("consecutiveGatewayErrors") ?? 0,
    intervalMs: reader.duration("interval") || 10_000,
    baseEjectionMs: reader.duration("baseEjectionTime") || 30_000,
    maxEjectionPercent: Math.min(100, reader.count("maxEjectionPercent") || 10),
    panicPercent: Math.min(100, reader.count("minHealthPercent") ?? 0),
  };
  reader.rest();
  return detection;
}

function readRetryBudget(reader: FieldReader | undefined): TrafficPolicyInput["retryBudget"] {
  if (reader === undefined) {
    return undefined;
  }
  const percent = reader.raw("percent");
  const written = typeof percent === "number" && percent >= 0 && percent <= 100 ? percent : undefined;
  if (percent !== undefined && percent !== null && written === undefined) {
    reader.report("percent");
  }
  const budget = { percent: written ?? 20, minConcurrency: reader.count("minRetryConcurrency") || 3 };
  reader.rest();
  return budget;
}
