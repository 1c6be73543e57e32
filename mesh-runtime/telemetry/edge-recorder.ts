import type { ConnectionDelta, EdgeLabels, RequestDelta, RequestShape, ResponseFlag } from "../api/telemetry.ts";
import { DeltaCounter, DurationHistogram } from "./counters.ts";
import { pathTemplate } from "./path-template.ts";

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
}

class RequestSeries {
  readonly count = new DeltaCounter();
  readonly requestBytes = new DeltaCounter();
  readonly responseBytes = new DeltaCounter();
  readonly durations = new DurationHistogram();
  readonly responseCode: number;
  readonly responseFlags: ResponseFlag;

  constructor(responseCode: number, responseFlags: ResponseFlag) {
    this.responseCode = responseCode;
    this.responseFlags = responseFlags;
  }
}

class ConnectionSeries {
  readonly opened = new DeltaCounter();
  readonly closed = new DeltaCounter();
  readonly sentBytes = new DeltaCounter();
  readonly receivedBytes = new DeltaCounter();
}

const shapesMax = 200;
const responseSeriesMax = 64;

/** The counters of one edge. Proxies keep it for as long as they keep the connection: recording does no look-up. */
export class EdgeRecorder {
  readonly labels: EdgeLabels;
  readonly requests = new Map<string, RequestSeries>();
  readonly connections = new Map<ResponseFlag, ConnectionSeries>();
  readonly #shapes = new Map<string, Omit<RequestShape, "labels" | "count"> & { count: number; lastUnixMs: number }>();
  readonly #now: () => number;
  lastUsedMs: number;

  constructor(labels: EdgeLabels, now: () => number) {
    this.labels = labels;
    this.#now = now;
    this.lastUsedMs = now();
  }

  request(outcome: RequestOutcome): void {
    const key = `${outcome.responseCode}|${outcome.responseFlags}`;
    let series = this.requests.get(key);
    if (series === undefined) {
      series =
        this.requests.size < responseSeriesMax
          ? new RequestSeries(outcome.responseCode, outcome.responseFlags)
          : (this.requests.values().next().value ?? new RequestSeries(0, "-"));
      this.requests.set(key, series);
    }
    series.count.total++;
    series.requestBytes.total += outcome.requestBytes;
    series.responseBytes.total += outcome.responseBytes;
    series.durations.record(outcome.durationMs);
    this.#shape(
      outcome.method,
      pathTemplate(outcome.path),
      outcome.destinationPort,
      outcome.responseCode,
      outcome.decision,
    );
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
    const lastUnixMs = this.#now();
    this.lastUsedMs = lastUnixMs;
    const known = this.#shapes.get(`${method} ${path} ${destinationPort} ${responseCode} ${decision}`);
    if (known !== undefined) {
      known.count++;
      known.lastUnixMs = lastUnixMs;
      return;
    }
    const shapePath = this.#shapes.size < shapesMax || path === "" ? path : "{other}";
    const key = `${method} ${shapePath} ${destinationPort} ${responseCode} ${decision}`;
    const other = this.#shapes.get(key);
    if (other !== undefined) {
      other.count++;
      other.lastUnixMs = lastUnixMs;
    } else if (this.#shapes.size < 2 * shapesMax) {
      this.#shapes.set(key, { method, path: shapePath, destinationPort, responseCode, decision, count: 1, lastUnixMs });
    }
  }

  /** What changed since the last call. */
  take(): { requests: RequestDelta[]; connections: ConnectionDelta[]; shapes: RequestShape[] } {
    const requests: RequestDelta[] = [];
    for (const series of new Set(this.requests.values())) {
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
          requestBytes: series.requestBytes.take(),
          responseBytes: series.responseBytes.take(),
        });
      }
    }
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
    const shapes = [...this.#shapes.values()].map((shape) => ({ labels: this.labels, ...shape }));
    this.#shapes.clear();
    return { requests, connections, shapes };
  }
}
