import type { Socket } from "node:net";
import { ports } from "../common/ports.ts";
import { type HboneServer, type InboundTunnel, startHboneServer } from "../hbone/server.ts";
import { abort } from "../hbone/splice.ts";
import type { Certificate } from "../identity/certificate-request.ts";
import { carry } from "./carry.ts";
import { dialApplication } from "./dial-application.ts";
import type { InboundCall } from "./inbound-call.ts";
import type { InboundGate } from "./inbound-gate.ts";
import type { InboundTelemetry } from "./inbound-telemetry.ts";
import type { LocalPod } from "./local-pod.ts";

export interface InboundDeps {
  readonly gate: InboundGate;
  readonly telemetry: InboundTelemetry;
}

/** Listens for HBONE on the pod's address. Resolves when bound. */
export function startInbound(pod: LocalPod, certificate: Certificate, deps: InboundDeps): Promise<HboneServer> {
  return startHboneServer({
    host: pod.address,
    port: ports.hbone,
    certificate,
    trustDomain: pod.identity.trustDomain,
    onTunnel: (tunnel) => {
      serve(pod, tunnel, deps).catch(() => tunnel.refuse(503));
    },
    onRefused: (refusal) => deps.telemetry.handshakeRefused(pod, refusal),
  });
}

/** Answers as ztunnel does: 400 for another pod's address, 401 by policy, 503 when the application is not there. */
async function serve(pod: LocalPod, tunnel: InboundTunnel, { gate, telemetry }: InboundDeps): Promise<void> {
  if (tunnel.host !== pod.address) {
    tunnel.refuse(400);
    return;
  }
  const { connection, port } = tunnel;
  let application: Socket | undefined;
  let abandoned = false;
  const call: InboundCall = {
    pod,
    port,
    principal: connection.principal,
    sourceIp: connection.remoteAddress,
    sourcePort: connection.remotePort,
    // What our fronts answer to an application when CONNECT was refused.
    refusalAnswer: 503,
    abort: () => {
      abandoned = true;
      application?.resetAndDestroy();
      tunnel.refuse(401);
    },
  };
  tunnel.onAbandoned(() => {
    abandoned = true;
  });
  if (!(await gate.admit(call))) {
    tunnel.refuse(401);
    return;
  }
  // Read after policy: a caller that may not call learns nothing about ports.
  const spec = pod.spec.ports.find((entry) => entry.port === port);
  try {
    if (spec === undefined) {
      throw new Error(`the pod has no port ${port}`);
    }
    application = await dialApplication(spec.appPort);
  } catch (error) {
    gate.release(call);
    telemetry.failed(call, String(error));
    tunnel.refuse(503);
    return;
  }
  if (abandoned) {
    gate.release(call);
    application.destroy();
    return;
  }
  const stream = tunnel.accept();
  const socket = application;
  call.abort = () => {
    abort(stream);
    socket.resetAndDestroy();
  };
  carry(call, stream, socket, { gate, telemetry });
}
