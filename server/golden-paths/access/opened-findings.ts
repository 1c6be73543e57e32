import type { Finding } from "@/server/contracts/golden-paths.ts";
import { type InventoryService, identitiesOf } from "@/server/inventory/model.ts";
import { finding, type PathContext } from "../path.ts";
import { type Caller, type Outcome, outcomeOf } from "./outcome.ts";
import { sampleOf } from "./sample-request.ts";
import { callerTitle } from "./words.ts";

/**
 * Whom the pods refuse now, and the waypoint would let in. A guard lets the waypoint through to the pods, and what others
 * wrote for the pods alone is not read at the waypoint: without callers that are named there, everybody gets in
 * (`resources.md` §3).
 */
export function openedFindings(service: InventoryService, outcome: Outcome, context: PathContext): Finding[] {
  const port = service.ports[0]?.port;
  if (port === undefined || outcome.waypointOf(service) === undefined) {
    return [];
  }
  const now = outcomeOf([], context);
  const request = sampleOf(undefined, context.traffic.paths(service));
  const stranger: NonNullable<Caller> = { namespace: "towpath-stranger", serviceAccount: "towpath-stranger" };
  const identities = identitiesOf(context.inventory).filter((one) => one.enrolled && !one.gateway);
  for (const caller of [stranger, ...identities]) {
    const before = now.request(service, caller, port, request, "signed-in");
    if (!before.allowed && outcome.request(service, caller, port, request, "signed-in").allowed) {
      const policy = before.hops.at(-1)?.decision.policy;
      const title = caller === stranger ? "everybody" : callerTitle({ kind: "identity", ...caller }, context);
      const place = policy === undefined ? "" : `AuthorizationPolicy ${policy}`;
      const by = place === "" ? "The rules at its pods" : place;
      const message = `${by} ${place === "" ? "keep" : "keeps"} ${title} out of ${service.name} now, at its pods. What is written for pods is not read at the waypoint: ${title} would get in. Lock the namespace down by Towpath, which holds at the waypoint too, or let the callers in by Towpath first.`;
      const path = {
        slug: "lock-down" as const,
        title: `Lock down ${service.namespace}`,
        reason: "It holds at the waypoint too",
        values: { scope: "namespaces", namespaces: [service.namespace], locked: true, keepGatewaysOpen: true },
      };
      return [finding("error", "anyone-may-call", "service", message, { place, path })];
    }
  }
  return [];
}
