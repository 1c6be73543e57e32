import { endToEnd, type RequestHead } from "../../http1/index.ts";
import { addForwardedFields, type ForwardingRules } from "../forwarded-fields.ts";
import { isGrpc } from "../grpc.ts";
import type { HttpRequest } from "../http-request.ts";
import type { Peer } from "../peer.ts";

const noBody = { kind: "none" } as const;
const streamed = { kind: "stream" } as const;

/** A request of HTTP/1, as the rest of the engine sees it. */
export function readHttp1Request(
  head: RequestHead,
  peer: Peer,
  rules: ForwardingRules,
  random: () => number,
): HttpRequest {
  const fields = endToEnd(head.fields, head.connection);
  const trace = addForwardedFields(fields, peer, rules, random);
  const { framing, upgrade } = head;
  return {
    protocol: head.minorVersion === 1 ? "HTTP/1.1" : "HTTP/1.0",
    scheme: peer.scheme,
    method: head.method,
    authority: head.target.authority,
    target: head.target.path,
    fields,
    body: framing.kind === "length" ? framing : framing.kind === "chunked" ? streamed : noBody,
    // Only WebSocket is let through: switching to HTTP/2 would carry requests past every check here.
    upgrade:
      upgrade !== undefined && framing.kind === "none" && upgrade.toLowerCase() === "websocket"
        ? "websocket"
        : undefined,
    grpc: isGrpc(fields.get("content-type")),
    trace,
  };
}
