import type {
  AccessRecord,
  ClusterDelta,
  ProxyStatus,
  SecuredEdge,
  Span,
  TelemetryBatch,
} from "@/mesh-runtime/api/telemetry.ts";
import {
  addClusters,
  addConnections,
  addCopyOutcomes,
  addDenials,
  addNames,
  addRequests,
  addShapes,
  type ClusterCounts,
  type ClusterIdentity,
  type ConnectionCounts,
  type ConnectionIdentity,
  type CopyIdentity,
  type CopyOutcomeCounts,
  type CopyOutcomeIdentity,
  clusterKey,
  connectionKey,
  copyKey,
  copyOutcomeKey,
  copyRequests,
  type DenialCounts,
  type DenialIdentity,
  denialKey,
  type NameCounts,
  type NameIdentity,
  nameKey,
  type RequestCounts,
  type RequestIdentity,
  requestKey,
  type ShadowIdentity,
  type ShapeCounts,
  type ShapeIdentity,
  shadowKey,
  shapeKey,
} from "./records.ts";
import { Slots } from "./slots.ts";

const accessMax = 5_000;
const securedMax = 20_000;
const proxiesMax = 2_000;
const clusterStatesMax = 5_000;
const spansMax = 10_000;
const batchesRemembered = 300;
const futureMs = 5_000;
const pastMs = 60 * 60_000;

/** The newest handshake of an edge, and since when no request went in plain text. */
export interface SecuredRecord {
  readonly edge: SecuredEdge;
  readonly sinceUnixMs: number;
}

const shallow = <D extends object>(counts: D): D => ({ ...counts });

/** Which part of a push a batch is; they are retried apart. */
export type PushPart = "metrics" | "logs" | "traces";

/**
 * Everything the proxies reported in the last hour, bounded. Written by the collector and by the reload at start,
 * read by graph, services, denials and impact.
 */
export class TelemetryMemory {
  readonly requests = new Slots<RequestIdentity, RequestCounts>({ add: addRequests, copy: copyRequests });
  readonly connections = new Slots<ConnectionIdentity, ConnectionCounts>({ add: addConnections, copy: shallow });
  readonly denials = new Slots<DenialIdentity, DenialCounts>({ add: addDenials, copy: shallow, seriesMax: 20_000 });
  readonly shapes = new Slots<ShapeIdentity, ShapeCounts>({ add: addShapes, copy: shallow });
  readonly clusters = new Slots<ClusterIdentity, ClusterCounts>({ add: addClusters, copy: shallow });
  readonly shadows = new Slots<ShadowIdentity, ShapeCounts>({ add: addShapes, copy: shallow });
  readonly names = new Slots<NameIdentity, NameCounts>({ add: addNames, copy: shallow, seriesMax: 20_000 });
  readonly copies = new Slots<CopyIdentity, NameCounts>({ add: addNames, copy: shallow });
  /** What became of copies; no part of `requests`, since nobody called. */
  readonly copyOutcomes = new Slots<CopyOutcomeIdentity, CopyOutcomeCounts>({
    add: addCopyOutcomes,
    copy: copyRequests,
    seriesMax: 20_000,
  });
  /** How the endpoints of each cluster stand, as the newest push of each proxy said. */
  readonly clusterStates = new Map<string, ClusterDelta & { readonly proxy: string; readonly seenUnixMs: number }>();
  readonly secured = new Map<string, SecuredRecord>();
  readonly proxies = new Map<string, ProxyStatus & { seenUnixMs: number }>();
  readonly #access: AccessRecord[] = [];
  readonly #spans: Span[] = [];
  readonly #batches = new Map<string, Set<string>>();
  readonly #listeners = new Set<() => void>();
  /** When plain text was last seen on an edge. */
  readonly #plainMs = new Map<string, number>();
  newestUnixMs = 0;

  /** Newest last. */
  get access(): readonly AccessRecord[] {
    return this.#access;
  }

  /** Spans of one trace that are still remembered, by start. */
  trace(traceId: string): readonly Span[] {
    return this.#spans
      .filter((span) => span.traceId === traceId)
      .sort((one, other) => one.startUnixMs - other.startUnixMs);
  }

  /** Called after each batch. */
  onBatch(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Takes one part of a push; a batch that was taken before (its answer got lost) is left out. */
  take(part: PushPart, batch: TelemetryBatch, pushedUnixMs: number, nowMs: number): boolean {
    if (this.#seen(`${part} ${batch.proxy}`, batch.batch)) {
      return false;
    }
    const timeMs = Math.min(Math.max(pushedUnixMs, nowMs - pastMs), nowMs + futureMs);
    for (const delta of batch.requests) {
      const { labels, responseCode, responseFlags, grpcStatus, durationBuckets, ...counts } = delta;
      const identity = (): RequestIdentity => ({
        labels,
        responseCode,
        responseFlags,
        ...(grpcStatus === undefined ? {} : { grpcStatus }),
      });
      this.requests.record(requestKey(delta), identity, { ...counts, buckets: durationBuckets }, timeMs);
      if (labels.connection_security_policy === "none" && delta.count > 0) {
        this.#plain(securedKeyOfLabels(delta), timeMs);
      }
    }
    for (const delta of batch.connections) {
      const { labels, responseFlags, ...counts } = delta;
      this.connections.record(connectionKey(delta), () => ({ labels, responseFlags }), counts, timeMs);
      if (labels.connection_security_policy === "none" && delta.opened > 0) {
        this.#plain(securedKeyOfLabels(delta), timeMs);
      }
    }
    for (const denial of batch.denials) {
      const { timeUnixMs, count, sourceIp, sourcePod, destinationPod, ...identity } = denial;
      const counts = { count, lastUnixMs: timeUnixMs, sourceIp, sourcePod, destinationPod };
      this.denials.record(denialKey(identity), () => identity, counts, timeMs);
    }
    for (const { count, lastUnixMs, ...identity } of batch.shapes) {
      this.shapes.record(shapeKey(identity), () => identity, { count, lastUnixMs }, timeMs);
    }
    this.#access.push(...batch.access);
    this.#access.splice(0, Math.max(0, this.#access.length - accessMax));
    for (const delta of batch.clusters) {
      const identity = { ...pick(delta), proxy: batch.proxy };
      const key = clusterKey(identity);
      this.clusters.record(key, () => identity, countsOf(delta), timeMs);
      for (const { count, ...of } of delta.copiesOf ?? []) {
        const copied = { of, to: { service: delta.service, serviceNamespace: delta.serviceNamespace } };
        this.copies.record(copyKey(copied), () => copied, { count }, timeMs);
      }
      if (this.clusterStates.has(key) || this.clusterStates.size < clusterStatesMax) {
        this.clusterStates.set(key, { ...delta, proxy: batch.proxy, seenUnixMs: nowMs });
      }
    }
    for (const { count, durationSumMs, durationBuckets: buckets, ...identity } of batch.copies) {
      this.copyOutcomes.record(copyOutcomeKey(identity), () => identity, { count, durationSumMs, buckets }, timeMs);
    }
    for (const { timeUnixMs, count, ...identity } of batch.shadows) {
      this.shadows.record(shadowKey(identity), () => identity, { count, lastUnixMs: timeUnixMs }, timeMs);
    }
    for (const { count, ...identity } of batch.names) {
      this.names.record(nameKey(identity), () => identity, { count }, timeMs);
    }
    this.#spans.push(...batch.spans);
    this.#spans.splice(0, Math.max(0, this.#spans.length - spansMax));
    for (const edge of batch.secured) {
      this.#secure(edge);
    }
    for (const status of batch.status) {
      if (this.proxies.has(status.proxy) || this.proxies.size < proxiesMax) {
        this.proxies.set(status.proxy, { ...status, seenUnixMs: nowMs });
      }
    }
    this.newestUnixMs = Math.max(this.newestUnixMs, timeMs);
    for (const listener of this.#listeners) {
      listener();
    }
    return true;
  }

  /** Puts back what the database remembered. */
  restoreSecured(record: SecuredRecord): void {
    const key = securedKey(record.edge);
    const known = this.secured.get(key);
    if (known === undefined || known.edge.timeUnixMs < record.edge.timeUnixMs) {
      this.secured.set(key, record);
    }
  }

  /** Coarsens and drops what is old. */
  compact(nowMs: number): void {
    for (const slots of [
      this.requests,
      this.connections,
      this.denials,
      this.shapes,
      this.clusters,
      this.shadows,
      this.names,
      this.copies,
      this.copyOutcomes,
    ]) {
      slots.compact(nowMs);
    }
    for (const [key, { seenUnixMs }] of this.clusterStates) {
      if (seenUnixMs < nowMs - pastMs) {
        this.clusterStates.delete(key);
      }
    }
    for (const [key, { edge }] of this.secured) {
      if (edge.timeUnixMs < nowMs - pastMs) {
        this.secured.delete(key);
      }
    }
    for (const [proxy, { seenUnixMs }] of this.proxies) {
      if (seenUnixMs < nowMs - pastMs) {
        this.proxies.delete(proxy);
      }
    }
  }

  #secure(edge: SecuredEdge): void {
    const key = securedKey(edge);
    const known = this.secured.get(key);
    const plainMs = this.#plainMs.get(key) ?? 0;
    // A break: plain text came after the lock closed last.
    const sinceUnixMs =
      known === undefined || plainMs > known.sinceUnixMs ? Math.max(plainMs, edge.timeUnixMs) : known.sinceUnixMs;
    if (known !== undefined || this.secured.size < securedMax) {
      this.secured.set(key, { edge, sinceUnixMs });
    }
  }

  #plain(key: string, timeMs: number): void {
    if (this.#plainMs.has(key) || this.#plainMs.size < securedMax) {
      this.#plainMs.set(key, timeMs);
    }
  }

  #seen(source: string, batch: string): boolean {
    let known = this.#batches.get(source);
    if (known === undefined) {
      known = new Set();
      this.#batches.set(source, known);
    }
    if (batch !== "" && known.has(batch)) {
      return true;
    }
    known.add(batch);
    if (known.size > batchesRemembered) {
      const [oldest] = known;
      known.delete(oldest ?? "");
    }
    return false;
  }
}

const pick = ({ cluster, service, serviceNamespace }: ClusterDelta) => ({ cluster, service, serviceNamespace });

function countsOf(delta: ClusterDelta): ClusterCounts {
  const { retries, retriesSucceeded, retriesForbidden, timeouts, overflows } = delta;
  const { rateLimited, faultsInjected, mirrored, notMirrored = 0, ejections } = delta;
  return {
    retries,
    retriesSucceeded,
    retriesForbidden,
    timeouts,
    overflows,
    rateLimited,
    faultsInjected,
    mirrored,
    notMirrored,
    ejections,
  };
}

const securedKey = (edge: SecuredEdge): string =>
  [edge.sourceNamespace, edge.sourceWorkload, edge.destinationNamespace, edge.destinationWorkload].join("/");

const securedKeyOfLabels = ({ labels }: ConnectionIdentity): string =>
  [
    labels.source_workload_namespace,
    labels.source_workload,
    labels.destination_workload_namespace,
    labels.destination_workload,
  ].join("/");
