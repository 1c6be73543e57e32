import type { L7Route, L7Service, L7ServicePort, L7WorkloadTarget, ProxyConfig } from "../../../xds/proxy-config.ts";
import type { ConfigSources } from "../config-sources.ts";
import { keyOf } from "../input/lenient.ts";
import type { PodInput } from "../input/pod.ts";
import type { ServiceInput } from "../input/service.ts";
import type { MeshFacts, World } from "../input/world.ts";
import { clusterKey } from "../l7/cluster-key.ts";
import { portProtocol } from "../l7/port-protocol.ts";
import type { Memo } from "../memo.ts";
import type { OutsidePart } from "../outside/waypoint-services.ts";
import { closedService, serviceProblem } from "../readable.ts";
import type { RouteIndex } from "../routes/route-index.ts";
import type { TranslatedRoute } from "../routes/routes.ts";
import { keyOfService } from "../service-address.ts";
import { uidOf } from "../workload.ts";
import { defaultRetry } from "./default-retry.ts";
import { tellsCallersAs } from "./told-callers.ts";
import type { Waypoint } from "./waypoint.ts";

/** What goes through one waypoint. */
export interface WaypointLoad {
  readonly services: readonly ServiceInput[];
  /** Pods that are called by their own address. */
  readonly pods: readonly PodInput[];
  /** Destinations outside of the mesh. */
  readonly outside: readonly OutsidePart[];
  readonly routeIndex: RouteIndex;
}

/** Services that are closed because proxies could not read what is in front of them, and why. */
export type Unreadable = WeakMap<ServiceInput, string>;

/** The whole configuration of a waypoint. Parts of services that did not change are taken from the memo. */
export function translateWaypoint(
  { gateway }: Waypoint,
  load: WaypointLoad,
  sources: ConfigSources,
  world: World,
  facts: MeshFacts,
  memo: Memo<L7Service>,
  unreadable: Unreadable,
): ProxyConfig {
  const services = load.services.map((service) => {
    const routes = load.routeIndex.ofService(keyOf(service));
    return memo(service, [...routes, "", ...sources.dependencies(service, gateway)], () => {
      const part: L7Service = {
        service: keyOfService(service),
        addresses: service.addresses,
        ports: service.ports.map((port) => translatePort(service, port, routes, sources)),
        ...sources.atService(service, gateway),
      };
      const problem = serviceProblem(part);
      unreadable.delete(service);
      if (problem === "") {
        return part;
      }
      unreadable.set(service, problem);
      return closedService(part);
    });
  });
  const policies = sources.atWaypoint(gateway);
  const workloads = load.pods.map(
    (pod): L7WorkloadTarget => ({ workload: uidOf(facts, pod), addresses: pod.addresses, ...policies }),
  );
  const ports = services.flatMap((service) => service.ports.map(({ port }) => ({ service: service.service, port })));
  const common = sources.common(
    gateway,
    load.services,
    services.flatMap((service) => service.ports.flatMap(({ routes }) => routes)),
    ports.map((port) => ({ ...port, subset: "" })),
  );
  return {
    name: gateway.name,
    namespace: gateway.namespace,
    kind: "waypoint",
    listeners: [],
    services: [...load.outside.flatMap((part) => part.services), ...services],
    workloads,
    certificates: [],
    ...common,
    clusters: [...load.outside.flatMap((part) => part.clusters), ...common.clusters],
    tellsCallersAs: tellsCallersAs(gateway, world, facts),
  };
}

function translatePort(
  service: ServiceInput,
  port: ServiceInput["ports"][number],
  routes: readonly TranslatedRoute[],
  sources: ConfigSources,
): L7ServicePort {
  const protocol = portProtocol(port);
  return {
    port: port.port,
    protocol,
    routes: protocol === "TCP" ? [] : routesAt(service, port.port, routes, sources),
    cluster: clusterKey({ service: keyOfService(service), port: port.port, subset: "" }),
    defaultRetry,
  };
}

/** Routes of Gateway API win over VirtualServices as a whole, as istiod has it. */
function routesAt(
  service: ServiceInput,
  port: number,
  routes: readonly TranslatedRoute[],
  sources: ConfigSources,
): readonly L7Route[] {
  const key = keyOf(service);
  if (routes.length === 0) {
    return sources.virtualRoutes(service, port);
  }
  return routes
    .filter(({ services }) => services.get(key)?.has(0) === true || services.get(key)?.has(port) === true)
    .map(({ meshRoute }) => meshRoute);
}
