import type { ResponseFlag } from "@/mesh-runtime/api/telemetry.ts";
import type {
  ConnectionCounts,
  ConnectionIdentity,
  DenialCounts,
  DenialIdentity,
  RequestCounts,
  RequestIdentity,
} from "@/server/telemetry/records.ts";
import { countsEdge, edgeId, type NodeFinder, type NodeRef } from "./node-ref.ts";

/** Records of one span of time. */
export interface TrafficRecords {
  readonly requests: Iterable<{ readonly identity: RequestIdentity; readonly counts: RequestCounts }>;
  readonly connections: Iterable<{ readonly identity: ConnectionIdentity; readonly counts: ConnectionCounts }>;
  readonly denials: Iterable<{ readonly identity: DenialIdentity; readonly counts: DenialCounts }>;
}

/** Everything counted on one edge. Mutable while it is collected. */
export interface EdgeTotals {
  readonly from: NodeRef;
  readonly to: NodeRef;
  protocol: "http" | "grpc" | "tcp";
  requests: number;
  connections: number;
  failedConnections: number;
  /** Requests by `<code> <flag>`. */
  readonly answers: Map<string, number>;
  /** Requests (or connections) by version of the destination. */
  readonly versions: Map<string, number>;
  buckets: number[];
  requestBytes: number;
  responseBytes: number;
  tcpBytes: number;
  /** Of requests and connections that got through. */
  secure: number;
  plain: number;
  secureConnections: number;
  plainConnections: number;
  /** Refusals that proxies explained. */
  denials: number;
  /** Requests that the caller's proxy saw refused by policy. */
  refusedRequests: number;
  refusedConnections: number;
  /** Copies of requests to `from` that its proxy sent to `to`: nobody waits for them, so nothing else counts them. */
  copies: number;
}

/** Flags of answers that a policy gave. */
const policyFlags: ReadonlySet<ResponseFlag> = new Set<ResponseFlag>(["DENY", "RBAC_ACCESS_DENIED", "UAEX", "RL"]);

/** Refused by policy, authorizer or rate limit: neither traffic that got through nor an error. */
export const isRefusal = (flag: ResponseFlag): boolean => policyFlags.has(flag);
/** How a refusal looks to a proxy that only saw the connection end. */
const cutFlags: ReadonlySet<string> = new Set(["UC", "UF", "TLS_FAILURE", "CONNECT"]);

/** Adds the records up by edge: one edge per caller and callee, whatever hop reported it. */
export function collectEdges(records: TrafficRecords, finder: NodeFinder): Map<string, EdgeTotals> {
  const edges = new Map<string, EdgeTotals>();
  const at = (from: NodeRef, to: NodeRef): EdgeTotals => {
    const id = edgeId(from, to);
    let edge = edges.get(id);
    if (edge === undefined) {
      edge = emptyTotals(from, to);
      edges.set(id, edge);
    }
    return edge;
  };
  for (const { identity, counts } of records.requests) {
    const { labels } = identity;
    if (!countsEdge(labels, identity.responseFlags, finder)) {
      continue;
    }
    const edge = at(finder.source(labels), finder.destination(labels));
    edge.protocol = labels.request_protocol === "grpc" ? "grpc" : "http";
    if (policyFlags.has(identity.responseFlags)) {
      edge.refusedRequests += counts.count;
      continue;
    }
    edge.requests += counts.count;
    const answer = `${identity.responseCode} ${identity.responseFlags}`;
    edge.answers.set(answer, (edge.answers.get(answer) ?? 0) + counts.count);
    const version = labels.destination_version;
    edge.versions.set(version, (edge.versions.get(version) ?? 0) + counts.count);
    for (const [index, count] of counts.buckets.entries()) {
      edge.buckets[index] = (edge.buckets[index] ?? 0) + count;
    }
    edge.requestBytes += counts.requestBytes;
    edge.responseBytes += counts.responseBytes;
    if (labels.connection_security_policy === "mutual_tls") {
      edge.secure += counts.count;
    } else if (labels.connection_security_policy === "none") {
      edge.plain += counts.count;
    }
  }
  for (const { identity, counts } of records.connections) {
    const { labels, responseFlags } = identity;
    if (!countsEdge(labels, responseFlags, finder)) {
      continue;
    }
    const edge = at(finder.source(labels), finder.destination(labels));
    edge.tcpBytes += counts.sentBytes + counts.receivedBytes;
    if (policyFlags.has(responseFlags)) {
      edge.refusedConnections += counts.opened;
      continue;
    }
    edge.connections += counts.opened;
    if (responseFlags !== "-") {
      edge.failedConnections += counts.opened;
    }
    if (labels.connection_security_policy === "mutual_tls") {
      edge.secureConnections += counts.opened;
    } else if (labels.connection_security_policy === "none") {
      edge.plainConnections += counts.opened;
    }
  }
  for (const { identity, counts } of records.denials) {
    at(finder.source(identity.labels), finder.destination(identity.labels)).denials += counts.count;
  }
  return edges;
}

export function emptyTotals(from: NodeRef, to: NodeRef): EdgeTotals {
  return {
    from,
    to,
    protocol: "tcp",
    requests: 0,
    connections: 0,
    failedConnections: 0,
    answers: new Map(),
    versions: new Map(),
    buckets: [],
    requestBytes: 0,
    responseBytes: 0,
    tcpBytes: 0,
    secure: 0,
    plain: 0,
    secureConnections: 0,
    plainConnections: 0,
    denials: 0,
    refusedRequests: 0,
    refusedConnections: 0,
    copies: 0,
  };
}

/** What the counts of an edge (or of several) say; layer 7 where there is any, else layer 4. */
export interface EdgeFigures {
  readonly unit: "requests" | "connections";
  readonly count: number;
  readonly errors: number;
  /** 4xx that no policy gave. */
  readonly clientErrors: number;
  readonly noAnswer: number;
  readonly denied: number;
  readonly mtlsShare: number | null;
}

export function figuresOf(edge: EdgeTotals): EdgeFigures {
  const http = edge.protocol !== "tcp";
  const denied = Math.max(edge.denials, http ? edge.refusedRequests : edge.refusedConnections);
  if (!http) {
    const secured = edge.secureConnections + edge.plainConnections;
    const cut = Math.min(edge.failedConnections, unexplained(denied, edge.refusedConnections));
    return {
      unit: "connections",
      count: edge.connections - cut,
      errors: edge.failedConnections - cut,
      clientErrors: 0,
      noAnswer: 0,
      denied,
      mtlsShare: secured === 0 ? null : edge.secureConnections / secured,
    };
  }
  let errors = 0;
  let clientErrors = 0;
  let noAnswer = 0;
  let cuts = 0;
  for (const [answer, count] of edge.answers) {
    const [code = "0", flag = "-"] = answer.split(" ");
    const status = Number(code);
    if (status === 0 || status >= 500) {
      errors += count;
      noAnswer += status === 0 ? count : 0;
      cuts += cutFlags.has(flag) ? count : 0;
    } else if (status >= 400) {
      clientErrors += count;
    }
  }
  // Plain text that is refused by a peer looks like a broken connection to the caller's proxy.
  const refusals = Math.min(cuts, unexplained(denied, edge.refusedRequests));
  const count = edge.requests - refusals;
  const secured = edge.secure + edge.plain - Math.min(refusals, edge.plain);
  return {
    unit: "requests",
    count,
    errors: errors - refusals,
    clientErrors,
    noAnswer: Math.max(0, noAnswer - refusals),
    denied,
    mtlsShare: count === 0 || secured === 0 ? null : edge.secure / secured,
  };
}

const unexplained = (denied: number, seen: number): number => Math.max(0, denied - seen);
