import { Socket } from "node:net";
import process from "node:process";
import type { Duplex } from "node:stream";
import { Fields, type Framing, type ResponseHead, ResponseReader, writeBody, writeBodyEnd } from "../http1/index.ts";
import type { Endpoint } from "./mesh-view.ts";
import { UpstreamError } from "./upstream-error.ts";

const noTrailers = new Fields();

/** Who made the request that a connection carries now. */
export interface UpstreamListener {
  onHead(head: ResponseHead): void;
  onBody(data: Buffer): void;
  /** The response is over. */
  onEnd(trailers: Fields): void;
  /** The request's body may go on. */
  onDrain(): void;
  /** The connection is lost; nothing more comes. */
  onFailed(error: UpstreamError): void;
}

/**
 * One connection to an endpoint, carrying one exchange at a time. What an upstream sends when nothing was asked closes
 * the connection.
 */
export class UpstreamConnection {
  readonly endpoint: Endpoint;
  /** Requests it has carried, with the present one. */
  requests = 0;
  /** When it became idle, milliseconds of a monotonic clock. */
  idleSinceMs = 0;
  /** How long the server keeps it idle, as far as it said. */
  keepAliveMs = Number.POSITIVE_INFINITY;
  /** Bytes of the present response have come. */
  responded = false;
  readonly #stream: Duplex;
  readonly #reader: ResponseReader;
  readonly #onGone: (connection: UpstreamConnection) => void;
  #listener: UpstreamListener | undefined;
  #reusable = true;
  #requestDone = false;
  #responseDone = false;
  #tunnel = false;

  constructor(endpoint: Endpoint, stream: Duplex, onGone: (connection: UpstreamConnection) => void) {
    this.endpoint = endpoint;
    this.#stream = stream;
    this.#onGone = onGone;
    this.#reader = new ResponseReader({
      head: (head) => {
        this.#reusable &&= head.keepAlive || (head.status < 200 && head.status !== 101);
        this.keepAliveMs = keepAliveMs(head);
        this.#tunnel = head.framing.kind === "tunnel";
        this.#listener?.onHead(head);
      },
      body: (data) => this.#listener?.onBody(data),
      end: (trailers) => {
        this.#responseDone = true;
        this.#listener?.onEnd(trailers);
      },
    });
    stream.on("data", (chunk: Buffer) => this.#receive(chunk));
    stream.on("drain", () => this.#listener?.onDrain());
    stream.on("end", () => this.#finish());
    // Errors are followed by `close`.
    stream.on("error", () => undefined);
    stream.on("close", () => this.#fail("reset", "the connection was closed"));
    if (stream.destroyed) {
      queueMicrotask(() => this.#fail("reset", "the connection was closed"));
    }
  }

  get open(): boolean {
    return this.#reusable && !this.#stream.destroyed && this.#stream.writable;
  }

  /** Whether another request may follow once this exchange is over. */
  get reusable(): boolean {
    return this.open && this.#requestDone && this.#responseDone && this.#reader.idle;
  }

  /** Sends a head; body and end follow by `write` and `endRequest`. */
  begin(method: string, head: string, listener: UpstreamListener): void {
    this.#listener = listener;
    this.requests++;
    this.responded = false;
    this.#requestDone = false;
    this.#responseDone = false;
    if (this.#stream.destroyed) {
      queueMicrotask(() => this.#fail("reset", "the connection was closed"));
      return;
    }
    const error = this.#reader.expect(method);
    if (error !== undefined) {
      this.#fail("protocol", error.message);
      return;
    }
    // What of the body has come already leaves with the head.
    this.#stream.cork();
    process.nextTick(() => this.#stream.uncork());
    this.#stream.write(head, "latin1");
  }

  /** False: wait for `onDrain`. */
  write(framing: Framing, data: Buffer): boolean {
    return writeBody(this.#stream, framing, data);
  }

  endRequest(framing: Framing, trailers: Fields): void {
    writeBodyEnd(this.#stream, framing, trailers);
    this.#requestDone = true;
  }

  /** Ends this side of a tunnel. */
  endTunnel(): void {
    this.#stream.end();
  }

  pause(): void {
    this.#stream.pause();
  }

  resume(): void {
    this.#stream.resume();
  }

  /** The exchange is over and the connection goes back to its pool. */
  detach(): void {
    this.#listener = undefined;
    this.#stream.resume();
  }

  /** Breaks the connection; the listener hears nothing more. */
  abort(): void {
    this.#listener = undefined;
    this.#reusable = false;
    if (this.#stream instanceof Socket) {
      this.#stream.resetAndDestroy();
    } else {
      this.#stream.destroy();
    }
  }

  #receive(chunk: Buffer): void {
    if (this.#listener === undefined) {
      // Nobody asked: a response that must not be taken for the next request's.
      this.abort();
      return;
    }
    this.responded = true;
    const error = this.#reader.push(chunk);
    if (error !== undefined) {
      this.#fail("protocol", error.message);
    } else if (this.#listener === undefined && this.#reader.heldBytes > 0) {
      // More than the response, in the same chunk.
      this.abort();
    }
  }

  #finish(): void {
    this.#reusable = false;
    const error = this.#reader.finish();
    if (this.#listener === undefined) {
      this.#stream.destroy();
    } else if (this.#tunnel) {
      this.#responseDone = true;
      this.#listener.onEnd(noTrailers);
    } else if (error !== undefined) {
      this.#fail("reset", error.message);
    } else if (!this.#responseDone) {
      this.#fail("reset", "the connection ended before the response");
    }
  }

  #fail(code: "reset" | "protocol", message: string): void {
    const listener = this.#listener;
    this.#listener = undefined;
    this.#reusable = false;
    if (!this.#stream.destroyed) {
      this.#stream.destroy();
    }
    this.#onGone(this);
    listener?.onFailed(new UpstreamError(code, message));
  }
}

/** `Keep-Alive: timeout=5`, a second earlier so that a request does not cross the server's close. */
function keepAliveMs({ fields }: ResponseHead): number {
  const seconds = /(?:^|[,\s])timeout=(\d{1,6})/.exec(fields.get("keep-alive") ?? "")?.[1];
  return seconds === undefined ? Number.POSITIVE_INFINITY : Math.max(0, Number(seconds) * 1_000 - 1_000);
}
