import { constants, type ServerHttp2Stream } from "node:http2";
import { performance } from "node:perf_hooks";
import { honestEnd } from "../../hbone/honest-end.ts";
import { abort } from "../../hbone/splice.ts";
import type { Fields } from "../../http1/index.ts";
import { Exchange } from "../exchange.ts";
import type { ExchangePlace } from "../exchange-context.ts";
import type { HttpRequest } from "../http-request.ts";
import { type HttpResponse, noTrailers } from "../http-response.ts";
import { judgeAgain } from "../judge-again.ts";
import { type LocalReply, localReplies, writtenReply } from "../local-reply.ts";
import { BodySpeed, mayTrickle } from "./body-speed.ts";
import type { ClientSide } from "./client-side.ts";
import type { ConnectionContext } from "./connection.ts";
import { http2Fields, readHttp2Trailers, sendTrailers, trailersObject } from "./http2-fields.ts";

/** How long a stream whose answer is written may still be read. */
const discardMs = 200;

/** A stream of a client's HTTP/2 connection, which is one exchange. */
export class Http2Exchange implements ClientSide {
  readonly #stream: ServerHttp2Stream;
  readonly #context: ConnectionContext;
  readonly #onLeft: (exchange: Http2Exchange) => void;
  #exchange: Exchange | undefined;
  #trailers = noTrailers;
  #received = noTrailers;
  #over = false;
  #sinceMs = performance.now();
  /** Only bodies that take longer than a round of timeouts have one. */
  #speed: BodySpeed | undefined;

  constructor(stream: ServerHttp2Stream, context: ConnectionContext, onLeft: (exchange: Http2Exchange) => void) {
    this.#stream = honestEnd(stream);
    this.#context = context;
    this.#onLeft = onLeft;
  }

  /** Gives the request its exchange; call once. */
  begin(place: ExchangePlace, request: HttpRequest, ended: boolean): void {
    const stream = this.#stream;
    const exchange = new Exchange(this.#context, place, this, request, this.#context.peer);
    this.#exchange = exchange;
    this.#context.counters.requests++;
    if (ended) {
      stream.resume();
    } else {
      stream.on("data", (data: Buffer) => {
        this.#sinceMs = performance.now();
        this.#speed?.took(data.length);
        if (!this.#over) {
          exchange.requestBody(data);
        }
      });
      stream.on("trailers", (_headers, _flags, raw) => {
        this.#received = readHttp2Trailers(raw);
      });
      stream.on("end", () => {
        if (exchange.tunnelling) {
          exchange.clientEnded();
        } else {
          exchange.requestEnd(this.#received);
        }
      });
    }
    stream.on("drain", () => exchange.clientDrained());
    stream.on("close", () => {
      exchange.clientGone();
      this.#leave();
    });
    exchange.start();
    if (ended) {
      exchange.requestEnd(noTrailers);
    }
  }

  /** Answers a request that gets no exchange. */
  refuse(reply: LocalReply): void {
    this.reply(reply);
    this.finished();
  }

  get heldBytes(): number {
    return this.#stream.readableLength + this.#stream.writableLength + (this.#exchange?.heldBytes ?? 0);
  }

  judgeAgain(place: ExchangePlace): void {
    judgeAgain(this.#exchange, place, this.#context.peer);
  }

  checkTimeouts(nowMs: number): void {
    const exchange = this.#exchange;
    const isDue = exchange?.requestEnded === false && !exchange.tunnelling;
    if (isDue && (nowMs - this.#sinceMs > this.#context.timeouts.bodyIdleMs || this.#tooSlow(exchange, nowMs))) {
      exchange.clientGone();
      this.breakOff();
    } else {
      exchange?.checkIdle(this.#sinceMs, nowMs);
    }
  }

  /** A body that trickles while we are ready to read it. */
  #tooSlow(exchange: Exchange, nowMs: number): boolean {
    this.#speed ??= new BodySpeed();
    if (mayTrickle(exchange) || this.#stream.isPaused()) {
      this.#speed.restart();
      return false;
    }
    const { bodyBytesPerSecond, bodyWindowMs } = this.#context.timeouts;
    return this.#speed.below(bodyBytesPerSecond, bodyWindowMs, nowMs);
  }

  interim(status: number, fields: Fields): void {
    if (!this.#stream.headersSent && !this.#stream.closed) {
      const object: Record<string, string | number | string[]> = { ":status": status, ...trailersObject(fields) };
      try {
        this.#stream.additionalHeaders(object);
      } catch {
        // Fields that node:http2 would not write; the answer itself still comes.
      }
    }
  }

  head(response: HttpResponse): void {
    const { status, fields, body, announcedLength } = response;
    const list = [":status", String(status)];
    http2Fields(fields, list);
    const length = body.kind === "length" ? String(body.length) : announcedLength;
    if (length !== undefined) {
      list.push("content-length", length);
    }
    const endStream = body.kind === "none" || (body.kind === "length" && body.length === 0);
    this.#respond(list, endStream, body.kind === "stream");
  }

  reply(reply: LocalReply): number {
    const grpc = this.#exchange?.request.grpc === true;
    const { status, fields, body, length } = writtenReply(reply, this.#exchange?.request.method ?? "GET", grpc);
    const list = [":status", String(status)];
    http2Fields(fields, list);
    if (!grpc) {
      list.push("content-length", String(length));
    }
    this.#respond(list, body.length === 0, false);
    if (body.length > 0) {
      this.#stream.end(body);
    }
    return body.length;
  }

  body(data: Buffer): boolean {
    this.#sinceMs = performance.now();
    return this.#stream.writableEnded || this.#stream.destroyed ? true : this.#stream.write(data);
  }

  end(trailers: Fields): void {
    this.#trailers = trailers;
    if (!this.#stream.writableEnded && !this.#stream.destroyed) {
      this.#stream.end();
    }
  }

  pause(): void {
    this.#stream.pause();
  }

  resume(): void {
    this.#stream.resume();
  }

  becomeTunnel({ fields }: HttpResponse): void {
    const list = [":status", "200"];
    const shown = fields.copy();
    // RFC 8441 §5: HTTP/2 has no use for it.
    shown.remove("sec-websocket-accept");
    http2Fields(shown, list);
    this.#respond(list, false, false);
  }

  finished(): void {
    const stream = this.#stream;
    this.#over = true;
    if (stream.readableEnded || stream.destroyed) {
      return;
    }
    // The rest of the request is of no use: a client that goes on sending is stopped (RFC 9113 §8.1). Not at once: some
    // take a reset right behind an answer for its loss.
    stream.resume();
    const timer = setTimeout(() => stream.close(constants.NGHTTP2_NO_ERROR), discardMs).unref();
    stream.once("close", () => clearTimeout(timer));
  }

  breakOff(): void {
    this.#over = true;
    // Not while the session is reading, see `pool/http2-call.ts`.
    setImmediate(abort, this.#stream);
  }

  #respond(list: string[], endStream: boolean, mayHaveTrailers: boolean): void {
    const stream = this.#stream;
    if (stream.destroyed || stream.closed || stream.headersSent) {
      return;
    }
    try {
      const options = { endStream, waitForTrailers: mayHaveTrailers, sendDate: false };
      stream.respond(list, options);
    } catch {
      // Fields that node:http2 would not write (e.g. one that may stand once, twice).
      const { status, fields } = writtenReply(localReplies.protocolError, "HEAD", false);
      const plain = [":status", String(status)];
      http2Fields(fields, plain);
      stream.respond(plain, { endStream: true });
      this.#exchange?.clientGone();
      return;
    }
    if (mayHaveTrailers) {
      stream.on("wantTrailers", () => sendTrailers(stream, this.#trailers));
    }
  }

  #leave(): void {
    if (this.#exchange !== undefined) {
      this.#exchange = undefined;
      this.#context.counters.requests--;
      this.#onLeft(this);
    }
  }
}
