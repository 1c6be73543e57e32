import type { ProxyConfig } from "../xds/proxy-config.ts";
import type { HeldBody } from "./held-body.ts";
import type { HttpRequest } from "./http-request.ts";
import type { ClusterCall } from "./plan/cluster-call.ts";
import type { ForwardPlan } from "./request-plan.ts";
import { upstreamHttp2 } from "./upstream-protocol.ts";

const answerBytesMax = 1 << 20;
const timeoutMs = 30_000;

/**
 * Sends a copy of a request to each of its mirrors and forgets about the answers. The host is that of the request, as
 * istiod has it (Envoy would append `-shadow`). Bodies beyond what is held are not mirrored.
 */
export function sendMirrors(
  call: ClusterCall,
  plan: ForwardPlan,
  request: HttpRequest,
  held: HeldBody,
  kind: ProxyConfig["kind"],
): void {
  const { authority, target, mirrors } = plan;
  for (const cluster of mirrors) {
    call({
      cluster,
      protocol: upstreamHttp2(cluster, request, kind) ? "HTTP/2" : "HTTP/1.1",
      method: request.method,
      authority,
      target,
      fields: plan.fields.copy(),
      body: held.head(Number.MAX_SAFE_INTEGER),
      timeoutMs: plan.timeouts.requestMs || timeoutMs,
      responseBytesMax: answerBytesMax,
    }).catch(() => undefined);
  }
}
