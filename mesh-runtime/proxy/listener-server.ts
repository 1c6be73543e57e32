import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Engine } from "../l7/engine.ts";
import type { Peer } from "../l7/peer.ts";
import type { FairQuota } from "./fair-quota.ts";
import type { SniTable } from "./sni-certificates.ts";
import { terminateTls } from "./tls-front.ts";

export interface ListenerServerOptions {
  readonly host: string;
  /** 0 for a free one. */
  readonly port: number;
  /** The Gateway's port, which policies and telemetry name. */
  readonly gatewayPort: number;
  readonly engine: Pick<Engine, "listener" | "serve">;
  /** Certificates by server name; absent: plain text. Asked for each connection. */
  readonly sni: () => SniTable | undefined;
  /** Connections by client address, shared with the gateway's other ports. */
  readonly quota: FairQuota;
  readonly reusePort?: boolean;
}

/** A listening address of a gateway. */
export interface ListenerServer {
  readonly host: string;
  readonly port: number;
  readonly openConnections: number;
  /** Takes no more connections; open ones go on. Resolves when the last has ended. */
  stopListening(): Promise<void>;
  /** Tells `retire` of every second stream that is served. Returns how many. */
  shed(retire: (stream: Duplex) => void): number;
  /** Ends what is still open. */
  destroyConnections(): void;
}

/** Listens. Rejects when the address cannot be bound. */
export async function startListenerServer(options: ListenerServerOptions): Promise<ListenerServer> {
  const { engine, quota } = options;
  const target = engine.listener(options.gatewayPort);
  const connections = new Set<Socket>();
  const served = new Set<Duplex>();

  const serve = (stream: Duplex, socket: Socket, sni: string, alpn: "h2" | "http/1.1" | undefined, secure: boolean) => {
    const peer: Peer = {
      principal: undefined,
      sourceIp: plainAddress(socket.remoteAddress),
      destinationIp: plainAddress(socket.localAddress),
      workload: undefined,
      sni,
      scheme: secure ? "https" : "http",
    };
    served.add(stream);
    stream.once("close", () => served.delete(stream));
    engine.serve(stream, peer, target, alpn);
  };

  const server = createServer({ allowHalfOpen: true, noDelay: true, keepAlive: true }, (socket) => {
    const client = socket.remoteAddress ?? "";
    if (!quota.take(client)) {
      socket.on("error", () => undefined);
      socket.resetAndDestroy();
      return;
    }
    connections.add(socket);
    socket.once("close", () => {
      connections.delete(socket);
      quota.release(client);
    });
    if (options.sni() === undefined) {
      serve(socket, socket, "", undefined, false);
      return;
    }
    terminateTls(socket, {
      table: () => options.sni() ?? nothing,
      onSecure: (secure, serverName, alpn) => serve(secure, socket, serverName, alpn, true),
    });
  });
  server.listen({ host: options.host, port: options.port, backlog: 1_024, reusePort: options.reusePort === true });
  await once(server, "listening");
  server.on("error", () => undefined);
  const { port } = server.address() as AddressInfo;
  return {
    host: options.host,
    port,
    get openConnections() {
      return connections.size;
    },
    stopListening() {
      const { promise, resolve } = Promise.withResolvers<void>();
      server.close(() => resolve());
      return promise;
    },
    shed(retire) {
      const shed = [...served].filter((_stream, index) => index % 2 === 1);
      shed.forEach(retire);
      return shed.length;
    },
    destroyConnections() {
      for (const socket of connections) {
        socket.destroy();
      }
    },
  };
}

/** The port turned to plain text during a handshake: no name is served any more. */
const nothing = { contextFor: () => undefined };

/** An IPv4 address as such, also where it comes mapped into IPv6. */
const plainAddress = (address: string | undefined): string => (address ?? "").replace(/^::ffff:(?=\d+\.)/, "");
