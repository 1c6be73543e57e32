import type { DenialReason, EdgeLabels } from "../api/telemetry.ts";
import type { Log } from "../common/log.ts";
import type { TlsRefusal } from "../hbone/server.ts";
import type { EdgeRecorder } from "../telemetry/edge-recorder.ts";
import type { Recorder } from "../telemetry/recorder.ts";
import type { MeshService, Workload } from "../xds/model.ts";
import { edgeLabels } from "./edge-labels.ts";
import type { InboundCall, Refusal } from "./inbound-call.ts";
import type { LocalPod } from "./local-pod.ts";
import type { MeshState } from "./mesh-state.ts";

/** What the destination's side tells of connections. */
export interface InboundTelemetry {
  opened(call: InboundCall): EdgeRecorder;
  refused(call: InboundCall, refusal: Refusal): void;
  /** The application does not listen. */
  failed(call: InboundCall, error: string): void;
  /** A peer that could not prove who it is. */
  handshakeRefused(
    pod: LocalPod,
    peer: { readonly reason: TlsRefusal; readonly detail: string; readonly remoteAddress: string },
  ): void;
}

/** Denial lines in the log each second; the counts in telemetry are exact. */
const logLinesPerSecond = 10;

export function createInboundTelemetry(mesh: MeshState, recorder: Recorder, log: Log, node: string): InboundTelemetry {
  const limiter = new LineLimiter(logLinesPerSecond);

  function labelsOf(call: InboundCall): EdgeLabels {
    const { pod, port, principal, sourceIp } = call;
    const workload = mesh.workload(pod.workloadUid);
    const source = mesh.workloadByAddress(sourceIp);
    const isSource = source !== undefined && (principal === undefined || principal === principalOf(source));
    return edgeLabels({
      reporter: "destination",
      source: {
        workload: isSource ? source : undefined,
        // In plain text the address tells a workload, but nobody proved an identity.
        principal: principal === undefined ? "unknown" : `spiffe://${principal}`,
      },
      destination: { pod, workload, principal: pod.spiffeId },
      service: workload === undefined ? undefined : serviceOf(mesh, workload, port),
      protocol: "tcp",
      mutualTls: principal !== undefined,
    });
  }

  function denied(
    call: Omit<InboundCall, "abort" | "refusalAnswer">,
    labels: EdgeLabels,
    reason: DenialReason,
    answer: number,
    { decision }: { readonly decision: Refusal["decision"] },
  ): void {
    recorder.denied({
      labels,
      hop: "agent",
      node,
      reason,
      policy: decision?.policy ?? "",
      rule: decision?.rule ?? -1,
      attribute: decision?.attribute ?? "none",
      evaluated: [...(decision?.evaluated ?? [])].slice(0, 64),
      destinationPort: call.port,
      method: "",
      path: "",
      host: "",
      answer,
      sourceIp: call.sourceIp,
      sourcePod: mesh.workloadByAddress(call.sourceIp)?.name ?? "",
      destinationPod: call.pod.spec.name,
    });
  }

  return {
    opened: (call) => {
      const edge = recorder.edge(labelsOf(call));
      edge.connectionOpened(call.port);
      return edge;
    },
    refused: (call, refusal) => {
      const labels = labelsOf(call);
      recorder.edge(labels).connectionRefused(call.port, "DENY");
      denied(call, labels, refusal.reason, call.refusalAnswer, refusal);
      if (limiter.take()) {
        log.info("connection complete", {
          ...accessFields(call, labels),
          error: errorText(refusal),
          response_flags: "DENY",
        });
      }
    },
    failed: (call, error) => {
      const labels = labelsOf(call);
      recorder.edge(labels).connectionRefused(call.port, "CONNECT");
      if (limiter.take()) {
        log.info("connection complete", { ...accessFields(call, labels), error, response_flags: "CONNECT" });
      }
    },
    handshakeRefused: (pod, { reason, detail, remoteAddress }) => {
      const call = { pod, port: 15008, principal: undefined, sourceIp: remoteAddress, sourcePort: 0 };
      const labels = labelsOf({ ...call, refusalAnswer: 0, abort: () => undefined });
      recorder.edge(labels).connectionRefused(call.port, "TLS_FAILURE");
      denied(call, labels, reason, 0, { decision: undefined });
      if (limiter.take()) {
        log.info("connection failed", {
          "src.addr": remoteAddress,
          "dst.addr": `${pod.address}:15008`,
          direction: "inbound",
          error: `${reason}: ${detail}`,
        });
      }
    },
  };
}

/** The same keys as ztunnel's access log. */
function accessFields(call: InboundCall, labels: EdgeLabels): Record<string, string> {
  const hbone = call.principal !== undefined;
  return {
    "src.addr": `${call.sourceIp}:${call.sourcePort}`,
    "src.workload": labels.source_workload,
    "src.namespace": labels.source_workload_namespace,
    ...(hbone ? { "src.identity": labels.source_principal } : {}),
    "dst.addr": `${call.pod.address}:${hbone ? 15008 : call.port}`,
    ...(hbone ? { "dst.hbone_addr": `${call.pod.address}:${call.port}` } : {}),
    "dst.service": labels.destination_service,
    "dst.workload": call.pod.spec.name,
    "dst.namespace": labels.destination_workload_namespace,
    ...(hbone ? { "dst.identity": labels.destination_principal } : {}),
    direction: "inbound",
  };
}

function errorText({ reason, decision }: Refusal): string {
  const why =
    reason === "no-allow-policy-matched"
      ? "allow policies exist, but none allowed"
      : reason === "denied-by-policy" || reason === "plain-text-under-strict"
        ? `explicitly denied by: ${decision?.policy ?? ""}`
        : reason;
  return `connection closed due to policy rejection: ${why}`;
}

const principalOf = ({ trustDomain, namespace, serviceAccount }: Workload): string =>
  `${trustDomain}/ns/${namespace}/sa/${serviceAccount}`;

/**
 * The service that a caller of this port most likely meant: layer 4 does not say. Of several, the one named as the
 * workload itself, then the one with the shortest name (`purchase-history` before `purchase-history-v1`).
 */
function serviceOf(mesh: MeshState, workload: Workload, port: number): MeshService | undefined {
  return Object.entries(workload.services)
    .filter(([, servicePorts]) => servicePorts.some(({ targetPort }) => targetPort === port))
    .map(([key]) => mesh.services.get(key))
    .filter((service) => service !== undefined)
    .sort(
      (a, b) =>
        Number(b.name === workload.canonicalName) - Number(a.name === workload.canonicalName) ||
        a.name.length - b.name.length ||
        (a.name < b.name ? -1 : 1),
    )[0];
}

/** Lets a number of lines pass each second. */
class LineLimiter {
  readonly #perSecond: number;
  #second = 0;
  #taken = 0;

  constructor(perSecond: number) {
    this.#perSecond = perSecond;
  }

  take(): boolean {
    const second = Math.floor(Date.now() / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#taken = 0;
    }
    this.#taken += 1;
    return this.#taken <= this.#perSecond;
  }
}
