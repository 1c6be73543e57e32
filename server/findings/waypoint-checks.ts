/** Calls that go past their waypoint. Pure. */
import { bindsWaypoint, targetRefsOf } from "@/mesh-runtime/policy/index.ts";
import {
  labelsOfService,
  ingressUseWaypointLabel as usesWaypoint,
} from "@/server/golden-paths/waypoint/named-waypoint.ts";
import { type Inventory, type InventoryRouting, type InventoryService, waypointOf } from "@/server/inventory/model.ts";
import { deniesAll, type FoundPolicies, findPolicies, isDryRun } from "@/server/policies/applied.ts";
import { at, type Check, idOf, serviceObject } from "./check.ts";

/** Some gateway sends requests to it. */
export const isCalledFromOutside = ({ routing }: Inventory, service: InventoryService): boolean =>
  routing.some(({ gateways, backends }) => gateways.length > 0 && backends.includes(idOf(service)));

/** Ingress gateways go straight to the pods unless the Service, or its namespace, says otherwise. */
export function passesWaypointBy(inventory: Inventory, service: InventoryService): boolean {
  const namespace = inventory.namespaces.find(({ name }) => name === service.namespace);
  return (labelsOfService(inventory, service)[usesWaypoint] ?? namespace?.labels[usesWaypoint]) !== "true";
}

/** Other rules that name a host are read by gateways too. */
const isVirtualFor = ({ resource, hosts }: InventoryRouting, { namespace, name }: InventoryService): boolean =>
  resource.kind === "VirtualService" &&
  resource.namespace === namespace &&
  hosts.some((host) => host === `${name}.${namespace}` || host === `${name}.${namespace}.svc.cluster.local`);

/** Rules about requests that the service's waypoint enforces. */
function hasRules(inventory: Inventory, service: InventoryService, policies: () => FoundPolicies): boolean {
  const gateway = waypointOf(inventory, service);
  // A lock at the waypoint is nothing to pass by where the pods are locked too.
  const lockedToo = (): boolean => policies().meshLockedDown || policies().namespaceLockedDown(service.namespace);
  return (
    inventory.authorizationPolicies.some(
      (policy) =>
        (policy.metadata.namespace === service.namespace &&
          targetRefsOf(policy).some(({ kind, name }) => kind === "Service" && name === service.name)) ||
        (gateway !== undefined &&
          !isDryRun(policy) &&
          bindsWaypoint(policy, { ...gateway, gatewayClassName: gateway.className }) &&
          !(deniesAll(policy) && lockedToo())),
    ) || inventory.routing.some((one) => one.services.includes(idOf(service)) || isVirtualFor(one, service))
  );
}

/** Ingress gateways go straight to the pods unless the Service says otherwise. */
export const ingressBypass: Check = ({ inventory }) => {
  let found: FoundPolicies | undefined;
  const policies = (): FoundPolicies => {
    found ??= findPolicies(inventory);
    return found;
  };
  return inventory.services
    .filter((service) => service.waypoint !== undefined && isCalledFromOutside(inventory, service))
    .filter((service) => passesWaypointBy(inventory, service) && hasRules(inventory, service, policies))
    .flatMap((service) => {
      const object = serviceObject(inventory, service);
      return object === undefined
        ? []
        : [
            at(
              "Service",
              object,
              "gateway-bypasses-waypoint",
              `Visitors reach ${service.name} through a gateway, which goes past its waypoint: the rules there do not act on them. Label the Service ${usesWaypoint}: "true".`,
              { services: [idOf(service)] },
            ),
          ];
    });
};
