import type { AccessRecord, ProxyStatus, SecuredEdge, TelemetryBatch } from "@/mesh-runtime/api/telemetry.ts";
import {
  addConnections,
  addDenials,
  addRequests,
  addShapes,
  type ConnectionCounts,
  type ConnectionIdentity,
  connectionKey,
  copyRequests,
  type DenialCounts,
  type DenialIdentity,
  denialKey,
  type RequestCounts,
  type RequestIdentity,
  requestKey,
  type ShapeCounts,
  type ShapeIdentity,
  shapeKey,
} from "./records.ts";
import { Slots } from "./slots.ts";

const accessMax = 5_000;
const securedMax = 20_000;
const proxiesMax = 2_000;
const batchesRemembered = 300;
const futureMs = 5_000;
const pastMs = 60 * 60_000;

/** The newest handshake of an edge, and since when no request went in plain text. */
export interface SecuredRecord {
  readonly edge: SecuredEdge;
  readonly sinceUnixMs: number;
}

const shallow = <D extends object>(counts: D): D => ({ ...counts });

/** Which part of a push a batch is; the two are retried apart. */
export type PushPart = "metrics" | "logs";

/**
 * Everything the proxies reported in the last hour, bounded. Written by the collector and by the reload at start,
 * read by graph, services, denials and impact.
 */
export class TelemetryMemory {
  readonly requests = new Slots<RequestIdentity, RequestCounts>({ add: addRequests, copy: copyRequests });
  readonly connections = new Slots<ConnectionIdentity, ConnectionCounts>({ add: addConnections, copy: shallow });
  readonly denials = new Slots<DenialIdentity, DenialCounts>({ add: addDenials, copy: shallow, seriesMax: 20_000 });
  readonly shapes = new Slots<ShapeIdentity, ShapeCounts>({ add: addShapes, copy: shallow });
  readonly secured = new Map<string, SecuredRecord>();
  readonly proxies = new Map<string, ProxyStatus & { seenUnixMs: number }>();
  readonly #access: AccessRecord[] = [];
  readonly #batches = new Map<string, Set<string>>();
  readonly #listeners = new Set<() => void>();
  /** When plain text was last seen on an edge. */
  readonly #plainMs = new Map<string, number>();
  newestUnixMs = 0;

  /** Newest last. */
  get access(): readonly AccessRecord[] {
    return this.#access;
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
      const { labels, responseCode, responseFlags, durationBuckets, ...counts } = delta;
      const identity = (): RequestIdentity => ({ labels, responseCode, responseFlags });
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
    for (const slots of [this.requests, this.connections, this.denials, this.shapes]) {
      slots.compact(nowMs);
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

const securedKey = (edge: SecuredEdge): string =>
  [edge.sourceNamespace, edge.sourceWorkload, edge.destinationNamespace, edge.destinationWorkload].join("/");

const securedKeyOfLabels = ({ labels }: ConnectionIdentity): string =>
  [
    labels.source_workload_namespace,
    labels.source_workload,
    labels.destination_workload_namespace,
    labels.destination_workload,
  ].join("/");
