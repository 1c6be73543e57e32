/** Routes that are accepted and do not do what they say. Pure. */
import type { HTTPRoute } from "@/mesh-runtime/api/httproute.ts";
import type { VirtualService } from "@/mesh-runtime/api/virtualservice.ts";
import type { Inventory } from "@/server/inventory/model.ts";
import {
  at,
  type Check,
  type Found,
  giveAWaypoint,
  idOf,
  nameOf,
  namespaceOf,
  serviceObject,
  serviceOfHost,
} from "./check.ts";

const gatewayGroup = "gateway.networking.k8s.io";

interface Parent {
  readonly namespace: string;
  readonly name: string;
  readonly port: number | undefined;
}

const parentsOf = (route: HTTPRoute, kind: "Service" | "Gateway"): Parent[] =>
  (route.spec?.parentRefs ?? [])
    .filter(
      (ref) =>
        (ref.kind ?? "Gateway") === kind && (ref.group ?? gatewayGroup) === (kind === "Gateway" ? gatewayGroup : ""),
    )
    .map(({ namespace = namespaceOf(route), name, port }) => ({ namespace, name, port }));

const eachRoute = ({ objects }: Inventory, check: (route: HTTPRoute) => readonly Found[]): Found[] =>
  objects.routes.flatMap(check);

/** A wrong port of a parent is accepted, and the route does nothing. */
export const parentPort: Check = ({ inventory }) =>
  eachRoute(inventory, (route) =>
    parentsOf(route, "Service").flatMap((parent) => {
      const ports = serviceObject(inventory, parent)?.spec?.ports?.map(({ port }) => port);
      return parent.port === undefined || ports === undefined || ports.includes(parent.port)
        ? []
        : [
            at(
              "HTTPRoute",
              route,
              "route-parent-port",
              `It is attached to port ${parent.port} of ${parent.name}, which has only ${ports.join(", ")}. It does nothing. Correct the port.`,
              { services: [idOf(parent)] },
            ),
          ];
    }),
  );

/** A Gateway that does not exist: the route gets no status at all. */
export const parentGateway: Check = ({ inventory }) =>
  eachRoute(inventory, (route) =>
    parentsOf(route, "Gateway")
      .filter(({ namespace, name }) =>
        inventory.gateways.every((gateway) => gateway.namespace !== namespace || gateway.name !== name),
      )
      .map((parent) =>
        at(
          "HTTPRoute",
          route,
          "reference-dangling",
          `It is attached to the gateway ${idOf(parent)}, which does not exist. Nobody reads it. Create the gateway, or name another.`,
        ),
      ),
  );

const isCatchAll = (rule: NonNullable<NonNullable<HTTPRoute["spec"]>["rules"]>[number]): boolean =>
  (rule.matches ?? []).length === 0 ||
  (rule.matches ?? []).some(
    ({ path, method, headers, queryParams }) =>
      method === undefined &&
      (headers ?? []).length === 0 &&
      (queryParams ?? []).length === 0 &&
      (path === undefined || (path.type ?? "PathPrefix") === "PathPrefix") &&
      (path?.value ?? "/") === "/",
  );

/** Routes of one service merge: a catch-all in any of them is enough. */
export const catchAll: Check = ({ inventory }) =>
  eachRoute(inventory, (route) =>
    parentsOf(route, "Service")
      .filter(({ namespace }) => namespace === namespaceOf(route))
      .filter((parent) => {
        const beside = inventory.objects.routes.filter((one) =>
          parentsOf(one, "Service").some((other) => idOf(other) === idOf(parent)),
        );
        return !beside.some(({ spec }) => (spec?.rules ?? [{}]).some(isCatchAll));
      })
      .map((parent) =>
        at(
          "HTTPRoute",
          route,
          "route-without-default",
          `It has no rule for every request, so that whatever matches none of its rules gets 404. Add a last rule without matches to ${parent.name}.`,
          { services: [idOf(parent)] },
        ),
      ),
  );

/** A route in the caller's namespace is accepted, and no waypoint reads it. */
export const consumerRoute: Check = ({ inventory }) =>
  eachRoute(inventory, (route) =>
    parentsOf(route, "Service")
      .filter(({ namespace }) => namespace !== namespaceOf(route))
      .map((parent) =>
        at(
          "HTTPRoute",
          route,
          "rule-without-effect",
          `It is about ${idOf(parent)} and stands in ${namespaceOf(route)}. Waypoints read routes of the service's own namespace only. Move it to ${parent.namespace}.`,
          { services: [idOf(parent)] },
        ),
      ),
  );

/** A route of a service without a waypoint. */
export const routeWithoutWaypoint: Check = ({ inventory }) =>
  eachRoute(inventory, (route) =>
    parentsOf(route, "Service").flatMap((parent) => {
      const service = inventory.services.find((one) => idOf(one) === idOf(parent));
      return service === undefined || service.waypoint !== undefined
        ? []
        : [
            at(
              "HTTPRoute",
              route,
              "waypoint-missing",
              `Calls to ${parent.name} pass no waypoint, so that nobody reads this route, whatever its status says.`,
              { services: [idOf(parent)], path: giveAWaypoint(parent.namespace) },
            ),
          ];
    }),
  );

/** Backends whose Service or port is not there: their share of requests fails. */
export const backends: Check = ({ inventory }) =>
  eachRoute(inventory, (route) =>
    (route.spec?.rules ?? [])
      .flatMap(({ backendRefs }) => backendRefs ?? [])
      .filter(({ kind, group }) => (kind ?? "Service") === "Service" && (group ?? "") === "")
      .flatMap(({ name, namespace = namespaceOf(route), port }) => {
        const object = serviceObject(inventory, { namespace, name });
        const ports = object?.spec?.ports?.map((one) => one.port) ?? [];
        const about = { services: [`${namespace}/${name}`, ...parentsOf(route, "Service").map(idOf)] };
        if (object === undefined) {
          return [
            at(
              "HTTPRoute",
              route,
              "backend-missing",
              `It sends requests to ${namespace}/${name}, which does not exist. Its share of requests fails.`,
              about,
            ),
          ];
        }
        return port === undefined || ports.includes(port)
          ? []
          : [
              at(
                "HTTPRoute",
                route,
                "backend-missing",
                `It sends requests to port ${port} of ${name}, which has only ${ports.join(", ")}. Its share of requests fails, though the status says that all references are resolved.`,
                about,
              ),
            ];
      }),
  );

const meshHosts = ({ spec }: VirtualService): readonly string[] =>
  (spec?.gateways ?? ["mesh"]).includes("mesh") ? (spec?.hosts ?? []) : [];

/** What becomes of each host of a VirtualService for calls inside. */
export const virtualServices: Check = ({ inventory }) =>
  inventory.objects.virtualServices.flatMap((virtual) =>
    meshHosts(virtual).flatMap((host) => {
      const service = serviceOfHost(inventory, host, namespaceOf(virtual));
      if (service === undefined) {
        return host.includes("*") ? [] : hostUnknown(virtual, host, inventory);
      }
      const about = { services: [idOf(service)] };
      if (service.namespace !== namespaceOf(virtual)) {
        return [
          at(
            "VirtualService",
            virtual,
            "rule-without-effect",
            `It is about ${idOf(service)} and stands in ${namespaceOf(virtual)}. Waypoints read those of the service's own namespace only. Move it to ${service.namespace}.`,
            about,
          ),
        ];
      }
      if (service.waypoint === undefined) {
        return [
          at(
            "VirtualService",
            virtual,
            "waypoint-missing",
            `Calls to ${service.name} pass no waypoint, so that nobody reads this rule.`,
            { ...about, path: giveAWaypoint(service.namespace) },
          ),
        ];
      }
      const routes = inventory.objects.routes.filter((route) =>
        parentsOf(route, "Service").some((parent) => idOf(parent) === idOf(service)),
      );
      return routes.length === 0
        ? []
        : [
            at(
              "VirtualService",
              virtual,
              "route-conflict",
              `${service.name} has the HTTPRoute ${routes.map(nameOf).join(", ")} too, which wins as a whole: nothing of this rule is done. Keep one of them.`,
              about,
            ),
          ];
    }),
  );

function hostUnknown(virtual: VirtualService, host: string, { objects }: Inventory): Found[] {
  const listed = objects.serviceEntries.some(({ spec }) => (spec?.hosts ?? []).includes(host));
  return listed || serviceWithoutSelector(host, virtual, objects)
    ? []
    : [
        at(
          "VirtualService",
          virtual,
          "host-unknown",
          `It is about ${host}, which nobody serves. Correct the name, or take the rule away.`,
        ),
      ];
}

const serviceWithoutSelector = (host: string, virtual: VirtualService, { services }: Inventory["objects"]): boolean => {
  const [name, namespace = namespaceOf(virtual)] = host.split(".");
  return services.some((one) => nameOf(one) === name && namespaceOf(one) === namespace);
};
