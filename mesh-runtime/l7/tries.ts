import type { Fields } from "../http1/index.ts";
import type { ProxyConfig } from "../xds/proxy-config.ts";
import type { ExchangeContext } from "./exchange-context.ts";
import type { ExchangeRecord } from "./exchange-record.ts";
import { formatGrpcTimeout } from "./grpc.ts";
import type { HeldBody } from "./held-body.ts";
import type { HttpRequest } from "./http-request.ts";
import { noTrailers } from "./http-response.ts";
import { type LocalReply, localReplies } from "./local-reply.ts";
import type { Endpoint } from "./mesh-view.ts";
import { notMirrored, sendMirrors } from "./mirror.ts";
import type { CallWaiter, OutgoingRequest, UpstreamCall, UpstreamListener } from "./pool/upstream-call.ts";
import type { UpstreamError } from "./pool/upstream-error.ts";
import type { ForwardPlan } from "./request-plan.ts";
import { failureReply, tryResultOf } from "./try-outcome.ts";
import type { TryResult, UpstreamRequest } from "./upstream/upstreams.ts";
import { upstreamHttp2 } from "./upstream-protocol.ts";

/** Who makes the tries, and hears what an upstream says. */
export interface TriesOwner extends UpstreamListener {
  /** Nothing can be sent for now. */
  onWaiting(): void;
  /** No try is left. */
  onExhausted(reply: LocalReply): void;
}

/** The tries of one request at its cluster: connection, sending, retries. */
export class Tries implements CallWaiter {
  readonly #context: ExchangeContext;
  readonly #plan: ForwardPlan;
  readonly #request: HttpRequest;
  readonly #held: HeldBody;
  readonly #owner: TriesOwner;
  readonly #http2: boolean;
  readonly #outgoing: OutgoingRequest;
  readonly #record: ExchangeRecord;
  readonly #kind: ProxyConfig["kind"];
  #upstream: UpstreamRequest | undefined;
  #call: UpstreamCall | undefined;
  /** A connection is awaited. */
  #waiting = false;
  /** A try has begun and was not reported. */
  #trying = false;
  #mirrored = false;
  #ended = false;
  #trailers = noTrailers;
  #tryTimer: NodeJS.Timeout | undefined;
  #waitTimer: NodeJS.Timeout | undefined;
  endpoint: Endpoint | undefined;
  /** The last answer was one that retries gave up on. */
  exhausted = false;

  constructor(
    context: ExchangeContext,
    kind: ProxyConfig["kind"],
    plan: ForwardPlan,
    request: HttpRequest,
    held: HeldBody,
    record: ExchangeRecord,
    owner: TriesOwner,
  ) {
    this.#context = context;
    this.#plan = plan;
    this.#request = request;
    this.#held = held;
    this.#owner = owner;
    this.#record = record;
    this.#kind = kind;
    this.#http2 = upstreamHttp2(plan.cluster, request, kind);
    const { authority, target, fields, upgrade } = plan;
    const { method, grpc, body } = request;
    this.#outgoing = { method, authority, target, fields, body, upgrade, grpc };
  }

  get attempts(): number {
    return this.#upstream?.attempts ?? 0;
  }

  /** The call that carries the request now. */
  get call(): UpstreamCall | undefined {
    return this.#call;
  }

  /** Begins; call once. */
  start(): void {
    const { cluster, retry, hash } = this.#plan;
    const { method, grpc } = this.#request;
    const admission = this.#context.upstreams.begin(cluster, { hash, method, grpc, retry });
    if ("refused" in admission) {
      this.#owner.onExhausted(localReplies.overflow);
      return;
    }
    this.#upstream = admission;
    this.#try(admission);
  }

  /** The request is complete; what of it was not sent yet is held. */
  end(trailers: Fields): void {
    this.#ended = true;
    this.#trailers = trailers;
    if (this.#call !== undefined) {
      this.#call.end(trailers);
      this.#mirror();
    }
  }

  report(result: TryResult): void {
    if (this.#trying) {
      this.#trying = false;
      this.#upstream?.report(result);
    }
  }

  /** An answer that may be no success was reported: whether another try follows instead of it. */
  retryInstead(status: number, grpcStatus: number): boolean {
    const { retry } = this.#plan;
    if (retry.attempts === 0 || !(status >= 400 || grpcStatus > 0 || retry.statusCodes.includes(status))) {
      return false;
    }
    return this.#again({ kind: "response", status, grpcStatus });
  }

  /** The connection or stream broke before an answer. */
  failed(error: UpstreamError): void {
    this.#call = undefined;
    this.#tryOver(tryResultOf(error, this.#ended), failureReply(error));
  }

  /** Gives up the present try. */
  drop(): void {
    this.stopTimers();
    if (this.#call !== undefined) {
      this.#call.abort();
      this.#call = undefined;
    } else if (this.#waiting && this.endpoint !== undefined) {
      this.#waiting = false;
      this.#context.pools.cancel(this.#plan.cluster, this.endpoint, this.#http2, this);
    }
  }

  stopTimers(): void {
    clearTimeout(this.#tryTimer);
    clearTimeout(this.#waitTimer);
  }

  /** The answer has begun. */
  answered(): void {
    clearTimeout(this.#tryTimer);
  }

  /** It is over; the call was dropped or will be released. Call once. */
  finish(): void {
    this.stopTimers();
    this.#call = undefined;
    this.#upstream?.end();
    if (this.#plan.mirrors.length > 0 && !this.#mirrored) {
      notMirrored(this.#context, this.#plan);
    }
  }

  onCall(call: UpstreamCall): void {
    const outgoing = this.#outgoing;
    this.#waiting = false;
    this.#call = call;
    this.#passOnDeadline();
    call.begin(outgoing, this.#owner);
    // Bytes behind an upgrade that is not answered yet could be read as another request.
    const more = outgoing.upgrade !== undefined || this.#held.sendTo(call);
    this.#held.trim();
    if (this.#ended) {
      call.end(this.#trailers);
      this.#mirror();
    }
    if (more) {
      this.#owner.onDrain();
    }
  }

  onNoCall(error: UpstreamError): void {
    if (this.#waiting) {
      this.#waiting = false;
      this.failed(error);
    }
  }

  #try(upstream: UpstreamRequest): void {
    const endpoint = upstream.next();
    if (endpoint === undefined) {
      this.#owner.onExhausted(localReplies.noHealthyUpstream);
      return;
    }
    const { perTryMs } = this.#plan.timeouts;
    this.endpoint = endpoint;
    this.#trying = true;
    this.#waiting = true;
    if (perTryMs > 0) {
      this.#tryTimer = setTimeout(() => this.#tryTimedOut(), perTryMs);
    }
    const call = this.#context.pools.acquire(this.#plan.cluster, endpoint, this.#http2, this);
    if (call === undefined) {
      this.#owner.onWaiting();
    } else {
      this.onCall(call);
    }
  }

  #tryTimedOut(): void {
    this.drop();
    this.#tryOver({ kind: "per-try-timeout" }, localReplies.timeout);
  }

  #tryOver(result: TryResult, reply: LocalReply): void {
    clearTimeout(this.#tryTimer);
    this.report(result);
    if (!this.#again(result)) {
      this.#owner.onExhausted(reply);
    }
  }

  /** Whether another try follows. */
  #again(result: TryResult): boolean {
    const upstream = this.#upstream;
    if (upstream === undefined) {
      return false;
    }
    const verdict = upstream.retry(result, this.#held.complete);
    if ("refused" in verdict) {
      this.exhausted = verdict.refused === "limit" && upstream.attempts > 1;
      return false;
    }
    this.drop();
    this.#owner.onWaiting();
    this.#waitTimer = setTimeout(() => this.#try(upstream), verdict.waitMs);
    return true;
  }

  /** What is left of the caller's time goes on with the request. */
  #passOnDeadline(): void {
    const { deadlineMs } = this.#plan;
    if (deadlineMs > 0) {
      this.#outgoing.fields.set("grpc-timeout", formatGrpcTimeout(deadlineMs - this.#record.elapsedMs));
    }
  }

  /** A copy for the mirrors, once, when the whole request is known. */
  #mirror(): void {
    if (this.#plan.mirrors.length > 0 && !this.#mirrored && this.#held.complete) {
      this.#mirrored = true;
      sendMirrors(this.#context, this.#plan, this.#request, this.#held, this.#kind);
    }
  }
}
