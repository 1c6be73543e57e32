import type { Fields } from "../http1/index.ts";
import { type HttpResponse, noTrailers } from "./http-response.ts";
import type { ClusterCall, ClusterRequest, ClusterResponse } from "./plan/cluster-call.ts";
import type { CallWaiter, UpstreamCall, UpstreamListener } from "./pool/upstream-call.ts";
import { UpstreamError } from "./pool/upstream-error.ts";
import type { UpstreamPools } from "./pool/upstream-pools.ts";
import { tryResultOf } from "./try-outcome.ts";
import { routeDefaultRetry } from "./upstream/retry-policy.ts";
import type { UpstreamRequest, Upstreams } from "./upstream/upstreams.ts";

/** Makes small calls of the proxy itself to clusters: authorizers' checks and mirrored requests. */
export const createClusterCall =
  (upstreams: Upstreams, pools: UpstreamPools): ClusterCall =>
  (request) =>
    new SmallCall(upstreams, pools, request).promise;

class SmallCall implements UpstreamListener, CallWaiter {
  readonly promise: Promise<ClusterResponse>;
  readonly #pools: UpstreamPools;
  readonly #request: ClusterRequest;
  readonly #resolve: (response: ClusterResponse) => void;
  readonly #reject: (error: UpstreamError) => void;
  #upstream: UpstreamRequest | undefined;
  #call: UpstreamCall | undefined;
  #response: HttpResponse | undefined;
  readonly #body: Buffer[] = [];
  #bytes = 0;
  #timer: NodeJS.Timeout | undefined;
  #over = false;

  constructor(upstreams: Upstreams, pools: UpstreamPools, request: ClusterRequest) {
    const { promise, resolve, reject } = Promise.withResolvers<ClusterResponse>();
    this.promise = promise;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#pools = pools;
    this.#request = request;
    const admission = upstreams.begin(request.cluster, {
      hash: undefined,
      method: request.method,
      grpc: request.protocol === "HTTP/2",
      retry: { ...routeDefaultRetry, on: ["connect-failure", "refused-stream"] },
    });
    if ("refused" in admission) {
      this.#fail(new UpstreamError("overflow", `${request.cluster.key}: too many requests`));
      return;
    }
    this.#upstream = admission;
    this.#timer = setTimeout(() => this.#timedOut(), request.timeoutMs);
    this.#try(admission);
  }

  onCall(call: UpstreamCall): void {
    if (this.#over) {
      call.abort();
      return;
    }
    const { method, authority, target, fields, body } = this.#request;
    this.#call = call;
    const framed = body.length > 0 || method === "POST";
    call.begin(
      {
        method,
        authority,
        target,
        fields,
        body: framed ? { kind: "length", length: body.length } : { kind: "none" },
        upgrade: undefined,
        grpc: this.#request.protocol === "HTTP/2",
      },
      this,
    );
    if (body.length > 0) {
      call.write(body);
    }
    call.end(noTrailers);
  }

  onNoCall(error: UpstreamError): void {
    this.#tryFailed(error);
  }

  onInterim(): void {
    // Nobody waits for it.
  }

  onHead(response: HttpResponse): void {
    this.#response = response;
    this.#request.onHead?.(response);
    if (response.tunnel) {
      this.#fail(new UpstreamError("protocol", "an answer that switches protocols"));
    }
  }

  onBody(data: Buffer): void {
    const { responseBytesMax } = this.#request;
    this.#bytes += data.length;
    if (responseBytesMax === undefined) {
      return;
    }
    if (this.#bytes > responseBytesMax) {
      this.#fail(new UpstreamError("overflow", `an answer of more than ${responseBytesMax} bytes`));
    } else {
      this.#body.push(data);
    }
  }

  onEnd(trailers: Fields): void {
    const response = this.#response;
    if (this.#over) {
      return;
    }
    if (response === undefined || (response.body.kind === "length" && response.body.length !== this.#bytes)) {
      this.#fail(new UpstreamError("protocol", "an answer that is not whole"));
      return;
    }
    this.#upstream?.report({ kind: "response", status: response.status });
    const call = this.#call;
    this.#call = undefined;
    this.#end();
    call?.release();
    this.#resolve({ status: response.status, fields: response.fields, body: Buffer.concat(this.#body), trailers });
  }

  onDrain(): void {
    // The whole body was written at once.
  }

  onFailed(error: UpstreamError): void {
    this.#call = undefined;
    this.#tryFailed(error);
  }

  get #http2(): boolean {
    return this.#request.protocol === "HTTP/2";
  }

  #try(upstream: UpstreamRequest): void {
    const endpoint = upstream.next();
    if (endpoint === undefined) {
      this.#fail(new UpstreamError("connect", `${this.#request.cluster.key}: no healthy endpoint`));
      return;
    }
    const call = this.#pools.acquire(this.#request.cluster, endpoint, this.#http2, this);
    if (call !== undefined) {
      this.onCall(call);
    }
  }

  #tryFailed(error: UpstreamError): void {
    const upstream = this.#upstream;
    if (this.#over || upstream === undefined) {
      return;
    }
    const result = tryResultOf(error, true);
    upstream.report(result);
    const verdict = this.#response === undefined ? upstream.retry(result, true) : undefined;
    if (verdict !== undefined && "waitMs" in verdict) {
      setTimeout(() => {
        if (!this.#over) {
          this.#try(upstream);
        }
      }, verdict.waitMs);
    } else {
      this.#fail(error);
    }
  }

  #timedOut(): void {
    this.#upstream?.report({ kind: "per-try-timeout" });
    this.#fail(
      new UpstreamError("timeout", `${this.#request.cluster.key}: no answer in ${this.#request.timeoutMs} ms`),
    );
  }

  #fail(error: UpstreamError): void {
    if (!this.#over) {
      this.#end();
      this.#reject(error);
    }
  }

  #end(): void {
    this.#over = true;
    clearTimeout(this.#timer);
    this.#call?.abort();
    this.#call = undefined;
    this.#upstream?.end();
  }
}
