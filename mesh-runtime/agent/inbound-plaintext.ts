import { createServer, type Server, type Socket } from "node:net";
import { carry } from "./carry.ts";
import { dialApplication } from "./dial-application.ts";
import type { InboundDeps } from "./inbound.ts";
import type { InboundCall } from "./inbound-call.ts";
import type { LocalPod } from "./local-pod.ts";

const connectionsMax = 10_000;

/**
 * Plain text to one of the pod's ports. In the mesh, policy decides without an identity (STRICT refuses); outside of it
 * everything passes.
 */
export function createPlaintextServer(pod: LocalPod, port: number, deps: InboundDeps): Server {
  const server = createServer(
    { allowHalfOpen: true, noDelay: true, pauseOnConnect: true, keepAlive: true },
    (caller) => {
      caller.on("error", () => undefined);
      serve(pod, port, caller, deps).catch(() => caller.resetAndDestroy());
    },
  );
  server.maxConnections = connectionsMax;
  return server;
}

async function serve(pod: LocalPod, port: number, caller: Socket, { gate, telemetry }: InboundDeps): Promise<void> {
  let application: Socket | undefined;
  const call: InboundCall = {
    pod,
    port,
    principal: undefined,
    sourceIp: caller.remoteAddress ?? "",
    sourcePort: caller.remotePort ?? 0,
    refusalAnswer: 0,
    abort: () => {
      caller.resetAndDestroy();
      application?.resetAndDestroy();
    },
  };
  if (!(await gate.admit(call))) {
    caller.resetAndDestroy();
    return;
  }
  try {
    // The application may have moved to another private port with a restart.
    const appPort = pod.spec.ports.find((entry) => entry.port === port)?.appPort;
    if (appPort === undefined) {
      throw new Error(`the pod has no port ${port}`);
    }
    application = await dialApplication(appPort);
  } catch (error) {
    gate.release(call);
    telemetry.failed(call, String(error));
    caller.resetAndDestroy();
    return;
  }
  if (caller.destroyed) {
    gate.release(call);
    application.destroy();
    return;
  }
  carry(call, caller, application, { gate, telemetry });
}
