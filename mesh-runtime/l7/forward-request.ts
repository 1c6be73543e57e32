import { endToEnd, type Fields, type RequestHead, requestHeadText } from "../http1/index.ts";
import { isRequestId, isTraceparent, newRequestId, newTraceparent } from "./trace-context.ts";

/** What a proxy at the edge says about the client, instead of what the client says. */
export interface ForwardFacts {
  readonly clientAddress: string;
  readonly scheme: "http" | "https";
  /** Normalized path and query. */
  readonly target: string;
  /** Protocol to switch to, when that is allowed. */
  readonly upgrade: string | undefined;
}

/** The request as it goes upstream. */
export interface ForwardedRequest {
  readonly head: string;
  readonly traceparent: string;
}

/**
 * Writes the head for the upstream: hop-by-hop fields gone, one Host, the path that was judged, `x-forwarded-for`
 * extended, `x-forwarded-proto` set, `x-request-id` and `traceparent` made when they are missing or malformed.
 */
export function forwardRequest(request: RequestHead, facts: ForwardFacts): ForwardedRequest {
  const fields = endToEnd(request.fields, request.connection);
  const forwardedFor = fields.joined("x-forwarded-for");
  fields.set(
    "x-forwarded-for",
    forwardedFor === undefined ? facts.clientAddress : `${forwardedFor},${facts.clientAddress}`,
  );
  fields.set("x-forwarded-proto", facts.scheme);
  // Says who called over mutual TLS; nobody outside may.
  fields.remove("x-forwarded-client-cert");
  const requestId = fields.get("x-request-id");
  if (requestId === undefined || !isRequestId(requestId)) {
    fields.set("x-request-id", newRequestId());
  }
  const traceparent = traceparentOf(fields);
  if (facts.upgrade !== undefined) {
    fields.add("upgrade", facts.upgrade);
  }
  const head = requestHeadText({
    method: request.method,
    target: facts.target,
    host: request.target.authority,
    fields,
    framing: request.framing,
    connection: facts.upgrade === undefined ? undefined : "upgrade",
  });
  return { head, traceparent };
}

function traceparentOf(fields: Fields): string {
  const given = fields.joined("traceparent");
  if (given !== undefined && isTraceparent(given)) {
    return given;
  }
  const made = newTraceparent();
  fields.set("traceparent", made);
  // State without its parent means nothing (Trace Context §3.3).
  fields.remove("tracestate");
  return made;
}
