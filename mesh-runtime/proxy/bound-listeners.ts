import type { Duplex } from "node:stream";
import type { Log } from "../common/log.ts";
import { boundPortOf } from "../common/ports.ts";
import type { InboundConnection } from "../hbone/server.ts";
import type { Engine } from "../l7/engine.ts";
import { FairQuota } from "./fair-quota.ts";
import type { Front } from "./front.ts";
import { type ListenerServer, startListenerServer } from "./listener-server.ts";
import type { PreparedListeners } from "./prepared-listeners.ts";

export interface BoundListenersOptions {
  readonly podIp: string;
  readonly hostPorts: ReadonlyMap<number, { readonly hostIP: string; readonly hostPort: number }>;
  readonly engine: Pick<Engine, "listener" | "serve">;
  readonly log: Log;
  /** Called for each address that was bound. */
  readonly onListen?: (address: string, port: number) => void;
  /** Connections of all clients together (default 16,384); one client address alone gets two thirds. */
  readonly connectionsMax?: number;
  readonly reusePort?: boolean;
}

const drainMs = 10_000;
const rebindMs = 1_000;

/** The addresses that a Gateway's ports are bound to: the pod's, and those published on this machine. */
export class BoundListeners implements Front {
  readonly #options: BoundListenersOptions;
  readonly #quota: FairQuota;
  #wanted: PreparedListeners = new Map();
  /** By Gateway port. */
  readonly #servers = new Map<number, ListenerServer[]>();
  #settling: Promise<void> = Promise.resolve();
  #retry: NodeJS.Timeout | undefined;
  #failed = false;
  #closed = false;

  constructor(options: BoundListenersOptions) {
    this.#options = options;
    this.#quota = new FairQuota({ total: options.connectionsMax ?? 16_384, appetite: 2 });
  }

  /** Everything that is configured is bound. */
  get ready(): boolean {
    return !this.#failed && [...this.#wanted.keys()].every((port) => this.#servers.has(port));
  }

  get openConnections(): number {
    return this.#quota.used;
  }

  connections(): Iterable<InboundConnection> {
    return [];
  }

  /** Brings the bound addresses in line with the listeners; open connections are not touched. */
  apply(listeners: PreparedListeners): void {
    this.#wanted = listeners;
    this.#settling = this.#settling.then(() => this.#bind());
  }

  /** Resolves when the last `apply` is done. */
  get settled(): Promise<void> {
    return this.#settling;
  }

  retire(): void {
    // A gateway has no services of its own: its routes lead elsewhere from the next request on.
  }

  shed(retire: (stream: Duplex) => void): number {
    return [...this.#servers.values()].flat().reduce((sum, server) => sum + server.shed(retire), 0);
  }

  /** Takes no more connections. Resolves when the last has ended; it is the engine that ends them in good order. */
  async stopListening(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#retry);
    await this.#settling;
    await Promise.all([...this.#servers.values()].flat().map((server) => server.stopListening()));
  }

  /** Ends what is still open. */
  destroyConnections(): void {
    for (const server of [...this.#servers.values()].flat()) {
      server.destroyConnections();
    }
  }

  async #bind(): Promise<void> {
    clearTimeout(this.#retry);
    this.#failed = false;
    for (const [port, servers] of this.#servers) {
      if (!this.#wanted.has(port)) {
        this.#servers.delete(port);
        for (const server of servers) {
          retire(server);
        }
      }
    }
    for (const port of this.#wanted.keys()) {
      if (!this.#servers.has(port) && !this.#closed) {
        await this.#bindPort(port);
      }
    }
    if (this.#failed && !this.#closed) {
      this.#retry = setTimeout(() => {
        this.#settling = this.#settling.then(() => this.#bind());
      }, rebindMs).unref();
    }
  }

  async #bindPort(port: number): Promise<void> {
    const { podIp, hostPorts, engine, log, onListen, reusePort } = this.#options;
    const bound = boundPortOf(port);
    const published = hostPorts.get(bound);
    const addresses = [
      { host: podIp, port: bound },
      // Shared with the other pods of the Gateway, so that one can take over from another.
      ...(published === undefined ? [] : [{ host: published.hostIP, port: published.hostPort, reusePort: true }]),
    ];
    const servers: ListenerServer[] = [];
    try {
      for (const address of addresses) {
        const sni = () => this.#wanted.get(port)?.sni;
        // Never a published address: somebody else's proxy on this machine could come to share it.
        const reuse = reusePort === true && address.host === podIp;
        const shared = { gatewayPort: port, engine, sni, quota: this.#quota, reusePort: reuse };
        servers.push(await startListenerServer({ ...shared, ...address }));
      }
    } catch (error) {
      log.error("address cannot be bound, trying again", { port: bound, error: String(error) });
      this.#failed = true;
      for (const server of servers) {
        await server.stopListening();
      }
      return;
    }
    for (const server of servers) {
      onListen?.(server.host, server.port);
    }
    this.#servers.set(port, servers);
  }
}

/** A port that is no longer configured: its connections have a while to end. */
function retire(server: ListenerServer): void {
  const timer = setTimeout(() => server.destroyConnections(), drainMs);
  server
    .stopListening()
    .finally(() => clearTimeout(timer))
    .catch(() => undefined);
}
