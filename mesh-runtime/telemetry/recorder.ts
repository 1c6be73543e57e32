import type {
  AccessRecord,
  ClusterDelta,
  Denial,
  EdgeLabels,
  ProxyStatus,
  SecuredEdge,
  ShadowDecision,
  Span,
  TelemetryBatch,
} from "../api/telemetry.ts";
import { CopyRecorder } from "./copy-recorder.ts";
import { EdgeRecorder } from "./edge-recorder.ts";
import { SeenNames } from "./seen-names.ts";

/** What a proxy says of a refusal; time and count are added here. */
export type DenialEvent = Omit<Denial, "timeUnixMs" | "count">;

/** What a proxy says of a dry-run policy that disagreed; time and count are added here. */
export type ShadowEvent = Omit<ShadowDecision, "timeUnixMs" | "count">;

export interface RecorderOptions {
  /** `ztunnel~<node>` or `<pod>.<namespace>`. */
  readonly proxy: string;
  readonly node: string;
  /** Asked at each push. */
  readonly status: () => ProxyStatus;
  /** Layer 7 proxies: what changed at each cluster since the last push; asked at each push. */
  readonly clusters?: () => ClusterDelta[];
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
  /** Share of requests whose access record is kept, 0 to 1; refused and failed ones always are (default 0.05). */
  readonly sampling?: number;
}

const edgesMax = 10_000;
const denialGroupsMax = 500;
const shadowGroupsMax = 500;
const accessMax = 200;
/** Of these, what sampled records leave to failed ones. */
const accessForFailedMax = 100;
const spansMax = 1_000;
const idleEdgeMs = 60 * 60_000;

/**
 * The memory of one proxy: counters per edge, refusals, the newest handshakes, a few access records and spans.
 * Everything is bounded; nothing leaves the process but through `take` (each second) and the Prometheus page.
 */
export class Recorder {
  readonly options: RecorderOptions;
  readonly edges = new Map<string, EdgeRecorder>();
  readonly names: SeenNames;
  readonly copies: CopyRecorder;
  readonly #now: () => number;
  readonly #startedMs: number;
  readonly #keys = new WeakMap<EdgeLabels, string>();
  #denials = new Map<string, Denial>();
  #shadows = new Map<string, ShadowDecision>();
  #secured = new Map<string, SecuredEdge>();
  #access: AccessRecord[] = [];
  #sampledAccess = 0;
  #spans: Span[] = [];
  #sequence = 0;

  constructor(options: RecorderOptions) {
    this.options = options;
    this.#now = options.now ?? Date.now;
    this.names = new SeenNames(this.#now);
    this.copies = new CopyRecorder(this.#now);
    this.#startedMs = this.#now();
  }

  /** The edge with these labels; keep it with the connection, until it is `retired`. */
  edge(labels: EdgeLabels): EdgeRecorder {
    const key = this.#keyOf(labels);
    let edge = this.edges.get(key);
    if (edge === undefined) {
      edge = new EdgeRecorder(labels, this.#now);
      if (this.edges.size < edgesMax) {
        this.edges.set(key, edge);
      }
    }
    return edge;
  }

  /** Requests of all edges since the start; edges that were idle for an hour are forgotten. */
  get requests(): number {
    let sum = 0;
    for (const { requests } of this.edges.values()) {
      for (const { count } of requests) {
        sum += count.total;
      }
    }
    return sum;
  }

  /** Counts a refusal with its reason. Alike ones are one record a second with an exact count. */
  denied(event: DenialEvent, times = 1): void {
    const key = [
      this.#keyOf(event.labels),
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
    this.#denials.set(key, { ...event, timeUnixMs: this.#now(), count: (known?.count ?? 0) + times });
  }

  /** Counts what a dry-run policy would have decided otherwise. */
  shadow(event: ShadowEvent, times = 1): void {
    const { policy, rule, attribute, wouldBe, method, path } = event;
    const key = [this.#keyOf(event.labels), policy, rule, attribute, wouldBe, method, path].join("|");
    const known = this.#shadows.get(key);
    if (known !== undefined || this.#shadows.size < shadowGroupsMax) {
      this.#shadows.set(key, { ...event, timeUnixMs: this.#now(), count: (known?.count ?? 0) + times });
    }
  }

  /** Notes the mutual TLS of an edge; the newest handshake wins. */
  secured(edge: SecuredEdge): void {
    const key = `${edge.sourcePrincipal}|${edge.sourceWorkload}|${edge.destinationPrincipal}|${edge.destinationWorkload}`;
    if (this.#secured.has(key) || this.#secured.size < edgesMax) {
      this.#secured.set(key, edge);
    }
  }

  /** Whether an access record is wanted; ask before making one. Failed ones are kept before sampled ones. */
  wantsAccess(failed: boolean): boolean {
    return failed
      ? this.#access.length < accessMax
      : this.#sampledAccess < accessMax - accessForFailedMax && Math.random() < (this.options.sampling ?? 0.05);
  }

  /** Takes an access record that `wantsAccess` asked for. */
  keepAccess(record: AccessRecord): void {
    if (this.#access.length < accessMax) {
      this.#access.push(record);
      this.#sampledAccess += isFailed(record) ? 0 : 1;
    }
  }

  /** Offers an access record: it is kept as `wantsAccess` says. */
  access(record: AccessRecord): void {
    if (this.wantsAccess(isFailed(record))) {
      this.keepAccess(record);
    }
  }

  /** Takes a span of a sampled trace. */
  span(span: Span): void {
    if (this.#spans.length < spansMax) {
      this.#spans.push(span);
    }
  }

  /** Takes over what another thread of this proxy recorded; its clusters and status are for the owner to merge. */
  absorb(batch: TelemetryBatch): void {
    for (const delta of batch.requests) {
      this.edge(delta.labels).addRequests(delta);
    }
    for (const delta of batch.connections) {
      this.edge(delta.labels).addConnections(delta);
    }
    for (const shape of batch.shapes) {
      this.edge(shape.labels).addShape(shape);
    }
    for (const denial of batch.denials) {
      this.denied(denial, denial.count);
    }
    for (const shadow of batch.shadows) {
      this.shadow(shadow, shadow.count);
    }
    for (const record of batch.access) {
      this.keepAccess(record);
    }
    for (const edge of batch.secured) {
      this.secured(edge);
    }
    for (const span of batch.spans) {
      this.span(span);
    }
    for (const name of batch.names) {
      this.names.absorb(name);
    }
    for (const delta of batch.copies) {
      this.copies.absorb(delta);
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
      clusters: this.options.clusters?.() ?? [],
      shadows: [...this.#shadows.values()],
      copies: this.copies.take(),
      names: this.names.take(),
      spans: this.#spans,
      status: [this.options.status()],
    };
    this.#denials = new Map();
    this.#shadows = new Map();
    this.#secured = new Map();
    this.#access = [];
    this.#sampledAccess = 0;
    this.#spans = [];
    for (const [key, edge] of this.edges) {
      const { requests, connections, shapes } = edge.take();
      batch.requests.push(...requests);
      batch.connections.push(...connections);
      batch.shapes.push(...shapes);
      if (now - edge.lastUsedMs > idleEdgeMs) {
        edge.retired = true;
        this.edges.delete(key);
      }
    }
    return batch;
  }

  /** Labels are joined once per object; proxies keep them. */
  #keyOf(labels: EdgeLabels): string {
    let key = this.#keys.get(labels);
    if (key === undefined) {
      key = Object.values(labels).join("|");
      this.#keys.set(labels, key);
    }
    return key;
  }
}

const isFailed = ({ responseCode }: AccessRecord): boolean => responseCode >= 400 || responseCode === 0;
