/** What is kept of the proxies' telemetry: identity of a series and its counts. Pure. */
import type { SeenName } from "@/mesh-runtime/api/seen-name.ts";
import {
  type ClusterDelta,
  type ConnectionDelta,
  type CopyDelta,
  type Denial,
  durationBoundsMs,
  type EdgeLabels,
  type RequestDelta,
  type RequestShape,
  type ResponseFlag,
  type ShadowDecision,
} from "@/mesh-runtime/api/telemetry.ts";

export interface RequestIdentity {
  readonly labels: EdgeLabels;
  readonly responseCode: number;
  readonly responseFlags: ResponseFlag;
  /** gRPC alone. */
  readonly grpcStatus?: number;
}
export interface RequestCounts {
  readonly count: number;
  readonly durationSumMs: number;
  /** One more than `durationBoundsMs`. */
  readonly buckets: readonly number[];
  readonly requestBytes: number;
  readonly responseBytes: number;
}

export interface ConnectionIdentity {
  readonly labels: EdgeLabels;
  readonly responseFlags: ResponseFlag;
}
export interface ConnectionCounts {
  readonly opened: number;
  readonly closed: number;
  readonly sentBytes: number;
  readonly receivedBytes: number;
}

export type DenialIdentity = Omit<Denial, "timeUnixMs" | "count" | "sourceIp" | "sourcePod" | "destinationPod">;
/** Count is exact, the rest is that of the newest. */
export interface DenialCounts {
  readonly count: number;
  readonly lastUnixMs: number;
  readonly sourceIp: string;
  readonly sourcePod: string;
  readonly destinationPod: string;
}

export type ShapeIdentity = Omit<RequestShape, "count" | "lastUnixMs">;
export interface ShapeCounts {
  readonly count: number;
  readonly lastUnixMs: number;
}

/** A cluster as one layer 7 proxy serves it. */
export type ClusterIdentity = Pick<ClusterDelta, "cluster" | "service" | "serviceNamespace"> & {
  readonly proxy: string;
};
/** What happened there on behalf of callers. */
export type ClusterCounts = Pick<ClusterDelta, (typeof clusterCounters)[number]>;
export const clusterCounters = [
  "retries",
  "retriesSucceeded",
  "retriesForbidden",
  "timeouts",
  "overflows",
  "rateLimited",
  "faultsInjected",
  "mirrored",
  "notMirrored",
  "ejections",
] as const;

/** Copies of requests to one service that were sent to another. */
export interface CopyIdentity {
  readonly of: Pick<ClusterDelta, "service" | "serviceNamespace">;
  readonly to: Pick<ClusterDelta, "service" | "serviceNamespace">;
}

/** Copies of requests to one service that another answered alike. */
export type CopyOutcomeIdentity = Omit<CopyDelta, "count" | "durationSumMs" | "durationBuckets">;
export type CopyOutcomeCounts = Pick<RequestCounts, "count" | "durationSumMs" | "buckets">;

/** A name that requests to a service carried, and in how many of those that were looked at. */
export type NameIdentity = Omit<SeenName, "count">;
export interface NameCounts {
  readonly count: number;
}

export type ShadowIdentity = Omit<ShadowDecision, "timeUnixMs" | "count">;

const labelKey = (labels: EdgeLabels): string => Object.values(labels).join("\u0001");
const join = (...parts: readonly (string | number)[]): string => parts.join("\u0002");

export const requestKey = (delta: RequestDelta | RequestIdentity): string =>
  delta.grpcStatus === undefined
    ? join(labelKey(delta.labels), delta.responseCode, delta.responseFlags)
    : join(labelKey(delta.labels), delta.responseCode, delta.responseFlags, delta.grpcStatus);
export const connectionKey = (delta: ConnectionDelta | ConnectionIdentity): string =>
  join(labelKey(delta.labels), delta.responseFlags);
export const shapeKey = (shape: ShapeIdentity): string =>
  join(labelKey(shape.labels), shape.destinationPort, shape.method, shape.path, shape.responseCode, shape.decision);
export const denialKey = (denial: DenialIdentity): string =>
  join(
    labelKey(denial.labels),
    denial.hop,
    denial.node,
    denial.reason,
    denial.policy,
    denial.rule,
    denial.attribute,
    denial.destinationPort,
    denial.method,
    denial.path,
    denial.host,
    denial.answer,
  );

export const clusterKey = ({ proxy, cluster }: ClusterIdentity): string => join(proxy, cluster);
export const shadowKey = (shadow: ShadowIdentity): string =>
  join(labelKey(shadow.labels), shadow.policy, shadow.rule, shadow.wouldBe, shadow.method, shadow.path);

export const copyKey = ({ of, to }: CopyIdentity): string =>
  join(of.serviceNamespace, of.service, to.serviceNamespace, to.service);

export const copyOutcomeKey = ({ of, to, responseCode, responseFlags, grpcStatus }: CopyOutcomeIdentity): string =>
  join(copyKey({ of, to }), responseCode, responseFlags, grpcStatus ?? "");

export const nameKey = ({ serviceNamespace, service, kind, name }: NameIdentity): string =>
  join(serviceNamespace, service, kind, name);

/** Sums change in place: a frame of the graph adds up hundreds of thousands of them. */
type Writable<T> = { -readonly [K in keyof T]: T[K] extends readonly number[] ? number[] : T[K] };

export const copyRequests = <C extends Pick<RequestCounts, "buckets">>(counts: C): C => ({
  ...counts,
  buckets: counts.buckets.slice(),
});

export function addRequests(sum: RequestCounts, more: RequestCounts): RequestCounts {
  const to = sum as Writable<RequestCounts>;
  to.count += more.count;
  to.durationSumMs += more.durationSumMs;
  to.requestBytes += more.requestBytes;
  to.responseBytes += more.responseBytes;
  addBuckets(to.buckets, more.buckets);
  return sum;
}

export function addCopyOutcomes(sum: CopyOutcomeCounts, more: CopyOutcomeCounts): CopyOutcomeCounts {
  const to = sum as Writable<CopyOutcomeCounts>;
  to.count += more.count;
  to.durationSumMs += more.durationSumMs;
  addBuckets(to.buckets, more.buckets);
  return sum;
}

function addBuckets(to: number[], more: readonly number[]): void {
  for (let index = 0; index < more.length; index++) {
    to[index] = (to[index] ?? 0) + (more[index] ?? 0);
  }
}

export function addConnections(sum: ConnectionCounts, more: ConnectionCounts): ConnectionCounts {
  const to = sum as Writable<ConnectionCounts>;
  to.opened += more.opened;
  to.closed += more.closed;
  to.sentBytes += more.sentBytes;
  to.receivedBytes += more.receivedBytes;
  return sum;
}

export function addDenials(sum: DenialCounts, more: DenialCounts): DenialCounts {
  const count = sum.count + more.count;
  return Object.assign(sum, more.lastUnixMs >= sum.lastUnixMs ? more : {}, { count });
}

export function addShapes(sum: ShapeCounts, more: ShapeCounts): ShapeCounts {
  const to = sum as Writable<ShapeCounts>;
  to.count += more.count;
  to.lastUnixMs = Math.max(to.lastUnixMs, more.lastUnixMs);
  return sum;
}

export function addNames(sum: NameCounts, more: NameCounts): NameCounts {
  (sum as Writable<NameCounts>).count += more.count;
  return sum;
}

export function addClusters(sum: ClusterCounts, more: ClusterCounts): ClusterCounts {
  const to = sum as Writable<ClusterCounts>;
  for (const counter of clusterCounters) {
    to[counter] = (to[counter] ?? 0) + (more[counter] ?? 0);
  }
  return sum;
}

/**
 * The value below which the share `q` (0 to 1) lies, in milliseconds, by linear interpolation within its bucket;
 * null without counts. The open last bucket answers its lower bound.
 */
export function quantileMs(buckets: readonly number[], q: number): number | null {
  const total = buckets.reduce((sum, count) => sum + count, 0);
  if (total === 0) {
    return null;
  }
  let rank = q * total;
  for (const [index, count] of buckets.entries()) {
    if (count > 0 && rank <= count) {
      const lower = durationBoundsMs[index - 1] ?? 0;
      const upper = durationBoundsMs[index] ?? lower;
      return lower + (upper - lower) * (rank / count);
    }
    rank -= count;
  }
  return durationBoundsMs[durationBoundsMs.length - 1] ?? null;
}
