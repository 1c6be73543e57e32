import { type ClientHttp2Session, type ClientHttp2Stream, constants, type IncomingHttpHeaders } from "node:http2";
import { honestEnd } from "../../hbone/honest-end.ts";
import { abort } from "../../hbone/splice.ts";
import type { Fields } from "../../http1/index.ts";
import { type HttpResponse, noTrailers } from "../http-response.ts";
import type { Endpoint } from "../mesh-view.ts";
import { http2Fields, readHttp2Fields, readHttp2Trailers, sendTrailers } from "../wire/http2-fields.ts";
import type { OutgoingRequest, UpstreamCall, UpstreamListener } from "./upstream-call.ts";
import { UpstreamError, type UpstreamErrorCode } from "./upstream-error.ts";

const endStreamFlag = constants.NGHTTP2_FLAG_END_STREAM;
const none = { kind: "none" } as const;
const streamed = { kind: "stream" } as const;

/** One request on a stream of an HTTP/2 connection. */
export class Http2Call implements UpstreamCall {
  readonly endpoint: Endpoint;
  readonly #session: ClientHttp2Session;
  readonly #onLeft: () => void;
  #stream: ClientHttp2Stream | undefined;
  #listener: UpstreamListener | undefined;
  #method = "";
  #trailers = noTrailers;
  /** Trailers of the answer. */
  #received = noTrailers;
  #ended = false;
  #tunnel = false;
  #mayHaveTrailers = false;
  #left = false;

  constructor(endpoint: Endpoint, session: ClientHttp2Session, onLeft: () => void) {
    this.endpoint = endpoint;
    this.#session = session;
    this.#onLeft = onLeft;
  }

  get heldBytes(): number {
    return (this.#stream?.readableLength ?? 0) + (this.#stream?.writableLength ?? 0);
  }

  begin(request: OutgoingRequest, listener: UpstreamListener): void {
    this.#listener = listener;
    this.#method = request.method;
    this.#tunnel = request.upgrade !== undefined;
    // Asking for them costs a frame of its own; gRPC has none in requests.
    this.#mayHaveTrailers = request.body.kind === "stream" && !request.grpc && !this.#tunnel;
    const endStream = request.body.kind === "none" && !this.#tunnel;
    let stream: ClientHttp2Stream;
    try {
      stream = this.#session.request(requestFields(request), {
        endStream,
        waitForTrailers: this.#mayHaveTrailers,
      });
    } catch (error) {
      const gone = this.#session.closed || this.#session.destroyed || !isFieldError(error);
      queueMicrotask(() => this.#fail(gone ? "refused" : "protocol", String(error)));
      return;
    }
    this.#stream = honestEnd(stream);
    stream.on("response", (_headers, flags, raw) => {
      this.#head(flags, raw);
      // Not before: node:http2 tells of heads a tick late, and of data at once.
      stream.on("data", (data: Buffer) => this.#listener?.onBody(data));
    });
    stream.on("headers", (headers, _flags, raw) => this.#interim(headers, raw));
    stream.on("trailers", (_headers, _flags, raw) => {
      this.#received = readHttp2Trailers(raw);
    });
    stream.on("drain", () => this.#listener?.onDrain());
    stream.on("end", () => this.#finish());
    if (this.#mayHaveTrailers) {
      stream.on("wantTrailers", () => sendTrailers(stream, this.#trailers));
    }
    stream.on("error", () => undefined);
    stream.on("close", () => {
      this.#fail(
        stream.rstCode === constants.NGHTTP2_REFUSED_STREAM ? "refused" : "reset",
        `the stream was closed with code ${stream.rstCode ?? 0}`,
      );
      this.#leave();
    });
  }

  write(data: Buffer): boolean {
    return this.#stream === undefined || this.#stream.writableEnded ? true : this.#stream.write(data);
  }

  end(trailers: Fields): void {
    this.#trailers = trailers;
    if (this.#stream !== undefined && !this.#stream.writableEnded) {
      this.#stream.end();
    }
  }

  pause(): void {
    this.#stream?.pause();
  }

  resume(): void {
    this.#stream?.resume();
  }

  abort(): void {
    this.#listener = undefined;
    if (this.#stream !== undefined) {
      setImmediate(cancel, this.#stream);
    }
    this.#leave();
  }

  release(): void {
    this.#listener = undefined;
    if (this.#stream !== undefined && !this.#stream.writableEnded) {
      // The answer is whole, the rest of the request is not wanted (RFC 9113 §8.1).
      setImmediate(cancel, this.#stream);
    }
    if (this.#stream === undefined || this.#stream.closed) {
      this.#leave();
    }
  }

  #head(flags: number, raw: readonly string[]): void {
    const status = Number(raw[1]);
    const fields = readHttp2Fields(raw);
    const length = fields.get("content-length");
    fields.remove("content-length");
    const ended = (flags & endStreamFlag) !== 0;
    const bodyless = this.#method === "HEAD" || status === 304 || status === 204;
    const tunnel = this.#tunnel && status === 200;
    if (raw[0] !== ":status" || !Number.isInteger(status) || status < 200 || status > 999) {
      this.#abortWith("protocol", "an answer without a status");
      return;
    }
    this.#listener?.onHead({
      status: tunnel ? 101 : status,
      reason: undefined,
      fields,
      body: tunnel ? none : bodyOf(length, ended, bodyless),
      announcedLength: bodyless && status !== 204 ? length : undefined,
      tunnel,
      upgrade: tunnel ? "websocket" : undefined,
    });
  }

  /** Gives up and says why. */
  #abortWith(code: UpstreamErrorCode, message: string): void {
    if (this.#stream !== undefined) {
      setImmediate(cancel, this.#stream);
    }
    this.#fail(code, message);
  }

  #interim(headers: IncomingHttpHeaders, raw: readonly string[]): void {
    const status = Number((headers as Readonly<Record<string, unknown>>)[":status"]);
    if (status >= 100 && status < 200 && status !== 101) {
      this.#listener?.onInterim(status, readHttp2Fields(raw));
    }
  }

  #finish(): void {
    this.#ended = true;
    const listener = this.#listener;
    if (!this.#tunnel) {
      this.#listener = undefined;
    }
    listener?.onEnd(this.#received);
  }

  #fail(code: UpstreamErrorCode, message: string): void {
    const listener = this.#listener;
    this.#listener = undefined;
    if (!this.#ended) {
      listener?.onFailed(new UpstreamError(code, message));
    }
    if (this.#stream === undefined) {
      this.#leave();
    }
  }

  #leave(): void {
    if (!this.#left) {
      this.#left = true;
      this.#onLeft();
    }
  }
}

/**
 * Resets a stream. Never while its session is reading: node:http2 would put the reset off and, if the stream's trailers
 * come up for sending meanwhile, abort the process (`Http2Stream::OnTrailers`, seen with 26.10).
 */
function cancel(stream: ClientHttp2Stream): void {
  if (stream.destroyed || stream.closed) {
    return;
  }
  if (stream.writableEnded) {
    stream.close(constants.NGHTTP2_CANCEL);
  } else {
    // `close` would end the request first, and what was sent of it would look complete.
    abort(stream);
  }
}

/** A head that node:http2 would not write. */
const isFieldError = (error: unknown): boolean =>
  error instanceof Error && "code" in error && /HEADER|PSEUDO|INVALID_ARG|INVALID_CHAR/.test(String(error.code));

function bodyOf(length: string | undefined, ended: boolean, bodyless: boolean): HttpResponse["body"] {
  if (bodyless) {
    return none;
  }
  if (ended) {
    return { kind: "length", length: 0 };
  }
  return length !== undefined && /^\d{1,15}$/.test(length) ? { kind: "length", length: Number(length) } : streamed;
}

function requestFields(request: OutgoingRequest): string[] {
  const { method, authority, target, fields, body, upgrade } = request;
  const list =
    upgrade === undefined
      ? [":method", method, ":scheme", "http", ":authority", authority, ":path", target]
      : [":method", "CONNECT", ":protocol", upgrade, ":scheme", "http", ":authority", authority, ":path", target];
  http2Fields(fields, list);
  if (body.kind === "length") {
    list.push("content-length", String(body.length));
  }
  if (request.grpc) {
    list.push("te", "trailers");
  }
  return list;
}
