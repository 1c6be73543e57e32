/** Routes of Gateway API that are accepted and do not do what they say. Pure. */
import { type Check, giveAWaypoint, idOf, serviceObject } from "./check.ts";
import { atRoute, isAtPort, routesOf, serviceRoutes } from "./routes.ts";

/** A wrong port of a parent is accepted, and the route does nothing. */
export const parentPort: Check = ({ inventory }) =>
  routesOf(inventory).flatMap((route) =>
    route.parents.flatMap((parent) => {
      const ports =
        parent.kind === "Service" ? serviceObject(inventory, parent)?.spec?.ports?.map(({ port }) => port) : undefined;
      return parent.port === undefined || ports === undefined || ports.includes(parent.port)
        ? []
        : [
            atRoute(
              route,
              "route-parent-port",
              `It is attached to port ${parent.port} of ${parent.name}, which has only ${ports.join(", ")}. It does nothing. Correct the port.`,
              { services: [idOf(parent)] },
            ),
          ];
    }),
  );

/** Routes of one port of a service merge: a rule for every request in any of them is enough. */
export const catchAll: Check = ({ inventory }) =>
  [...serviceRoutes(inventory).values()].flatMap((beside) =>
    beside.flatMap(({ route, parent }) => {
      const has = serviceObject(inventory, parent)?.spec?.ports?.map(({ port }) => port) ?? [];
      // A port, or a Service, that is not there is found by itself.
      const covers = has.filter((port) => parent.port === undefined || parent.port === port);
      const open = covers.filter(
        (port) => !beside.some((one) => isAtPort(one, port) && one.route.rules.some(({ takesAll }) => takesAll)),
      );
      const where = open.length === has.length ? "" : ` on port ${open.join(", ")}`;
      return open.length === 0
        ? []
        : [
            atRoute(
              route,
              "route-without-default",
              `It has no rule for every request${where}, so that whatever matches none of its rules gets 404. Add a last rule without matches to ${parent.name}.`,
              { services: [idOf(parent)] },
            ),
          ];
    }),
  );

/** A route in the caller's namespace is accepted, and no waypoint reads it. */
export const consumerRoute: Check = ({ inventory }) =>
  routesOf(inventory).flatMap((route) =>
    route.parents
      .filter(({ kind, namespace }) => kind === "Service" && namespace !== route.namespace)
      .map((parent) =>
        atRoute(
          route,
          "rule-without-effect",
          `It is about ${idOf(parent)} and stands in ${route.namespace}. Waypoints read routes of the service's own namespace only. Move it to ${parent.namespace}.`,
          { services: [idOf(parent)] },
        ),
      ),
  );

/** A route of a service without a waypoint. */
export const routeWithoutWaypoint: Check = ({ inventory }) =>
  routesOf(inventory).flatMap((route) =>
    route.parents
      .filter(({ kind }) => kind === "Service")
      .filter((parent) => {
        const service = inventory.services.find((one) => idOf(one) === idOf(parent));
        return service !== undefined && service.waypoint === undefined;
      })
      .map((parent) =>
        atRoute(
          route,
          "waypoint-missing",
          `Calls to ${parent.name} pass no waypoint, so that nobody reads this route, whatever its status says.`,
          { services: [idOf(parent)], path: giveAWaypoint(parent.namespace) },
        ),
      ),
  );
