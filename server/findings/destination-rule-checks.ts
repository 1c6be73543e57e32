/** DestinationRules that nobody applies. Pure. */
import type { ServiceRef } from "@/server/contracts/names.ts";
import { speaksHttp } from "@/server/golden-paths/service-routes/http-ports.ts";
import type { Inventory, InventoryService } from "@/server/inventory/model.ts";
import { destinationsOf } from "./backend-checks.ts";
import { at, type Check, type Found, giveAWaypoint, idOf, nameOf, namespaceOf, serviceObject } from "./check.ts";
import { portsOfHost, serviceOfHost, unservedAdvice } from "./hosts.ts";
import { isAtPort, type ServiceRoute, serviceRoutes } from "./routes.ts";
import { meshHosts } from "./virtual-service-checks.ts";
import { isCalledFromOutside, passesWaypointBy } from "./waypoint-checks.ts";

/** What becomes of each rule; only waypoints and gateways read them. */
export const destinationRules: Check = ({ inventory }) => {
  const routes = serviceRoutes(inventory);
  return inventory.objects.destinationRules.flatMap((rule): Found[] => {
    const host = rule.spec?.host ?? "";
    const own = namespaceOf(rule);
    const service = serviceOfHost(inventory, host, own);
    if (service === undefined) {
      const served = host.includes("*") || portsOfHost(inventory, host, own) !== undefined;
      const message = `It is about ${host}, which nobody serves. ${unservedAdvice(inventory.objects, host)}`;
      return served ? [] : [at("DestinationRule", rule, "host-unknown", message)];
    }
    const about = { services: [idOf(service)] };
    if (service.namespace !== own) {
      const message = `It is about ${idOf(service)} and stands in ${own}. Waypoints read those of the service's own namespace only. Move it to ${service.namespace}.`;
      return [at("DestinationRule", rule, "destination-rule-ignored", message, about)];
    }
    const fromOutside = isCalledFromOutside(inventory, service);
    // Gateways that go past the waypoint, and who calls without one, do not see its routes.
    const routed = service.waypoint !== undefined && !(fromOutside && passesWaypointBy(inventory, service));
    const away = routed ? sentAway(inventory, service, routes.get(idOf(service)) ?? []) : undefined;
    if (away !== undefined) {
      const message = `Requests to ${service.name} go on to ${away.to.join(", ")} by ${away.by.join(", ")}, so that nothing is sent to this host. Write the rule for each of them.`;
      return [at("DestinationRule", rule, "destination-rule-ignored", message, about)];
    }
    const message = `Calls to ${service.name} pass no waypoint, so that nobody applies this rule.`;
    return service.waypoint !== undefined || fromOutside || service.kind !== "service"
      ? []
      : [
          at("DestinationRule", rule, "waypoint-missing", message, {
            ...about,
            path: giveAWaypoint(service.namespace),
          }),
        ];
  });
};

interface SentAway {
  readonly to: readonly string[];
  readonly by: readonly string[];
}

/** Where all requests to a service go instead of its own pods; undefined when some stay. */
function sentAway(
  inventory: Inventory,
  service: InventoryService,
  routes: readonly ServiceRoute[],
): SentAway | undefined {
  if (routes.length === 0) {
    return byVirtualServices(inventory, service);
  }
  const ports = (serviceObject(inventory, service)?.spec?.ports ?? []).filter(speaksHttp).map(({ port }) => port);
  const all = ports.flatMap((port): readonly ServiceRef[] => {
    const here = routes.filter((one) => isAtPort(one, port));
    // Without any route its requests stay.
    return here.length === 0 ? [service] : here.flatMap(({ route }) => route.rules.flatMap(({ backends }) => backends));
  });
  const stays = all.some(({ namespace, name }) => namespace === service.namespace && name === service.name);
  return all.length === 0 || stays
    ? undefined
    : {
        to: [...new Set(all.map(({ name }) => name))],
        by: [...new Set(routes.map(({ route }) => `the ${route.kind} ${nameOf(route.object)}`))],
      };
}

/** They are read where no route of Gateway API stands. */
function byVirtualServices(inventory: Inventory, service: InventoryService): SentAway | undefined {
  const own = inventory.objects.virtualServices.filter(
    (virtual) =>
      namespaceOf(virtual) === service.namespace &&
      meshHosts(virtual).some((host) => serviceOfHost(inventory, host, service.namespace) === service),
  );
  const hosts = own.flatMap(destinationsOf);
  const stays = hosts.some(({ host }) => serviceOfHost(inventory, host, service.namespace) === service);
  return hosts.length === 0 || stays
    ? undefined
    : {
        to: [...new Set(hosts.map(({ host }) => host.split(".")[0] ?? host))],
        by: own.map((virtual) => `the VirtualService ${nameOf(virtual)}`),
      };
}
