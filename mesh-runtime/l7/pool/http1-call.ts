import { randomBytes } from "node:crypto";
import type { Duplex } from "node:stream";
import { abort } from "../../hbone/splice.ts";
import {
  chunkedBody,
  endToEnd,
  type Fields,
  type Framing,
  fieldText,
  noBody,
  type ResponseHead,
  ResponseReader,
  requestHeadText,
} from "../../http1/index.ts";
import { type HttpResponse, noTrailers } from "../http-response.ts";
import type { Endpoint } from "../mesh-view.ts";
import { lingeringClose } from "../wire/linger.ts";
import { Outgoing, readingBegins, readingEnded } from "../wire/outgoing.ts";
import type { OutgoingRequest, UpstreamCall, UpstreamListener } from "./upstream-call.ts";
import { UpstreamError, type UpstreamErrorCode } from "./upstream-error.ts";

/** How long a connection may take to end. */
const closingMs = 1_000;

/** What the pool of a connection hears. */
export interface Http1Owner {
  /** The connection may carry another request. */
  onFree(connection: Http1Call): void;
  /** The connection is gone. Told once. */
  onGone(connection: Http1Call): void;
}

/**
 * One HTTP/1 connection to an endpoint, carrying one exchange at a time. What an upstream sends when nothing was asked
 * closes the connection.
 */
export class Http1Call implements UpstreamCall {
  readonly endpoint: Endpoint;
  /** Requests it has carried, with the present one. */
  requests = 0;
  /** When it became idle, milliseconds of a monotonic clock. */
  idleSinceMs = 0;
  /** How long the server keeps it idle, as far as it said. */
  keepAliveMs = Number.POSITIVE_INFINITY;
  readonly #stream: Duplex;
  readonly #out: Outgoing;
  readonly #reader: ResponseReader;
  readonly #owner: Http1Owner;
  #listener: UpstreamListener | undefined;
  #method = "";
  #framing: Framing = noBody;
  #responded = false;
  #reusable = true;
  #requestDone = false;
  #responseDone = false;
  #tunnel = false;
  #gone = false;

  constructor(endpoint: Endpoint, stream: Duplex, owner: Http1Owner) {
    this.endpoint = endpoint;
    this.#stream = stream;
    this.#owner = owner;
    this.#out = new Outgoing(stream);
    this.#reader = new ResponseReader({
      head: (head) => this.#head(head),
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
    stream.on("close", () => this.#fail(this.#brokenCode(), "the connection was closed"));
    if (stream.destroyed) {
      queueMicrotask(() => this.#fail("refused", "the connection was closed"));
    }
  }

  get open(): boolean {
    return this.#reusable && !this.#gone && !this.#stream.destroyed && this.#stream.writable;
  }

  get heldBytes(): number {
    return this.#stream.readableLength + this.#stream.writableLength;
  }

  begin(request: OutgoingRequest, listener: UpstreamListener): void {
    this.#listener = listener;
    this.requests++;
    this.#responded = false;
    this.#requestDone = false;
    this.#responseDone = false;
    this.#method = request.method;
    this.#framing =
      request.body.kind === "stream" ? chunkedBody : request.body.kind === "length" ? request.body : noBody;
    if (!this.open) {
      queueMicrotask(() => this.#fail("refused", "the connection was closed"));
      return;
    }
    const error = this.#reader.expect(request.method);
    if (error !== undefined) {
      queueMicrotask(() => this.#fail("protocol", error.message));
      return;
    }
    this.#out.text(headText(request, this.#framing));
  }

  write(data: Buffer): boolean {
    if (this.#framing.kind === "none" && !this.#tunnel) {
      // It would be read as another request.
      return true;
    }
    return this.#framing.kind === "chunked" && !this.#tunnel ? this.#out.chunk(data) : this.#out.data(data);
  }

  end(trailers: Fields): void {
    if (this.#tunnel) {
      this.#out.flush();
      this.#stream.end();
      return;
    }
    if (this.#framing.kind === "chunked") {
      this.#out.text(trailers.size === 0 ? "0\r\n\r\n" : `0\r\n${fieldText(trailers)}\r\n`);
    }
    this.#requestDone = true;
    this.#out.flush();
  }

  pause(): void {
    this.#stream.pause();
  }

  resume(): void {
    this.#stream.resume();
  }

  abort(): void {
    this.#listener = undefined;
    this.#reusable = false;
    abort(this.#stream);
    this.#leave();
  }

  release(): void {
    this.#listener = undefined;
    if (this.open && this.#requestDone && this.#responseDone && this.#reader.idle) {
      this.#stream.resume();
      this.#owner.onFree(this);
    } else {
      this.abort();
    }
  }

  /** Ends an idle connection in good order. */
  close(): void {
    this.#reusable = false;
    this.#leave();
    lingeringClose(this.#stream, closingMs);
  }

  #head(head: ResponseHead): void {
    if (head.status < 200 && head.status !== 101) {
      this.#listener?.onInterim(head.status, endToEnd(head.fields, head.connection));
      return;
    }
    this.#reusable &&= head.keepAlive;
    this.#tunnel = head.framing.kind === "tunnel";
    this.keepAliveMs = keepAliveMs(head);
    this.#listener?.onHead(responseOf(head, this.#method));
  }

  #receive(chunk: Buffer): void {
    if (this.#listener === undefined) {
      // Nobody asked: a response that must not be taken for the next request's.
      this.abort();
      return;
    }
    this.#responded = true;
    readingBegins();
    try {
      const error = this.#reader.push(chunk);
      if (error !== undefined) {
        this.#fail("protocol", error.message);
      } else if (this.#listener === undefined && this.#reader.heldBytes > 0) {
        // More than the response, in the same chunk.
        this.abort();
      }
    } finally {
      readingEnded();
    }
  }

  #finish(): void {
    this.#reusable = false;
    if (this.#listener === undefined) {
      this.abort();
    } else if (this.#tunnel) {
      this.#responseDone = true;
      this.#listener.onEnd(noTrailers);
    } else {
      const error = this.#reader.finish();
      if (error !== undefined) {
        this.#fail("reset", error.message);
      } else if (!this.#responseDone) {
        this.#fail(this.#brokenCode(), "the connection ended before the response");
      }
    }
  }

  #brokenCode(): UpstreamErrorCode {
    return this.requests > 1 && !this.#responded ? "stale" : "reset";
  }

  #fail(code: UpstreamErrorCode, message: string): void {
    const listener = this.#listener;
    this.#listener = undefined;
    this.#reusable = false;
    if (!this.#stream.destroyed) {
      this.#stream.destroy();
    }
    this.#leave();
    listener?.onFailed(new UpstreamError(code, message));
  }

  #leave(): void {
    if (!this.#gone) {
      this.#gone = true;
      this.#owner.onGone(this);
    }
  }
}

function headText(request: OutgoingRequest, framing: Framing): string {
  const { method, target, authority, upgrade } = request;
  let { fields } = request;
  if (upgrade !== undefined) {
    fields = fields.copy();
    if (!fields.has("sec-websocket-key")) {
      // The request came by RFC 8441, which has no key.
      fields.set("sec-websocket-key", randomBytes(16).toString("base64"));
    }
    fields.set("upgrade", upgrade);
  }
  const connection = upgrade === undefined ? undefined : "upgrade";
  return requestHeadText({ method, target, host: authority, fields, framing, connection });
}

const none = { kind: "none" } as const;
const streamed = { kind: "stream" } as const;

function responseOf(head: ResponseHead, method: string): HttpResponse {
  const { status, reason, framing } = head;
  const bodyless = framing.kind === "none" && (method === "HEAD" || status === 304);
  return {
    status,
    reason,
    fields: endToEnd(head.fields, head.connection),
    body: framing.kind === "length" ? framing : framing.kind === "none" || framing.kind === "tunnel" ? none : streamed,
    // Says how long the body would be.
    announcedLength: bodyless ? head.fields.get("content-length") : undefined,
    tunnel: framing.kind === "tunnel",
    upgrade: status === 101 ? head.fields.get("upgrade") : undefined,
  };
}

/** `Keep-Alive: timeout=5`, a second earlier so that a request does not cross the server's close. */
function keepAliveMs({ fields }: ResponseHead): number {
  const value = fields.get("keep-alive");
  const seconds = value === undefined ? undefined : /(?:^|[,\s])timeout=(\d{1,6})/.exec(value)?.[1];
  return seconds === undefined ? Number.POSITIVE_INFINITY : Math.max(0, Number(seconds) * 1_000 - 1_000);
}
