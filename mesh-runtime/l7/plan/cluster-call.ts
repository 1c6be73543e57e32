import type { Fields } from "../../http1/index.ts";
import type { L7Cluster } from "../../xds/proxy-config.ts";

/** A small exchange of the proxy itself: a question to an external authorizer, a copy of a request. */
export interface ClusterRequest {
  readonly cluster: L7Cluster;
  readonly protocol: "HTTP/1.1" | "HTTP/2";
  readonly method: string;
  readonly authority: string;
  /** Path and query. */
  readonly target: string;
  /** End-to-end fields; framing, and `te: trailers` over HTTP/2, are added by who makes the call. */
  readonly fields: Fields;
  /** Empty: none. */
  readonly body: Buffer;
  /** For everything: connection, request, answer. */
  readonly timeoutMs: number;
  /** A longer answer is a failure. Absent: its body is thrown away as it comes, however long. */
  readonly responseBytesMax?: number;
  /** Told when the answer begins. */
  readonly onHead?: (response: Pick<ClusterResponse, "status" | "fields">) => void;
}

export interface ClusterResponse {
  readonly status: number;
  readonly fields: Fields;
  readonly body: Buffer;
  /** Of a trailers-only answer of gRPC, `fields` has them. */
  readonly trailers: Fields;
}

/**
 * One exchange with some endpoint of a cluster, without retries beyond those of a connection that cannot be made. Rejects
 * when there is no whole answer in time, whatever the reason.
 */
export type ClusterCall = (request: ClusterRequest) => Promise<ClusterResponse>;
