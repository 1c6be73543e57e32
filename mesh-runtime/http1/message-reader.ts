import { isToken } from "./characters.ts";
import { ChunkedDecoder } from "./chunked-decoder.ts";
import { Fields } from "./fields.ts";
import type { Framing } from "./framing.ts";
import { HeadLines, type Lines } from "./head-lines.ts";
import { Http1Error } from "./http1-error.ts";
import { type Http1Limits, http1Limits } from "./limits.ts";

/** What a reader tells. Called while `push` or `next` runs. */
export interface MessageHandler<H> {
  head(head: H): void;
  /** Decoded body bytes, or, once a tunnel stands, all bytes. */
  body(data: Buffer): void;
  /** The message is over; the reader holds back what follows until `next` is called. */
  end(trailers: Fields): void;
}

type State = "head" | "length" | "chunked" | "close" | "tunnel" | "ended" | "failed";

const noTrailers = new Fields();

/**
 * Reads messages from a stream of bytes, one after the other. After an error it takes no more. Built for requests by
 * `RequestReader`, for responses by `ResponseReader`.
 */
export abstract class MessageReader<H extends { readonly framing: Framing }> {
  readonly #handler: MessageHandler<H>;
  readonly #limits: Http1Limits;
  readonly #lines: HeadLines;
  #state: State = "head";
  #remaining = 0;
  #chunks: ChunkedDecoder | undefined;
  /** Bytes that came after the end of a message. */
  #held: Buffer[] = [];
  #heldBytes = 0;

  protected constructor(handler: MessageHandler<H>, limits: Partial<Http1Limits>) {
    this.#handler = handler;
    this.#limits = { ...http1Limits, ...limits };
    this.#lines = new HeadLines(
      { line: this.#limits.line, total: this.#limits.head, count: this.#limits.fieldCount + 1 },
      { mayStartEmpty: true },
    );
  }

  /** Reads a head from its lines. */
  protected abstract parse(lines: Lines): H;
  /** Whether another head of the same message follows (an informational response). */
  protected abstract isInterim(head: H): boolean;

  /** Bytes of the next message that came early; the owner stops reading when they grow. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** Bytes that are held in all: also those of a head that is not complete. */
  get waitingBytes(): number {
    return this.#heldBytes + this.#lines.length;
  }

  /** Between messages, and nothing of the next one has come. */
  get idle(): boolean {
    return (this.#state === "head" && !this.#lines.started) || (this.#state === "ended" && this.#heldBytes === 0);
  }

  /** In the middle of a head. */
  get inHead(): boolean {
    return this.#state === "head" && this.#lines.started;
  }

  /** Takes bytes. Returns the error that ends it all. */
  push(chunk: Buffer): Http1Error | undefined {
    try {
      this.#run(chunk);
      return undefined;
    } catch (error) {
      return this.#fail(error);
    }
  }

  /** Goes on with the next message, with the bytes that were held back. */
  next(): Http1Error | undefined {
    if (this.#state !== "ended") {
      return undefined;
    }
    this.#state = "head";
    return this.#release();
  }

  /** From here on all bytes are handed over as they come (after 101 or CONNECT). */
  becomeTunnel(): Http1Error | undefined {
    this.#state = "tunnel";
    return this.#release();
  }

  /** The stream is over. An error when that is inside a message. */
  finish(): Http1Error | undefined {
    switch (this.#state) {
      case "close":
        this.#end(noTrailers);
        return undefined;
      case "head":
        return this.#lines.started
          ? this.#fail(new Http1Error("truncated", "the stream ended inside a head"))
          : undefined;
      case "length":
      case "chunked":
        return this.#fail(new Http1Error("truncated", "the stream ended inside a body"));
      default:
        return undefined;
    }
  }

  #release(): Http1Error | undefined {
    const held = this.#held;
    this.#held = [];
    this.#heldBytes = 0;
    for (const chunk of held) {
      const error = this.push(chunk);
      if (error !== undefined) {
        return error;
      }
    }
    return undefined;
  }

  #run(chunk: Buffer): void {
    let bytes = chunk;
    while (bytes.length > 0) {
      switch (this.#state) {
        case "head":
          bytes = this.#takeHead(bytes);
          break;
        case "length":
          bytes = this.#takeLength(bytes);
          break;
        case "chunked": {
          const done = this.#chunks?.push(bytes);
          if (done === undefined) {
            return;
          }
          this.#end(done.trailers);
          bytes = done.rest;
          break;
        }
        case "close":
        case "tunnel":
          this.#handler.body(bytes);
          return;
        case "ended":
          this.#held.push(bytes);
          this.#heldBytes += bytes.length;
          return;
        case "failed":
          return;
      }
    }
  }

  #takeHead(bytes: Buffer): Buffer {
    const first = bytes[0] ?? 0;
    if (!this.#lines.started && isToken[first] !== 1 && first !== 0x0d && first !== 0x0a) {
      throw new Http1Error("request-line", "the message does not start with a token");
    }
    const found = this.#lines.push(bytes);
    if (found === undefined) {
      return empty;
    }
    const head = this.parse(found.lines);
    const interim = this.isInterim(head);
    if (!interim) {
      this.#begin(head.framing);
    }
    this.#handler.head(head);
    if (!interim && isEmpty(head.framing)) {
      this.#end(noTrailers);
    }
    return found.rest;
  }

  #begin(framing: Framing): void {
    switch (framing.kind) {
      case "length":
        if (framing.length > this.#limits.body) {
          throw new Http1Error("body-too-large", `the body is larger than ${this.#limits.body} bytes`);
        }
        this.#state = "length";
        this.#remaining = framing.length;
        break;
      case "chunked":
        this.#state = "chunked";
        this.#chunks = new ChunkedDecoder(this.#limits, (data) => this.#handler.body(data));
        break;
      case "none":
        this.#state = "length";
        break;
      default:
        this.#state = framing.kind;
    }
  }

  #takeLength(bytes: Buffer): Buffer {
    const whole = bytes.length <= this.#remaining;
    const data = whole ? bytes : bytes.subarray(0, this.#remaining);
    const rest = whole ? empty : bytes.subarray(data.length);
    this.#remaining -= data.length;
    this.#handler.body(data);
    if (this.#remaining === 0) {
      this.#end(noTrailers);
    }
    return rest;
  }

  #end(trailers: Fields): void {
    // A handler may already have made this a tunnel.
    if (this.#state !== "tunnel") {
      this.#state = "ended";
    }
    this.#chunks = undefined;
    this.#handler.end(trailers);
  }

  #fail(error: unknown): Http1Error {
    this.#state = "failed";
    this.#held = [];
    this.#heldBytes = 0;
    if (error instanceof Http1Error) {
      return error;
    }
    throw error;
  }
}

const empty = Buffer.alloc(0);

const isEmpty = (framing: Framing): boolean =>
  framing.kind === "none" || (framing.kind === "length" && framing.length === 0);
