import type { Fields } from "../http1/index.ts";
import { editResponse } from "./edit-response.ts";
import type { ExchangeContext, ExchangePlace } from "./exchange-context.ts";
import { ExchangeRecord } from "./exchange-record.ts";
import { ExchangeTimers } from "./exchange-timers.ts";
import { formatGrpcTimeout, readGrpcStatus } from "./grpc.ts";
import { HeldBody } from "./held-body.ts";
import type { HttpRequest } from "./http-request.ts";
import { type HttpResponse, noTrailers } from "./http-response.ts";
import { type LocalReply, localReplies, replyGrpcStatus } from "./local-reply.ts";
import { sendMirrors } from "./mirror.ts";
import type { Peer } from "./peer.ts";
import type { CallWaiter, OutgoingRequest, UpstreamCall, UpstreamListener } from "./pool/upstream-call.ts";
import type { UpstreamError } from "./pool/upstream-error.ts";
import type { BodyPeek, ForwardPlan, RequestPlan } from "./request-plan.ts";
import { isSafeLine } from "./safe-line.ts";
import { failureReply, tryResultOf } from "./try-outcome.ts";
import type { TryResult, UpstreamRequest } from "./upstream/upstreams.ts";
import { upstreamHttp2 } from "./upstream-protocol.ts";
import type { ClientSide } from "./wire/client-side.ts";

/**
 * - `planning`: the planner has not answered yet, or a delay is injected.
 * - `waiting`: for a connection, or for the next try.
 * - `sent`: the head is sent, no answer yet.
 * - `responding`: the head of the answer is written.
 * - `tunnel`: bytes both ways.
 */
type Phase = "planning" | "waiting" | "sent" | "responding" | "tunnel" | "over";

interface Peeked {
  readonly data: Buffer;
  readonly complete: boolean;
}

/** One request and its answer. Streams both ways with back-pressure; of a body no more is kept than `HeldBody` says. */
export class Exchange implements UpstreamListener, CallWaiter, BodyPeek {
  readonly request: HttpRequest;
  readonly #context: ExchangeContext;
  readonly #place: ExchangePlace;
  readonly #client: ClientSide;
  readonly #peer: Peer;
  readonly #record: ExchangeRecord;
  readonly #timers = new ExchangeTimers();
  readonly #held = new HeldBody();
  #phase: Phase = "planning";
  #plan: RequestPlan | undefined;
  #outgoing: OutgoingRequest | undefined;
  #upstream: UpstreamRequest | undefined;
  #call: UpstreamCall | undefined;
  #http2 = false;
  /** A try has begun and was not reported. */
  #trying = false;
  #mirrored = false;
  #requestEnded = false;
  #requestTrailers = noTrailers;
  /** Bytes of an answer of known length that are still due; -1: unknown. */
  #responseDue = -1;
  #continued = false;
  #peeking: { readonly maxBytes: number; readonly resolve: (peeked: Peeked) => void } | undefined;
  #halves = 2;

  constructor(context: ExchangeContext, place: ExchangePlace, client: ClientSide, request: HttpRequest, peer: Peer) {
    this.#context = context;
    this.#place = place;
    this.#client = client;
    this.request = request;
    this.#peer = peer;
    this.#record = new ExchangeRecord(request.grpc);
  }

  /** Begins; call once. */
  start(): void {
    const plan = this.#place.planner.plan(this.request, this.#peer, this);
    if (!(plan instanceof Promise)) {
      this.#planned(plan);
      return;
    }
    if (this.#peeking === undefined) {
      this.#client.pause();
    }
    plan.then(
      (late) => this.#planned(late),
      // A planner never rejects; should it, nobody gets through.
      () => this.#reply(localReplies.internal),
    );
  }

  /** A piece of the request's body, or of a tunnel. */
  requestBody(data: Buffer): void {
    if (this.#phase === "over") {
      return;
    }
    this.#record.sent(data);
    const { body, upgrade } = this.request;
    const tunnel = this.#phase === "tunnel";
    if (!tunnel && body.kind !== "stream" && this.#record.requestBytes > (body.kind === "length" ? body.length : 0)) {
      if (upgrade === undefined) {
        this.#badBody();
        return;
      }
    }
    const call = this.#call;
    // Bytes behind an upgrade that is not answered yet could be read as another request.
    if (call === undefined || (upgrade !== undefined && !tunnel)) {
      this.#held.hold(data);
      this.#client.pause();
      this.#answerPeek();
      return;
    }
    if (!tunnel) {
      this.#held.keep(data);
    }
    if (!call.write(data)) {
      this.#client.pause();
    }
  }

  /** The request is complete. */
  requestEnd(trailers: Fields): void {
    if (this.#phase === "over" || this.#requestEnded) {
      return;
    }
    const { body } = this.request;
    if (body.kind === "length" && this.#record.requestBytes !== body.length) {
      this.#badBody();
      return;
    }
    this.#requestEnded = true;
    this.#requestTrailers = trailers;
    this.#answerPeek();
    if (this.#call !== undefined) {
      this.#call.end(trailers);
      this.#mirror();
    }
    this.#startTimeout();
  }

  get requestEnded(): boolean {
    return this.#requestEnded;
  }

  get tunnelling(): boolean {
    return this.#phase === "tunnel";
  }

  /** A part of the answer is written. */
  get responding(): boolean {
    return this.#record.status !== 0;
  }

  /** The client can take more of the answer. */
  clientDrained(): void {
    this.#call?.resume();
  }

  /** The client ended its side of a tunnel. */
  clientEnded(): void {
    if (this.#phase === "tunnel") {
      this.#call?.end(noTrailers);
      this.#halfClosed();
    }
  }

  /** The client's connection or stream is lost, or its request turned out malformed. */
  clientGone(flag: "DC" | "DPE" = "DC"): void {
    if (this.#phase !== "over") {
      const tunnel = this.#phase === "tunnel";
      this.#drop();
      this.#over(tunnel ? "-" : flag);
    }
  }

  /** Ends an exchange that has been without a byte for too long. `sinceMs`: when the client side last moved. */
  checkIdle(sinceMs: number, nowMs: number): void {
    const plan = this.#plan;
    const idleMs = (plan?.kind === "forward" ? plan.timeouts.idleMs : 0) || this.#place.idleMs;
    if (this.#phase === "over" || nowMs - Math.max(sinceMs, this.#record.movedMs) < idleMs) {
      return;
    }
    const answered = this.#phase === "responding" || this.#phase === "tunnel";
    this.#drop();
    if (answered) {
      this.#over("SI");
      this.#client.breakOff();
    } else {
      this.#reply(localReplies.idle);
    }
  }

  peek(maxBytes: number): Promise<Peeked> {
    if (!this.#continued && this.request.fields.get("expect")?.toLowerCase() === "100-continue") {
      // The body is needed before an upstream is asked.
      this.#continued = true;
      this.#client.interim(100, noTrailers);
    }
    const { promise, resolve } = Promise.withResolvers<Peeked>();
    this.#peeking = { maxBytes, resolve };
    this.#client.resume();
    this.#answerPeek();
    return promise;
  }

  onCall(call: UpstreamCall): void {
    const outgoing = this.#outgoing;
    if (this.#phase !== "waiting" || outgoing === undefined) {
      call.abort();
      return;
    }
    this.#call = call;
    this.#phase = "sent";
    this.#passOnDeadline(outgoing);
    call.begin(outgoing, this);
    const more = outgoing.upgrade !== undefined || this.#held.sendTo(call);
    this.#held.trim();
    if (this.#requestEnded) {
      call.end(this.#requestTrailers);
      this.#mirror();
    }
    if (more) {
      this.#client.resume();
    }
  }

  onNoCall(error: UpstreamError): void {
    if (this.#phase === "waiting") {
      this.#failed(error);
    }
  }

  onInterim(status: number, fields: Fields): void {
    if (this.request.protocol === "HTTP/1.0" || (status === 100 && this.#continued)) {
      return;
    }
    this.#continued ||= status === 100;
    this.#client.interim(status, fields);
  }

  onHead(response: HttpResponse): void {
    const plan = this.#plan;
    if (plan?.kind !== "forward") {
      return;
    }
    this.#timers.stopTry();
    if (response.tunnel) {
      this.#switchProtocols(plan, response);
      return;
    }
    const { status } = response;
    const { grpc } = this.request;
    const grpcStatus = grpc ? readGrpcStatus(response.fields) : -1;
    // What a gRPC call came to is often told by trailers alone.
    const judged = !grpc || grpcStatus !== -1 || status !== 200;
    if (judged && this.#answeredBadly(plan, status, grpcStatus)) {
      return;
    }
    this.#phase = "responding";
    this.#record.status = status;
    this.#record.grpcStatus = grpcStatus;
    this.#responseDue = response.body.kind === "length" ? response.body.length : -1;
    if (plan.responseEdits.length > 0) {
      editResponse(response.fields, plan.responseEdits);
    }
    this.#client.head(response);
  }

  onBody(data: Buffer): void {
    this.#record.received(data);
    if (this.#responseDue !== -1) {
      this.#responseDue -= data.length;
      if (this.#responseDue < 0) {
        this.#cut();
        return;
      }
    }
    if (!this.#client.body(data)) {
      this.#call?.pause();
    }
  }

  onEnd(trailers: Fields): void {
    if (this.#phase === "tunnel") {
      this.#client.end(noTrailers);
      this.#halfClosed();
      return;
    }
    if (this.#responseDue > 0 || this.#phase !== "responding") {
      this.#cut();
      return;
    }
    const record = this.#record;
    if (this.request.grpc && record.grpcStatus === -1) {
      record.grpcStatus = readGrpcStatus(trailers);
    }
    this.#report({ kind: "response", status: record.status, grpcStatus: record.grpcStatus });
    this.#client.end(trailers);
    const call = this.#call;
    this.#over(record.flag);
    call?.release();
    this.#client.finished();
  }

  onDrain(): void {
    this.#client.resume();
  }

  onFailed(error: UpstreamError): void {
    this.#call = undefined;
    if (this.#phase === "sent") {
      this.#failed(error);
    } else if (this.#phase === "responding" || this.#phase === "tunnel") {
      this.#cut();
    }
  }

  #planned(plan: RequestPlan): void {
    if (this.#phase !== "planning") {
      return;
    }
    this.#plan = plan;
    this.#peeking = undefined;
    if (plan.delayMs > 0) {
      this.#client.pause();
      this.#timers.wait(plan.delayMs, () => this.#act(plan));
    } else {
      this.#act(plan);
    }
  }

  #act(plan: RequestPlan): void {
    if (plan.kind === "reply") {
      this.#reply(plan.reply);
      return;
    }
    const { authority, target, fields, upgrade, retry, hash } = plan;
    if (!isSafeLine(target) || !isSafeLine(authority)) {
      // A rewrite made something that would not be one request line.
      this.#reply(localReplies.internal);
      return;
    }
    const { method, grpc, body } = this.request;
    const admission = this.#context.upstreams.begin(plan.cluster, { hash, method, grpc, retry });
    if ("refused" in admission) {
      this.#reply(localReplies.overflow);
      return;
    }
    this.#record.flag = plan.delayMs > 0 ? "DI" : "-";
    this.#upstream = admission;
    this.#outgoing = { method, authority, target, fields, body, upgrade, grpc };
    this.#http2 = upstreamHttp2(plan.cluster, this.request);
    this.#phase = "waiting";
    if (this.#requestEnded || plan.deadlineMs > 0) {
      this.#startTimeout();
    }
    this.#try(admission, plan);
  }

  #try(upstream: UpstreamRequest, plan: ForwardPlan): void {
    const endpoint = upstream.next();
    if (endpoint === undefined) {
      this.#reply(localReplies.noHealthyUpstream);
      return;
    }
    this.#record.endpoint = endpoint;
    this.#trying = true;
    if (plan.timeouts.perTryMs > 0) {
      this.#timers.try(plan.timeouts.perTryMs, () => this.#tryTimedOut(plan));
    }
    const call = this.#context.pools.acquire(plan.cluster, endpoint, this.#http2, this);
    if (call === undefined) {
      this.#client.pause();
    } else {
      this.onCall(call);
    }
  }

  /** An answer that may be no success: whether another try follows instead of it. */
  #answeredBadly(plan: ForwardPlan, status: number, grpcStatus: number): boolean {
    const result: TryResult = { kind: "response", status, grpcStatus };
    this.#report(result);
    if (plan.retry.attempts === 0 || !(status >= 400 || grpcStatus > 0 || plan.retry.statusCodes.includes(status))) {
      return false;
    }
    return this.#again(plan, result);
  }

  #failed(error: UpstreamError): void {
    const plan = this.#plan;
    this.#call = undefined;
    this.#timers.stopTry();
    const result = tryResultOf(error, this.#requestEnded);
    this.#report(result);
    if (plan?.kind !== "forward" || !this.#again(plan, result)) {
      this.#reply(failureReply(error));
    }
  }

  /** Whether another try follows. */
  #again(plan: ForwardPlan, result: TryResult): boolean {
    const upstream = this.#upstream;
    if (upstream === undefined) {
      return false;
    }
    const verdict = upstream.retry(result, this.#held.complete);
    if ("refused" in verdict) {
      if (verdict.refused === "limit" && upstream.attempts > 1 && result.kind === "response") {
        this.#record.flag = "URX";
      }
      return false;
    }
    this.#drop();
    this.#phase = "waiting";
    this.#client.pause();
    this.#timers.wait(verdict.waitMs, () => this.#try(upstream, plan));
    return true;
  }

  #report(result: TryResult): void {
    if (this.#trying) {
      this.#trying = false;
      this.#upstream?.report(result);
    }
  }

  #switchProtocols(plan: ForwardPlan, response: HttpResponse): void {
    const call = this.#call;
    if (plan.upgrade === undefined || call === undefined) {
      this.#drop();
      this.#report({ kind: "reset" });
      this.#reply(localReplies.protocolError);
      return;
    }
    this.#report({ kind: "response", status: 101 });
    this.#timers.stop();
    this.#phase = "tunnel";
    this.#record.status = 101;
    this.#client.becomeTunnel(response);
    if (this.#held.sendTo(call)) {
      this.#client.resume();
    }
    this.#held.drop();
  }

  /** Time counts once the request is complete, as in Envoy; a caller's deadline counts from its beginning. */
  #startTimeout(): void {
    const plan = this.#plan;
    if (plan?.kind !== "forward" || this.#phase === "tunnel") {
      return;
    }
    const requestMs = this.#requestEnded ? plan.timeouts.requestMs : 0;
    const deadlineMs = plan.deadlineMs > 0 ? Math.max(1, plan.deadlineMs - this.#record.elapsedMs) : 0;
    if (deadlineMs > 0 && (requestMs === 0 || deadlineMs <= requestMs)) {
      this.#timers.request(deadlineMs, () => this.#timedOut(localReplies.deadline));
    } else if (requestMs > 0) {
      this.#timers.request(requestMs, () => this.#timedOut(localReplies.timeout));
    }
  }

  #timedOut(reply: LocalReply): void {
    const responding = this.#phase === "responding";
    this.#drop();
    this.#report({ kind: "per-try-timeout" });
    if (responding) {
      this.#over("UT");
      this.#client.breakOff();
    } else {
      this.#reply(reply);
    }
  }

  #tryTimedOut(plan: ForwardPlan): void {
    const result: TryResult = { kind: "per-try-timeout" };
    this.#drop();
    this.#report(result);
    if (!this.#again(plan, result)) {
      this.#reply(localReplies.timeout);
    }
  }

  /** What is left of the caller's time goes on with the request. */
  #passOnDeadline({ fields }: OutgoingRequest): void {
    const plan = this.#plan;
    if (plan?.kind === "forward" && plan.deadlineMs > 0) {
      fields.set("grpc-timeout", formatGrpcTimeout(plan.deadlineMs - this.#record.elapsedMs));
    }
  }

  /** A copy for the mirrors, once, when the whole request is known. */
  #mirror(): void {
    const plan = this.#plan;
    if (plan?.kind === "forward" && plan.mirrors.length > 0 && !this.#mirrored && this.#held.complete) {
      this.#mirrored = true;
      sendMirrors(this.#context.call, plan, this.request, this.#held);
    }
  }

  #badBody(): void {
    this.clientGone("DPE");
    this.#client.breakOff();
  }

  /** The answer cannot be completed. */
  #cut(): void {
    const tunnel = this.#phase === "tunnel";
    this.#drop();
    this.#trying = true;
    this.#report({ kind: "reset" });
    this.#over(tunnel ? "-" : "UC");
    this.#client.breakOff();
  }

  /** Gives up the present try. */
  #drop(): void {
    const plan = this.#plan;
    const { endpoint } = this.#record;
    if (this.#call !== undefined) {
      this.#call.abort();
      this.#call = undefined;
    } else if (this.#phase === "waiting" && plan?.kind === "forward" && endpoint !== undefined) {
      this.#context.pools.cancel(plan.cluster, endpoint, this.#http2, this);
    }
    this.#timers.stopTry();
  }

  #reply(reply: LocalReply): void {
    if (this.#phase === "over") {
      return;
    }
    const { grpc } = this.request;
    this.#record.status = grpc ? 200 : reply.status;
    this.#record.grpcStatus = grpc ? replyGrpcStatus(reply) : -1;
    this.#record.responseBytes = this.#client.reply(reply);
    this.#over(reply.flag);
    this.#client.finished();
  }

  #halfClosed(): void {
    this.#halves--;
    if (this.#halves === 0) {
      const call = this.#call;
      this.#over("-");
      call?.release();
      this.#client.finished();
    }
  }

  #answerPeek(): void {
    const peeking = this.#peeking;
    const ended = this.#requestEnded || this.#phase === "over";
    if (peeking === undefined || !(ended || this.#held.bytes >= peeking.maxBytes)) {
      if (peeking !== undefined) {
        this.#client.resume();
      }
      return;
    }
    const { maxBytes, resolve } = peeking;
    this.#peeking = undefined;
    if (!ended) {
      this.#client.pause();
    }
    resolve({ data: this.#held.head(maxBytes), complete: this.#requestEnded && this.#held.bytes <= maxBytes });
  }

  #over(flag: ExchangeRecord["flag"]): void {
    this.#timers.stop();
    this.#phase = "over";
    this.#call = undefined;
    this.#answerPeek();
    this.#held.drop();
    this.#record.flag = flag;
    this.#upstream?.end();
    this.#context.onExchange(
      this.#record.outcome(this.request, this.#plan, this.#peer, this.#place, this.#upstream?.attempts ?? 0),
    );
  }
}
