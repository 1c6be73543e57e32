import { fromAny } from "../access/callers.ts";
import { portTexts, rulePartsOf } from "../access/request-rules.ts";
import {
  type Grant,
  type PortOf,
  podPortOf,
  type ServiceAccess,
  selectorOf,
  serviceAccesses,
  servicePort,
} from "../access/service-access.ts";
import { targetsOf } from "../access/targets.ts";
import type { Intent } from "../intent.ts";
import { canonical, managed, type Rendered } from "../resource.ts";
import type { Surroundings } from "../surroundings.ts";

/**
 * All callers of a service in one policy: `<service>-callers` on its pods (`resources.md` §4), where a port is the pod's;
 * or `<service>-waypoint-callers` at its waypoint, where callers, requests and the service's own ports are seen (§6).
 * Callers who may do the same share rules. A policy without rules lets nobody in: that is what keeps a service closed.
 */
export const generateCallers = (surroundings: Surroundings): Rendered[] =>
  serviceAccesses(surroundings).flatMap((access) => {
    const { ref, grants, keptClosed, service, waypoint } = access;
    if (grants.length === 0 && keptClosed === undefined) {
      return isLockedElsewhere(access, surroundings) ? [atWaypoint(access, surroundings)] : [];
    }
    return waypoint === undefined
      ? [
          managed("AuthorizationPolicy", ref.namespace, `${ref.name}-callers`, toldBy(access), {
            selector: { matchLabels: selectorOf(access) },
            action: "ALLOW",
            rules: rulesOf(grants, podPortOf(service)),
          }),
        ]
      : [atWaypoint(access, surroundings)];
  });

/**
 * A locked namespace locks its own waypoints, not one that it borrows from another namespace: where a guard lets that one
 * through to the pods, nobody may get in there either.
 */
const isLockedElsewhere = (access: ServiceAccess, { intents }: Surroundings): boolean =>
  access.waypoint !== undefined &&
  access.waypoint.namespace !== access.ref.namespace &&
  access.judged &&
  intents.has(`lock-down/${access.ref.namespace}`);

const atWaypoint = (access: ServiceAccess, surroundings: Surroundings): Rendered =>
  managed("AuthorizationPolicy", access.ref.namespace, `${access.ref.name}-waypoint-callers`, toldBy(access), {
    targetRefs: targetsOf(access.ref, surroundings),
    action: "ALLOW",
    rules: rulesOf(access.grants, servicePort),
  });

/** Intents that the policy stands for. */
const toldBy = ({ grants, keptClosed }: ServiceAccess): Intent[] =>
  keptClosed === undefined ? [...grants] : [...grants, keptClosed];

/** Rules for callers, those who may do the same together. */
export function rulesOf(grants: readonly Grant[], portOf: PortOf): object[] {
  const alike = Map.groupBy(grants, ({ ports, requests }) => `${portTexts(ports, portOf)} ${canonical(requests)}`);
  return [...alike]
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .flatMap(([, same]) => {
      const [first] = same;
      if (first === undefined) {
        return [];
      }
      const callers = same.flatMap(({ caller }) => (caller.kind === "identity" ? [caller] : []));
      const from = same.some(({ caller }) => caller.kind === "anyone") ? {} : { from: fromAny(callers) };
      return rulePartsOf(first.requests, first.ports, portOf).map((parts) => ({ ...from, ...parts }));
    });
}
