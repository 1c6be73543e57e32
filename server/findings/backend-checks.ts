/** Where routes send requests and copies to, and who is not there. Pure. */
import type { VirtualService } from "@/mesh-runtime/api/virtualservice.ts";
import { at, type Check, idOf, namespaceOf, serviceObject } from "./check.ts";
import { portsOfHost, serviceOfHost, unservedAdvice } from "./hosts.ts";
import { atRoute, routesOf } from "./routes.ts";

/** What is lost when nobody is there. */
const lost = (copies: boolean): string => (copies ? "The copies are lost" : "Its share of requests fails");
const sends = (copies: boolean): string => (copies ? "It sends copies" : "It sends requests");

/** Backends whose Service or port is not there: their share of requests fails. */
export const backends: Check = ({ inventory }) =>
  routesOf(inventory).flatMap((route) => {
    const parents = route.parents.filter(({ kind }) => kind === "Service").map(idOf);
    return route.rules
      .flatMap((rule) => rule.backends)
      .flatMap((backend) => {
        const { namespace, name, port, copies } = backend;
        const object = serviceObject(inventory, backend);
        const about = { services: [idOf(backend), ...parents] };
        if (object === undefined) {
          const message = `${sends(copies)} to ${namespace}/${name}, which does not exist. ${lost(copies)}. Create the Service, or correct the name.`;
          return [atRoute(route, "backend-missing", message, about)];
        }
        const ports = object.spec?.ports?.map((one) => one.port) ?? [];
        const message = `${sends(copies)} to port ${port} of ${name}, which has only ${ports.join(", ")}. ${lost(copies)}, though the status says that all references are resolved. Correct the port.`;
        return port === undefined || ports.includes(port) ? [] : [atRoute(route, "backend-missing", message, about)];
      });
  });

interface Destination {
  readonly host: string;
  readonly port: number | undefined;
  readonly copies: boolean;
}

const toDestination =
  (copies: boolean) =>
  ({
    host,
    port,
  }: {
    readonly host: string;
    readonly port?: { readonly number?: number | undefined } | undefined;
  }) => ({
    host,
    port: port?.number,
    copies,
  });

/** Everything that a VirtualService sends to. */
export const destinationsOf = ({ spec }: VirtualService): Destination[] => [
  ...(spec?.http ?? []).flatMap(({ route = [], mirror, mirrors = [] }) => [
    ...route.map(({ destination }) => destination).map(toDestination(false)),
    ...[...(mirror === undefined ? [] : [mirror]), ...mirrors.map(({ destination }) => destination)].map(
      toDestination(true),
    ),
  ]),
  ...[...(spec?.tls ?? []), ...(spec?.tcp ?? [])].flatMap(({ route = [] }) =>
    route.map(({ destination }) => destination).map(toDestination(false)),
  ),
];

/** Istio accepts destinations that nobody serves. */
export const virtualDestinations: Check = ({ inventory }) =>
  inventory.objects.virtualServices.flatMap((virtual) => {
    const namespace = namespaceOf(virtual);
    const about = (virtual.spec?.hosts ?? []).flatMap((host) => serviceOfHost(inventory, host, namespace) ?? []);
    return destinationsOf(virtual).flatMap(({ host, port, copies }) => {
      const ports = portsOfHost(inventory, host, namespace);
      const message =
        ports === undefined
          ? `${sends(copies)} to ${host}, which nobody serves. ${lost(copies)}. ${unservedAdvice(inventory.objects, host)}`
          : `${sends(copies)} to port ${port} of ${host}, which has only ${ports.join(", ")}. ${lost(copies)}. Correct the port.`;
      return ports === undefined || (port !== undefined && !ports.includes(port))
        ? [at("VirtualService", virtual, "backend-missing", message, { services: about.map(idOf) })]
        : [];
    });
  });
