import type { Socket } from "node:net";
import type { Log } from "../common/log.ts";
import type { EdgeRecorder } from "../telemetry/edge-recorder.ts";
import type { Recorder } from "../telemetry/recorder.ts";
import type { Dialed, Target } from "./dialer.ts";
import { type Edge, edgeLabels } from "./edge-labels.ts";
import type { ExchangeResult } from "./http-exchange.ts";
import type { LocalPod } from "./local-pod.ts";
import type { MeshState } from "./mesh-state.ts";
import type { TunnelObserver } from "./tunnel-front.ts";
import type { UpstreamError } from "./upstream-error.ts";

/** What the source's side of each call tells: requests, raw connections, and refusals that were decided here. */
export interface OutboundTelemetry {
  request(pod: LocalPod, result: ExchangeResult): void;
  tunnel(pod: LocalPod, host: string, port: number): TunnelObserver;
  foreignCaller(pod: LocalPod, client: Socket): void;
}

/** Share of good requests whose access record is kept. */
const sampling = 0.05;

export function createOutboundTelemetry(
  mesh: MeshState,
  recorder: Recorder,
  log: Log,
  node: string,
): OutboundTelemetry {
  const edges = new EdgeCache(mesh, recorder);

  function denied(pod: LocalPod, target: Target | undefined, host: string, port: number, error: UpstreamError): void {
    if (error.denial === undefined) {
      return;
    }
    recorder.denied({
      labels: edgeLabels(edgeOf(mesh, pod, target, host, "tcp")),
      hop: "agent",
      node,
      reason: error.denial,
      policy: "",
      rule: -1,
      attribute: error.denial === "identity-mismatch" ? "destination.principal" : "none",
      evaluated: [],
      destinationPort: target?.port ?? port,
      method: "",
      path: "",
      host: "",
      answer: error.answer.status,
      sourceIp: pod.address,
      sourcePod: pod.spec.name,
      destinationPod: target?.kind === "workload" ? target.workload.name : "",
    });
  }

  return {
    request: (pod, result) => {
      const { head, target, host, port, status, flag, error, durationMs, requestBytes, responseBytes } = result;
      if (target?.kind === "self") {
        return;
      }
      const edge = edges.of(pod, target, host, "http");
      const { method } = head;
      const { path } = head.target;
      edge.request({
        method,
        path,
        destinationPort: target?.port ?? port,
        responseCode: status,
        responseFlags: flag,
        decision: flag === "DENY" ? "denied" : "allowed",
        durationMs,
        requestBytes,
        responseBytes,
      });
      if (error !== undefined) {
        denied(pod, target, host, port, error);
        log.debug("request failed", { pod: pod.spec.name, host, port, error: error.message, status });
      }
      if (status === 0 || status >= 400 || Math.random() < sampling) {
        recorder.access({
          timeUnixMs: Date.now(),
          labels: edge.labels,
          method,
          path: path.slice(0, 512),
          responseCode: status,
          responseFlags: flag,
          durationMs,
          requestBytes,
          responseBytes,
          sourcePod: pod.spec.name,
          destinationPod: target?.kind === "workload" ? target.workload.name : "",
          traceId: traceIdOf(head.fields.get("traceparent")),
          host: host.slice(0, 512),
          protocol: `HTTP/1.${head.minorVersion}`,
          route: "",
          attempts: target === undefined ? 0 : 1,
          grpcStatus: -1,
        });
      }
    },
    tunnel: (pod, host, port) => {
      let edge: EdgeRecorder | undefined;
      return {
        opened: ({ target }: Dialed) => {
          if (target.kind === "self") {
            return;
          }
          edge = edges.of(pod, target, host, "tcp");
          edge.connectionOpened(target.port);
        },
        bytes: (sent, received) => edge?.bytes(sent, received),
        closed: (clean) => edge?.connectionClosed(clean ? "-" : "UC"),
        failed: (target, error) => {
          edges.of(pod, target, host, "tcp").connectionRefused(target?.port ?? port, error.answer.flag);
          denied(pod, target, host, port, error);
        },
      };
    },
    foreignCaller: (pod, client) => {
      recorder.denied({
        labels: edgeLabels({
          reporter: "source",
          source: { principal: "unknown" },
          destination: { pod, workload: mesh.workload(pod.workloadUid) },
          protocol: "tcp",
          mutualTls: false,
        }),
        hop: "agent",
        node,
        reason: "caller-not-in-pod",
        policy: "",
        rule: -1,
        attribute: "none",
        evaluated: [],
        destinationPort: client.localPort ?? 0,
        method: "",
        path: "",
        host: "",
        answer: 0,
        sourceIp: client.remoteAddress ?? "",
        sourcePod: "",
        destinationPod: pod.spec.name,
      });
      log.warn("refused a caller that is no process of the pod", {
        pod: `${pod.spec.namespace}/${pod.spec.name}`,
        from: `${client.remoteAddress}:${client.remotePort}`,
      });
    },
  };
}

function edgeOf(
  mesh: MeshState,
  pod: LocalPod,
  target: Target | undefined,
  host: string,
  protocol: Edge["protocol"],
): Edge {
  const workload = target?.kind === "workload" ? target : undefined;
  return {
    reporter: "source",
    source: { pod, workload: mesh.workload(pod.workloadUid), principal: pod.spiffeId },
    destination: { workload: workload?.workload },
    service: workload?.service,
    externalHost: workload === undefined ? host.slice(0, 253) : undefined,
    protocol,
    mutualTls: workload?.protocol === "HBONE",
  };
}

/** The recorder forgets edges that were not used for an hour; ask it again before that. */
const edgeReuseMs = 30 * 60_000;

/** Recorders of edges, found without building their labels anew for each request. */
class EdgeCache {
  readonly #mesh: MeshState;
  readonly #recorder: Recorder;
  readonly #edges = new Map<string, { source: unknown; destination: unknown; edge: EdgeRecorder }>();

  constructor(mesh: MeshState, recorder: Recorder) {
    this.#mesh = mesh;
    this.#recorder = recorder;
  }

  of(pod: LocalPod, target: Target | undefined, host: string, protocol: Edge["protocol"]): EdgeRecorder {
    const end =
      target?.kind === "workload"
        ? `${target.workload.uid} ${target.service?.hostname ?? ""} ${target.protocol}`
        : `external ${host}`;
    const key = `${pod.workloadUid} ${protocol} ${end}`;
    const source = this.#mesh.workload(pod.workloadUid);
    const destination = target?.kind === "workload" ? target.workload : undefined;
    const known = this.#edges.get(key);
    const fresh = known !== undefined && Date.now() - known.edge.lastUsedMs < edgeReuseMs;
    if (fresh && known.source === source && known.destination === destination) {
      return known.edge;
    }
    if (this.#edges.size >= 10_000) {
      this.#edges.clear();
    }
    const edge = this.#recorder.edge(edgeLabels(edgeOf(this.#mesh, pod, target, host, protocol)));
    this.#edges.set(key, { source, destination, edge });
    return edge;
  }
}

/** The trace of a W3C `traceparent`. */
function traceIdOf(traceparent: string | undefined): string {
  return /^[0-9a-f]{2}-([0-9a-f]{32})-/.exec(traceparent ?? "")?.[1] ?? "";
}
