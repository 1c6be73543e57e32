import type { L7Route, ProxyConfig } from "../../../../xds/proxy-config.ts";

/** Keys of the clusters that requests can get to at a proxy. A service whose routes send elsewhere is not reached. */
export function reachedClusters(proxy: ProxyConfig): ReadonlySet<string> {
  const reached = new Set<string>(proxy.authorizers.map(({ cluster }) => cluster));
  const follow = (routes: readonly L7Route[]): void => {
    for (const { rules } of routes) {
      for (const { backends, filters } of rules) {
        for (const { cluster, weight } of backends) {
          if (weight > 0) {
            reached.add(cluster);
          }
        }
        for (const filter of filters) {
          if (filter.kind === "mirror") {
            reached.add(filter.cluster);
          }
        }
      }
    }
  };
  for (const { routes } of proxy.listeners) {
    follow(routes);
  }
  for (const { ports } of proxy.services) {
    for (const { routes, cluster } of ports) {
      if (routes.length === 0) {
        reached.add(cluster);
      }
      follow(routes);
    }
  }
  reached.delete("");
  return reached;
}
