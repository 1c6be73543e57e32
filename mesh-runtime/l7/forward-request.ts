import { endToEnd, type Fields, isHopByHop, type RequestHead, requestHeadText } from "../http1/index.ts";
import { isRequestId, isTraceparent, newRequestId, newTraceparent } from "./trace-context.ts";

/** The fields of a request as they go upstream: policy and routes judge these, not what the client sent. */
export interface ForwardedFields {
  readonly fields: Fields;
  readonly traceparent: string;
}

/**
 * Makes the fields for the upstream: hop-by-hop fields and what `Connection` nominates are gone, `x-forwarded-for` is
 * extended, `x-forwarded-proto` set, `x-request-id` and `traceparent` made when they are missing or malformed.
 */
export function forwardedFields(request: RequestHead, clientAddress: string): ForwardedFields {
  const fields = endToEnd(request.fields, request.connection);
  const forwardedFor = fields.joined("x-forwarded-for");
  fields.set("x-forwarded-for", forwardedFor === undefined ? clientAddress : `${forwardedFor},${clientAddress}`);
  fields.set("x-forwarded-proto", "http");
  // Says who called over mutual TLS; nobody outside may.
  fields.remove("x-forwarded-client-cert");
  const requestId = fields.get("x-request-id");
  if (requestId === undefined || !isRequestId(requestId)) {
    fields.set("x-request-id", newRequestId());
  }
  return { fields, traceparent: traceparentOf(fields) };
}

/** Value of a field for policy and routes. Hop-by-hop fields are not passed on, but may be asked for (`upgrade`). */
export function judgedField(request: RequestHead, fields: Fields, lowerName: string): string | undefined {
  if (lowerName === "host") {
    return request.target.authority;
  }
  return isHopByHop(lowerName) ? request.fields.joined(lowerName) : fields.joined(lowerName);
}

/** The head for the upstream: one Host, the path that was judged. `upgrade` is the protocol to switch to, if any. */
export function forwardedHead(
  request: RequestHead,
  fields: Fields,
  target: string,
  upgrade: string | undefined,
): string {
  if (upgrade !== undefined) {
    fields.add("upgrade", upgrade);
  }
  return requestHeadText({
    method: request.method,
    target,
    host: request.target.authority,
    fields,
    framing: request.framing,
    connection: upgrade === undefined ? undefined : "upgrade",
  });
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
