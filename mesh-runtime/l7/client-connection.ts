import type { Socket } from "node:net";
import { performance } from "node:perf_hooks";
import {
  type Fields,
  type Framing,
  type Http1Error,
  type Http1Limits,
  type RequestHead,
  RequestReader,
  writeBody,
  writeBodyEnd,
} from "../http1/index.ts";
import type { ClientSide } from "./client-side.ts";
import { Exchange, type ExchangeContext } from "./exchange.ts";
import { forwardedFields } from "./forward-request.ts";
import { lingeringClose } from "./linger.ts";
import { localReplyText } from "./local-reply.ts";
import { planRequest } from "./plan-request.ts";
import type { PortState } from "./port-state.ts";

/** Times in milliseconds. */
export interface ClientTimeouts {
  /** From the first byte of a head (or from accepting the connection) to its last. */
  readonly headMs: number;
  /** Between messages. */
  readonly idleMs: number;
  /** Without a byte while the request's body is due. */
  readonly bodyIdleMs: number;
  /** Without a byte in either direction while the response is due, or in a tunnel. */
  readonly streamIdleMs: number;
  /** How long a connection that is being closed may still be read, so that the client sees the answer. */
  readonly lingerMs: number;
}

export const clientTimeouts: ClientTimeouts = {
  headMs: 10_000,
  idleMs: 75_000,
  bodyIdleMs: 300_000,
  streamIdleMs: 3_600_000,
  lingerMs: 1_000,
};

/** Body bytes that are thrown away after an early answer to keep the connection. */
const discardMax = 64 * 1024;
/** Early bytes of further requests that are held before reading stops. */
const heldMax = 64 * 1024;

export interface ClientConnectionOptions {
  readonly context: ExchangeContext;
  /** The port's configuration now. */
  readonly state: () => PortState;
  readonly timeouts: ClientTimeouts;
  readonly limits: Partial<Http1Limits>;
}

/** A client's connection: reads its requests one after the other and gives each an exchange. */
export class ClientConnection implements ClientSide {
  readonly clientAddress: string;
  readonly localAddress: string;
  readonly #socket: Socket;
  readonly #options: ClientConnectionOptions;
  readonly #reader: RequestReader;
  #exchange: Exchange | undefined;
  #request: RequestHead | undefined;
  #draining = false;
  #closing = false;
  /** The response is written, the request's body still comes. */
  #discarding = false;
  #discarded = 0;
  #phase: "idle" | "head" | "exchange" | "closing" = "head";
  #sinceMs = performance.now();

  constructor(socket: Socket, options: ClientConnectionOptions) {
    this.#socket = socket;
    this.#options = options;
    this.clientAddress = plainAddress(socket.remoteAddress);
    this.localAddress = plainAddress(socket.localAddress);
    this.#reader = new RequestReader(
      { head: (head) => this.#begin(head), body: (data) => this.#body(data), end: (trailers) => this.#end(trailers) },
      options.limits,
    );
    socket.on("data", (chunk: Buffer) => this.#receive(chunk));
    socket.on("drain", () => this.#exchange?.clientDrained());
    socket.on("end", () => this.#ended());
    socket.on("error", () => undefined);
    socket.on("close", () => {
      this.#phase = "closing";
      this.#exchange?.clientGone();
    });
  }

  get port(): number {
    return this.#options.state().port;
  }

  get keepAlive(): boolean {
    const early = this.#exchange?.requestEnded !== true && !isShort(this.#request);
    return this.#request?.keepAlive === true && !this.#draining && !early;
  }

  /** Nothing under way. */
  get idle(): boolean {
    return this.#phase === "idle" || (this.#phase === "head" && this.#reader.idle);
  }

  write(text: string): void {
    this.#sinceMs = performance.now();
    this.#socket.write(text, "latin1");
  }

  writeBody(framing: Framing, data: Buffer): boolean {
    this.#sinceMs = performance.now();
    return writeBody(this.#socket, framing, data);
  }

  writeEnd(framing: Framing, trailers: Fields): void {
    writeBodyEnd(this.#socket, framing, trailers);
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  becomeTunnel(): void {
    // Bytes that came before the switch are handed over once the caller is done.
    queueMicrotask(() => {
      this.#reader.becomeTunnel();
      this.#socket.resume();
    });
  }

  finished(close: boolean): void {
    const exchange = this.#exchange;
    if (exchange === undefined || this.#phase !== "exchange") {
      return;
    }
    if (close) {
      this.#linger();
    } else if (exchange.requestEnded) {
      this.#next();
    } else {
      this.#discarding = true;
      this.#discarded = 0;
      this.#socket.resume();
    }
  }

  breakOff(): void {
    this.#phase = "closing";
    this.#socket.resetAndDestroy();
  }

  /** Ends the connection as soon as nothing is under way. */
  drain(): void {
    this.#draining = true;
    if (this.idle) {
      this.#linger();
    }
  }

  destroy(): void {
    this.#socket.destroy();
  }

  /** Enforces the timeouts; called about once a second. */
  checkTimeouts(nowMs: number): void {
    const quietMs = nowMs - this.#sinceMs;
    const { headMs, idleMs, bodyIdleMs, streamIdleMs } = this.#options.timeouts;
    if (this.#phase === "idle" && quietMs > idleMs) {
      this.#linger();
    } else if (this.#phase === "head" && quietMs > headMs) {
      if (this.#reader.inHead) {
        this.#countMalformed(408);
        this.#refuse(408, "request timeout");
      } else {
        this.#linger();
      }
    } else if (this.#phase === "exchange" && quietMs > (this.#exchange?.requestEnded ? streamIdleMs : bodyIdleMs)) {
      this.#socket.destroy();
    }
  }

  #receive(chunk: Buffer): void {
    if (this.#closing) {
      return;
    }
    if (this.#phase === "idle") {
      this.#phase = "head";
      this.#sinceMs = performance.now();
    } else if (this.#phase === "exchange") {
      this.#sinceMs = performance.now();
    }
    this.#socket.cork();
    const error = this.#reader.push(chunk);
    this.#socket.uncork();
    this.#check(error);
    if (this.#reader.heldBytes > heldMax) {
      this.#socket.pause();
    }
  }

  #check(error: Http1Error | undefined): void {
    if (error === undefined) {
      return;
    }
    const exchange = this.#exchange;
    const answered = this.#phase === "exchange" && this.#discarding;
    const answering = !answered && exchange?.responding === true;
    this.#exchange = undefined;
    if (exchange === undefined) {
      this.#countMalformed(error.status);
    }
    exchange?.clientGone("DPE");
    if (answering) {
      this.breakOff();
    } else if (answered) {
      this.#linger();
    } else {
      this.#refuse(error.status, error.message);
    }
  }

  #begin(head: RequestHead): void {
    this.#request = head;
    this.#phase = "exchange";
    this.#sinceMs = performance.now();
    const { context, state } = this.#options;
    const forwarded = forwardedFields(head, this.clientAddress);
    const plan = planRequest(head, forwarded.fields, this, state(), context.random);
    const exchange = new Exchange(context, this, head, forwarded, plan);
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
    this.#exchange?.requestEnd(trailers);
    if (this.#discarding) {
      this.#next();
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
    this.#sinceMs = performance.now();
    // Not at once: this may run inside the reader's own callbacks.
    queueMicrotask(() => {
      if (this.#phase !== "idle") {
        return;
      }
      const hadMore = this.#reader.heldBytes > 0;
      if (hadMore) {
        this.#phase = "head";
      }
      this.#socket.resume();
      this.#socket.cork();
      const error = this.#reader.next();
      this.#socket.uncork();
      this.#check(error);
      if (this.#socket.readableEnded && this.idle) {
        this.#socket.end();
      }
    });
  }

  #ended(): void {
    const exchange = this.#exchange;
    if (exchange === undefined || this.#closing) {
      this.#socket.end();
      return;
    }
    if (exchange.tunnelling) {
      exchange.clientEnded();
      return;
    }
    // A client that ends its side no longer waits: as with Envoy and node:http, the exchange is given up.
    this.#phase = "closing";
    exchange.clientGone();
    this.#socket.destroy();
  }

  #refuse(status: number, detail: string): void {
    this.#phase = "closing";
    this.#socket.write(localReplyText({ status, flag: "DPE", body: detail }, "GET", true), "latin1");
    this.#linger();
  }

  /** A request that cannot be read has neither method nor path to be counted by. */
  #countMalformed(status: number): void {
    this.#options.context.onExchange({
      method: "-",
      path: "-",
      host: "",
      status,
      flag: "DPE",
      durationMs: 0,
      requestBytes: 0,
      responseBytes: 0,
      clientAddress: this.clientAddress,
      port: this.port,
      traceparent: "",
    });
  }

  #linger(): void {
    if (!this.#closing) {
      this.#closing = true;
      this.#phase = "closing";
      lingeringClose(this.#socket, this.#options.timeouts.lingerMs);
    }
  }
}

/** A body that may be read to its end for the sake of the connection. */
const isShort = (request: RequestHead | undefined): boolean =>
  request !== undefined &&
  (request.framing.kind === "none" || (request.framing.kind === "length" && request.framing.length <= discardMax));

/** IPv4 addresses without the IPv6 mapping that a dual-stack socket shows. */
const plainAddress = (address: string | undefined): string => (address ?? "").replace(/^::ffff:/, "");
