import { performance } from "node:perf_hooks";
import type { Duplex } from "node:stream";
import { abort } from "../../hbone/splice.ts";
import {
  type Fields,
  type Framing,
  type Http1Error,
  type Http1Limits,
  noBody,
  type RequestHead,
  RequestReader,
  responseHeadText,
} from "../../http1/index.ts";
import { Exchange } from "../exchange.ts";
import type { HttpResponse } from "../http-response.ts";
import { judgeAgain } from "../judge-again.ts";
import { LastMove } from "../last-move.ts";
import type { LocalReply } from "../local-reply.ts";
import { BodySpeed, mayTrickle } from "./body-speed.ts";
import type { ClientSide } from "./client-side.ts";
import { type ConnectionContext, countMalformed, malformedReply, type ServedConnection } from "./connection.ts";
import { bodyEndText, http1Head, http1Reply } from "./http1-response.ts";
import { discardMax, isShort } from "./leftover-body.ts";
import { lingeringClose } from "./linger.ts";
import { Outgoing, readingBegins, readingEnded } from "./outgoing.ts";
import { readHttp1Request } from "./read-http1-request.ts";

/** Early bytes of further requests that are held before reading stops. */
const heldMax = 64 * 1024;

/** A client's HTTP/1 connection: reads its requests one after the other and gives each an exchange. */
export class Http1Connection implements ClientSide, ServedConnection {
  readonly #stream: Duplex;
  readonly #context: ConnectionContext;
  readonly #reader: RequestReader;
  readonly #out: Outgoing;
  #exchange: Exchange | undefined;
  #request: RequestHead | undefined;
  /** Of the answer that is being written. */
  #framing: Framing = noBody;
  #close = false;
  #draining = false;
  #quietMs = 0;
  #closing = false;
  /** The response is written, the request's body still comes. */
  #discarding = false;
  #discarded = 0;
  #phase: "idle" | "head" | "exchange" | "closing" = "head";
  readonly #lastMove = new LastMove(performance.now());
  /** Bytes are being read: what ends a message now runs inside the reader. */
  #reading = false;
  readonly #speed = new BodySpeed();

  constructor(stream: Duplex, context: ConnectionContext, limits: Partial<Http1Limits> = {}) {
    this.#stream = stream;
    this.#context = context;
    this.#out = new Outgoing(stream);
    this.#reader = new RequestReader(
      { head: (head) => this.#begin(head), body: (data) => this.#body(data), end: (trailers) => this.#end(trailers) },
      limits,
    );
    stream.on("data", (chunk: Buffer) => this.receive(chunk));
    stream.on("drain", () => this.#exchange?.clientDrained());
    stream.on("end", () => this.#ended());
    stream.on("error", () => undefined);
    stream.on("close", () => {
      this.#phase = "closing";
      this.#closing = true;
      this.#exchange?.clientGone();
      this.#leaveExchange();
    });
  }

  get heldBytes(): number {
    const { readableLength, writableLength } = this.#stream;
    return readableLength + writableLength + this.#reader.waitingBytes + (this.#exchange?.heldBytes ?? 0);
  }

  /** Takes bytes of the client. */
  receive(chunk: Buffer): void {
    if (this.#closing) {
      return;
    }
    if (this.#phase === "idle") {
      this.#phase = "head";
      this.#lastMove.note();
    } else if (this.#phase === "exchange") {
      this.#lastMove.note();
      this.#speed.took(chunk.length);
    }
    readingBegins();
    try {
      this.#reading = true;
      const error = this.#reader.push(chunk);
      this.#reading = false;
      this.#check(error);
    } finally {
      readingEnded();
    }
    if (this.#reader.heldBytes > heldMax) {
      this.#stream.pause();
    }
  }

  interim(status: number, fields: Fields): void {
    this.#out.text(responseHeadText({ status, fields, framing: noBody }));
  }

  head(response: HttpResponse): void {
    this.#lastMove.note();
    const head = http1Head(response, this.#request?.minorVersion ?? 1, !this.#keepAlive);
    this.#framing = head.framing;
    this.#close = head.close;
    this.#out.text(head.text);
  }

  reply(reply: LocalReply): number {
    this.#close = !this.#keepAlive || this.#request?.minorVersion === 0;
    const written = http1Reply(
      reply,
      this.#request?.method ?? "GET",
      this.#exchange?.request.grpc === true,
      this.#close,
    );
    this.#out.text(written.head);
    this.#out.data(written.body);
    this.#out.flush();
    return written.body.length;
  }

  body(data: Buffer): boolean {
    this.#lastMove.note();
    return data.length === 0 || this.#framing.kind !== "chunked" ? this.#out.data(data) : this.#out.chunk(data);
  }

  end(trailers: Fields): void {
    if (this.#exchange?.tunnelling === true) {
      this.#out.flush();
      this.#stream.end();
      return;
    }
    this.#out.text(bodyEndText(this.#framing, trailers));
    this.#out.flush();
  }

  pause(): void {
    this.#stream.pause();
  }

  resume(): void {
    if (!this.#closing) {
      this.#stream.resume();
    }
  }

  becomeTunnel(response: HttpResponse): void {
    const { status, reason, fields, upgrade } = response;
    const shown = fields.copy();
    if (upgrade !== undefined) {
      shown.set("upgrade", upgrade);
    }
    this.#out.text(responseHeadText({ status, reason, fields: shown, framing: noBody, connection: "upgrade" }));
    this.#framing = noBody;
    this.#close = true;
    // Bytes that came before the switch are handed over once the caller is done.
    queueMicrotask(() => {
      this.#reader.becomeTunnel();
      this.resume();
    });
  }

  finished(): void {
    const exchange = this.#exchange;
    if (exchange === undefined || this.#phase !== "exchange") {
      return;
    }
    this.#context.counters.requests--;
    if (this.#close) {
      this.#exchange = undefined;
      this.#linger();
    } else if (exchange.requestEnded) {
      this.#next();
    } else {
      this.#discarding = true;
      this.#discarded = 0;
      this.#stream.resume();
    }
  }

  breakOff(): void {
    this.#leaveExchange();
    this.#phase = "closing";
    this.#closing = true;
    abort(this.#stream);
  }

  drain(quietMs = 0): void {
    this.#draining = true;
    this.#quietMs = quietMs;
    this.#leaveWhenQuiet(performance.now());
  }

  #leaveWhenQuiet(nowMs: number): void {
    const idle = this.#phase === "idle" || (this.#phase === "head" && this.#reader.idle);
    if (idle && nowMs - this.#lastMove.asOf(nowMs) >= this.#quietMs) {
      this.#linger();
    }
  }

  destroy(): void {
    this.#stream.destroy();
  }

  reconfigured(): void {
    judgeAgain(this.#exchange, this.#context.place(), this.#context.peer);
  }

  checkTimeouts(nowMs: number): void {
    const sinceMs = this.#lastMove.asOf(nowMs);
    if (this.#draining) {
      this.#leaveWhenQuiet(nowMs);
    }
    const quietMs = nowMs - sinceMs;
    const { headMs, idleMs, bodyIdleMs } = this.#context.timeouts;
    if (this.#phase === "idle" && quietMs > idleMs) {
      this.#linger();
    } else if (this.#phase === "head" && quietMs > headMs) {
      if (this.#reader.inHead) {
        countMalformed(this.#context, 408);
        this.#refuse(408, "request timeout");
      } else {
        this.#linger();
      }
    } else if (this.#phase === "exchange") {
      const exchange = this.#exchange;
      if (exchange?.requestEnded === false && (quietMs > bodyIdleMs || this.#tooSlow(exchange, nowMs))) {
        exchange.clientGone();
        this.breakOff();
      } else {
        exchange?.checkIdle(sinceMs, nowMs);
      }
    }
  }

  /** False when the connection must end with this response. */
  get #keepAlive(): boolean {
    const request = this.#request;
    // A client that waits for 100 may never send its body: what comes next could not be told apart.
    const early = this.#exchange?.requestEnded !== true && (request?.expectsContinue === true || !isShort(request));
    return request?.keepAlive === true && !this.#draining && !early;
  }

  /** A body that trickles while we are ready to read it. */
  #tooSlow(exchange: Exchange, nowMs: number): boolean {
    if (mayTrickle(exchange) || this.#stream.isPaused()) {
      this.#speed.restart();
      return false;
    }
    const { bodyBytesPerSecond, bodyWindowMs } = this.#context.timeouts;
    return this.#speed.below(bodyBytesPerSecond, bodyWindowMs, nowMs);
  }

  #check(error: Http1Error | undefined): void {
    if (error === undefined) {
      return;
    }
    const exchange = this.#exchange;
    const answered = this.#phase === "exchange" && this.#discarding;
    const answering = !answered && exchange?.responding === true;
    if (exchange === undefined) {
      countMalformed(this.#context, error.status);
    } else if (!answered) {
      exchange.clientGone("DPE");
    }
    this.#leaveExchange();
    if (answering) {
      this.breakOff();
    } else if (answered) {
      this.#linger();
    } else {
      this.#refuse(error.status, error.message);
    }
  }

  #begin(head: RequestHead): void {
    const context = this.#context;
    const place = context.place();
    this.#request = head;
    this.#phase = "exchange";
    this.#lastMove.note();
    this.#speed.restart();
    context.counters.requests++;
    const request = readHttp1Request(head, context.peer, place.rules, context.random);
    const exchange = new Exchange(context, place, this, request, context.peer);
    this.#exchange = exchange;
    exchange.start();
  }

  #body(data: Buffer): void {
    if (!this.#discarding) {
      this.#exchange?.requestBody(data);
      return;
    }
    this.#discarded += data.length;
    if (this.#discarded > discardMax) {
      this.#linger();
    }
  }

  #end(trailers: Fields): void {
    if (this.#discarding) {
      this.#next();
    } else {
      this.#exchange?.requestEnd(trailers);
    }
  }

  #next(): void {
    this.#exchange = undefined;
    this.#request = undefined;
    this.#discarding = false;
    if (this.#draining) {
      this.#linger();
      return;
    }
    this.#phase = "idle";
    this.#lastMove.note();
    if (this.#reading || this.#reader.heldBytes > 0) {
      // Not at once: this may run inside the reader's own callbacks, or those of the answer's.
      queueMicrotask(() => this.#goOn());
    } else {
      this.#goOn();
    }
  }

  #goOn(): void {
    if (this.#phase !== "idle") {
      return;
    }
    if (this.#reader.heldBytes > 0) {
      this.#phase = "head";
    }
    this.#stream.resume();
    this.#reading = true;
    const error = this.#reader.next();
    this.#reading = false;
    this.#check(error);
    if (this.#stream.readableEnded && this.#exchange === undefined) {
      this.#stream.end();
    }
  }

  #ended(): void {
    const exchange = this.#exchange;
    if (exchange === undefined || this.#closing) {
      this.#out.flush();
      this.#stream.end();
      return;
    }
    if (exchange.tunnelling) {
      exchange.clientEnded();
      return;
    }
    // A client that ends its side no longer waits: as with Envoy and node:http, the exchange is given up.
    this.#phase = "closing";
    exchange.clientGone();
    this.#leaveExchange();
    this.#stream.destroy();
  }

  #leaveExchange(): void {
    if (this.#exchange !== undefined) {
      this.#exchange = undefined;
      if (!this.#discarding) {
        this.#context.counters.requests--;
      }
    }
  }

  #refuse(status: number, detail: string): void {
    this.#phase = "closing";
    const { head, body } = http1Reply(malformedReply(status, detail), "GET", false, true);
    this.#out.text(head);
    this.#out.data(body);
    this.#linger();
  }

  #linger(): void {
    if (!this.#closing) {
      this.#closing = true;
      this.#phase = "closing";
      this.#out.flush();
      lingeringClose(this.#stream, this.#context.timeouts.lingerMs);
    }
  }
}
