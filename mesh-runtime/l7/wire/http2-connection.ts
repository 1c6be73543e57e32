import { constants, performServerHandshake, type ServerHttp2Session, type ServerHttp2Stream } from "node:http2";
import { performance } from "node:perf_hooks";
import type { Duplex } from "node:stream";
import { type ConnectionContext, countMalformed, malformedReply, type ServedConnection } from "./connection.ts";
import { Http2Exchange } from "./http2-exchange.ts";
import { http2Wire } from "./http2-wire.ts";
import { RateWindow } from "./rate-window.ts";
import { readHttp2Request } from "./read-http2-request.ts";

/** In one second; beyond it the client is told to calm down (CVE-2023-44487 and its kin). */
const floods = { resets: 100, controls: 50 } as const;

/** Ends a connection; not while it is reading. Without an error node:http2 would say NO_ERROR. */
const calm = (session: ServerHttp2Session): void =>
  session.destroy(new Error("a flood of frames"), constants.NGHTTP2_ENHANCE_YOUR_CALM);

/** A client's HTTP/2 connection: each of its streams is an exchange. */
export class Http2Connection implements ServedConnection {
  readonly #session: ServerHttp2Session;
  readonly #context: ConnectionContext;
  readonly #exchanges = new Set<Http2Exchange>();
  readonly #resets = new RateWindow(floods.resets);
  readonly #controls = new RateWindow(floods.controls);
  #idleSinceMs = performance.now();
  /** The first request has not come yet. */
  #fresh = true;

  constructor(stream: Duplex, context: ConnectionContext) {
    this.#context = context;
    stream.on("error", () => undefined);
    this.#session = performServerHandshake(stream, {
      settings: { ...http2Wire.settings, enablePush: false, enableConnectProtocol: true },
      maxSessionMemory: http2Wire.sessionMemoryMb,
      maxHeaderListPairs: http2Wire.fieldsMax,
      streamResetBurst: 2 * floods.resets,
      streamResetRate: floods.resets,
    });
    this.#session.setLocalWindowSize(http2Wire.sessionWindowBytes);
    this.#session.on("error", () => undefined);
    this.#session.on("stream", (http2, _headers, flags, raw) => this.#begin(http2, flags, raw));
    this.#session.on("ping", () => this.#count(this.#controls));
    this.#session.on("remoteSettings", () => this.#count(this.#controls));
    this.#session.on("close", () => {
      // The session does not always close what it ran on.
      stream.destroy();
    });
  }

  get heldBytes(): number {
    let bytes = 0;
    for (const exchange of this.#exchanges) {
      bytes += exchange.heldBytes;
    }
    return bytes;
  }

  drain(): void {
    if (!this.#session.closed && !this.#session.destroyed) {
      this.#session.close();
    }
  }

  destroy(): void {
    this.#session.destroy();
  }

  reconfigured(): void {
    const place = this.#context.place();
    for (const exchange of [...this.#exchanges]) {
      exchange.judgeAgain(place);
    }
  }

  checkTimeouts(nowMs: number): void {
    const { headMs, idleMs } = this.#context.timeouts;
    if (this.#exchanges.size === 0) {
      if (nowMs - this.#idleSinceMs > (this.#fresh ? headMs : idleMs)) {
        this.drain();
      }
      return;
    }
    for (const exchange of this.#exchanges) {
      exchange.checkTimeouts(nowMs);
    }
  }

  #begin(stream: ServerHttp2Stream, flags: number, raw: readonly string[]): void {
    stream.on("error", () => undefined);
    stream.on("aborted", () => this.#count(this.#resets));
    if (this.#session.closed || this.#session.destroyed) {
      stream.close(constants.NGHTTP2_REFUSED_STREAM);
      return;
    }
    this.#fresh = false;
    const context = this.#context;
    const place = context.place();
    const ended = (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0;
    const request = readHttp2Request(raw, ended, context.peer, place.rules, context.random);
    const exchange = new Http2Exchange(stream, context, (left) => {
      this.#exchanges.delete(left);
      this.#idleSinceMs = performance.now();
    });
    if ("malformed" in request) {
      countMalformed(context, 400);
      exchange.refuse(malformedReply(400, request.malformed));
      return;
    }
    this.#exchanges.add(exchange);
    exchange.begin(place, request, ended);
  }

  #count(window: RateWindow): void {
    if (window.exceeded(performance.now()) && !this.#session.destroyed) {
      setImmediate(calm, this.#session);
    }
  }
}
