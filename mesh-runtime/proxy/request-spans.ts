import { randomBytes } from "node:crypto";
import type { Span } from "../api/telemetry.ts";
import type { ExchangeOutcome } from "../l7/exchange-outcome.ts";
import type { HttpRequest } from "../l7/http-request.ts";

const textMax = 512;
const clip = (text: string): string => (text.length > textMax ? text.slice(0, textMax) : text);

/**
 * The spans of one sampled request: ours as the server, and one as the client for what went on to the upstream, from
 * the first try to the end of the last. Names of attributes are OpenTelemetry's HTTP conventions where there are some,
 * else Istio's.
 */
export function spansOf(outcome: ExchangeOutcome, request: HttpRequest, canonicalService: string): Span[] {
  const { trace } = request;
  const { plan, endpoint, status, startedUnixMs } = outcome;
  const [host = ""] = request.authority.split(":");
  const name = clip(`${host === "" ? "unknown" : request.authority}/*`);
  const failed = status === 0 || status >= 500;
  const shared = {
    "http.request.method": clip(request.method),
    "http.response.status_code": String(status),
    "url.scheme": request.scheme,
    "url.path": clip(plan?.path ?? request.target.split("?")[0] ?? ""),
    "server.address": clip(host),
    "server.port": String(outcome.port),
    "network.protocol.version": request.protocol.slice(5),
    response_flags: outcome.flag,
    ...(outcome.grpcStatus < 0 ? {} : { "rpc.grpc.status_code": String(outcome.grpcStatus) }),
  };
  const audited = plan?.audited ?? [];
  const times = { startUnixMs: startedUnixMs, endUnixMs: startedUnixMs + outcome.durationMs };
  const server: Span = {
    traceId: trace.traceId,
    spanId: trace.spanId,
    parentSpanId: trace.parentSpanId,
    name,
    kind: "server",
    ...times,
    failed,
    attributes: {
      ...shared,
      "client.address": outcome.peer.sourceIp,
      "istio.canonical_service": canonicalService,
      "user_agent.original": clip(request.fields.get("user-agent") ?? ""),
      "guid:x-request-id": clip(request.fields.get("x-request-id") ?? ""),
      ...(audited.length === 0 ? {} : { "istio.audit_policies": clip(audited.join(",")) }),
    },
  };
  if (endpoint === undefined || outcome.attempts === 0) {
    return [server];
  }
  const client: Span = {
    traceId: trace.traceId,
    spanId: randomBytes(8).toString("hex"),
    parentSpanId: trace.spanId,
    name,
    kind: "client",
    ...times,
    failed,
    attributes: {
      ...shared,
      "network.peer.address": endpoint.address,
      "network.peer.port": String(endpoint.port),
      "http.request.resend_count": String(outcome.attempts - 1),
      upstream_cluster: plan?.kind === "forward" ? clip(plan.cluster.key) : "",
      "k8s.pod.name": endpoint.workload.name,
      "k8s.namespace.name": endpoint.workload.namespace,
    },
  };
  return [server, client];
}
