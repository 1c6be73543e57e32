import type { L7Cluster } from "../../xds/proxy-config.ts";
import type { Endpoint } from "../mesh-view.ts";
import type { ClusterUpstream } from "./cluster-upstream.ts";
import type { EndpointState } from "./endpoint-state.ts";
import { backoffMs, wantsRetry } from "./retry-policy.ts";
import type { TryResult, UpstreamFacts, UpstreamRequest } from "./upstreams.ts";

type Retry = ReturnType<UpstreamRequest["retry"]>;

const final: Retry = { refused: "final" };
const limit: Retry = { refused: "limit" };
const budget: Retry = { refused: "budget" };

/** The tries of one request. All that a request costs here in memory. */
export class UpstreamTries implements UpstreamRequest {
  readonly #upstream: ClusterUpstream;
  readonly #facts: UpstreamFacts;
  /** The endpoint of the last try, and whether that try is still under way. */
  #state: EndpointState | undefined;
  #underWay = false;
  #tried: EndpointState[] | undefined;
  #retries = 0;
  #retrying = false;
  #over = false;
  attempts = 0;

  constructor(upstream: ClusterUpstream, facts: UpstreamFacts) {
    this.#upstream = upstream;
    this.#facts = facts;
    upstream.activeRequests++;
    upstream.requests++;
  }

  get cluster(): L7Cluster {
    return this.#upstream.cluster;
  }

  next(): Endpoint | undefined {
    if (this.#over) {
      return undefined;
    }
    const former = this.#state;
    if (former !== undefined) {
      this.#leave();
      this.#tried ??= [];
      this.#tried.push(former);
    }
    const state = this.#upstream.choose(this.#facts.hash, this.#tried);
    this.#state = state;
    if (state === undefined) {
      return undefined;
    }
    state.active++;
    this.#underWay = true;
    this.attempts++;
    return state.endpoint;
  }

  report(result: TryResult): void {
    const upstream = this.#upstream;
    if (result.kind !== "response") {
      // The endpoint has nothing more to do; after an answer it has until the answer is over.
      this.#leave();
      if (result.kind === "per-try-timeout") {
        upstream.timeouts++;
      } else if (result.kind === "overflow") {
        upstream.overflows++;
      }
    }
    const state = this.#state;
    const status = statusOf(result);
    if (state !== undefined && status !== 0) {
      upstream.record(state, status);
    }
    if (this.#retrying && !wantsRetry(result, this.#facts)) {
      this.#endRetry();
      upstream.retriesSucceeded += result.kind === "response" ? 1 : 0;
    }
  }

  retry(result: TryResult, replayable: boolean): Retry {
    const upstream = this.#upstream;
    const { retry } = this.#facts;
    this.#endRetry();
    if (this.#over || !replayable || !wantsRetry(result, this.#facts)) {
      return final;
    }
    if (this.#retries >= retry.attempts) {
      return limit;
    }
    if (!upstream.admitsRetry(upstream.activeRetries)) {
      upstream.retriesForbidden++;
      return budget;
    }
    this.#retries++;
    this.#retrying = true;
    upstream.activeRetries++;
    upstream.retries++;
    return { waitMs: backoffMs(retry, this.#retries, upstream.random) };
  }

  end(): void {
    if (this.#over) {
      return;
    }
    this.#over = true;
    this.#leave();
    this.#endRetry();
    this.#upstream.activeRequests--;
  }

  #leave(): void {
    if (this.#underWay && this.#state !== undefined) {
      this.#underWay = false;
      this.#state.active--;
    }
  }

  #endRetry(): void {
    if (this.#retrying) {
      this.#retrying = false;
      this.#upstream.activeRetries--;
    }
  }
}

/**
 * The status by which outlier detection judges a result; 0: it says nothing about the endpoint. Resets and failures to
 * connect are 503 and timeouts 504, as Envoy counts them when local and external errors are not split. A refusal by policy
 * is nobody's illness: ejecting for it would turn "denied" into "nobody there".
 */
function statusOf(result: TryResult): number {
  switch (result.kind) {
    case "response":
      return result.grpcStatus === undefined || result.grpcStatus < 0
        ? result.status
        : (grpcAsHttp[result.grpcStatus] ?? 500);
    case "connect-failure":
    case "refused-stream":
    case "reset-before-request":
    case "reset":
      return 503;
    case "per-try-timeout":
      return 504;
    case "denied":
    case "overflow":
      return 0;
    default:
      return result satisfies never;
  }
}

/** gRPC statuses as HTTP ones (google.rpc.Code), by number. */
const grpcAsHttp: readonly number[] = [
  200, 499, 500, 400, 504, 404, 409, 403, 429, 400, 409, 400, 501, 500, 503, 500, 401,
];
