import type { Cluster } from "@/server/cluster/cluster.ts";
import { isRoute } from "./held-shares.ts";
import { isUnchanged, type ResourceStep } from "./proposal.ts";
import type { Written } from "./receipt-entry.ts";

/**
 * Routes that a release wrote a moment ago ahead of its change: nothing is left to write, and the proxies' word about them
 * is awaited all the same.
 */
export async function standingRoutes(
  steps: readonly ResourceStep[],
  cluster: Pick<Cluster, "read">,
): Promise<Written[]> {
  const routes = steps.filter((step) => isRoute(step.ref) && isUnchanged(step) && step.after !== undefined);
  return Promise.all(
    routes.map(async (step) => ({
      step,
      generation: (await cluster.read(step.ref))?.metadata?.generation ?? 0,
      atUnixMs: Date.now(),
    })),
  );
}
