import type { Fields } from "../http1/index.ts";
import { BodyPeeker } from "./body-peeker.ts";
import { editResponse } from "./edit-response.ts";
import type { ExchangeContext, ExchangePlace } from "./exchange-context.ts";
import type { ExchangePhase } from "./exchange-phase.ts";
import { ExchangeRecord } from "./exchange-record.ts";
import { readGrpcStatus } from "./grpc.ts";
import { HeldBody } from "./held-body.ts";
import { type HttpRequest, lengthOf } from "./http-request.ts";
import { type HttpResponse, noTrailers } from "./http-response.ts";
import { type LocalReply, localReplies, replyGrpcStatus } from "./local-reply.ts";
import type { Peer } from "./peer.ts";
import type { UpstreamError } from "./pool/upstream-error.ts";
import type { ForwardPlan, RequestPlan } from "./request-plan.ts";
import { responseDeadline } from "./response-deadline.ts";
import { isSafeLine } from "./safe-line.ts";
import { Tries, type TriesOwner } from "./tries.ts";
import type { ClientSide } from "./wire/client-side.ts";

/** One request and its answer. Streams both ways with back-pressure; of a body no more is kept than `HeldBody` says. */
export class Exchange implements TriesOwner {
  readonly request: HttpRequest;
  readonly #context: ExchangeContext;
  readonly #place: ExchangePlace;
  readonly #client: ClientSide;
  readonly #peer: Peer;
  readonly #record: ExchangeRecord;
  readonly #held = new HeldBody();
  readonly #peeker: BodyPeeker;
  #phase: ExchangePhase = "planning";
  #plan: RequestPlan | undefined;
  #tries: Tries | undefined;
  #requestEnded = false;
  #requestTrailers = noTrailers;
  /** Bytes of an answer of known length that are still due; -1: unknown. */
  #responseDue = -1;
  #timer: NodeJS.Timeout | undefined;
  /** Directions of a tunnel that are open. */
  #halves = 2;

  constructor(context: ExchangeContext, place: ExchangePlace, client: ClientSide, request: HttpRequest, peer: Peer) {
    this.#context = context;
    this.#place = place;
    this.#client = client;
    this.request = request;
    this.#peer = peer;
    this.#record = new ExchangeRecord(request.grpc);
    this.#peeker = new BodyPeeker(request, this.#held, client);
  }

  /** Begins; call once. */
  start(): void {
    const plan = this.#place.planner.plan(this.request, this.#peer, this.#peeker);
    if (!(plan instanceof Promise)) {
      this.#planned(plan);
      return;
    }
    if (!this.#peeker.reading) {
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
    const due = upgrade !== undefined || body.kind === "stream" ? Number.POSITIVE_INFINITY : lengthOf(body);
    if (this.#record.requestBytes > due) {
      this.#badBody();
      return;
    }
    const call = this.#tries?.call;
    if (call === undefined || (upgrade !== undefined && !tunnel)) {
      this.#held.hold(data);
      this.#client.pause();
      this.#peeker.moved();
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
    this.#peeker.end();
    this.#tries?.end(trailers);
    this.#startTimeout();
  }

  get requestEnded(): boolean {
    return this.#requestEnded;
  }

  /** Bytes that wait for somebody, besides those at the client's side. */
  get heldBytes(): number {
    return this.#held.bytes + (this.#tries?.call?.heldBytes ?? 0);
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
    this.#tries?.call?.resume();
  }

  /** The client ended its side of a tunnel. */
  clientEnded(): void {
    if (this.#phase === "tunnel") {
      this.#tries?.call?.end(noTrailers);
      this.#halfClosed();
    }
  }

  /** The client's connection or stream is lost, or its request turned out malformed. */
  clientGone(flag: "DC" | "DPE" = "DC"): void {
    if (this.#phase !== "over") {
      const tunnel = this.#phase === "tunnel";
      this.#tries?.drop();
      this.#over(tunnel ? "-" : flag);
    }
  }

  /** Ends an exchange that has been without a byte for too long. `sinceMs`: when the client side last moved. */
  checkIdle(sinceMs: number, nowMs: number): void {
    const idleMs = (this.#forward?.timeouts.idleMs ?? 0) || this.#place.idleMs;
    if (this.#phase === "over" || nowMs - Math.max(sinceMs, this.#record.movedMs(nowMs)) < idleMs) {
      return;
    }
    this.#giveUp("SI", localReplies.idle);
  }

  /** It would be refused by now: is cut, or refused where nothing of an answer is written. */
  revoke(reply: LocalReply): void {
    if (this.#phase !== "over") {
      this.#tries?.drop();
      this.#breakOrReply(reply.flag, reply);
    }
  }

  onWaiting(): void {
    this.#client.pause();
  }

  onExhausted(reply: LocalReply): void {
    this.#reply(reply);
  }

  onInterim(status: number, fields: Fields): void {
    if (this.request.protocol === "HTTP/1.0" || (status === 100 && this.#peeker.continued)) {
      return;
    }
    this.#peeker.continued ||= status === 100;
    this.#client.interim(status, fields);
  }

  onHead(response: HttpResponse): void {
    const tries = this.#tries;
    const plan = this.#forward;
    if (tries === undefined || plan === undefined) {
      return;
    }
    tries.answered();
    if (response.tunnel) {
      this.#switchProtocols(tries, plan, response);
      return;
    }
    const { status } = response;
    const { grpc } = this.request;
    const grpcStatus = grpc ? readGrpcStatus(response.fields) : -1;
    // What a gRPC call came to is often told by trailers alone.
    if (!grpc || grpcStatus !== -1 || status !== 200) {
      tries.report({ kind: "response", status, grpcStatus });
      if (tries.retryInstead(status, grpcStatus)) {
        return;
      }
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
      this.#tries?.call?.pause();
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
    const tries = this.#tries;
    if (this.request.grpc && record.grpcStatus === -1) {
      record.grpcStatus = readGrpcStatus(trailers);
    }
    tries?.report({ kind: "response", status: record.status, grpcStatus: record.grpcStatus });
    this.#client.end(trailers);
    const call = tries?.call;
    this.#over(tries?.exhausted === true ? "URX" : record.flag);
    call?.release();
    this.#client.finished();
  }

  onDrain(): void {
    this.#client.resume();
  }

  onFailed(error: UpstreamError): void {
    if (this.#phase === "trying") {
      this.#tries?.failed(error);
    } else if (this.#phase !== "over") {
      this.#cut();
    }
  }

  get #forward(): ForwardPlan | undefined {
    return this.#plan?.kind === "forward" ? this.#plan : undefined;
  }

  #planned(plan: RequestPlan): void {
    if (this.#phase !== "planning") {
      return;
    }
    this.#plan = plan;
    if (plan.delayMs > 0) {
      this.#client.pause();
      this.#timer = setTimeout(() => this.#act(plan), plan.delayMs);
    } else {
      this.#act(plan);
    }
  }

  #act(plan: RequestPlan): void {
    if (plan.kind === "reply") {
      this.#reply(plan.reply);
      return;
    }
    if (!isSafeLine(plan.target) || !isSafeLine(plan.authority)) {
      // A rewrite made something that would not be one request line.
      this.#reply(localReplies.internal);
      return;
    }
    this.#record.flag = plan.delayMs > 0 ? "DI" : "-";
    this.#phase = "trying";
    const tries = new Tries(this.#context, this.#place.rules.kind, plan, this.request, this.#held, this.#record, this);
    this.#tries = tries;
    if (this.#requestEnded) {
      tries.end(this.#requestTrailers);
    }
    if (this.#requestEnded || plan.deadlineMs > 0) {
      this.#startTimeout();
    }
    tries.start();
  }

  #switchProtocols(tries: Tries, plan: ForwardPlan, response: HttpResponse): void {
    const { call } = tries;
    if (plan.upgrade === undefined || call === undefined) {
      tries.drop();
      tries.report({ kind: "reset" });
      this.#reply(localReplies.protocolError);
      return;
    }
    tries.report({ kind: "response", status: 101 });
    clearTimeout(this.#timer);
    this.#phase = "tunnel";
    this.#record.status = 101;
    this.#client.becomeTunnel(response);
    if (this.#held.sendTo(call)) {
      this.#client.resume();
    }
    this.#held.drop();
  }

  #startTimeout(): void {
    const plan = this.#forward;
    if (plan === undefined || this.#phase === "tunnel") {
      return;
    }
    const { ms, reply } = responseDeadline(plan, this.#requestEnded, this.#record);
    if (ms > 0) {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#giveUp("UT", reply), ms);
    }
  }

  /** The time is over: `reply` where nothing of an answer is written. */
  #giveUp(flag: ExchangeRecord["flag"], reply: LocalReply): void {
    this.#tries?.drop();
    this.#tries?.report({ kind: "per-try-timeout" });
    this.#breakOrReply(flag, reply);
  }

  #breakOrReply(flag: ExchangeRecord["flag"], reply: LocalReply): void {
    if (this.responding) {
      this.#over(flag);
      this.#client.breakOff();
    } else {
      this.#reply(reply);
    }
  }

  #badBody(): void {
    this.clientGone("DPE");
    this.#client.breakOff();
  }

  /** The answer cannot be completed. */
  #cut(): void {
    this.#tries?.drop();
    this.#tries?.report({ kind: "reset" });
    this.#over(this.#phase === "tunnel" ? "-" : "UC");
    this.#client.breakOff();
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
      const call = this.#tries?.call;
      this.#over("-");
      call?.release();
      this.#client.finished();
    }
  }

  #over(flag: ExchangeRecord["flag"]): void {
    const tries = this.#tries;
    const record = this.#record;
    clearTimeout(this.#timer);
    this.#phase = "over";
    this.#peeker.end();
    this.#held.drop();
    record.flag = flag;
    record.endpoint = tries?.endpoint;
    tries?.finish();
    this.#context.onExchange(record.outcome(this.request, this.#plan, this.#peer, this.#place, tries?.attempts ?? 0));
  }
}
