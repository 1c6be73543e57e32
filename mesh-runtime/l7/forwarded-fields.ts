import type { Fields } from "../http1/index.ts";
import type { RequestTrace } from "./http-request.ts";
import type { Peer } from "./peer.ts";
import { continueTrace, isRequestId, newRequestId, type Tracing } from "./trace-context.ts";

/** What a place of the configuration says about the fields that a proxy adds. */
export interface ForwardingRules {
  /** A gateway is the edge: it names the client. A waypoint passes on what it got, as Envoy does inside a mesh. */
  readonly kind: "gateway" | "waypoint";
  readonly tracing: Tracing;
  /** SPIFFE ID under which it says whose call it is; empty: it says nothing. */
  readonly tellsCallersAs: string;
}

/**
 * Adds to end-to-end fields what a proxy says about a request: `x-forwarded-for` (edge only), `x-forwarded-proto`,
 * `x-request-id`, trace context. `x-forwarded-client-cert` goes: it says who called over mutual TLS, and nobody but a
 * proxy may. A waypoint that was asked to writes there whom it knows, before anything is judged or routed; of a caller
 * without a proven identity it says nothing.
 */
export function addForwardedFields(
  fields: Fields,
  peer: Peer,
  { kind, tracing, tellsCallersAs }: ForwardingRules,
  random: () => number,
): RequestTrace {
  // One look at the names tells what there is to replace: most requests have none of these.
  let given = 0;
  const { list } = fields;
  for (let index = 0; index < list.length; index += 2) {
    const name = list[index] ?? "";
    given |= flagOf(name);
  }
  if ((given & has.clientCert) !== 0) {
    fields.remove("x-forwarded-client-cert");
  }
  if (tellsCallersAs !== "" && peer.principal !== undefined) {
    list.push("x-forwarded-client-cert", `By=${tellsCallersAs};URI=spiffe://${peer.principal}`);
  }
  if (kind === "gateway") {
    if ((given & has.forwardedFor) === 0) {
      list.push("x-forwarded-for", peer.sourceIp);
    } else {
      fields.set("x-forwarded-for", `${fields.joined("x-forwarded-for") ?? ""},${peer.sourceIp}`);
    }
  }
  const proto =
    kind === "waypoint" && (given & has.forwardedProto) !== 0 ? fields.joined("x-forwarded-proto") : undefined;
  if (proto !== "http" && proto !== "https") {
    if ((given & has.forwardedProto) === 0) {
      list.push("x-forwarded-proto", peer.scheme);
    } else {
      fields.set("x-forwarded-proto", peer.scheme);
    }
  }
  if ((given & has.requestId) === 0) {
    list.push("x-request-id", newRequestId());
  } else {
    const id = fields.joined("x-request-id") ?? "";
    if (!isRequestId(id)) {
      fields.set("x-request-id", newRequestId());
    }
  }
  return continueTrace(fields, tracing, random);
}

const has = { forwardedFor: 1, forwardedProto: 2, requestId: 4, clientCert: 8 } as const;

function flagOf(name: string): number {
  switch (name.length) {
    case 12:
      return name.toLowerCase() === "x-request-id" ? has.requestId : 0;
    case 15:
      return name.toLowerCase() === "x-forwarded-for" ? has.forwardedFor : 0;
    case 17:
      return name.toLowerCase() === "x-forwarded-proto" ? has.forwardedProto : 0;
    case 23:
      return name.toLowerCase() === "x-forwarded-client-cert" ? has.clientCert : 0;
    default:
      return 0;
  }
}
