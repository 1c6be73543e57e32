/** Calls that go past their waypoint. Pure. */
import { targetRefsOf } from "@/mesh-runtime/policy/index.ts";
import type { Inventory, InventoryService } from "@/server/inventory/model.ts";
import { at, type Check, idOf, serviceObject } from "./check.ts";

const ingressLabel = "istio.io/ingress-use-waypoint";

/** Rules about requests that the service's waypoint enforces. */
const hasRules = ({ authorizationPolicies, routing }: Inventory, service: InventoryService): boolean =>
  authorizationPolicies.some(
    (policy) =>
      policy.metadata.namespace === service.namespace &&
      targetRefsOf(policy).some(({ kind, name }) => kind === "Service" && name === service.name),
  ) || routing.some(({ services }) => services.includes(idOf(service)));

/** Ingress gateways go straight to the pods unless the Service says otherwise. */
export const ingressBypass: Check = ({ inventory }) =>
  inventory.services
    .filter((service) => service.waypoint !== undefined && hasRules(inventory, service))
    .filter((service) => {
      const namespace = inventory.namespaces.find(({ name }) => name === service.namespace);
      const label =
        serviceObject(inventory, service)?.metadata?.labels?.[ingressLabel] ?? namespace?.labels[ingressLabel];
      return label !== "true";
    })
    .flatMap((service) => {
      const routes = inventory.routing.filter(
        ({ gateways, backends }) => gateways.length > 0 && backends.includes(idOf(service)),
      );
      const object = serviceObject(inventory, service);
      return routes.length === 0 || object === undefined
        ? []
        : [
            at(
              "Service",
              object,
              "gateway-bypasses-waypoint",
              `Visitors reach ${service.name} through a gateway, which goes past its waypoint: the rules there do not act on them. Label the Service ${ingressLabel}: "true".`,
              { services: [idOf(service)] },
            ),
          ];
    });
