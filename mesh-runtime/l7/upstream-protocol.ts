import type { L7Cluster, ProxyConfig } from "../xds/proxy-config.ts";
import type { HttpRequest } from "./http-request.ts";

/**
 * Whether a cluster is spoken to in HTTP/2: as its port says; where that says nothing, as the caller does. Not at
 * gateways: browsers speak HTTP/2 to them whatever the application knows (istiod: no `use_downstream_protocol` there).
 * gRPC has no other way.
 */
export function upstreamHttp2(
  { protocol }: L7Cluster,
  request: Pick<HttpRequest, "protocol" | "grpc" | "upgrade">,
  kind: ProxyConfig["kind"],
): boolean {
  if (request.upgrade !== undefined) {
    // Few servers know RFC 8441; all know the upgrade of HTTP/1.
    return false;
  }
  switch (protocol) {
    case "HTTP2":
    case "GRPC":
      return true;
    case "AUTO":
      return request.protocol === "HTTP/2" && (kind === "waypoint" || request.grpc);
    case "HTTP":
    case "TCP":
      return request.grpc && request.protocol === "HTTP/2";
    default:
      return protocol satisfies never;
  }
}
