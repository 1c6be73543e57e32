/** What the intents of a service say of how its hosts are talked to, as one traffic policy. Pure. */
import type { Inventory } from "@/server/inventory/model.ts";
import type { IntentOf, ServiceIntent } from "../intent.ts";

type PolicyIntent = IntentOf<"circuit-breaker" | "keep-in-region" | "retries">;

/** Intents that a DestinationRule is needed for: of retries, those with a budget. */
export const shapesTraffic = (intent: ServiceIntent): intent is PolicyIntent =>
  intent.slug === "circuit-breaker" ||
  intent.slug === "keep-in-region" ||
  (intent.slug === "retries" && intent.attempts > 0 && intent.budgetPercent !== null);

/** Retries that are always allowed beside the budget; Envoy's default. */
const minRetryConcurrency = 3;

/** Regions of the nodes, by name. */
export const regionsOf = ({ nodes }: Inventory): string[] =>
  [...new Set(nodes.map(({ region }) => region).filter((region) => region !== ""))].sort();

/** `trafficPolicy` of a DestinationRule (`resources.md` §12, §13). */
export function trafficPolicyOf(intents: readonly PolicyIntent[], inventory: Inventory): object {
  const breaker = intents.find((one) => one.slug === "circuit-breaker");
  const retries = intents.find((one) => one.slug === "retries");
  const pinned = intents.some(({ slug }) => slug === "keep-in-region");
  const pool = breaker === undefined ? {} : connectionPoolOf(breaker);
  const loadBalancer = {
    ...(breaker === undefined || breaker.slowStart === null
      ? {}
      : { simple: "LEAST_REQUEST", warmup: { duration: breaker.slowStart } }),
    ...(pinned ? { localityLbSetting: pinTo(regionsOf(inventory)) } : {}),
  };
  return {
    ...(Object.keys(pool).length === 0 ? {} : { connectionPool: pool }),
    ...(Object.keys(loadBalancer).length === 0 ? {} : { loadBalancer }),
    ...(breaker === undefined
      ? {}
      : {
          outlierDetection: {
            consecutive5xxErrors: breaker.consecutiveErrors,
            interval: breaker.interval,
            baseEjectionTime: breaker.ejectFor,
            maxEjectionPercent: breaker.maxEjectedPercent,
          },
        }),
    ...(retries === undefined || retries.budgetPercent === null
      ? {}
      : { retryBudget: { percent: retries.budgetPercent, minRetryConcurrency } }),
  };
}

function connectionPoolOf({ maxConnections, maxPending, maxRequests }: IntentOf<"circuit-breaker">): object {
  const http = {
    ...(maxPending === null ? {} : { http1MaxPendingRequests: maxPending }),
    ...(maxRequests === null ? {} : { http2MaxRequests: maxRequests }),
  };
  return {
    ...(maxConnections === null ? {} : { tcp: { maxConnections } }),
    ...(Object.keys(http).length === 0 ? {} : { http }),
  };
}

/** Every region to itself: regions that are not named get nothing, and none at home is a failure. */
const pinTo = (regions: readonly string[]): object => ({
  enabled: true,
  ...(regions.length === 0
    ? {}
    : { distribute: regions.map((region) => ({ from: `${region}/*`, to: { [`${region}/*`]: 100 } })) }),
});
