import { performance } from "node:perf_hooks";
import type { L7Limits } from "../../xds/proxy-config.ts";
import type { Endpoint } from "../mesh-view.ts";
import type { ConnectionBudget } from "./connection-budget.ts";
import { Http1Call, type Http1Owner } from "./http1-call.ts";
import type { CallWaiter } from "./upstream-call.ts";
import { UpstreamError } from "./upstream-error.ts";

/** Keep-alive connections of one cluster to one endpoint, and the requests that wait for one. */
export class Http1Pool implements Http1Owner {
  readonly #cluster: ConnectionBudget;
  readonly #endpoint: Endpoint;
  readonly #idle: Http1Call[] = [];
  readonly #all = new Set<Http1Call>();
  readonly #waiting: CallWaiter[] = [];
  #dialling = 0;

  constructor(cluster: ConnectionBudget, endpoint: Endpoint) {
    this.#cluster = cluster;
    this.#endpoint = endpoint;
  }

  get connections(): number {
    return this.#all.size;
  }

  get empty(): boolean {
    return this.#all.size === 0 && this.#dialling === 0 && this.#waiting.length === 0;
  }

  /** A kept connection at once, or `undefined`: then the waiter hears later. */
  acquire(waiter: CallWaiter): Http1Call | undefined {
    const kept = this.#takeIdle();
    if (kept !== undefined) {
      return kept;
    }
    const { limits } = this.#cluster;
    if (this.#mayDial(limits)) {
      this.#waiting.push(waiter);
      this.#dial();
    } else if (this.#cluster.mayWait()) {
      this.#waiting.push(waiter);
      this.#settleWaiting();
    } else {
      queueMicrotask(() =>
        waiter.onNoCall(new UpstreamError("overflow", `${this.#cluster.key}: too many requests wait`)),
      );
    }
    return undefined;
  }

  /** Nobody waits for this one any more. */
  cancel(waiter: CallWaiter): void {
    const index = this.#waiting.indexOf(waiter);
    if (index !== -1) {
      this.#waiting.splice(index, 1);
      this.#settleWaiting();
    }
  }

  onFree(connection: Http1Call): void {
    const max = this.#cluster.limits.maxRequestsPerConnection;
    if (max > 0 && connection.requests >= max) {
      connection.close();
      return;
    }
    const waiter = this.#waiting.shift();
    if (waiter !== undefined) {
      this.#settleWaiting();
      waiter.onCall(connection);
      return;
    }
    connection.idleSinceMs = performance.now();
    this.#idle.push(connection);
  }

  onGone(connection: Http1Call): void {
    if (!this.#all.delete(connection)) {
      return;
    }
    const index = this.#idle.indexOf(connection);
    if (index !== -1) {
      this.#idle.splice(index, 1);
    }
    this.#cluster.closed();
  }

  /** A place for a connection became free somewhere in the cluster. Whether it was taken. */
  pump(): boolean {
    if (this.#waiting.length <= this.#dialling || !this.#mayDial(this.#cluster.limits)) {
      return false;
    }
    this.#dial();
    return true;
  }

  closeIdle(beforeMs: number): void {
    // The longest idle ones are in front.
    while (this.#idle[0] !== undefined && this.#idle[0].idleSinceMs < beforeMs) {
      this.#idle.shift()?.close();
    }
  }

  #takeIdle(): Http1Call | undefined {
    for (let connection = this.#idle.pop(); connection !== undefined; connection = this.#idle.pop()) {
      const { keepAliveMs, idleSinceMs } = connection;
      const lapsed = keepAliveMs !== Number.POSITIVE_INFINITY && performance.now() - idleSinceMs >= keepAliveMs;
      if (connection.open && !lapsed) {
        return connection;
      }
      connection.abort();
    }
    return undefined;
  }

  /** As Envoy has it, an endpoint without any connection may always get one. */
  #mayDial({ maxConnections }: L7Limits): boolean {
    return (
      maxConnections === 0 || this.#cluster.open < maxConnections || (this.#all.size === 0 && this.#dialling === 0)
    );
  }

  /** Waiters without a dial of their own count as pending. */
  #settleWaiting(): void {
    this.#cluster.recount();
  }

  get pending(): number {
    return Math.max(0, this.#waiting.length - this.#dialling);
  }

  #dial(): void {
    this.#dialling++;
    this.#cluster.open++;
    this.#cluster.dial(this.#endpoint).then(
      (stream) => {
        this.#dialling--;
        const connection = new Http1Call(this.#endpoint, stream, this);
        this.#all.add(connection);
        this.onFree(connection);
        this.#settleWaiting();
      },
      (error: unknown) => {
        this.#dialling--;
        const waiter = this.#waiting.shift();
        this.#cluster.closed();
        waiter?.onNoCall(error instanceof UpstreamError ? error : new UpstreamError("connect", String(error)));
      },
    );
  }
}
