import { performance } from "node:perf_hooks";
import type { Duplex } from "node:stream";
import { abort } from "../hbone/splice.ts";
import type { Http1Limits } from "../http1/index.ts";
import type { ExchangeContext } from "./exchange-context.ts";
import { type HeldStream, whatToEnd } from "./memory-relief.ts";
import type { Peer } from "./peer.ts";
import type { PlacedTarget } from "./place.ts";
import { TcpTunnel, type TunnelContext } from "./tcp-tunnel.ts";
import type { ClientTimeouts, ConnectionContext, ServedConnection } from "./wire/connection.ts";
import { Http1Connection } from "./wire/http1-connection.ts";
import { Http2Connection } from "./wire/http2-connection.ts";
import { sniff, sniffHttp } from "./wire/sniff.ts";

export interface ServedStreamsOptions {
  readonly exchanges: ExchangeContext;
  readonly tunnels: TunnelContext;
  readonly timeouts: ClientTimeouts;
  readonly http1Limits: Partial<Http1Limits>;
  /** More than these are refused. */
  readonly streamsMax: number;
  /** What may wait in memory in all. */
  readonly heldBytesMax: number;
  readonly random: () => number;
}

/** Less is not worth ending a stream for. */
const heavyBytes = 4 * 1024;

/** A stream whose first bytes are not there yet. */
class Sniffing implements ServedConnection {
  readonly #stream: Duplex;
  readonly #headMs: number;
  readonly #sinceMs = performance.now();
  heldBytes = 0;

  constructor(stream: Duplex, headMs: number) {
    this.#stream = stream;
    this.#headMs = headMs;
  }

  drain(): void {
    this.#stream.destroy();
  }

  destroy(): void {
    this.#stream.destroy();
  }

  /**
   * A client that says nothing gets nothing: a port whose server speaks first must be named TCP. Taking silence for TCP
   * would let a caller choose which rules hold for it.
   */
  checkTimeouts(nowMs: number): void {
    if (nowMs - this.#sinceMs > this.#headMs) {
      this.#stream.destroy();
    }
  }
}

/** All streams that an engine serves. */
export class ServedStreams {
  readonly #options: ServedStreamsOptions;
  readonly #served = new Map<Duplex, ServedConnection>();
  readonly #callers = new WeakMap<Duplex, string>();
  readonly #counters = { requests: 0 };
  #draining = false;
  #onEmpty: (() => void) | undefined;

  constructor(options: ServedStreamsOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#served.size;
  }

  get requests(): number {
    return this.#counters.requests;
  }

  /** Serves a stream by what its port speaks, by ALPN, or by its first bytes. */
  serve(stream: Duplex, peer: Peer, target: PlacedTarget, alpn: "h2" | "http/1.1" | undefined): void {
    stream.on("error", () => undefined);
    if (stream.destroyed || this.#draining || this.#served.size >= this.#options.streamsMax) {
      abort(stream);
      return;
    }
    stream.once("close", () => this.#left(stream));
    this.#callers.set(stream, peer.principal ?? peer.sourceIp);
    const { protocol } = target.place;
    if (protocol === "TCP") {
      this.#tunnel(stream, peer, target);
    } else if (alpn === "h2") {
      this.#served.set(stream, new Http2Connection(stream, this.#contextOf(peer, target)));
    } else if (alpn === "http/1.1") {
      this.#http1(stream, peer, target, undefined);
    } else {
      this.#sniff(stream, peer, target, protocol === "AUTO");
    }
  }

  checkTimeouts(nowMs: number): void {
    for (const connection of this.#served.values()) {
      connection.checkTimeouts(nowMs);
    }
  }

  /**
   * Keeps what waits in memory for slow callers and slow servers within `heldBytesMax`: ends what holds most, of those
   * callers that hold more than others. Returns how many streams were ended.
   */
  relieve(): number {
    const { heldBytesMax } = this.#options;
    const heavy: HeldStream[] = [];
    let all = 0;
    for (const [stream, { heldBytes }] of this.#served) {
      all += heldBytes;
      if (heldBytes >= heavyBytes) {
        heavy.push({ stream, caller: this.#callers.get(stream) ?? "", heldBytes });
      }
    }
    const ended = all <= heldBytesMax ? [] : whatToEnd(heavy, all - heldBytesMax / 2);
    for (const { stream } of ended) {
      abort(stream);
    }
    return ended.length;
  }

  /** New configuration is in force. */
  reconfigured(): void {
    for (const connection of [...this.#served.values()]) {
      connection.reconfigured?.();
    }
  }

  /** Ends one stream in good order, as soon as nothing is under way on it. */
  retire(stream: Duplex, quietMs: number): void {
    this.#served.get(stream)?.drain(quietMs);
  }

  /** No new streams; resolves when all have ended, at the latest after `graceMs`. */
  async drain(graceMs: number, quietMs = 0): Promise<void> {
    this.#draining = true;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#onEmpty = resolve;
    for (const connection of [...this.#served.values()]) {
      connection.drain(quietMs);
    }
    if (this.#served.size === 0) {
      resolve();
    }
    const timer = setTimeout(() => {
      for (const connection of [...this.#served.values()]) {
        connection.destroy();
      }
      resolve();
    }, graceMs);
    await promise;
    clearTimeout(timer);
  }

  #sniff(stream: Duplex, peer: Peer, target: PlacedTarget, mayBeTcp: boolean): void {
    this.#served.set(stream, new Sniffing(stream, this.#options.timeouts.headMs));
    let held: Buffer | undefined;
    const onData = (chunk: Buffer): void => {
      held = held === undefined ? chunk : Buffer.concat([held, chunk]);
      const found = mayBeTcp ? sniff(held) : sniffHttp(held);
      if (found === "more") {
        return;
      }
      stream.off("data", onData);
      stream.off("end", onEnd);
      if (found === "http1") {
        this.#http1(stream, peer, target, held);
        return;
      }
      stream.pause();
      stream.unshift(held);
      if (found === "http2") {
        this.#served.set(stream, new Http2Connection(stream, this.#contextOf(peer, target)));
      } else {
        this.#tunnel(stream, peer, target);
      }
    };
    const onEnd = (): void => {
      stream.off("data", onData);
      stream.end();
    };
    stream.on("data", onData);
    stream.once("end", onEnd);
  }

  #http1(stream: Duplex, peer: Peer, target: PlacedTarget, first: Buffer | undefined): void {
    const connection = new Http1Connection(stream, this.#contextOf(peer, target), this.#options.http1Limits);
    this.#served.set(stream, connection);
    if (first !== undefined) {
      connection.receive(first);
    }
  }

  #tunnel(stream: Duplex, peer: Peer, target: PlacedTarget): void {
    const tunnel = new TcpTunnel(stream, peer, () => target.place, this.#options.tunnels, performance.now());
    this.#served.set(stream, tunnel);
    tunnel.start();
  }

  #contextOf(peer: Peer, target: PlacedTarget): ConnectionContext {
    const { exchanges, timeouts, random } = this.#options;
    return { ...exchanges, timeouts, random, peer, place: () => target.place, counters: this.#counters };
  }

  #left(stream: Duplex): void {
    this.#served.delete(stream);
    if (this.#served.size === 0) {
      this.#onEmpty?.();
    }
  }
}
