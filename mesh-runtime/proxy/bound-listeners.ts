import type { Log } from "../common/log.ts";
import { boundPortOf } from "../common/ports.ts";
import type { ExchangeContext } from "../l7/exchange.ts";
import { type L7Server, startL7Server } from "../l7/l7-server.ts";
import { preparePort } from "../l7/port-state.ts";
import type { L7Listener } from "../xds/model.ts";

export interface BoundListenersOptions {
  readonly podIp: string;
  readonly hostPorts: ReadonlyMap<number, { readonly hostIP: string; readonly hostPort: number }>;
  readonly context: ExchangeContext;
  readonly log: Log;
  /** Called for each address that was bound. */
  readonly onListen?: (address: string, port: number) => void;
}

const drainMs = 10_000;
const rebindMs = 1_000;

/** The addresses that a Gateway's ports are bound to: the pod's, and those published on this machine. */
export class BoundListeners {
  readonly #options: BoundListenersOptions;
  #wanted = new Map<number, readonly L7Listener[]>();
  /** By Gateway port. */
  readonly #servers = new Map<number, L7Server[]>();
  #settling: Promise<void> = Promise.resolve();
  #retry: NodeJS.Timeout | undefined;
  #failed = false;
  #closed = false;

  constructor(options: BoundListenersOptions) {
    this.#options = options;
  }

  /** Everything that is configured is bound. */
  get ready(): boolean {
    return !this.#failed && [...this.#wanted.keys()].every((port) => this.#servers.has(port));
  }

  get openConnections(): number {
    return [...this.#servers.values()].flat().reduce((sum, { openConnections }) => sum + openConnections, 0);
  }

  /** Brings the bound addresses in line with the listeners; requests under way are not touched. */
  apply(listeners: readonly L7Listener[]): void {
    this.#wanted = Map.groupBy(listeners, ({ port }) => port);
    for (const [port, group] of this.#wanted) {
      const state = preparePort(port, group);
      for (const server of this.#servers.get(port) ?? []) {
        server.update(state);
      }
    }
    this.#settle();
  }

  /** Resolves when the last `apply` is done. */
  get settled(): Promise<void> {
    return this.#settling;
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#retry);
    await this.#settling;
    await Promise.all([...this.#servers.values()].flat().map((server) => server.drain(drainMs)));
  }

  #settle(): void {
    this.#settling = this.#settling.then(() => this.#bind());
  }

  async #bind(): Promise<void> {
    clearTimeout(this.#retry);
    this.#failed = false;
    for (const [port, servers] of this.#servers) {
      if (!this.#wanted.has(port)) {
        this.#servers.delete(port);
        for (const server of servers) {
          server.drain(drainMs).catch(() => undefined);
        }
      }
    }
    for (const port of this.#wanted.keys()) {
      if (!this.#servers.has(port) && !this.#closed) {
        await this.#bindPort(port);
      }
    }
    if (this.#failed && !this.#closed) {
      this.#retry = setTimeout(() => this.#settle(), rebindMs).unref();
    }
  }

  async #bindPort(port: number): Promise<void> {
    const { podIp, hostPorts, context, log, onListen } = this.#options;
    const target = boundPortOf(port);
    const published = hostPorts.get(target);
    const addresses = [
      { host: podIp, port: target },
      ...(published === undefined ? [] : [{ host: published.hostIP, port: published.hostPort }]),
    ];
    const servers: L7Server[] = [];
    try {
      for (const address of addresses) {
        const state = preparePort(port, this.#wanted.get(port) ?? []);
        servers.push(await startL7Server({ ...address, context, state }));
      }
    } catch (error) {
      log.error("address cannot be bound, trying again", { port: target, error: String(error) });
      this.#failed = true;
      await Promise.all(servers.map((server) => server.drain(0)));
      return;
    }
    // The configuration may have changed while binding.
    const wanted = this.#wanted.get(port);
    for (const server of servers) {
      server.update(preparePort(port, wanted ?? []));
      onListen?.(server.host, server.port);
    }
    this.#servers.set(port, servers);
  }
}
