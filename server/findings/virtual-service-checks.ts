/** VirtualServices that nobody reads. Pure. */
import type { VirtualService } from "@/mesh-runtime/api/virtualservice.ts";
import { at, type Check, type Found, giveAWaypoint, idOf, nameOf, namespaceOf } from "./check.ts";
import { portsOfHost, serviceOfHost, unservedAdvice } from "./hosts.ts";
import { serviceRoutes } from "./routes.ts";

/** Hosts that it is about for calls inside the mesh. */
export const meshHosts = ({ spec }: VirtualService): readonly string[] =>
  (spec?.gateways ?? ["mesh"]).includes("mesh") ? (spec?.hosts ?? []) : [];

/** What becomes of each host of a VirtualService for calls inside. */
export const virtualServices: Check = ({ inventory }) => {
  const routes = serviceRoutes(inventory);
  return inventory.objects.virtualServices.flatMap((virtual) =>
    meshHosts(virtual).flatMap((host): Found[] => {
      const service = serviceOfHost(inventory, host, namespaceOf(virtual));
      if (service === undefined) {
        const served = host.includes("*") || portsOfHost(inventory, host, namespaceOf(virtual)) !== undefined;
        const message = `It is about ${host}, which nobody serves. ${unservedAdvice(inventory.objects, host)}`;
        return served ? [] : [at("VirtualService", virtual, "host-unknown", message)];
      }
      const about = { services: [idOf(service)] };
      if (service.namespace !== namespaceOf(virtual)) {
        const message = `It is about ${idOf(service)} and stands in ${namespaceOf(virtual)}. Waypoints read those of the service's own namespace only. Move it to ${service.namespace}.`;
        return [at("VirtualService", virtual, "rule-without-effect", message, about)];
      }
      if (service.waypoint === undefined) {
        const message = `Calls to ${service.name} pass no waypoint, so that nobody reads this rule.`;
        return [
          at("VirtualService", virtual, "waypoint-missing", message, {
            ...about,
            path: giveAWaypoint(service.namespace),
          }),
        ];
      }
      const beside = routes.get(idOf(service)) ?? [];
      const names = [...new Set(beside.map(({ route }) => `the ${route.kind} ${nameOf(route.object)}`))];
      const message = `${service.name} has ${names.join(" and ")} too, which wins as a whole: nothing of this rule is done. Keep one of them.`;
      return names.length === 0 ? [] : [at("VirtualService", virtual, "route-conflict", message, about)];
    }),
  );
};
