import type { SecuredEdge } from "../api/telemetry.ts";
import type { PooledConnection } from "../hbone/pool.ts";
import type { ExchangeOutcome } from "../l7/exchange-outcome.ts";
import type { Endpoint, MeshView } from "../l7/mesh-view.ts";
import { traceIdOf } from "../l7/trace-context.ts";
import type { Decision } from "../policy/model.ts";
import type { EdgeRecorder } from "../telemetry/edge-recorder.ts";
import type { Recorder } from "../telemetry/recorder.ts";
import type { L7Backend, Workload } from "../xds/model.ts";
import type { GatewayConfig } from "./config.ts";
import { inboundLabels, outboundLabels } from "./edge-labels.ts";

/** Longest text that the telemetry contract carries. */
const textMax = 512;
/** The recorder forgets edges that are idle for an hour; ask it again well before. */
const edgeTrustMs = 30 * 60_000;

const clip = (text: string): string => (text.length > textMax ? text.slice(0, textMax) : text);

/** Counts exchanges on both edges: outside to gateway, gateway to backend. */
export class GatewayTelemetry {
  readonly #config: GatewayConfig;
  readonly #recorder: Recorder;
  readonly #sampling: number;
  readonly #inboundLabels: ReturnType<typeof inboundLabels>;
  #inbound: EdgeRecorder;
  /** By workload (replaced when it changes) and service. */
  readonly #outbound = new WeakMap<Workload, Map<string, EdgeRecorder>>();

  constructor(config: GatewayConfig, recorder: Recorder, { sampling = 0.05 }: { sampling?: number } = {}) {
    this.#config = config;
    this.#recorder = recorder;
    this.#sampling = sampling;
    this.#inboundLabels = inboundLabels(config);
    this.#inbound = recorder.edge(this.#inboundLabels);
  }

  /** Takes one finished exchange. */
  record(outcome: ExchangeOutcome): void {
    const { backend, endpoint, denial, flag } = outcome;
    const refused = denial !== undefined;
    const counted = {
      method: clip(outcome.method),
      path: outcome.path,
      responseCode: outcome.status,
      responseFlags: flag,
      durationMs: outcome.durationMs,
      requestBytes: outcome.requestBytes,
      responseBytes: outcome.responseBytes,
    };
    this.#inbound = this.#fresh(this.#inbound);
    this.#inbound.request({ ...counted, destinationPort: outcome.port, decision: refused ? "denied" : "allowed" });
    if (backend !== undefined && backend.service !== "") {
      const edge = this.#outboundEdge(backend, endpoint);
      const decision = flag === "DENY" ? "denied" : "allowed";
      edge.request({ ...counted, destinationPort: endpoint?.port ?? backend.port, decision });
      this.#access(outcome, edge);
    } else {
      this.#access(outcome, this.#inbound);
    }
    if (refused) {
      this.#denied(outcome, denial);
    }
  }

  /** Notes the mutual TLS of all connections to peers; call it about once a second. */
  secured(connections: readonly PooledConnection[], view: MeshView, nowMs: number): void {
    const edges = new Map<string, SecuredEdge>();
    for (const connection of connections) {
      const workload = view.workloadAt(connection.address);
      const key = `${connection.peer.info.spiffeId} ${workload?.workloadName ?? connection.address}`;
      const { source, peer, tlsVersion, cipher } = connection;
      edges.set(key, {
        timeUnixMs: nowMs,
        sourcePrincipal: withoutScheme(source.info.spiffeId),
        destinationPrincipal: withoutScheme(peer.info.spiffeId),
        sourceWorkload: this.#config.workloadName,
        sourceNamespace: this.#config.namespace,
        destinationWorkload: workload?.workloadName ?? "unknown",
        destinationNamespace: workload?.namespace ?? "unknown",
        tlsVersion,
        cipher,
        sourceCertificate: certificateOf(source.info),
        destinationCertificate: certificateOf(peer.info),
        connections: (edges.get(key)?.connections ?? 0) + 1,
      });
    }
    for (const edge of edges.values()) {
      this.#recorder.secured(edge);
    }
  }

  #outboundEdge(backend: L7Backend, endpoint: Endpoint | undefined): EdgeRecorder {
    if (endpoint === undefined) {
      return this.#recorder.edge(outboundLabels(this.#config, backend, undefined));
    }
    let edges = this.#outbound.get(endpoint.workload);
    if (edges === undefined) {
      edges = new Map();
      this.#outbound.set(endpoint.workload, edges);
    }
    const known = edges.get(backend.service);
    const edge =
      known === undefined ? this.#recorder.edge(outboundLabels(this.#config, backend, endpoint)) : this.#fresh(known);
    if (edge !== known) {
      edges.set(backend.service, edge);
    }
    return edge;
  }

  #fresh(edge: EdgeRecorder): EdgeRecorder {
    return Date.now() - edge.lastUsedMs > edgeTrustMs ? this.#recorder.edge(edge.labels) : edge;
  }

  #access(outcome: ExchangeOutcome, { labels }: EdgeRecorder): void {
    const failed = outcome.status >= 400 || outcome.status === 0;
    if (!failed && Math.random() >= this.#sampling) {
      return;
    }
    this.#recorder.access({
      timeUnixMs: Date.now(),
      labels,
      method: clip(outcome.method),
      path: clip(outcome.path),
      responseCode: outcome.status,
      responseFlags: outcome.flag,
      durationMs: outcome.durationMs,
      requestBytes: outcome.requestBytes,
      responseBytes: outcome.responseBytes,
      sourcePod: `${this.#config.namespace}/${this.#config.podName}`,
      destinationPod:
        outcome.endpoint === undefined
          ? ""
          : `${outcome.endpoint.workload.namespace}/${outcome.endpoint.workload.name}`,
      traceId: outcome.traceparent === "" ? "" : traceIdOf(outcome.traceparent),
    });
  }

  #denied(outcome: ExchangeOutcome, decision: Decision): void {
    const { reason } = decision;
    if (reason === "no-policy-applies" || reason === "allowed-by-policy") {
      return;
    }
    this.#recorder.denied({
      labels: this.#inboundLabels,
      hop: "gateway",
      node: this.#config.node,
      reason,
      policy: decision.policy ?? "",
      rule: decision.rule ?? -1,
      attribute: decision.attribute ?? "none",
      evaluated: decision.evaluated.slice(0, 64),
      destinationPort: outcome.port,
      method: clip(outcome.method),
      path: clip(outcome.path),
      host: clip(outcome.host),
      answer: outcome.status,
      sourceIp: outcome.clientAddress,
      sourcePod: "",
      destinationPod: `${this.#config.namespace}/${this.#config.podName}`,
    });
  }
}

const withoutScheme = (spiffeId: string): string => spiffeId.replace(/^spiffe:\/\//, "");

const certificateOf = ({
  serial,
  notBeforeUnixMs,
  notAfterUnixMs,
}: PooledConnection["peer"]["info"]): SecuredEdge["sourceCertificate"] => ({ serial, notBeforeUnixMs, notAfterUnixMs });
