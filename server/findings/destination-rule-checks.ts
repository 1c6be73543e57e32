/** DestinationRules that nobody applies. Pure. */
import { at, type Check, giveAWaypoint, idOf, nameOf, namespaceOf, serviceOfHost } from "./check.ts";

/** What becomes of each rule; only waypoints and gateways read them. */
export const destinationRules: Check = ({ inventory }) =>
  inventory.objects.destinationRules.flatMap((rule) => {
    const host = rule.spec?.host ?? "";
    const service = serviceOfHost(inventory, host, namespaceOf(rule));
    if (service === undefined) {
      return [];
    }
    const about = { services: [idOf(service)] };
    if (service.namespace !== namespaceOf(rule)) {
      return [
        at(
          "DestinationRule",
          rule,
          "destination-rule-ignored",
          `It is about ${idOf(service)} and stands in ${namespaceOf(rule)}. Waypoints read those of the service's own namespace only. Move it to ${service.namespace}.`,
          about,
        ),
      ];
    }
    const routes = inventory.objects.routes.filter(({ metadata, spec }) =>
      (spec?.parentRefs ?? []).some(
        ({ kind, name, namespace = metadata?.namespace }) =>
          kind === "Service" && name === service.name && namespace === service.namespace,
      ),
    );
    const ends = routes.flatMap(({ spec }) => (spec?.rules ?? []).flatMap(({ backendRefs }) => backendRefs ?? []));
    const elsewhere = ends.length > 0 && ends.every(({ name }) => name !== service.name);
    if (elsewhere) {
      return [
        at(
          "DestinationRule",
          rule,
          "destination-rule-ignored",
          `Requests to ${service.name} go on to ${[...new Set(ends.map(({ name }) => name))].join(", ")} by the HTTPRoute ${routes.map(nameOf).join(", ")}, so that nothing is sent to this host. Write the rule for each of them.`,
          about,
        ),
      ];
    }
    const fromOutside = inventory.routing.some(
      ({ gateways, backends }) => gateways.length > 0 && backends.includes(idOf(service)),
    );
    return service.waypoint !== undefined || fromOutside || service.kind !== "service"
      ? []
      : [
          at(
            "DestinationRule",
            rule,
            "waypoint-missing",
            `Calls to ${service.name} pass no waypoint, so that nobody applies this rule.`,
            { ...about, path: giveAWaypoint(service.namespace) },
          ),
        ];
  });
