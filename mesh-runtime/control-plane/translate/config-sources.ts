import type { L7Certificate, L7Cluster, L7Policies, L7Route, ProxyConfig } from "../../xds/proxy-config.ts";
import { indexAttachments, indexHosts } from "./attachment-index.ts";
import type { GatewayInput } from "./input/gateway.ts";
import { keyOf } from "./input/lenient.ts";
import type { PodInput } from "./input/pod.ts";
import type { ServiceInput } from "./input/service.ts";
import type { ServiceEntryInput } from "./input/service-entry.ts";
import type { MeshFacts, World } from "./input/world.ts";
import { authorizersOf } from "./l7/authorizers.ts";
import { certificatesOf } from "./l7/certificates.ts";
import { type ClusterRef, clusterKey, clusterRefsOf } from "./l7/cluster-key.ts";
import { translateClusters } from "./l7/clusters.ts";
import { serviceOfHost } from "./l7/hosts.ts";
import { jwtRulesFor, keysOf } from "./l7/jwt-rules.ts";
import { pathNormalizationOf } from "./l7/path-normalization.ts";
import { rateLimitsFor } from "./l7/rate-limits.ts";
import { telemetryFor } from "./l7/telemetry.ts";
import { virtualServiceRoutes } from "./l7/virtual-services.ts";
import type { Memo } from "./memo.ts";
import { authorizationsOf, type PolicyTargets } from "./policy-targets.ts";
import { hostnameOf } from "./service-address.ts";

/** A cluster and the DestinationRules that made it. */
export interface MadeCluster {
  readonly cluster: L7Cluster;
  readonly from: readonly string[];
}

/** Clusters of a service by key; made as they are asked for. */
export type ClusterMemory = Memo<Map<string, MadeCluster | undefined>>;

/** Where the parts of proxy configurations come from. One per translation. */
export interface ConfigSources {
  /** Policies in front of a service at a waypoint: its own, the waypoint's, and those of the waypoint's class. */
  atService(service: ServiceInput, waypoint: GatewayInput): L7Policies;
  /** Policies in front of a destination outside: its own, the waypoint's, and those of the waypoint's class. */
  atServiceEntry(entry: ServiceEntryInput, waypoint: GatewayInput): L7Policies;
  /** Everything that the policies of a destination outside depend on. */
  entryDependencies(entry: ServiceEntryInput, waypoint: GatewayInput): readonly unknown[];
  /** Policies in front of all that a waypoint serves. */
  atWaypoint(waypoint: GatewayInput): L7Policies;
  /** Policies in front of an ingress gateway. */
  atGateway(gateway: GatewayInput, authorizations: L7Policies["authorizations"]): L7Policies;
  /** TLS pairs by `<namespace>/<secret>`. */
  certificates(keys: readonly string[]): readonly L7Certificate[];
  /** Routes of VirtualServices for a port of a service that has no routes of Gateway API. */
  virtualRoutes(service: ServiceInput, port: number): readonly L7Route[];
  /** Everything besides its own ports and routes that a service's part of a configuration depends on. */
  dependencies(service: ServiceInput, waypoint: GatewayInput): readonly unknown[];
  /** The DestinationRules (`<namespace>/<name>`) behind a cluster that was made. */
  rulesOf(cluster: string): readonly string[];
  /** What all configurations have. `refs`: clusters besides those that the routes name. */
  common(
    gateway: GatewayInput,
    services: readonly ServiceInput[],
    routes: readonly L7Route[],
    refs: readonly ClusterRef[],
  ): Pick<ProxyConfig, "clusters" | "authorizers" | "telemetry" | "pathNormalization">;
}

export interface SourceSurroundings {
  readonly world: World;
  readonly facts: MeshFacts;
  readonly targets: PolicyTargets;
  readonly podsByNamespace: ReadonlyMap<string, readonly PodInput[]>;
  /** All Services, the same list while none of them changes. */
  readonly allServices: readonly ServiceInput[];
  readonly clusters: ClusterMemory;
}

/** Puts the sources together. */
export function createConfigSources(around: SourceSurroundings): ConfigSources {
  const { world, facts, targets } = around;
  const tokens = indexAttachments(world.requestAuthentications.values());
  const limits = indexAttachments(world.rateLimitPolicies.values());
  const destinationRules = indexHosts(world.destinationRules.values(), ({ host }) => [host]);
  const virtualServices = indexHosts(world.virtualServices.values(), ({ hosts }) => hosts);
  const authorizers = authorizersOf(world);

  const policiesOf = (gateway: GatewayInput, service: ServiceInput | undefined) => [
    ...(service === undefined ? [] : targets.service(keyOf(service))),
    ...targets.gateway(keyOf(gateway)),
    ...targets.gatewayClass(gateway.className),
  ];
  const inFront = (
    gateway: GatewayInput,
    service: ServiceInput | undefined,
    authorizations: L7Policies["authorizations"],
  ): L7Policies => {
    const target = { gateway, service };
    const requestAuthentications = tokens.near(gateway, service);
    return {
      authorizations,
      jwtRules: jwtRulesFor(target, { ...world, requestAuthentications }, facts),
      rateLimits: rateLimitsFor(target, { ...world, rateLimitPolicies: limits.near(gateway, service) }, facts),
    };
  };
  const tokenDependencies = (gateway: GatewayInput, service: ServiceInput | undefined): readonly unknown[] => {
    const issuers = [...tokens.near(gateway, service).values()];
    return [
      ...issuers,
      ...issuers.flatMap(({ rules }) => rules.map((rule) => keysOf(rule, world))),
      ...limits.near(gateway, service).values(),
    ];
  };
  const virtualNear = (service: ServiceInput) => virtualServices.near([service.namespace], hostnameOf(service));

  const origins = new Map<string, readonly string[]>();
  const makeCluster = (ref: ClusterRef): MadeCluster | undefined => {
    const hostname = ref.service.slice(ref.service.indexOf("/") + 1);
    const service = serviceOfHost(hostname, world);
    if (service === undefined) {
      return undefined;
    }
    const rules = destinationRules.near([...new Set([service.namespace, facts.rootNamespace])], hostname);
    const hasSubsets = [...rules.values()].some(({ subsets }) => subsets.length > 0);
    const pods = hasSubsets ? (around.podsByNamespace.get(service.namespace) ?? []) : [];
    const dependencies = [world.meshConfig, world.namespaces.get(service.namespace), ...rules.values(), ...pods];
    const made = around.clusters(service, dependencies, () => new Map());
    const key = clusterKey(ref);
    if (!made.has(key)) {
      const narrow = { ...world, destinationRules: rules, pods: new Map(pods.map((pod) => [keyOf(pod), pod])) };
      const { clusters, used } = translateClusters([ref], narrow, facts);
      const [cluster] = clusters;
      made.set(key, cluster === undefined ? undefined : { cluster, from: used.get(key) ?? [] });
    }
    const found = made.get(key);
    origins.set(key, found?.from ?? []);
    return found;
  };

  return {
    atService: (service, waypoint) => inFront(waypoint, service, authorizationsOf(policiesOf(waypoint, service))),
    atServiceEntry: (entry, waypoint) =>
      inFront(
        waypoint,
        undefined,
        authorizationsOf([...targets.serviceEntry(keyOf(entry)), ...policiesOf(waypoint, undefined)]),
      ),
    entryDependencies: (entry, waypoint) => [
      ...targets.serviceEntry(keyOf(entry)),
      ...policiesOf(waypoint, undefined),
      ...tokenDependencies(waypoint, undefined),
    ],
    atWaypoint: (waypoint) => inFront(waypoint, undefined, authorizationsOf(policiesOf(waypoint, undefined))),
    atGateway: (gateway, authorizations) => inFront(gateway, undefined, authorizations),
    certificates: (keys) => certificatesOf(keys, world),
    virtualRoutes: (service, port) => {
      const route = virtualServiceRoutes(service, port, { ...world, virtualServices: virtualNear(service) });
      return route === undefined ? [] : [route];
    },
    dependencies: (service, waypoint) => {
      const virtual = [...virtualNear(service).values()];
      return [
        keyOf(waypoint),
        ...policiesOf(waypoint, service),
        ...tokenDependencies(waypoint, service),
        ...virtual,
        ...(virtual.length === 0 ? [] : [around.allServices]),
      ];
    },
    rulesOf: (cluster) => origins.get(cluster) ?? [],
    common: (gateway, services, routes, refs) => {
      const wanted = new Map(
        [...refs, ...clusterRefsOf(routes), ...authorizers.clusters].map((ref) => [clusterKey(ref), ref]),
      );
      return {
        clusters: [...wanted]
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .flatMap(([, ref]) => makeCluster(ref)?.cluster ?? []),
        authorizers: authorizers.authorizers,
        telemetry: telemetryFor(gateway, world, facts, services),
        pathNormalization: pathNormalizationOf(world),
      };
    },
  };
}
