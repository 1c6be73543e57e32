import type { L7Cluster } from "../xds/proxy-config.ts";
import type { HttpRequest } from "./http-request.ts";

/** Whether a cluster is spoken to in HTTP/2: as its port says, or as the caller does. gRPC has no other way. */
export function upstreamHttp2(
  { protocol }: L7Cluster,
  request: Pick<HttpRequest, "protocol" | "grpc" | "upgrade">,
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
      return request.protocol === "HTTP/2";
    case "HTTP":
    case "TCP":
      return request.grpc && request.protocol === "HTTP/2";
    default:
      return protocol satisfies never;
  }
}
