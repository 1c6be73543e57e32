import { once } from "node:events";
import { type AddressInfo, createServer, type Server } from "node:net";
import { performance } from "node:perf_hooks";
import type { Http1Limits } from "../http1/index.ts";
import { ClientConnection, type ClientTimeouts, clientTimeouts } from "./client-connection.ts";
import type { ExchangeContext } from "./exchange.ts";
import type { PortState } from "./port-state.ts";

export interface L7ServerOptions {
  readonly host: string;
  /** 0 for a free one. */
  readonly port: number;
  readonly context: ExchangeContext;
  readonly state: PortState;
  readonly timeouts?: Partial<ClientTimeouts>;
  readonly limits?: Partial<Http1Limits>;
  readonly connectionsMax?: number;
}

/** A listening address. */
export interface L7Server {
  readonly host: string;
  readonly port: number;
  readonly openConnections: number;
  /** Takes new configuration for requests that begin from now on. */
  update(state: PortState): void;
  /** Stops listening; connections end with their exchange. Resolves when all have, or after `graceMs`. */
  drain(graceMs: number): Promise<void>;
}

/** Listens. Rejects when the address cannot be bound. */
export async function startL7Server(options: L7ServerOptions): Promise<L7Server> {
  let state = options.state;
  const timeouts = { ...clientTimeouts, ...options.timeouts };
  const connections = new Set<ClientConnection>();
  const server: Server = createServer({ allowHalfOpen: true, noDelay: true, keepAlive: true }, (socket) => {
    const connection = new ClientConnection(socket, {
      context: options.context,
      state: () => state,
      timeouts,
      limits: options.limits ?? {},
    });
    connections.add(connection);
    socket.once("close", () => connections.delete(connection));
  });
  server.maxConnections = options.connectionsMax ?? 10_000;
  server.listen({ host: options.host, port: options.port, backlog: 1_024 });
  await once(server, "listening");
  server.on("error", () => undefined);
  const sweep = setInterval(
    () => {
      const nowMs = performance.now();
      for (const connection of connections) {
        connection.checkTimeouts(nowMs);
      }
    },
    Math.min(1_000, timeouts.headMs / 2),
  ).unref();
  const { port } = server.address() as AddressInfo;
  return {
    host: options.host,
    port,
    get openConnections() {
      return connections.size;
    },
    update(next) {
      state = next;
    },
    async drain(graceMs) {
      const closed = once(server, "close");
      server.close();
      for (const connection of connections) {
        connection.drain();
      }
      const timer = setTimeout(() => {
        for (const connection of connections) {
          connection.destroy();
        }
      }, graceMs);
      await closed;
      clearTimeout(timer);
      clearInterval(sweep);
    },
  };
}
