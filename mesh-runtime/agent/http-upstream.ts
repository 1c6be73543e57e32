import { abort } from "../hbone/splice.ts";
import type { Http1Error } from "../http1/index.ts";
import { type Fields, type ResponseHead, ResponseReader } from "../http1/index.ts";
import type { Dialed } from "./dialer.ts";

/** Who waits for the response. */
export interface ResponseSink {
  head(head: ResponseHead): void;
  body(data: Buffer): void;
  end(trailers: Fields): void;
  /** After `end`: `reusable` says whether the connection is fit for another request. */
  completed(reusable: boolean): void;
  /** It ended before the response did. */
  lost(error: Http1Error | undefined): void;
  /** It takes bytes again. */
  drained(): void;
  /** In a tunnel: the upstream has no more to say. */
  tunnelEnded(): void;
  /** Brackets the writes of one chunk. */
  cork(): void;
  uncork(): void;
}

/** A connection to an endpoint that carries HTTP/1.1 requests, one at a time. */
export class HttpUpstream {
  readonly dialed: Dialed;
  /** Requests begun on it. */
  requests = 0;
  /** Milliseconds that the server keeps it idle, as it said (`Keep-Alive: timeout`). */
  idleMs: number | undefined;
  readonly #reader: ResponseReader;
  #sink: ResponseSink | undefined;
  #answered = false;
  #tunnel = false;
  #alive = true;
  #onIdleLost: (() => void) | undefined;

  constructor(dialed: Dialed) {
    this.dialed = dialed;
    this.#reader = new ResponseReader({
      head: (head) => {
        this.#tunnel = head.framing.kind === "tunnel";
        this.#sink?.head(head);
      },
      body: (data) => this.#sink?.body(data),
      end: (trailers) => {
        this.#answered = true;
        this.#sink?.end(trailers);
      },
    });
    const { stream } = dialed;
    stream.on("data", (chunk: Buffer) => this.#take(chunk));
    stream.on("end", () => this.#ended());
    stream.on("close", () => this.#lost(undefined));
    stream.on("error", () => undefined);
    stream.on("drain", () => this.#sink?.drained());
  }

  get usable(): boolean {
    return this.#alive && !this.dialed.stream.destroyed && this.dialed.stream.writable;
  }

  /** Starts an exchange: the next response is for `sink`. False when the connection is not fit for it. */
  begin(method: string, sink: ResponseSink): boolean {
    this.#onIdleLost = undefined;
    if (!this.usable || this.#reader.expect(method) !== undefined) {
      this.destroy();
      return false;
    }
    this.requests += 1;
    this.#answered = false;
    this.#sink = sink;
    return true;
  }

  /** Nobody waits any more; calls back if it breaks while it is idle. */
  rest(onLost: () => void): void {
    this.#sink = undefined;
    this.#onIdleLost = onLost;
  }

  destroy(): void {
    this.#alive = false;
    this.#sink = undefined;
    abort(this.dialed.stream);
  }

  /** Ends it in good order. */
  close(): void {
    this.#alive = false;
    this.#sink = undefined;
    this.dialed.stream.end();
    this.dialed.stream.resume();
  }

  #take(chunk: Buffer): void {
    const sink = this.#sink;
    if (sink === undefined) {
      // Bytes that nobody asked for: they must not become the answer to somebody else's request.
      this.#lost(undefined);
      abort(this.dialed.stream);
      return;
    }
    sink.cork();
    const error = this.#reader.push(chunk);
    sink.uncork();
    if (error !== undefined) {
      this.#lost(error);
      abort(this.dialed.stream);
    } else if (this.#answered && this.#sink === sink) {
      this.#finish(sink, this.#reader.heldBytes === 0);
    }
  }

  #ended(): void {
    const sink = this.#sink;
    if (this.#tunnel) {
      sink?.tunnelEnded();
      return;
    }
    this.#alive = false;
    const error = this.#reader.finish();
    if (sink !== undefined && this.#answered && this.#sink === sink) {
      this.#finish(sink, false);
    } else {
      this.#lost(error);
    }
    this.dialed.stream.end();
  }

  #finish(sink: ResponseSink, reusable: boolean): void {
    this.#sink = undefined;
    sink.completed(reusable && this.usable);
  }

  #lost(error: Http1Error | undefined): void {
    this.#alive = false;
    const sink = this.#sink;
    this.#sink = undefined;
    sink?.lost(error);
    const onIdleLost = this.#onIdleLost;
    this.#onIdleLost = undefined;
    onIdleLost?.();
  }
}
