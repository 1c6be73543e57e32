import type { KubeObject } from "@/mesh-runtime/api/meta.ts";
import { targetRefsOf } from "@/mesh-runtime/policy/index.ts";
import { managedByLabel, managedByTowpath, waypointClass } from "@/server/inventory/labels.ts";
import type { Inventory } from "@/server/inventory/model.ts";

const byHand = ({ metadata }: KubeObject): boolean => metadata?.labels?.[managedByLabel] !== managedByTowpath;

/** Objects that somebody made for the waypoint of a namespace, as `Kind namespace/name`: it alone enforces them. */
export function policiesAtWaypoint(namespace: string, inventory: Inventory): string[] {
  const {
    authorizationPolicies,
    requestAuthentications,
    destinationRules,
    rateLimitPolicies,
    virtualServices,
    routes,
  } = inventory.objects;
  const waypoints = new Set(
    inventory.gateways
      .filter((gateway) => gateway.className === waypointClass && gateway.namespace === namespace)
      .map(({ name }) => name),
  );
  const here = (kind: string, objects: readonly KubeObject[]): string[] =>
    objects
      .filter((object) => object.metadata?.namespace === namespace && byHand(object))
      .map(({ metadata }) => `${kind} ${namespace}/${metadata?.name ?? ""}`);
  const targeted = authorizationPolicies.filter((policy) =>
    targetRefsOf(policy).some(
      ({ kind, name }) => kind === "Service" || kind === "ServiceEntry" || (kind === "Gateway" && waypoints.has(name)),
    ),
  );
  const meshRoutes = routes.filter(({ spec }) => (spec?.parentRefs ?? []).some(({ kind }) => kind === "Service"));
  return [
    ...here("AuthorizationPolicy", targeted),
    ...here("RequestAuthentication", requestAuthentications),
    ...here("HTTPRoute", meshRoutes),
    ...here("VirtualService", virtualServices),
    ...here("DestinationRule", destinationRules),
    ...here("RateLimitPolicy", rateLimitPolicies),
  ].sort();
}
