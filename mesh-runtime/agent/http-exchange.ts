import type { Socket } from "node:net";
import type { ResponseFlag } from "../api/telemetry.ts";
import {
  endToEnd,
  type Fields,
  type Framing,
  Http1Error,
  type RequestHead,
  type ResponseHead,
  requestHeadText,
  responseHeadText,
  untilClose,
  writeBody,
  writeBodyEnd,
} from "../http1/index.ts";
import type { Dialer, Target } from "./dialer.ts";
import { forwardedRequest, framingFor, idleMsOf } from "./forwarding.ts";
import { HttpUpstream, type ResponseSink } from "./http-upstream.ts";
import { localAnswer } from "./local-answer.ts";
import type { LocalPod } from "./local-pod.ts";
import { UpstreamError, upstreamError } from "./upstream-error.ts";
import type { UpstreamPool } from "./upstream-pool.ts";

/** How an exchange went, for telemetry. */
export interface ExchangeResult {
  readonly head: RequestHead;
  readonly host: string;
  readonly port: number;
  readonly target: Target | undefined;
  readonly mutualTls: boolean;
  /** 0 when the client left before an answer. */
  readonly status: number;
  readonly flag: ResponseFlag;
  readonly error: UpstreamError | undefined;
  readonly durationMs: number;
  readonly requestBytes: number;
  readonly responseBytes: number;
}

export interface ExchangeDeps {
  readonly pod: LocalPod;
  readonly dialer: Dialer;
  readonly pool: UpstreamPool;
  readonly client: Socket;
  /** The exchange is over. `keep`: the client's connection may carry another request. */
  onDone(result: ExchangeResult, keep: boolean): void;
  /** The response was 101: from here on bytes pass both ways. */
  onTunnel(): void;
}

/** Methods whose repetition has no further effect (RFC 9110 §9.2.2). */
const idempotent: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"]);

const isEmpty = (framing: Framing): boolean =>
  framing.kind === "none" || (framing.kind === "length" && framing.length === 0);

/** One request of an application and its response. */
export class HttpExchange implements ResponseSink {
  readonly #deps: ExchangeDeps;
  readonly #head: RequestHead;
  readonly #host: string;
  readonly #port: number;
  readonly #startedMs = performance.now();
  /** What the client sent before the upstream stood. */
  #held: Buffer[] = [];
  #trailers: Fields | undefined;
  #upstream: HttpUpstream | undefined;
  #target: Target | undefined;
  #release: (() => void) | undefined;
  #reused = false;
  #retried = false;
  #requestDone = false;
  #responseHead: ResponseHead | undefined;
  #responseFraming: Framing | undefined;
  #keepClient: boolean;
  #tunnel = false;
  #over = false;
  #requestBytes = 0;
  #responseBytes = 0;

  constructor(deps: ExchangeDeps, head: RequestHead, host: string, port: number) {
    this.#deps = deps;
    this.#head = head;
    this.#host = host;
    this.#port = port;
    this.#keepClient = head.keepAlive;
  }

  /** Finds an upstream and sends the request. */
  start(): void {
    const { pod, dialer, pool } = this.#deps;
    try {
      const target = dialer.choose(pod, this.#host, this.#port);
      this.#aim(target);
      const pooled = pool.take(target);
      if (pooled?.begin(this.#head.method, this) === true) {
        this.#reused = true;
        this.#send(pooled);
        return;
      }
      this.#dial(target);
    } catch (error) {
      this.#fail(upstreamError(error));
    }
  }

  /** Body bytes of the request, or of the tunnel. */
  requestBody(data: Buffer): void {
    this.#requestBytes += data.length;
    const stream = this.#upstream?.dialed.stream;
    if (stream === undefined) {
      this.#held.push(data);
      this.#deps.client.pause();
    } else if (!(this.#tunnel ? stream.write(data) : writeBody(stream, this.#head.framing, data))) {
      this.#deps.client.pause();
    }
  }

  requestEnd(trailers: Fields): void {
    this.#trailers = trailers;
    if (this.#upstream !== undefined && !this.#requestDone) {
      this.#requestDone = true;
      writeBodyEnd(this.#upstream.dialed.stream, this.#head.framing, trailers);
    }
  }

  /** The client has no more to say in the tunnel. */
  clientEnded(): void {
    if (this.#tunnel) {
      this.#upstream?.dialed.stream.end();
    }
  }

  /** The request's body is malformed: it cannot be completed, so neither can the exchange. */
  requestBroken(status: number, text: string): void {
    this.#upstream?.destroy();
    if (this.#responseHead === undefined) {
      this.#write(localAnswer(status, text, { close: true }));
    }
    this.#finish(this.#responseHead?.status ?? status, "DPE", false);
  }

  clientGone(): void {
    if (!this.#over) {
      const clean = this.#tunnel && this.#deps.client.readableEnded;
      if (clean) {
        this.#upstream?.close();
      } else {
        this.#upstream?.destroy();
      }
      this.#finish(this.#responseHead?.status ?? 0, clean ? "-" : "DC", false);
    }
  }

  #dial(target: Target): void {
    const { pod, dialer } = this.#deps;
    dialer.dial(pod, target, this.#host, this.#port).then(
      (dialed) => {
        const upstream = new HttpUpstream(dialed);
        if (this.#over) {
          upstream.destroy();
          return;
        }
        if (dialed.target !== target) {
          this.#aim(dialed.target);
        }
        if (upstream.begin(this.#head.method, this)) {
          this.#reused = false;
          this.#send(upstream);
        } else {
          this.#fail(new UpstreamError("broken", "the connection broke before the request"));
        }
      },
      (error: unknown) => this.#fail(upstreamError(error)),
    );
  }

  #aim(target: Target): void {
    this.#release?.();
    this.#release = this.#deps.dialer.count(target);
    this.#target = target;
  }

  #send(upstream: HttpUpstream): void {
    const { stream } = upstream.dialed;
    const { method, framing } = this.#head;
    this.#upstream = upstream;
    stream.cork();
    const { fields, connection } = forwardedRequest(this.#head);
    stream.write(
      requestHeadText({
        method,
        target: this.#head.target.path,
        host: this.#head.target.authority,
        fields,
        framing,
        connection,
      }),
      "latin1",
    );
    for (const chunk of this.#held.splice(0)) {
      writeBody(stream, framing, chunk);
    }
    if (this.#trailers !== undefined) {
      this.#requestDone = true;
      writeBodyEnd(stream, framing, this.#trailers);
    }
    stream.uncork();
    this.#deps.client.resume();
  }

  cork(): void {
    this.#deps.client.cork();
  }

  uncork(): void {
    this.#deps.client.uncork();
  }

  drained(): void {
    this.#deps.client.resume();
  }

  /** The client takes bytes again. */
  clientDrained(): void {
    this.#upstream?.dialed.stream.resume();
  }

  head(head: ResponseHead): void {
    const { client } = this.#deps;
    if (head.status < 200 && head.status !== 101) {
      if (this.#head.minorVersion === 1) {
        const { status, reason, framing } = head;
        this.#write(responseHeadText({ status, reason, framing, fields: endToEnd(head.fields, head.connection) }));
      }
      return;
    }
    this.#responseHead = head;
    const fields = endToEnd(head.fields, head.connection);
    if (head.framing.kind === "tunnel") {
      fields.add("upgrade", head.fields.joined("upgrade") ?? "");
      const { status, reason, framing } = head;
      this.#write(responseHeadText({ status, reason, framing, fields, connection: "upgrade" }));
      this.#tunnel = true;
      this.#responseFraming = head.framing;
      this.#deps.onTunnel();
      return;
    }
    const framing = framingFor(this.#head.minorVersion, head.framing);
    this.#responseFraming = framing;
    if (head.framing.kind === "none") {
      // The answer to HEAD, and 304, tell the length of a body that is not there (RFC 9110 §8.6).
      const length = head.fields.get("content-length");
      if (length !== undefined) {
        fields.add("content-length", length);
      }
    }
    this.#keepClient &&= framing.kind !== "close";
    const connection = this.#keepClient ? (this.#head.minorVersion === 0 ? "keep-alive" : undefined) : "close";
    const { status, reason } = head;
    client.write(responseHeadText({ status, reason, fields, framing, connection }), "latin1");
  }

  body(data: Buffer): void {
    this.#responseBytes += data.length;
    if (!writeBody(this.#deps.client, this.#responseFraming ?? untilClose, data)) {
      this.#upstream?.dialed.stream.pause();
    }
  }

  end(trailers: Fields): void {
    writeBodyEnd(this.#deps.client, this.#responseFraming ?? untilClose, trailers);
  }

  completed(reusable: boolean): void {
    const upstream = this.#upstream;
    const head = this.#responseHead;
    if (upstream !== undefined && reusable && this.#requestDone && head?.keepAlive === true) {
      upstream.idleMs = idleMsOf(head.fields.get("keep-alive"));
      this.#deps.pool.put(upstream);
    } else {
      upstream?.close();
    }
    // A request that is still being sent has lost its reader: the connection cannot go on.
    this.#finish(head?.status ?? 0, "-", this.#keepClient && this.#requestDone);
  }

  tunnelEnded(): void {
    this.#deps.client.end();
  }

  lost(error: Http1Error | undefined): void {
    if (this.#over) {
      return;
    }
    if (this.#responseHead !== undefined) {
      const clean = this.#tunnel && this.#upstream?.dialed.stream.readableEnded === true;
      if (clean) {
        this.#deps.client.end();
      } else {
        this.#deps.client.resetAndDestroy();
      }
      this.#finish(this.#responseHead.status, clean ? "-" : "UC", false);
      return;
    }
    const repeatable = isEmpty(this.#head.framing) && idempotent.has(this.#head.method);
    if (this.#reused && !this.#retried && repeatable && error === undefined) {
      // Its server closed it while it was idle or as the request arrived: nothing was answered, so ask again.
      this.#again();
      return;
    }
    const code = error instanceof Http1Error && error.code !== "truncated" ? "bad-answer" : "broken";
    this.#fail(new UpstreamError(code, error?.message ?? "the upstream closed the connection without an answer"));
  }

  #again(): void {
    this.#retried = true;
    this.#upstream = undefined;
    this.#requestDone = false;
    try {
      const target = this.#deps.dialer.choose(this.#deps.pod, this.#host, this.#port);
      this.#aim(target);
      this.#dial(target);
    } catch (error) {
      this.#fail(upstreamError(error));
    }
  }

  #fail(error: UpstreamError): void {
    if (this.#over) {
      return;
    }
    const keep = this.#keepClient && isEmpty(this.#head.framing);
    this.#write(
      localAnswer(error.answer.status, error.answer.text, { close: !keep, head: this.#head.method === "HEAD" }),
    );
    this.#finish(error.answer.status, error.answer.flag, keep, error);
  }

  #write(text: string): void {
    this.#deps.client.write(text, "latin1");
  }

  #finish(status: number, flag: ResponseFlag, keep: boolean, error?: UpstreamError): void {
    if (this.#over) {
      return;
    }
    this.#over = true;
    this.#release?.();
    this.#deps.onDone(
      {
        head: this.#head,
        host: this.#host,
        port: this.#port,
        target: this.#target,
        mutualTls: this.#target?.kind === "workload" && this.#target.protocol === "HBONE",
        status,
        flag,
        error,
        durationMs: performance.now() - this.#startedMs,
        requestBytes: this.#requestBytes,
        responseBytes: this.#responseBytes,
      },
      keep,
    );
  }
}
