import type { ServiceRef } from "@/server/contracts/names.ts";
import { managed, partOf, type Rendered } from "../resource.ts";
import type { Surroundings } from "../surroundings.ts";
import { ingressUseWaypointLabel } from "../waypoint/named-waypoint.ts";
import { type Exposure, renderListeners, type ServedHost, type ServedListener, servedHosts } from "./listeners.ts";
import { exposuresOf } from "./previews.ts";

/**
 * Our listeners on the shared Gateway, which belongs to somebody else, and a route `<service>-outside` in each service's
 * own namespace (`resources.md` §9). Behind a waypoint the gateway goes through it too, or no rule would hold for calls
 * from outside.
 */
export function generateExposures(surroundings: Surroundings): Rendered[] {
  const { intents, inventory } = surroundings;
  const hosts = servedHosts(exposuresOf(intents, inventory), inventory);
  const byGateway = Map.groupBy(hosts, ({ gateway }) => `${gateway.namespace}/${gateway.name}`);
  const gateways = [...byGateway.values()].flatMap((served) => {
    const listeners = served.flatMap(renderListeners);
    const [first] = served;
    return first === undefined || listeners.length === 0
      ? []
      : [partOf("Gateway", first.gateway.namespace, first.gateway.name, { spec: { listeners } })];
  });
  return [...gateways, ...routes(hosts), ...waypointLabels(hosts, surroundings)];
}

/** A service's part of a host. */
interface Part {
  readonly served: ServedHost;
  readonly service: ServiceRef;
  readonly exposures: readonly Exposure[];
}

function routes(hosts: readonly ServedHost[]): Rendered[] {
  const parts = hosts.flatMap((served): Part[] =>
    [...Map.groupBy(served.exposures, ({ service }) => serviceKey(service)).values()].flatMap((exposures) => {
      const [first] = exposures;
      return first === undefined ? [] : [{ served, service: first.service, exposures }];
    }),
  );
  return [...Map.groupBy(parts, ({ service }) => serviceKey(service))]
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .flatMap(([, ofService]) => {
      const names = new Set<string>();
      return ofService.flatMap((part) => {
        const name = routeName(part, names);
        names.add(name);
        return routesOf(part, name);
      });
    });
}

const serviceKey = ({ namespace, name }: ServiceRef): string => `${namespace}/${name}`;

/** The first is named after the service, the others after the host as well, and the gateway where that is not enough. */
function routeName({ service, served }: Part, taken: ReadonlySet<string>): string {
  const base = `${service.name}-outside`;
  const { host, gateway } = served;
  const names = [base, `${base}-${host}`];
  return names.find((name) => !taken.has(name)) ?? `${base}-${host}-${gateway.namespace}-${gateway.name}`;
}

function routesOf({ served, service, exposures }: Part, name: string): Rendered[] {
  const { gateway, host, http, https } = served;
  const route = (
    to: string,
    listener: ServedListener | undefined,
    of: readonly Exposure[],
    rules: object[],
  ): Rendered[] =>
    listener === undefined || of.length === 0
      ? []
      : [
          managed("HTTPRoute", service.namespace, to, of.filter(isIntent), {
            parentRefs: [
              {
                group: "gateway.networking.k8s.io",
                kind: "Gateway",
                namespace: gateway.namespace,
                name: gateway.name,
                sectionName: listener.name,
              },
            ],
            hostnames: [host],
            rules,
          }),
        ];
  const plain = exposures.filter(({ certificate }) => certificate === null);
  const secure = exposures.filter(({ certificate }) => certificate !== null);
  const redirected = secure.filter(({ redirectToHttps }) => redirectToHttps);
  return [
    ...route(secure.length === 0 ? name : `${name}-plain`, http, plain, plain.map(serve)),
    ...route(name, https, secure, secure.map(serve)),
    ...route(`${name}-to-https`, http, redirected, redirected.map(redirect)),
  ];
}

/** A release is written on the route of its service: this one stays as it is while shares move. */
const isIntent = ({ isPreview }: Exposure): boolean => isPreview !== true;

const matches = ({ path }: Exposure): object[] => [{ path: { type: "PathPrefix", value: path } }];

const serve = (exposure: Exposure): object => ({
  matches: matches(exposure),
  backendRefs: [{ group: "", kind: "Service", name: exposure.service.name, port: exposure.port, weight: 1 }],
});

const redirect = (exposure: Exposure): object => ({
  matches: matches(exposure),
  filters: [{ type: "RequestRedirect", requestRedirect: { scheme: "https", statusCode: 301 } }],
});

function waypointLabels(hosts: readonly ServedHost[], { waypointOf }: Surroundings): Rendered[] {
  const services = new Map(
    hosts.flatMap(({ exposures }) =>
      // Services of versions are ours as a whole.
      exposures.filter(isIntent).map(({ service }) => [serviceKey(service), service] as const),
    ),
  );
  return [...services.values()]
    .filter((service) => waypointOf(service) !== undefined)
    .map(({ namespace, name }) =>
      partOf("Service", namespace, name, { labels: { [ingressUseWaypointLabel]: "true" } }),
    );
}
