import { effectiveCondition } from "../../api/conditions.ts";
import type { Authorization } from "../../policy/model.ts";
import type { MeshAddress } from "../../xds/address-type.ts";
import { authorizationType } from "../../xds/codec.ts";
import type { Outside } from "../../xds/outside.ts";
import type { ProxyConfig } from "../../xds/proxy-config.ts";
import { condition, type WantedCondition } from "./conditions.ts";
import { createConfigSources } from "./config-sources.ts";
import { infrastructureName, isServed } from "./gateway/classes.ts";
import { type GatewayStatus, gatewayStatus } from "./gateway/gateway-status.ts";
import { isPlaced, type Placement, placementOf } from "./gateway/placement.ts";
import { policiesOfGateway, translateGateway } from "./gateway/proxy-config.ts";
import type { GatewayInput } from "./input/gateway.ts";
import { keyOf } from "./input/lenient.ts";
import type { MeshFacts, World } from "./input/world.ts";
import { type EffectiveConditions, effectiveConditions } from "./l7/effects/effective-conditions.ts";
import { createTranslationMemory, type TranslationMemory } from "./memory.ts";
import { createOutside, type EntryStatus } from "./outside/outside.ts";
import { type CompiledPolicy, compilePolicies } from "./policies.ts";
import { policyConditions } from "./policy-status.ts";
import { indexTargets } from "./policy-targets.ts";
import { routeEffect } from "./routes/route-effect.ts";
import { createRouteIndex, type RouteIndex } from "./routes/route-index.ts";
import type { TranslatedRoute } from "./routes/routes.ts";
import { settle } from "./settle.ts";
import { translateAddresses } from "./translate-addresses.ts";
import { type Bindings, createBindings } from "./waypoint/bindings.ts";
import { guardConditions } from "./waypoint/guard-conditions.ts";
import { createGuards } from "./waypoint/guards.ts";
import { translateWaypoint } from "./waypoint/waypoint-config.ts";
import { findWaypoints } from "./waypoint/waypoints.ts";

export { createTranslationMemory, type TranslationMemory };

/** A gateway's configuration and the only identity that may read it. */
export interface OwnedProxyConfig {
  readonly config: ProxyConfig;
  /** `<namespace>/<service account>` of the gateway's pods. */
  readonly reader: string;
}

/** What follows from the world: resources for the proxies, and what the statuses are written from. */
export interface Translation {
  readonly addresses: ReadonlyMap<string, MeshAddress>;
  readonly authorizations: ReadonlyMap<string, Authorization>;
  /** Destinations outside of the mesh, as agents know them. */
  readonly outside: ReadonlyMap<string, Outside>;
  /** Policies that could not be compiled: their last good version, if any, stays in force. */
  readonly broken: ReadonlySet<string>;
  readonly proxyConfigs: ReadonlyMap<string, OwnedProxyConfig>;
  readonly policies: readonly CompiledPolicy[];
  readonly gateways: ReadonlyMap<string, GatewayStatus>;
  readonly routes: readonly TranslatedRoute[];
  readonly routeIndex: RouteIndex;
  readonly bindings: Bindings;
  /** The DestinationRules (`<namespace>/<name>`) behind a cluster. */
  clusterRules(cluster: string): readonly string[];
  policyConditions(policy: CompiledPolicy): readonly WantedCondition[];
  /** Whether routes act, by each of their parents; `key` is `<kind>/<namespace>/<name>`. */
  routeEffects(key: string): readonly (WantedCondition | undefined)[];
  /** Whether objects act to which Istio gives no status. */
  readonly effects: EffectiveConditions;
  /** Why everything to a Service is refused at its waypoint, where that is so; by store key. */
  closed(service: string): WantedCondition | undefined;
  /** `towpath.dev/WaypointEnforced` of Services behind waypoints, by store key. */
  readonly guards: ReadonlyMap<string, WantedCondition>;
  /** What each ServiceEntry deserves to be told, by store key. */
  readonly entries: ReadonlyMap<string, EntryStatus>;
}

/**
 * The whole translation. Pure: the same world gives the same result, and nothing in it makes this throw. With the
 * memory of former calls it costs what has changed, and what has not changed stays the same object.
 */
export function translate(
  world: World,
  facts: MeshFacts,
  memory: TranslationMemory = createTranslationMemory(),
): Translation {
  const compiled = compilePolicies(world, facts, memory);
  const servicesByNamespace = memory.servicesByNamespace(
    Map.groupBy(world.services.values(), ({ namespace }) => namespace),
  );
  const podsByNamespace = memory.podsByNamespace(Map.groupBy(world.pods.values(), ({ namespace }) => namespace));
  const allServices = memory.allServices(new Map([["", [...world.services.values()]]])).get("") ?? [];
  const served = [...world.gateways.values()].filter(isServed).sort(byKey);
  const placements = new Map(
    served.map((gateway) => [
      keyOf(gateway),
      placementOf(gateway, world, podsByNamespace.get(gateway.namespace) ?? []),
    ]),
  );
  const waypoints = findWaypoints(world, (gateway) => isAt(placements, gateway));
  const bindings = createBindings(world, waypoints);
  const routeIndex = createRouteIndex(world, memory.routes);
  const { routes } = routeIndex;
  const targets = indexTargets(compiled.policies, facts);
  const sources = createConfigSources({
    world,
    facts,
    targets,
    podsByNamespace,
    allServices,
    clusters: memory.clusters,
  });

  const outside = createOutside(world, bindings, sources, memory);

  const configOf = (gateway: GatewayInput): ProxyConfig => {
    const waypoint = waypoints.get(keyOf(gateway));
    if (waypoint === undefined) {
      const policies = policiesOfGateway(gateway, compiled.policies, facts);
      return translateGateway(gateway, routeIndex.ofGateway(keyOf(gateway)), policies, sources, world);
    }
    const load = {
      services: bindings.servicesOf(waypoint.key),
      pods: bindings.podsOf(waypoint.key),
      outside: outside.partsOf(waypoint),
      routeIndex,
    };
    return translateWaypoint(waypoint, load, sources, world, facts, memory.l7Services, memory.unreadable);
  };
  const proxyConfigs = new Map(
    served.map((gateway): [string, OwnedProxyConfig] => {
      const key = keyOf(gateway);
      const config = settle(memory.configs.get(key), configOf(gateway));
      return [key, { config, reader: `${gateway.namespace}/${infrastructureName(gateway)}` }];
    }),
  );
  memory.configs.clear();
  for (const [key, { config }] of proxyConfigs) {
    memory.configs.set(key, config);
  }

  const addresses = translateAddresses({
    world,
    facts,
    memory,
    policies: compiled,
    servicesByNamespace,
    serviceBinding: (service) => bindings.ofService(keyOf(service)),
    workloadBinding: (pod) => bindings.ofPod(keyOf(pod)),
  });
  const binding = (service: string) => bindings.ofService(service);
  const effects = effectiveConditions({
    world,
    facts,
    proxies: [...proxyConfigs.values()].map(({ config }) => config),
    binding,
    keyProblem: (url) => world.keyProblems.get(url),
  });
  const isServing = (key: string): boolean =>
    world.gateways.get(key)?.assigned === true || placements.get(key)?.programmed.status === "True";
  const routesByKey = new Map(routes.map((route) => [route.meshRoute.key, route]));
  return {
    addresses,
    authorizations: new Map(compiled.authorizations.map((value) => [authorizationType.name(value), value])),
    outside: outside.destinations,
    entries: outside.entries,
    broken: new Set(compiled.policies.flatMap(({ key, compiled: result }) => ("error" in result ? [key] : []))),
    proxyConfigs,
    policies: compiled.policies,
    gateways: new Map(
      served.map((gateway) => [
        keyOf(gateway),
        gatewayStatus(
          gateway,
          placements.get(keyOf(gateway)) as Placement,
          routeIndex.ofGateway(keyOf(gateway)),
          world,
        ),
      ]),
    ),
    routes,
    routeIndex,
    bindings,
    clusterRules: sources.rulesOf,
    policyConditions: (policy) => policyConditions(policy, { world, facts, bindings, isServing }),
    routeEffects: (key) => {
      const route = routesByKey.get(key);
      const around = { world, binding, routesOf: routeIndex.ofService };
      return route?.parents.map((parent) => routeEffect(route, parent, around)) ?? [];
    },
    closed: (key) => {
      const service = world.services.get(key);
      const problem = service === undefined ? undefined : memory.unreadable.get(service);
      return problem === undefined || bindings.ofService(key)?.intended === undefined
        ? undefined
        : condition(effectiveCondition, "False", "Invalid", `all requests are refused at the waypoint: ${problem}`);
    },
    effects,
    guards: guardConditions(bindings, addresses, createGuards(compiled.authorizations, facts, memory.guards)),
  };
}

const byKey = (a: GatewayInput, b: GatewayInput): number => (keyOf(a) < keyOf(b) ? -1 : 1);

function isAt(placements: ReadonlyMap<string, Placement>, gateway: GatewayInput): boolean {
  const placement = placements.get(keyOf(gateway));
  return placement !== undefined && isPlaced(placement);
}
