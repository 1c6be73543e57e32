/** What a service's requests looked like, for forms: methods, paths, names of headers and claims. Pure. */
import type { SeenTraffic } from "@/server/contracts/golden-paths.ts";
import type { ServiceRef } from "@/server/contracts/names.ts";
import type { TrafficInsight } from "@/server/golden-paths/insight.ts";
import type { NameShare, ServiceNames } from "@/server/traffic/seen-names.ts";

export function seenTrafficOf(service: ServiceRef, insight: TrafficInsight, names: ServiceNames): SeenTraffic {
  const paths = insight.paths(service);
  const requests = paths.reduce((sum, path) => sum + path.requests, 0);
  const methods = Map.groupBy(paths, ({ method }) => method);
  // Names come from a sample: what they stand for is a share of all requests.
  const scaled = (shares: readonly NameShare[]): SeenTraffic["headers"] =>
    shares.map(({ name, share }) => ({ name, requests: Math.max(1, Math.round(share * requests)) }));
  return {
    methods: [...methods]
      .map(([name, same]) => ({ name, requests: same.reduce((sum, path) => sum + path.requests, 0) }))
      .sort((one, other) => other.requests - one.requests),
    paths: paths.map((path) => ({ ...path })),
    headers: scaled(names.headers),
    claims: scaled(names.claims),
    issuers: scaled(names.issuers),
    requestsPerSecond: requests / insight.seconds,
    p99Ms: insight.p99Ms(service),
  };
}
