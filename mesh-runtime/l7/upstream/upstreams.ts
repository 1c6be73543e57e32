import type { L7Cluster, L7RetryPolicy } from "../../xds/proxy-config.ts";
import type { Endpoint } from "../mesh-view.ts";

/** How one try at an endpoint ended. */
export type TryResult =
  | {
      readonly kind: "response";
      readonly status: number;
      /** Of trailers-only answers and trailers; absent for others. */
      readonly grpcStatus?: number | undefined;
      /** `retry-after` in milliseconds, if the answer has it. */
      readonly retryAfterMs?: number | undefined;
    }
  /** No connection: nothing was sent. */
  | { readonly kind: "connect-failure" }
  /** The peer's policy refused the tunnel: nothing was sent, another try would be refused too. */
  | { readonly kind: "denied" }
  /**
   * A kept connection turned out closed, nothing was answered; or HTTP/2 REFUSED_STREAM. `unprocessed`: the peer said that
   * it did nothing (REFUSED_STREAM, a stream above the last one of GOAWAY), so that any method may be sent again.
   */
  | { readonly kind: "refused-stream"; readonly unprocessed?: boolean | undefined }
  /** Broken before the request was fully sent. */
  | { readonly kind: "reset-before-request" }
  /** Broken after the request was sent and before the answer. */
  | { readonly kind: "reset" }
  | { readonly kind: "per-try-timeout" }
  /** A limit of the connection pool. */
  | { readonly kind: "overflow" };

/** What a request brings along for choosing and retrying. */
export interface UpstreamFacts {
  readonly hash: number | undefined;
  readonly method: string;
  readonly grpc: boolean;
  readonly retry: L7RetryPolicy;
}

/** The tries of one request at one cluster. Call `end` exactly once. */
export interface UpstreamRequest {
  readonly cluster: L7Cluster;
  /** Tries begun so far. */
  readonly attempts: number;
  /** An endpoint for the next try, elsewhere than before where possible. `undefined`: there is none that may be used. */
  next(): Endpoint | undefined;
  /** Reports how the try at the endpoint that `next` gave last ended: counts, outlier detection. */
  report(result: TryResult): void;
  /**
   * Whether another try may follow: the wait before it in milliseconds, or why not. Asked once after each `report` of a
   * result that may be retried; `replayable` says that the body can be sent again.
   */
  retry(
    result: TryResult,
    replayable: boolean,
  ): { readonly waitMs: number } | { readonly refused: "final" | "limit" | "budget" };
  end(): void;
}

/** Why a request cannot begin. */
export type Admission = UpstreamRequest | { readonly refused: "overflow" };

/** All clusters of a proxy: who is there, who is well, how much is under way. */
export interface Upstreams {
  /** New configuration; what is known of endpoints that stay is kept. */
  update(clusters: readonly L7Cluster[]): void;
  cluster(key: string): L7Cluster | undefined;
  begin(cluster: L7Cluster, facts: UpstreamFacts): Admission;
  /** For telemetry and `/config_dump`. */
  snapshot(): readonly ClusterSnapshot[];
}

/** Counters since the proxy started, and the state now. */
export interface ClusterSnapshot {
  readonly cluster: L7Cluster;
  readonly endpoints: number;
  readonly healthy: number;
  readonly activeRequests: number;
  readonly activeRetries: number;
  readonly requests: number;
  readonly retries: number;
  readonly retriesSucceeded: number;
  readonly retriesForbidden: number;
  readonly timeouts: number;
  readonly overflows: number;
  readonly ejections: number;
  readonly ejected: readonly { readonly endpoint: Endpoint; readonly untilMs: number; readonly reason: string }[];
}
