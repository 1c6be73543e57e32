import { performance } from "node:perf_hooks";
import type { Dial } from "./dial-upstream.ts";
import type { Endpoint } from "./mesh-view.ts";
import { UpstreamConnection } from "./upstream-connection.ts";
import { UpstreamError } from "./upstream-error.ts";

export interface UpstreamPoolLimits {
  /** Connections to one endpoint. */
  readonly connectionsMax: number;
  /** An idle connection is closed after this. */
  readonly idleMs: number;
}

export const upstreamPoolLimits: UpstreamPoolLimits = { connectionsMax: 1_024, idleMs: 30_000 };

interface Pool {
  readonly idle: UpstreamConnection[];
  readonly all: Set<UpstreamConnection>;
  dialling: number;
}

/** Keep-alive connections per endpoint. Needs no control plane: pools live as long as their connections. */
export class UpstreamPools {
  readonly #dial: Dial;
  readonly #limits: UpstreamPoolLimits;
  readonly #pools = new Map<string, Pool>();
  readonly #sweep: NodeJS.Timeout;

  constructor(dial: Dial, limits: UpstreamPoolLimits = upstreamPoolLimits) {
    this.#dial = dial;
    this.#limits = limits;
    this.#sweep = setInterval(() => this.#closeIdle(), Math.min(5_000, limits.idleMs)).unref();
  }

  /** Requests under way to an endpoint. */
  load({ key }: Endpoint): number {
    const pool = this.#pools.get(key);
    return pool === undefined ? 0 : pool.all.size - pool.idle.length + pool.dialling;
  }

  /** Connections of all pools, idle ones too. */
  get size(): number {
    let size = 0;
    for (const pool of this.#pools.values()) {
      size += pool.all.size;
    }
    return size;
  }

  /** An idle connection, if there is one. */
  takeIdle({ key }: Endpoint): UpstreamConnection | undefined {
    const idle = this.#pools.get(key)?.idle;
    const nowMs = performance.now();
    for (let connection = idle?.pop(); connection !== undefined; connection = idle?.pop()) {
      if (connection.open && nowMs - connection.idleSinceMs < connection.keepAliveMs) {
        return connection;
      }
      connection.abort();
    }
    return undefined;
  }

  /** A new connection. Rejects with an UpstreamError. */
  async connect(endpoint: Endpoint): Promise<UpstreamConnection> {
    const pool = this.#poolOf(endpoint);
    if (pool.all.size + pool.dialling >= this.#limits.connectionsMax) {
      throw new UpstreamError("overflow", `${endpoint.key}: ${this.#limits.connectionsMax} connections are open`);
    }
    pool.dialling++;
    try {
      const stream = await this.#dial(endpoint);
      const connection = new UpstreamConnection(endpoint, stream, (gone) => this.#forget(pool, gone));
      pool.all.add(connection);
      return connection;
    } finally {
      pool.dialling--;
    }
  }

  /** Gives a connection back: kept if it may carry another request, closed otherwise. */
  release(connection: UpstreamConnection): void {
    const pool = this.#pools.get(connection.endpoint.key);
    if (!connection.reusable || pool === undefined || !pool.all.has(connection)) {
      connection.abort();
      return;
    }
    connection.detach();
    connection.idleSinceMs = performance.now();
    pool.idle.push(connection);
  }

  /** Closes idle connections now; those in use are closed when their exchange is over. */
  close(): void {
    clearInterval(this.#sweep);
    for (const pool of this.#pools.values()) {
      for (const connection of pool.idle.splice(0)) {
        connection.abort();
      }
    }
  }

  #poolOf({ key }: Endpoint): Pool {
    let pool = this.#pools.get(key);
    if (pool === undefined) {
      pool = { idle: [], all: new Set(), dialling: 0 };
      this.#pools.set(key, pool);
    }
    return pool;
  }

  #forget(pool: Pool, connection: UpstreamConnection): void {
    pool.all.delete(connection);
    const index = pool.idle.indexOf(connection);
    if (index !== -1) {
      pool.idle.splice(index, 1);
    }
  }

  #closeIdle(): void {
    const limit = performance.now() - this.#limits.idleMs;
    for (const [key, pool] of this.#pools) {
      // The longest idle ones are in front.
      while (pool.idle[0] !== undefined && pool.idle[0].idleSinceMs < limit) {
        pool.idle.shift()?.abort();
      }
      if (pool.all.size === 0 && pool.dialling === 0) {
        this.#pools.delete(key);
      }
    }
  }
}
