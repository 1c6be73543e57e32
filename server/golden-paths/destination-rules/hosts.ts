/** Where a service's DestinationRules must stand. Pure. */
import type { ServiceRef } from "@/server/contracts/names.ts";
import type { ServiceIntents } from "../service-intents.ts";
import { planRoutes } from "../service-routes/plan-routes.ts";
import { reachedBy } from "../service-routes/route-plan.ts";
import type { Surroundings } from "../surroundings.ts";

/**
 * The service's own hosts that requests get to: where its routes send, or the service itself without routes. A rule on
 * the service would do nothing for what its routes send to versions (`resources.md` §12).
 */
export function policyHostsOf(
  { service, intents }: ServiceIntents,
  { versionServicesOf }: Pick<Surroundings, "versionServicesOf">,
): ServiceRef[] {
  const plan = planRoutes({ service, intents });
  const own = new Set([service.name, ...versionServicesOf(service).map(({ name }) => name)]);
  const reached = plan === undefined ? [service] : reachedBy(plan);
  return reached
    .filter(({ namespace, name }) => namespace === service.namespace && own.has(name))
    .toSorted((one, other) => (one.name < other.name ? -1 : 1));
}
