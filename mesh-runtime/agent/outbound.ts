import { createServer, type Server, type Socket } from "node:net";
import type { Attestor } from "./attestation.ts";
import type { Dialer } from "./dialer.ts";
import type { FirstSync } from "./first-sync.ts";
import { HttpFront } from "./http-front.ts";
import { linger } from "./linger.ts";
import { localAnswer } from "./local-answer.ts";
import type { LocalPod } from "./local-pod.ts";
import type { OutboundTelemetry } from "./outbound-telemetry.ts";
import { readGreeting, readRequest, type SocksStep, socksReply, socksVersion } from "./socks5.ts";
import { runTunnel, type TunnelCall } from "./tunnel-front.ts";
import { UpstreamPool } from "./upstream-pool.ts";

export interface OutboundDeps {
  readonly attestor: Attestor;
  readonly dialer: Dialer;
  readonly telemetry: OutboundTelemetry;
  /** Calls wait until the mesh is known. */
  readonly firstSync: FirstSync;
  /** Resolves at the next news about the pod, or when time is up. */
  podNews(pod: LocalPod, timeoutMs: number): Promise<void>;
}

export interface OutboundFront {
  readonly server: Server;
  readonly pool: UpstreamPool;
  readonly connections: ReadonlySet<Socket>;
  close(): void;
}

const connectionsMax = 10_000;
/** A client says within this time what it wants. */
const firstBytesMs = 300_000;
/** How long a call is held while the mesh is not known yet. */
const heldMs = 10_000;
/** A session that was just started may not have been announced yet. */
const attestationWaitMs = 500;
const socksBytesMax = 1_024;

/**
 * The way out of one pod: HTTP proxy, CONNECT and SOCKS5 on one port. Only processes of the pod may use it, since who
 * calls here speaks with the pod's identity.
 */
export function createOutboundFront(pod: LocalPod, deps: OutboundDeps): OutboundFront {
  const pool = new UpstreamPool();
  const connections = new Set<Socket>();
  const sweep = setInterval(() => pool.sweep(), 1_000).unref();
  const server = createServer(
    { allowHalfOpen: true, noDelay: true, pauseOnConnect: true, keepAlive: true },
    (client) => {
      connections.add(client);
      client.on("error", () => undefined);
      client.once("close", () => connections.delete(client));
      admit(pod, client, deps).then(
        (admitted) => {
          if (admitted && !client.destroyed) {
            greet(pod, client, deps, pool);
          } else {
            client.resetAndDestroy();
          }
        },
        () => client.resetAndDestroy(),
      );
    },
  );
  server.maxConnections = connectionsMax;
  return {
    server,
    pool,
    connections,
    close: () => {
      clearInterval(sweep);
      server.close();
      for (const client of connections) {
        client.destroy();
      }
      pool.closeWhere(() => true);
    },
  };
}

async function admit(pod: LocalPod, client: Socket, deps: OutboundDeps): Promise<boolean> {
  const inode = await deps.attestor.inodeOf(client);
  const holds = async (): Promise<boolean> =>
    inode !== undefined && !client.destroyed && (await deps.attestor.holds(pod.spec.sessions, inode));
  if (!(await holds())) {
    await deps.podNews(pod, attestationWaitMs);
    if (!(await holds())) {
      if (!client.destroyed) {
        deps.telemetry.foreignCaller(pod, client);
      }
      return false;
    }
  }
  return await deps.firstSync.within(heldMs);
}

/** Waits for the first bytes, which tell the protocol. */
function greet(pod: LocalPod, client: Socket, deps: OutboundDeps, pool: UpstreamPool): void {
  const onTimeout = (): void => void client.destroy();
  const onEnd = (): void => void client.destroy();
  client.setTimeout(firstBytesMs, onTimeout);
  client.once("end", onEnd);
  client.once("data", (first: Buffer) => {
    client.setTimeout(0);
    client.off("timeout", onTimeout);
    client.off("end", onEnd);
    if (first[0] === socksVersion) {
      client.pause();
      socks(pod, client, first, deps);
      return;
    }
    new HttpFront(client, first, {
      pod,
      dialer: deps.dialer,
      pool,
      onResult: (result) => deps.telemetry.request(pod, result),
      onConnect: (host, port, rest) =>
        tunnel(pod, deps, {
          client,
          host,
          port,
          first: rest,
          succeeded: () => "HTTP/1.1 200 Connection Established\r\n\r\n",
          failed: ({ answer }) => localAnswer(answer.status, answer.text, { close: true }),
        }),
    });
  });
  client.resume();
}

function tunnel(pod: LocalPod, deps: OutboundDeps, call: TunnelCall): void {
  runTunnel(pod, deps.dialer, call, deps.telemetry.tunnel(pod, call.host, call.port)).catch(() =>
    call.client.destroy(),
  );
}

function socks(pod: LocalPod, client: Socket, first: Buffer, deps: OutboundDeps): void {
  let bytes = first;
  let read: (bytes: Buffer) => SocksStep = readGreeting;
  const onTimeout = (): void => void client.destroy();
  client.setTimeout(10_000, onTimeout);
  const step = (): void => {
    const result = read(bytes);
    switch (result.kind) {
      case "more":
        if (bytes.length > socksBytesMax) {
          client.destroy();
        }
        return;
      case "greeted":
        client.write(result.reply);
        bytes = result.rest;
        read = readRequest;
        step();
        return;
      case "refused":
        linger(client, result.reply);
        return;
      case "request": {
        const { host, port, rest } = result;
        client.off("data", take);
        client.off("timeout", onTimeout);
        client.setTimeout(0);
        client.pause();
        tunnel(pod, deps, {
          client,
          host,
          port,
          first: rest.length === 0 ? [] : [rest],
          succeeded: () => socksReply(0),
          failed: ({ answer }) => socksReply(answer.socks),
        });
      }
    }
  };
  const take = (chunk: Buffer): void => {
    bytes = Buffer.concat([bytes, chunk]);
    step();
  };
  client.on("data", take);
  client.resume();
  step();
}
