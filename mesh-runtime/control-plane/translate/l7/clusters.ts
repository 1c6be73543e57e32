import type { L7Cluster, L7Limits, L7Protocol } from "../../../xds/proxy-config.ts";
import type { PodInput } from "../input/pod.ts";
import type { ServiceInput } from "../input/service.ts";
import type { ConnectionPoolInput } from "../input/traffic-policy.ts";
import type { MeshFacts, World } from "../input/world.ts";
import { selectsPod } from "../service-address.ts";
import { uidOf } from "../workload.ts";
import { type ClusterRef, clusterKey } from "./cluster-key.ts";
import { type DestinationRuleLookup, destinationRuleLookup, policyOf, rulesBehind } from "./destination-rules.ts";
import { serviceOfHost } from "./hosts.ts";
import { localityOf } from "./locality.ts";
import { portProtocol } from "./port-protocol.ts";

/** Clusters, and which DestinationRules (`<namespace>/<name>`) made them, by cluster key. */
export interface TranslatedClusters {
  readonly clusters: readonly L7Cluster[];
  readonly used: ReadonlyMap<string, readonly string[]>;
}

/** `origin` of a cluster that no DestinationRule speaks of. */
const defaultOrigin = "";

const connectTimeoutMs = 10_000;
/** Envoy closes an unused upstream connection after an hour. */
const idleTimeoutMs = 3_600_000;

/**
 * Makes the clusters that are referred to, each once. A reference to a service that does not exist makes none; a subset
 * that no rule defines has no members, so that calls to it fail instead of going anywhere.
 */
export function translateClusters(refs: Iterable<ClusterRef>, world: World, facts: MeshFacts): TranslatedClusters {
  const rules = destinationRuleLookup(world, facts);
  const podsOf = podLookup(world);
  const clusters = new Map<string, L7Cluster>();
  const used = new Map<string, readonly string[]>();
  for (const ref of refs) {
    const key = clusterKey(ref);
    const service = serviceOfHost(ref.service.slice(ref.service.indexOf("/") + 1), world);
    if (clusters.has(key) || service === undefined) {
      continue;
    }
    const { cluster, from } = translateCluster(ref, service, { rules, podsOf, world, facts });
    clusters.set(key, cluster);
    if (from.length > 0) {
      used.set(key, from);
    }
  }
  return { clusters: [...clusters.values()].sort((a, b) => (a.key < b.key ? -1 : 1)), used };
}

interface Surroundings {
  readonly rules: DestinationRuleLookup;
  readonly podsOf: (service: ServiceInput) => readonly PodInput[];
  readonly world: World;
  readonly facts: MeshFacts;
}

function translateCluster(
  ref: ClusterRef,
  service: ServiceInput,
  { rules, podsOf, world, facts }: Surroundings,
): { readonly cluster: L7Cluster; readonly from: readonly string[] } {
  const hostname = ref.service.slice(ref.service.indexOf("/") + 1);
  const found = rules({ namespace: service.namespace, hostname });
  const subset = found.subsets.get(ref.subset);
  const policy = policyOf(found, ref.port, ref.subset);
  const from = rulesBehind(found, ref.subset);
  const port = service.ports.find((entry) => entry.port === ref.port);
  const labels = Object.entries(subset?.labels ?? {});
  const balancer = policy.loadBalancer;
  return {
    from,
    cluster: {
      key: clusterKey(ref),
      service: ref.service,
      port: ref.port,
      subset: ref.subset,
      members:
        ref.subset === ""
          ? undefined
          : podsOf(service)
              .filter((pod) => subset !== undefined && labels.every(([name, value]) => pod.labels[name] === value))
              .map((pod) => uidOf(facts, pod))
              .sort(),
      protocol: upstreamProtocol(port === undefined ? "AUTO" : portProtocol(port), policy.connectionPool),
      loadBalancing: {
        policy: balancer?.policy ?? "LEAST_REQUEST",
        hashBy: balancer?.hashBy,
        warmupMs: balancer?.warmupMs ?? 0,
        locality: localityOf(balancer?.locality, service, world, { detects: policy.outlierDetection !== undefined }),
      },
      limits: limitsOf(policy.connectionPool),
      outlierDetection: policy.outlierDetection,
      retryBudget: policy.retryBudget,
      origin: from[0] ?? defaultOrigin,
    },
  };
}

/** Pods that a service selects, found by namespace. */
function podLookup(world: World): Surroundings["podsOf"] {
  let byNamespace: ReadonlyMap<string, readonly PodInput[]> | undefined;
  return (service) => {
    byNamespace ??= Map.groupBy(world.pods.values(), ({ namespace }) => namespace);
    return (byNamespace.get(service.namespace) ?? []).filter((pod) => !pod.ended && selectsPod(service, pod));
  };
}

/** HTTP/2 to the endpoint where somebody said so (istio/istio `shouldH2Upgrade`). */
function upstreamProtocol(protocol: L7Protocol, pool: ConnectionPoolInput | undefined): L7Protocol {
  switch (pool?.upgrade) {
    case "CLIENT_PROTOCOL":
      return protocol === "TCP" ? "TCP" : "AUTO";
    case "UPGRADE":
      return protocol === "HTTP" || protocol === "AUTO" ? "HTTP2" : protocol;
    default:
      return protocol;
  }
}

/** Istio limits nothing by itself but the time to connect. */
export const defaultLimits: L7Limits = limitsOf(undefined);

function limitsOf(pool: ConnectionPoolInput | undefined): L7Limits {
  return {
    maxConnections: pool?.maxConnections ?? 0,
    connectTimeoutMs: pool?.connectTimeoutMs || connectTimeoutMs,
    maxPendingRequests: pool?.maxPendingRequests ?? 0,
    maxRequests: pool?.maxRequests ?? 0,
    maxRetries: pool?.maxRetries ?? 0,
    maxRequestsPerConnection: pool?.maxRequestsPerConnection ?? 0,
    idleTimeoutMs: pool?.idleTimeoutMs ?? idleTimeoutMs,
  };
}
