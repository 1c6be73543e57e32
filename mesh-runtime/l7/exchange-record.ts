import { performance } from "node:perf_hooks";
import type { ResponseFlag } from "../api/telemetry.ts";
import type { ExchangePlace } from "./exchange-context.ts";
import type { ExchangeOutcome } from "./exchange-outcome.ts";
import { GrpcMessages } from "./grpc.ts";
import type { HttpRequest } from "./http-request.ts";
import { LastMove } from "./last-move.ts";
import type { Endpoint } from "./mesh-view.ts";
import type { Peer } from "./peer.ts";
import type { RequestPlan } from "./request-plan.ts";

/** What is counted while an exchange runs. */
export class ExchangeRecord {
  readonly startedMs = performance.now();
  readonly #startedUnixMs = Date.now();
  readonly #sentMessages: GrpcMessages | undefined;
  readonly #receivedMessages: GrpcMessages | undefined;
  status = 0;
  grpcStatus = -1;
  flag: ResponseFlag = "-";
  requestBytes = 0;
  responseBytes = 0;
  endpoint: Endpoint | undefined;
  /** Bytes of the answer. */
  readonly #lastMove = new LastMove(this.startedMs);

  constructor(grpc: boolean) {
    if (grpc) {
      this.#sentMessages = new GrpcMessages();
      this.#receivedMessages = new GrpcMessages();
    }
  }

  sent(data: Buffer): void {
    this.requestBytes += data.length;
    this.#sentMessages?.take(data);
  }

  received(data: Buffer): void {
    this.#lastMove.note();
    this.responseBytes += data.length;
    this.#receivedMessages?.take(data);
  }

  /** When a byte of the answer came last, as of now. Call it about once a second. */
  movedMs(nowMs: number): number {
    return this.#lastMove.asOf(nowMs);
  }

  get elapsedMs(): number {
    return performance.now() - this.startedMs;
  }

  outcome(
    request: HttpRequest,
    plan: RequestPlan | undefined,
    peer: Peer,
    { key, port }: ExchangePlace,
    attempts: number,
  ): ExchangeOutcome {
    return {
      request,
      plan,
      peer,
      target: key,
      port,
      status: this.status,
      grpcStatus: this.grpcStatus,
      flag: this.flag,
      startedUnixMs: this.#startedUnixMs,
      durationMs: performance.now() - this.startedMs,
      requestBytes: this.requestBytes,
      responseBytes: this.responseBytes,
      endpoint: this.endpoint,
      attempts,
      requestMessages: this.#sentMessages?.count ?? 0,
      responseMessages: this.#receivedMessages?.count ?? 0,
    };
  }
}
