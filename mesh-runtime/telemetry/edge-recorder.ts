import type { ConnectionDelta, EdgeLabels, RequestDelta, RequestShape, ResponseFlag } from "../api/telemetry.ts";
import { DeltaCounter, DurationHistogram, SizeHistogram } from "./counters.ts";
import { RequestShapes } from "./request-shapes.ts";

/** One finished request, as a proxy saw it. */
export interface RequestOutcome {
  readonly method: string;
  /** As received; its template is kept, never the path itself. */
  readonly path: string;
  /** The pod's port. */
  readonly destinationPort: number;
  /** 0 when no answer could be given. */
  readonly responseCode: number;
  readonly responseFlags: ResponseFlag;
  readonly decision: "allowed" | "denied";
  readonly durationMs: number;
  readonly requestBytes: number;
  readonly responseBytes: number;
  /** gRPC only: its status, and messages both ways. */
  readonly grpcStatus?: number;
  readonly requestMessages?: number;
  readonly responseMessages?: number;
}

/** Requests of an edge that were answered alike. */
export class RequestSeries {
  readonly count = new DeltaCounter();
  readonly requestBytes = new SizeHistogram();
  readonly responseBytes = new SizeHistogram();
  readonly requestMessages = new DeltaCounter();
  readonly responseMessages = new DeltaCounter();
  readonly durations = new DurationHistogram();
  readonly responseCode: number;
  readonly responseFlags: ResponseFlag;
  /** -1: no gRPC. */
  readonly grpcStatus: number;

  constructor(responseCode: number, responseFlags: ResponseFlag, grpcStatus: number) {
    this.responseCode = responseCode;
    this.responseFlags = responseFlags;
    this.grpcStatus = grpcStatus;
  }
}

class ConnectionSeries {
  readonly opened = new DeltaCounter();
  readonly closed = new DeltaCounter();
  readonly sentBytes = new DeltaCounter();
  readonly receivedBytes = new DeltaCounter();
}

const responseSeriesMax = 64;

/** The counters of one edge. Proxies keep it for as long as they keep the connection: recording does no look-up. */
export class EdgeRecorder {
  readonly labels: EdgeLabels;
  readonly requests: RequestSeries[] = [];
  readonly connections = new Map<ResponseFlag, ConnectionSeries>();
  readonly #byFlag = new Map<ResponseFlag, Map<number, RequestSeries>>();
  readonly #shapes = new RequestShapes();
  readonly #now: () => number;
  lastUsedMs: number;
  /** The recorder has let go of it: ask for the edge again. */
  retired = false;

  constructor(labels: EdgeLabels, now: () => number) {
    this.labels = labels;
    this.#now = now;
    this.lastUsedMs = now();
  }

  request(outcome: RequestOutcome): void {
    const grpcStatus = outcome.grpcStatus ?? -1;
    const series = this.#requestSeries(outcome.responseCode, outcome.responseFlags, grpcStatus);
    series.count.total++;
    series.requestBytes.record(outcome.requestBytes);
    series.responseBytes.record(outcome.responseBytes);
    series.durations.record(outcome.durationMs);
    series.requestMessages.total += outcome.requestMessages ?? 0;
    series.responseMessages.total += outcome.responseMessages ?? 0;
    this.#shape(outcome.method, outcome.path, outcome.destinationPort, outcome.responseCode, outcome.decision);
  }

  connectionOpened(destinationPort: number): void {
    this.#series("-").opened.total++;
    this.#shape("", "", destinationPort, 0, "allowed");
  }

  /** A connection that was refused by policy or could not be made: opened and closed at once, with its flag. */
  connectionRefused(destinationPort: number, flag: ResponseFlag): void {
    const series = this.#series(flag);
    series.opened.total++;
    series.closed.total++;
    this.#shape("", "", destinationPort, 0, "denied");
  }

  connectionClosed(flag: ResponseFlag = "-"): void {
    this.#series(flag).closed.total++;
  }

  /** Bytes so far; call it as they pass, long connections must show. `sent` is towards the destination. */
  bytes(sent: number, received: number): void {
    const series = this.#series("-");
    series.sentBytes.total += sent;
    series.receivedBytes.total += received;
  }

  /** Takes over what another thread counted on the same edge. */
  addRequests(delta: RequestDelta): void {
    const series = this.#requestSeries(delta.responseCode, delta.responseFlags, delta.grpcStatus ?? -1);
    series.count.total += delta.count;
    series.requestBytes.add(delta.requestBytes, delta.count);
    series.responseBytes.add(delta.responseBytes, delta.count);
    series.durations.add(delta.durationBuckets, delta.durationSumMs);
    series.requestMessages.total += delta.requestMessages ?? 0;
    series.responseMessages.total += delta.responseMessages ?? 0;
    this.lastUsedMs = this.#now();
  }

  addConnections(delta: ConnectionDelta): void {
    const series = this.#series(delta.responseFlags);
    series.opened.total += delta.opened;
    series.closed.total += delta.closed;
    series.sentBytes.total += delta.sentBytes;
    series.receivedBytes.total += delta.receivedBytes;
  }

  addShape({ method, path, destinationPort, responseCode, decision, lastUnixMs, count }: RequestShape): void {
    this.#shapes.count(method, path, destinationPort, responseCode, decision, lastUnixMs, count);
  }

  #requestSeries(responseCode: number, flag: ResponseFlag, grpcStatus: number): RequestSeries {
    const key = responseCode + 1000 * (grpcStatus + 1);
    let byCode = this.#byFlag.get(flag);
    if (byCode === undefined) {
      byCode = new Map();
      this.#byFlag.set(flag, byCode);
    }
    let series = byCode.get(key);
    if (series === undefined) {
      const overflow = this.requests.length < responseSeriesMax ? undefined : this.requests[0];
      series = overflow ?? new RequestSeries(responseCode, flag, grpcStatus);
      if (overflow === undefined) {
        this.requests.push(series);
      }
      byCode.set(key, series);
    }
    return series;
  }

  #series(flag: ResponseFlag): ConnectionSeries {
    let series = this.connections.get(flag);
    if (series === undefined) {
      series = new ConnectionSeries();
      this.connections.set(flag, series);
    }
    this.lastUsedMs = this.#now();
    return series;
  }

  #shape(
    method: string,
    path: string,
    destinationPort: number,
    responseCode: number,
    decision: "allowed" | "denied",
  ): void {
    const now = this.#now();
    this.lastUsedMs = now;
    this.#shapes.count(method, path, destinationPort, responseCode, decision, now);
  }

  /** What changed since the last call. */
  take(): { requests: RequestDelta[]; connections: ConnectionDelta[]; shapes: RequestShape[] } {
    return {
      requests: this.#takeRequests(),
      connections: this.#takeConnections(),
      shapes: this.#shapes.take(this.labels),
    };
  }

  #takeRequests(): RequestDelta[] {
    const requests: RequestDelta[] = [];
    for (const series of this.requests) {
      const count = series.count.take();
      if (count > 0) {
        const { buckets, sumMs } = series.durations.take();
        requests.push({
          labels: this.labels,
          responseCode: series.responseCode,
          responseFlags: series.responseFlags,
          count,
          durationSumMs: sumMs,
          durationBuckets: buckets,
          requestBytes: series.requestBytes.sum.take(),
          responseBytes: series.responseBytes.sum.take(),
          ...(series.grpcStatus < 0
            ? {}
            : {
                grpcStatus: series.grpcStatus,
                requestMessages: series.requestMessages.take(),
                responseMessages: series.responseMessages.take(),
              }),
        });
      }
    }
    return requests;
  }

  #takeConnections(): ConnectionDelta[] {
    const connections: ConnectionDelta[] = [];
    for (const [responseFlags, series] of this.connections) {
      const deltas = {
        opened: series.opened.take(),
        closed: series.closed.take(),
        sentBytes: series.sentBytes.take(),
        receivedBytes: series.receivedBytes.take(),
      };
      if (deltas.opened + deltas.closed + deltas.sentBytes + deltas.receivedBytes > 0) {
        connections.push({ labels: this.labels, responseFlags, ...deltas });
      }
    }
    return connections;
  }
}
