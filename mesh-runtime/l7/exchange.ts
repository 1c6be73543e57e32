import { performance } from "node:perf_hooks";
import { Fields, type Framing, type RequestHead, type ResponseHead } from "../http1/index.ts";
import type { ClientSide } from "./client-side.ts";
import type { ExchangeOutcome, OnExchange } from "./exchange-outcome.ts";
import { type ForwardedFields, forwardedHead } from "./forward-request.ts";
import { forwardResponse, interimText } from "./forward-response.ts";
import { type LocalReply, localReplies, localReplyText } from "./local-reply.ts";
import type { RequestPlan } from "./plan-request.ts";
import type { UpstreamConnection, UpstreamListener } from "./upstream-connection.ts";
import type { UpstreamError } from "./upstream-error.ts";
import { type SearchContext, UpstreamSearch } from "./upstream-search.ts";

/** What all exchanges of a proxy share. */
export interface ExchangeContext extends SearchContext {
  readonly onExchange: OnExchange;
}

const noTrailers = new Fields();
const idempotent: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE"]);

type Phase = "connecting" | "sent" | "responding" | "tunnel" | "over";

/** One request and its response. Streams both ways with back-pressure; nothing is buffered beyond what a chunk brought. */
export class Exchange implements UpstreamListener {
  readonly #context: ExchangeContext;
  readonly #client: ClientSide;
  readonly #request: RequestHead;
  readonly #forwarded: ForwardedFields;
  readonly #plan: RequestPlan;
  readonly #startedMs = performance.now();
  #phase: Phase = "connecting";
  #search: UpstreamSearch | undefined;
  #upstream: UpstreamConnection | undefined;
  #head = "";
  /** Body that came while connecting. */
  #pending: Buffer[] = [];
  #requestEnded = false;
  #requestTrailers = noTrailers;
  #requestBytes = 0;
  #responseBytes = 0;
  #status = 0;
  #framing: Framing = { kind: "none" };
  #close = false;
  #retriedStale = false;
  #timeout: NodeJS.Timeout | undefined;
  #halves = 2;

  constructor(
    context: ExchangeContext,
    client: ClientSide,
    request: RequestHead,
    forwarded: ForwardedFields,
    plan: RequestPlan,
  ) {
    this.#context = context;
    this.#client = client;
    this.#request = request;
    this.#forwarded = forwarded;
    this.#plan = plan;
  }

  /** Begins; call once. */
  start(): void {
    const plan = this.#plan;
    if (plan.kind === "reply") {
      this.#reply(plan.reply);
      return;
    }
    this.#head = forwardedHead(this.#request, this.#forwarded.fields, plan.target, plan.upgrade);
    if (plan.rule.requestTimeoutMs > 0) {
      this.#timeout = setTimeout(() => this.#timedOut(), plan.rule.requestTimeoutMs);
    }
    this.#search = new UpstreamSearch(this.#context, plan.backend, {
      onWaiting: () => this.#client.pause(),
      onConnection: (connection) => this.#send(connection),
      onNone: (reply) => this.#reply(reply),
    });
    this.#search.begin();
  }

  /** A piece of the request's body, or of a tunnel. */
  requestBody(data: Buffer): void {
    this.#requestBytes += data.length;
    if (this.#phase === "over") {
      return;
    }
    if (this.#upstream === undefined) {
      this.#pending.push(data);
    } else if (!this.#upstream.write(this.#request.framing, data)) {
      this.#client.pause();
    }
  }

  /** The request is complete. */
  requestEnd(trailers: Fields): void {
    this.#requestEnded = true;
    this.#requestTrailers = trailers;
    if (this.#phase !== "over") {
      this.#upstream?.endRequest(this.#request.framing, trailers);
    }
  }

  get requestEnded(): boolean {
    return this.#requestEnded;
  }

  get tunnelling(): boolean {
    return this.#phase === "tunnel";
  }

  /** A part of the response is written. */
  get responding(): boolean {
    return this.#status !== 0;
  }

  /** The client can take more of the response. */
  clientDrained(): void {
    this.#upstream?.resume();
  }

  /** The client ended its side of a tunnel. */
  clientEnded(): void {
    if (this.#phase === "tunnel") {
      this.#upstream?.endTunnel();
      this.#halfClosed();
    }
  }

  /** The client's connection is lost, or its request turned out malformed. */
  clientGone(flag: "DC" | "DPE" = "DC"): void {
    if (this.#phase !== "over") {
      this.#upstream?.abort();
      this.#over(this.#phase === "tunnel" ? "-" : flag);
    }
  }

  onHead(response: ResponseHead): void {
    if (response.status === 101) {
      this.#switchProtocols(response);
      return;
    }
    if (response.status < 200) {
      if (this.#request.minorVersion === 1) {
        this.#client.write(interimText(response));
      }
      return;
    }
    const forwarded = forwardResponse(response, this.#request, !this.#client.keepAlive);
    this.#phase = "responding";
    this.#status = response.status;
    this.#framing = forwarded.framing;
    this.#close = forwarded.close;
    this.#client.write(forwarded.head);
  }

  onBody(data: Buffer): void {
    this.#responseBytes += data.length;
    if (!this.#client.writeBody(this.#framing, data)) {
      this.#upstream?.pause();
    }
  }

  onEnd(trailers: Fields): void {
    this.#client.writeEnd(this.#framing, trailers);
    if (this.#phase === "tunnel") {
      this.#client.finished(true);
      this.#halfClosed();
      return;
    }
    const upstream = this.#upstream;
    this.#over("-");
    if (upstream !== undefined) {
      this.#context.pools.release(upstream);
    }
    this.#client.finished(this.#close);
  }

  onDrain(): void {
    this.#client.resume();
  }

  onFailed(error: UpstreamError): void {
    const upstream = this.#upstream;
    this.#upstream = undefined;
    if (this.#phase === "over") {
      return;
    }
    if (this.#phase !== "sent") {
      this.#over(this.#phase === "tunnel" ? "-" : "UC");
      this.#client.breakOff();
    } else if (this.#mayRepeat(upstream, error)) {
      this.#retriedStale = true;
      this.#phase = "connecting";
      this.#search?.begin({ fresh: true });
    } else {
      this.#reply(error.code === "protocol" ? localReplies.protocolError : localReplies.connectionTermination);
    }
  }

  /**
   * A kept connection may have been closed just as the request was sent. Without a body, nothing answered, and a method
   * that may run twice, it is sent again on a new connection (RFC 9110 §9.2.2).
   */
  #mayRepeat(upstream: UpstreamConnection | undefined, error: UpstreamError): boolean {
    return (
      error.code === "reset" &&
      !this.#retriedStale &&
      upstream !== undefined &&
      upstream.requests > 1 &&
      !upstream.responded &&
      this.#request.framing.kind === "none" &&
      idempotent.has(this.#request.method)
    );
  }

  #send(connection: UpstreamConnection): void {
    this.#upstream = connection;
    this.#phase = "sent";
    connection.begin(this.#request.method, this.#head, this);
    let more = true;
    for (const data of this.#pending.splice(0)) {
      more = connection.write(this.#request.framing, data) && more;
    }
    if (this.#requestEnded) {
      connection.endRequest(this.#request.framing, this.#requestTrailers);
    }
    if (more) {
      this.#client.resume();
    }
  }

  #switchProtocols(response: ResponseHead): void {
    if (this.#plan.kind !== "forward" || this.#plan.upgrade === undefined) {
      this.#upstream?.abort();
      this.#reply(localReplies.protocolError);
      return;
    }
    clearTimeout(this.#timeout);
    this.#phase = "tunnel";
    this.#status = 101;
    this.#client.write(interimText(response));
    this.#client.becomeTunnel();
  }

  #timedOut(): void {
    this.#upstream?.abort();
    if (this.#phase === "responding") {
      this.#over("UT");
      this.#client.breakOff();
    } else if (this.#phase !== "over") {
      this.#reply(localReplies.timeout);
    }
  }

  #reply(reply: LocalReply): void {
    const close = !this.#client.keepAlive || this.#request.minorVersion === 0;
    this.#status = reply.status;
    this.#client.write(localReplyText(reply, this.#request.method, close));
    this.#responseBytes = reply.body.length;
    this.#over(reply.flag);
    this.#client.finished(close);
  }

  #halfClosed(): void {
    this.#halves--;
    if (this.#halves === 0) {
      this.#over("-");
    }
  }

  #over(flag: ExchangeOutcome["flag"]): void {
    clearTimeout(this.#timeout);
    this.#phase = "over";
    this.#search?.cancel();
    this.#upstream = undefined;
    this.#pending = [];
    const plan = this.#plan;
    this.#context.onExchange({
      method: this.#request.method,
      path: plan.path,
      host: this.#request.target.authority,
      status: this.#status,
      flag,
      durationMs: performance.now() - this.#startedMs,
      requestBytes: this.#requestBytes,
      responseBytes: this.#responseBytes,
      clientAddress: this.#client.clientAddress,
      port: this.#client.port,
      backend: plan.backend,
      endpoint: this.#search?.endpoint,
      denial: plan.kind === "reply" ? plan.denial : undefined,
      traceparent: this.#forwarded.traceparent,
    });
  }
}
