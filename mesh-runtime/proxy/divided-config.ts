import type { L7Cluster, L7Limits, L7Policies, L7RateLimit, ProxyConfig } from "../xds/proxy-config.ts";

/**
 * Fewest requests of a rate limit for each thread. Below it a share would be felt: who has one connection meets one
 * thread, and would get a part of what was granted.
 */
const shareMin = 50;

/** Whether the rate limits of a configuration can be counted on several threads without anybody noticing. */
export function isDivisible(config: ProxyConfig, threads: number): boolean {
  const places: readonly L7Policies[] = [...config.listeners, ...config.services, ...config.workloads];
  return places.every(({ rateLimits }) =>
    rateLimits.every(({ limits }) =>
      limits.every(({ requests, overrides }) =>
        [requests, ...overrides.map((override) => override.requests)].every((count) => count >= threads * shareMin),
      ),
    ),
  );
}

/**
 * The configuration for each of several threads. The kernel spreads connections over them evenly, so every count that is
 * kept per process is divided, rounded up: rates and bursts of rate limits, and limits of connection pools. The sum over
 * the threads is at most one more per thread than what was asked for.
 */
export function dividedConfig(config: ProxyConfig, threads: number): ProxyConfig {
  if (threads === 1) {
    return config;
  }
  const share = (count: number): number => Math.ceil(count / threads);
  const divided = <P extends L7Policies>(place: P): P =>
    place.rateLimits.length === 0
      ? place
      : { ...place, rateLimits: place.rateLimits.map((limit) => dividedRates(limit, share)) };
  return {
    ...config,
    listeners: config.listeners.map(divided),
    services: config.services.map(divided),
    workloads: config.workloads.map(divided),
    clusters: config.clusters.map((cluster) => dividedCluster(cluster, share)),
  };
}

const dividedRates = (policy: L7RateLimit, share: (count: number) => number): L7RateLimit => ({
  ...policy,
  limits: policy.limits.map((limit) => ({
    ...limit,
    requests: share(limit.requests),
    burst: share(limit.burst),
    overrides: limit.overrides.map((override) => ({
      ...override,
      requests: share(override.requests),
      burst: share(override.burst),
    })),
  })),
});

function dividedCluster(cluster: L7Cluster, share: (count: number) => number): L7Cluster {
  const { limits } = cluster;
  // 0 is unlimited and stays it.
  const divided: L7Limits = {
    ...limits,
    maxConnections: share(limits.maxConnections),
    maxPendingRequests: share(limits.maxPendingRequests),
    maxRequests: share(limits.maxRequests),
    maxRetries: share(limits.maxRetries),
  };
  return { ...cluster, limits: divided };
}
