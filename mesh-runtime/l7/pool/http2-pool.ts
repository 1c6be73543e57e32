import type { Endpoint } from "../mesh-view.ts";
import type { ConnectionBudget } from "./connection-budget.ts";
import type { Http2Call } from "./http2-call.ts";
import { Http2Session } from "./http2-session.ts";
import type { CallWaiter } from "./upstream-call.ts";
import { UpstreamError } from "./upstream-error.ts";

/** HTTP/2 connections of one cluster to one endpoint, and the requests that wait for a stream. */
export class Http2Pool {
  readonly #cluster: ConnectionBudget;
  readonly #endpoint: Endpoint;
  readonly #sessions = new Set<Http2Session>();
  readonly #waiting: CallWaiter[] = [];
  #dialling = 0;

  constructor(cluster: ConnectionBudget, endpoint: Endpoint) {
    this.#cluster = cluster;
    this.#endpoint = endpoint;
  }

  get connections(): number {
    return this.#sessions.size;
  }

  get empty(): boolean {
    return this.#sessions.size === 0 && this.#dialling === 0 && this.#waiting.length === 0;
  }

  get pending(): number {
    // One dial will serve many.
    return this.#dialling > 0 ? 0 : this.#waiting.length;
  }

  /** A call at once where a connection has room, or `undefined`: then the waiter hears later. */
  acquire(waiter: CallWaiter): Http2Call | undefined {
    for (const session of this.#sessions) {
      if (session.hasRoom) {
        return session.call();
      }
    }
    if (this.#dialling === 0 && !this.#mayDial() && !this.#cluster.mayWait()) {
      queueMicrotask(() =>
        waiter.onNoCall(new UpstreamError("overflow", `${this.#cluster.key}: too many requests wait`)),
      );
      return undefined;
    }
    this.#waiting.push(waiter);
    if (this.#dialling === 0 && this.#mayDial()) {
      this.#dial();
    }
    this.#cluster.recount();
    return undefined;
  }

  cancel(waiter: CallWaiter): void {
    const index = this.#waiting.indexOf(waiter);
    if (index !== -1) {
      this.#waiting.splice(index, 1);
      this.#cluster.recount();
    }
  }

  pump(): boolean {
    if (this.#waiting.length === 0 || this.#dialling > 0 || !this.#mayDial()) {
      return false;
    }
    this.#dial();
    return true;
  }

  closeIdle(beforeMs: number): void {
    for (const session of this.#sessions) {
      if (session.streams === 0 && session.idleSinceMs < beforeMs) {
        session.drain();
      }
    }
  }

  #mayDial(): boolean {
    const { maxConnections } = this.#cluster.limits;
    return (
      maxConnections === 0 || this.#cluster.open < maxConnections || (this.#sessions.size === 0 && this.#dialling === 0)
    );
  }

  #dial(): void {
    this.#dialling++;
    this.#cluster.open++;
    this.#cluster.dial(this.#endpoint).then(
      (stream) => {
        this.#dialling--;
        const { maxRequestsPerConnection } = this.#cluster.limits;
        const session: Http2Session = new Http2Session(this.#endpoint, stream, maxRequestsPerConnection, () =>
          this.#changed(session),
        );
        this.#sessions.add(session);
        this.#serve();
      },
      (error: unknown) => {
        this.#dialling--;
        const failed = this.#waiting.splice(0);
        this.#cluster.closed();
        const reason = error instanceof UpstreamError ? error : new UpstreamError("connect", String(error));
        for (const waiter of failed) {
          waiter.onNoCall(reason);
        }
      },
    );
  }

  #changed(session: Http2Session): void {
    if (session.gone && this.#sessions.delete(session)) {
      this.#cluster.closed();
    }
    this.#serve();
  }

  #serve(): void {
    for (const session of this.#sessions) {
      while (session.hasRoom) {
        const waiter = this.#waiting.shift();
        if (waiter === undefined) {
          return;
        }
        waiter.onCall(session.call());
      }
    }
    this.pump();
    this.#cluster.recount();
  }
}
