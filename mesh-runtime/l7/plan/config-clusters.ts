import type { L7Cluster, ProxyConfig } from "../../xds/proxy-config.ts";

const byConfig = new WeakMap<ProxyConfig, ReadonlyMap<string, L7Cluster>>();

/** Clusters by key, made once for all places of a configuration. */
export function clustersOf(config: ProxyConfig): ReadonlyMap<string, L7Cluster> {
  let clusters = byConfig.get(config);
  if (clusters === undefined) {
    clusters = new Map(config.clusters.map((cluster) => [cluster.key, cluster]));
    byConfig.set(config, clusters);
  }
  return clusters;
}
