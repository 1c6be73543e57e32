import type { Fields } from "../http1/index.ts";

/** A small request of the proxy itself to a cluster: an external authorizer's check, a mirrored request. */
export interface ClusterCall {
  readonly method: string;
  readonly authority: string;
  /** Path and query. */
  readonly path: string;
  /** End-to-end fields; framing is made here. */
  readonly fields: Fields;
  readonly body: Buffer;
  /** HTTP2 for gRPC. */
  readonly protocol: "HTTP" | "HTTP2";
  /** Everything together, dialling too. */
  readonly timeoutMs: number;
  /** A longer answer is an error. */
  readonly answerBytesMax: number;
}

export interface ClusterAnswer {
  readonly status: number;
  /** End-to-end fields. */
  readonly fields: Fields;
  readonly body: Buffer;
  readonly trailers: Fields;
}

/**
 * Makes one call, without retries. Rejects with an UpstreamError: no such cluster, no endpoint, no connection, a break, the
 * time is over, an answer that is too long.
 */
export type CallCluster = (clusterKey: string, call: ClusterCall) => Promise<ClusterAnswer>;
