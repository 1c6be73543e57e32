import type { AccessRecord, Denial, EdgeLabels, ProxyStatus, SecuredEdge, TelemetryBatch } from "../api/telemetry.ts";
import { EdgeRecorder } from "./edge-recorder.ts";

/** What a proxy says of a refusal; time and count are added here. */
export type DenialEvent = Omit<Denial, "timeUnixMs" | "count">;

export interface RecorderOptions {
  /** `ztunnel~<node>` or `<pod>.<namespace>`. */
  readonly proxy: string;
  readonly node: string;
  /** Asked at each push. */
  readonly status: () => ProxyStatus;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
  /** Share of requests whose access record is kept, 0 to 1; refused and failed ones always are (default 0.05). */
  readonly sampling?: number;
}

const edgesMax = 10_000;
const denialGroupsMax = 500;
const accessMax = 200;
const idleEdgeMs = 60 * 60_000;

/**
 * The memory of one proxy: counters per edge, refusals, the newest handshakes, a few access records. Everything is
 * bounded; nothing leaves the process but through `take` (each second) and the Prometheus page.
 */
export class Recorder {
  readonly options: RecorderOptions;
  readonly edges = new Map<string, EdgeRecorder>();
  readonly #now: () => number;
  readonly #startedMs: number;
  #denials = new Map<string, Denial>();
  #secured = new Map<string, SecuredEdge>();
  #access: AccessRecord[] = [];
  #sequence = 0;

  constructor(options: RecorderOptions) {
    this.options = options;
    this.#now = options.now ?? Date.now;
    this.#startedMs = this.#now();
  }

  /** The edge with these labels; keep it with the connection. */
  edge(labels: EdgeLabels): EdgeRecorder {
    const key = Object.values(labels).join("|");
    let edge = this.edges.get(key);
    if (edge === undefined) {
      edge = new EdgeRecorder(labels, this.#now);
      if (this.edges.size < edgesMax) {
        this.edges.set(key, edge);
      }
    }
    return edge;
  }

  /** Counts a refusal with its reason. Alike ones are one record a second with an exact count. */
  denied(event: DenialEvent): void {
    const { labels } = event;
    const key = [
      Object.values(labels).join("|"),
      event.reason,
      event.policy,
      event.rule,
      event.attribute,
      event.method,
      event.path,
      event.destinationPort,
    ].join("|");
    const known = this.#denials.get(key);
    if (known === undefined && this.#denials.size >= denialGroupsMax) {
      return;
    }
    this.#denials.set(key, { ...event, timeUnixMs: this.#now(), count: (known?.count ?? 0) + 1 });
  }

  /** Notes the mutual TLS of an edge; the newest handshake wins. */
  secured(edge: SecuredEdge): void {
    const key = `${edge.sourcePrincipal}|${edge.sourceWorkload}|${edge.destinationPrincipal}|${edge.destinationWorkload}`;
    if (this.#secured.has(key) || this.#secured.size < edgesMax) {
      this.#secured.set(key, edge);
    }
  }

  /** Offers an access record; failed ones are kept before sampled ones. */
  access(record: AccessRecord): void {
    const failed = record.responseCode >= 400 || record.responseCode === 0;
    if (this.#access.length < accessMax && (failed || Math.random() < (this.options.sampling ?? 0.05))) {
      this.#access.push(record);
    }
  }

  /** Everything since the last call, as one push. */
  take(): TelemetryBatch {
    const now = this.#now();
    const batch: TelemetryBatch = {
      proxy: this.options.proxy,
      node: this.options.node,
      batch: `${this.#startedMs}-${++this.#sequence}`,
      requests: [],
      connections: [],
      denials: [...this.#denials.values()],
      shapes: [],
      access: this.#access,
      secured: [...this.#secured.values()],
      status: [this.options.status()],
    };
    this.#denials = new Map();
    this.#secured = new Map();
    this.#access = [];
    for (const [key, edge] of this.edges) {
      const { requests, connections, shapes } = edge.take();
      batch.requests.push(...requests);
      batch.connections.push(...connections);
      batch.shapes.push(...shapes);
      if (now - edge.lastUsedMs > idleEdgeMs) {
        this.edges.delete(key);
      }
    }
    return batch;
  }
}
