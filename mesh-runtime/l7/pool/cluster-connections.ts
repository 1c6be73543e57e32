import { performance } from "node:perf_hooks";
import type { Duplex } from "node:stream";
import type { L7Cluster, L7Limits } from "../../xds/proxy-config.ts";
import type { Endpoint } from "../mesh-view.ts";
import type { ConnectionBudget } from "./connection-budget.ts";
import type { Dial } from "./dial-upstream.ts";
import { Http1Pool } from "./http1-pool.ts";
import { Http2Pool } from "./http2-pool.ts";

/** What holds where a cluster says nothing. */
export const connectionDefaults = { connectTimeoutMs: 10_000, idleTimeoutMs: 60_000 } as const;

/** Connections of one cluster, with the limits that hold for all its endpoints together. */
export class ClusterConnections implements ConnectionBudget {
  readonly key: string;
  limits: L7Limits;
  open = 0;
  /** Requests that wait for a connection which may not be dialled now. */
  pending = 0;
  readonly #dial: Dial;
  readonly #http1 = new Map<string, Http1Pool>();
  readonly #http2 = new Map<string, Http2Pool>();

  constructor({ key, limits }: L7Cluster, dial: Dial) {
    this.key = key;
    this.limits = limits;
    this.#dial = dial;
  }

  get connections(): number {
    let connections = 0;
    for (const pool of [...this.#http1.values(), ...this.#http2.values()]) {
      connections += pool.connections;
    }
    return connections;
  }

  get empty(): boolean {
    return this.#http1.size === 0 && this.#http2.size === 0;
  }

  http1(endpoint: Endpoint): Http1Pool {
    let pool = this.#http1.get(endpoint.key);
    if (pool === undefined) {
      pool = new Http1Pool(this, endpoint);
      this.#http1.set(endpoint.key, pool);
    }
    return pool;
  }

  http2(endpoint: Endpoint): Http2Pool {
    let pool = this.#http2.get(endpoint.key);
    if (pool === undefined) {
      pool = new Http2Pool(this, endpoint);
      this.#http2.set(endpoint.key, pool);
    }
    return pool;
  }

  dial(endpoint: Endpoint): Promise<Duplex> {
    return this.#dial(endpoint, this.limits.connectTimeoutMs || connectionDefaults.connectTimeoutMs);
  }

  mayWait(): boolean {
    const max = this.limits.maxPendingRequests;
    return max === 0 || this.pending < max;
  }

  closed(): void {
    this.open--;
    if (this.pending > 0) {
      for (const pool of [...this.#http1.values(), ...this.#http2.values()]) {
        if (pool.pump()) {
          break;
        }
      }
    }
    this.recount();
  }

  recount(): void {
    if (this.limits.maxPendingRequests === 0 && this.limits.maxConnections === 0) {
      return;
    }
    let pending = 0;
    for (const pool of [...this.#http1.values(), ...this.#http2.values()]) {
      pending += pool.pending;
    }
    this.pending = pending;
  }

  /** Closes what was idle for too long; forgets pools without connections. `all`: whatever is idle. */
  sweep(all = false): void {
    const idleMs = this.limits.idleTimeoutMs || connectionDefaults.idleTimeoutMs;
    const beforeMs = all ? Number.POSITIVE_INFINITY : performance.now() - idleMs;
    for (const pools of [this.#http1, this.#http2]) {
      for (const [key, pool] of pools) {
        pool.closeIdle(beforeMs);
        if (pool.empty) {
          pools.delete(key);
        }
      }
    }
  }
}
