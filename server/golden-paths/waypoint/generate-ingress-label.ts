import type { ServiceRef } from "@/server/contracts/names.ts";
import { findService } from "@/server/inventory/model.ts";
import { isGuarded } from "../access/generate-guards.ts";
import { serviceAccesses } from "../access/service-access.ts";
import { isServiceIntent } from "../intent.ts";
import { partOf, type Rendered } from "../resource.ts";
import type { Surroundings } from "../surroundings.ts";
import { ingressUseWaypointLabel } from "./named-waypoint.ts";
import { requiresWaypoint } from "./requires-waypoint.ts";

/**
 * Ingress gateways pass a service's waypoint by unless its Service says otherwise (`resources.md` §5): then none of its
 * rules would hold for calls from outside, and a guard would refuse them.
 */
export function generateIngressLabels(surroundings: Surroundings): Rendered[] {
  const guarded = serviceAccesses(surroundings)
    .filter(isGuarded)
    .map(({ ref }) => ref);
  const others = [...surroundings.intents.values()]
    .filter(isServiceIntent)
    .filter((one) => requiresWaypoint(one) && surroundings.waypointOf(one.service) !== undefined)
    .map(({ service }) => service);
  const services = new Map(
    [...guarded, ...others].map((ref): [string, ServiceRef] => [`${ref.namespace}/${ref.name}`, ref]),
  );
  return [...services.values()]
    .filter((ref) => findService(surroundings.inventory, ref)?.kind === "service")
    .map(({ namespace, name }) =>
      partOf("Service", namespace, name, { labels: { [ingressUseWaypointLabel]: "true" } }),
    );
}
