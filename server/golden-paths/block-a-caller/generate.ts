import type { ServiceRef } from "@/server/contracts/names.ts";
import { fromAllBut, fromAny } from "../access/callers.ts";
import { rulePartsOf } from "../access/request-rules.ts";
import {
  type Block,
  type PortOf,
  podPortOf,
  selectorOf,
  serviceAccesses,
  servicePort,
} from "../access/service-access.ts";
import { targetsOf } from "../access/targets.ts";
import { managed, type Rendered } from "../resource.ts";
import type { Surroundings } from "../surroundings.ts";

/**
 * `<service>-waypoint-blocked` at the waypoint, and `<service>-blocked` at the pods (`resources.md` §6). A block for every
 * request stands at both, so that it holds for whoever finds a way past the waypoint; one for some requests only at the
 * waypoint, since at the pods a rule about requests would refuse more than it says. Each rule names its ports: what has no
 * requests is not shut with them.
 */
export const generateBlocks = (surroundings: Surroundings): Rendered[] =>
  serviceAccesses(surroundings).flatMap((access) => {
    const { ref, service, blocks, waypoint } = access;
    const everything = blocks.filter(({ requests }) => requests.length === 0);
    const atPods =
      everything.length === 0
        ? []
        : [
            managed("AuthorizationPolicy", ref.namespace, `${ref.name}-blocked`, everything, {
              selector: { matchLabels: selectorOf(access) },
              action: "DENY",
              rules: everything.flatMap((block) => rulesOf(block, podPortOf(service), waypoint)),
            }),
          ];
    const atWaypoint =
      blocks.length === 0 || waypoint === undefined
        ? []
        : [
            managed("AuthorizationPolicy", ref.namespace, `${ref.name}-waypoint-blocked`, blocks, {
              targetRefs: targetsOf(ref, surroundings),
              action: "DENY",
              rules: blocks.flatMap((block) => rulesOf(block, servicePort, undefined)),
            }),
          ];
    return [...atWaypoint, ...atPods];
  });

/** `waypoint`: who speaks for all callers at the pods, and must not be shut out with them. */
function rulesOf({ blocked, ports, requests }: Block, portOf: PortOf, waypoint: ServiceRef | undefined): object[] {
  const through = waypoint === undefined ? [] : [{ namespace: waypoint.namespace, serviceAccount: waypoint.name }];
  const from = blocked.who === "this" ? fromAny([blocked.caller]) : fromAllBut([...blocked.callers, ...through]);
  return rulePartsOf(requests, ports, portOf).map((parts) => ({ from, ...parts }));
}
