/** How often a call to a service may be tried, and who says so. Pure. */
import type { ServiceRef } from "@/server/contracts/names.ts";
import type { Inventory } from "@/server/inventory/model.ts";
import { type IntentSet, intentsOf } from "../intent.ts";
import { isForeign } from "../service-routes/foreign-routes.ts";
import { meansService } from "../service-routes/service-host.ts";
import { surroundingsOf } from "../surroundings.ts";

export interface Tries {
  /** How many calls one call may become; 1: it is not tried again. */
  readonly calls: number;
  /** Somebody asked for it; else the mesh does so by itself. */
  readonly asked: boolean;
}

export type TriesOf = (service: ServiceRef) => Tries;

const once: Tries = { calls: 1, asked: false };
/** What did not get through is tried again twice at every waypoint, unless a route says otherwise (`resources.md` §11). */
const ofMesh = 2;

/**
 * Tries by the paths in force, by routes that others wrote, and by the mesh itself; only where calls pass a waypoint.
 * Gateways that try again before it are not counted.
 */
export function triesOf(intents: IntentSet, inventory: Inventory): TriesOf {
  const { waypointOf } = surroundingsOf(intents, inventory);
  const ours = new Map(
    intentsOf(intents, "retries").map(({ service, attempts }) => [`${service.namespace}/${service.name}`, attempts]),
  );
  return (service) => {
    const own = ours.get(`${service.namespace}/${service.name}`);
    // A path brings the waypoint that it needs; nobody else's tries happen without one.
    if (waypointOf(service) === undefined) {
      return own === undefined ? once : { calls: own + 1, asked: true };
    }
    const byHand = writtenBy(service, inventory);
    const asked = [...(own === undefined ? [] : [own]), ...byHand.filter((one) => one !== undefined)];
    const attempts = asked.length === 0 ? ofMesh : Math.max(...asked);
    return { calls: attempts + 1, asked: asked.length > 0 };
  };
}

/** Further tries of each rule that somebody else wrote for the service; undefined for a rule that says nothing of them. */
function writtenBy(service: ServiceRef, { objects }: Inventory): (number | undefined)[] {
  const { namespace, name } = service;
  const routes = objects.routes.filter(
    (route) =>
      route.metadata?.namespace === namespace &&
      isForeign(route) &&
      (route.spec?.parentRefs ?? []).some(
        (ref) => ref.kind === "Service" && ref.name === name && (ref.namespace ?? namespace) === namespace,
      ),
  );
  if (routes.length > 0) {
    return routes.flatMap(({ spec }) =>
      (spec?.rules ?? []).map(({ retry }) => (retry === undefined ? undefined : (retry.attempts ?? ofMesh))),
    );
  }
  return objects.virtualServices
    .filter((one) => one.metadata?.namespace === namespace && isForeign(one))
    .filter(({ spec }) => (spec?.gateways ?? ["mesh"]).includes("mesh"))
    .filter(({ spec }) => (spec?.hosts ?? []).some((host) => meansService(host.toLowerCase(), namespace, service)))
    .flatMap(({ spec }) =>
      (spec?.http ?? []).map(({ retries }) => (retries === undefined ? undefined : (retries.attempts ?? 0))),
    );
}
