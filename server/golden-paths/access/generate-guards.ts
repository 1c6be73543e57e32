import type { ServiceRef } from "@/server/contracts/names.ts";
import { rulesOf } from "../let-a-caller-in/generate.ts";
import { canonical, managed, type Rendered } from "../resource.ts";
import type { Surroundings } from "../surroundings.ts";
import { accountOf } from "./callers.ts";
import { podPortOf, type ServiceAccess, selectorOf, serviceAccesses } from "./service-access.ts";

/** Rules at the waypoint stand only as long as nobody gets past it. */
export const isGuarded = ({ waypoint, grants, keptClosed, judged }: ServiceAccess): boolean =>
  waypoint !== undefined && (judged || grants.length > 0 || keptClosed !== undefined);

/**
 * `<service>-only-waypoint`: nobody but the waypoint may talk to the pods (`resources.md` §6). Pods that stand behind
 * several Services have one guard, named after the first. Callers in plain text cannot go through a waypoint: who lets
 * anyone in lets them in here, unless some rule depends on what requests say. Gateways come through the waypoint.
 */
export function generateGuards(surroundings: Surroundings): Rendered[] {
  const guarded = serviceAccesses(surroundings).filter(isGuarded);
  const byPods = Map.groupBy(guarded, (access) => `${access.ref.namespace} ${canonical(selectorOf(access))}`);
  return [...byPods.values()].flatMap((services) => {
    const [first] = services;
    if (first === undefined) {
      return [];
    }
    const judged = services.some((access) => access.judged);
    const waypoints = new Set(services.flatMap(({ waypoint }) => (waypoint === undefined ? [] : [nameOf(waypoint)])));
    const direct = judged
      ? []
      : services.flatMap(({ service, grants }) =>
          rulesOf(
            grants.filter(({ caller }) => caller.kind === "anyone"),
            podPortOf(service),
          ),
        );
    // What it guards is written on the rules themselves: a guard stays as it is while they change.
    return [
      managed("AuthorizationPolicy", first.ref.namespace, `${first.ref.name}-only-waypoint`, [], {
        selector: { matchLabels: selectorOf(first) },
        action: "ALLOW",
        rules: [{ from: [{ source: { serviceAccounts: [...waypoints].sort() } }] }, ...direct],
      }),
    ];
  });
}

/** A waypoint's account is named as its Gateway. */
const nameOf = ({ namespace, name }: ServiceRef): string => accountOf({ namespace, serviceAccount: name });
