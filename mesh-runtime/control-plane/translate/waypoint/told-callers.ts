import type { GatewayInput } from "../input/gateway.ts";
import type { MeshFacts, World } from "../input/world.ts";

/** Istio's annotation on a waypoint's Gateway or its class. */
const annotation = "ambient.istio.io/xfcc-include-client-identity";

/**
 * The SPIFFE ID under which a waypoint says whose call it is, when it was asked to; else empty. Istio's waypoints write the
 * header when the route is chosen already, from what the caller sent; ours write it before, so that routes may read it.
 */
export function tellsCallersAs(gateway: GatewayInput, { gatewayClasses }: World, { trustDomain }: MeshFacts): string {
  const wish = gateway.podAnnotations[annotation] ?? gatewayClasses.get(gateway.className)?.annotations[annotation];
  // A waypoint's account is named as its Gateway.
  return wish?.toLowerCase() === "true" ? `spiffe://${trustDomain}/ns/${gateway.namespace}/sa/${gateway.name}` : "";
}
