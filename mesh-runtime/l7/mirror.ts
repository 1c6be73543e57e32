import { performance } from "node:perf_hooks";
import type { ResponseFlag } from "../api/telemetry.ts";
import type { ProxyConfig } from "../xds/proxy-config.ts";
import type { ExchangeContext } from "./exchange-context.ts";
import type { CopyOutcome } from "./exchange-outcome.ts";
import { readGrpcStatus } from "./grpc.ts";
import type { HeldBody } from "./held-body.ts";
import type { HttpRequest } from "./http-request.ts";
import type { ClusterRequest, ClusterResponse } from "./plan/cluster-call.ts";
import { UpstreamError } from "./pool/upstream-error.ts";
import type { ForwardPlan } from "./request-plan.ts";
import { failureReply } from "./try-outcome.ts";
import { upstreamHttp2 } from "./upstream-protocol.ts";

/** For the whole copy, where the route limits nothing. */
const timeoutMs = 30_000;

type MirrorContext = Pick<ExchangeContext, "call" | "onCopy">;

/**
 * Sends a copy of a request to each of its mirrors; of the answers only their outcome is told. The host is that of the
 * request, as istiod has it (Envoy would append `-shadow`). The request must be whole, and all of its body held.
 */
export function sendMirrors(
  context: MirrorContext,
  plan: ForwardPlan,
  request: HttpRequest,
  held: HeldBody,
  kind: ProxyConfig["kind"],
): void {
  const { authority, target, mirrors } = plan;
  for (const cluster of mirrors) {
    context.onCopy({ phase: "sent", plan, cluster });
    void follow(context, plan, {
      cluster,
      protocol: upstreamHttp2(cluster, request, kind) ? "HTTP/2" : "HTTP/1.1",
      method: request.method,
      authority,
      target,
      fields: plan.fields.copy(),
      body: held.head(Number.MAX_SAFE_INTEGER),
      timeoutMs: plan.timeouts.requestMs || timeoutMs,
    });
  }
}

/** Tells that a request is over of which no copy was sent. */
export function notMirrored({ onCopy }: MirrorContext, plan: ForwardPlan): void {
  for (const cluster of plan.mirrors) {
    onCopy({ phase: "not-sent", plan, cluster });
  }
}

type Ended = Pick<Extract<CopyOutcome, { phase: "ended" }>, "status" | "grpcStatus" | "flag">;

async function follow(context: MirrorContext, plan: ForwardPlan, request: ClusterRequest): Promise<void> {
  const startedMs = performance.now();
  let head: Head | undefined;
  const onHead = (begun: Head): void => {
    head = begun;
  };
  const ended = await context
    .call({ ...request, onHead })
    .then(answered, (error: unknown) => broken(error, head, plan));
  context.onCopy({
    phase: "ended",
    plan,
    cluster: request.cluster,
    ...ended,
    durationMs: performance.now() - startedMs,
  });
}

type Head = Pick<ClusterResponse, "status" | "fields">;

const answered = ({ status, fields, trailers }: ClusterResponse): Ended => {
  const inTrailers = readGrpcStatus(trailers);
  return { status, grpcStatus: inTrailers === -1 ? readGrpcStatus(fields) : inTrailers, flag: "-" };
};

function broken(error: unknown, head: Head | undefined, { timeouts }: ForwardPlan): Ended {
  const flag: ResponseFlag = error instanceof UpstreamError ? failureReply(error).flag : "UC";
  if (head === undefined) {
    return { status: 0, grpcStatus: -1, flag };
  }
  // Only our own limit ends an answer that streams: whoever made the call may well go on reading.
  const ours = timeouts.requestMs === 0 && error instanceof UpstreamError && error.code === "timeout";
  return { status: ours ? head.status : 0, grpcStatus: -1, flag: ours ? "DC" : flag };
}
