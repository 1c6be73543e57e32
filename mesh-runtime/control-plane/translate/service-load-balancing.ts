import type { ServiceLoadBalancing } from "../../xds/model.ts";
import type { NamespaceInput } from "./input/namespace.ts";
import type { ServiceInput } from "./input/service.ts";
import { isWaypointObject } from "./waypoint/binding.ts";

const sameZone: ServiceLoadBalancing = { mode: "FAILOVER", scopes: ["NETWORK", "REGION", "ZONE"] };
const sameNode: ServiceLoadBalancing = { mode: "FAILOVER", scopes: ["NETWORK", "REGION", "ZONE", "SUBZONE", "NODE"] };
const nodeOnly: ServiceLoadBalancing = { mode: "STRICT", scopes: ["NODE"] };

/** Values of the field and the annotation, in lower case; `undefined` for those that Istio ignores. */
const preferences: Readonly<Record<string, ServiceLoadBalancing>> = {
  preferclose: sameZone,
  prefersamezone: sameZone,
  prefersamenode: sameNode,
};

/**
 * Which endpoints of a Service are preferred: `internalTrafficPolicy: Local` before `trafficDistribution`, before the
 * annotation on the Service and on its namespace. Waypoints are sought near the caller by themselves, as Istio has it.
 */
export function serviceLoadBalancing(
  service: ServiceInput,
  namespace: NamespaceInput | undefined,
): ServiceLoadBalancing | undefined {
  if (service.nodeLocal) {
    return nodeOnly;
  }
  const wishes = [
    service.trafficDistribution,
    service.trafficDistributionWish,
    namespace?.trafficDistributionWish ?? "",
  ].map((wish) => preference(wish));
  return wishes.find((wish) => wish !== undefined) ?? (isWaypointObject(service.labels) ? sameZone : undefined);
}

/** Whether a wish is one that Istio knows; `Any` asks for nothing. */
export const isKnownWish = (wish: string): boolean => wish.toLowerCase() === "any" || preference(wish) !== undefined;

function preference(wish: string): ServiceLoadBalancing | undefined {
  const name = wish.toLowerCase();
  return Object.hasOwn(preferences, name) ? preferences[name] : undefined;
}
