/** What all access rules have in common to say about the way to their service. Pure. */
import type { Finding } from "@/server/contracts/golden-paths.ts";
import type { InventoryService } from "@/server/inventory/model.ts";
import { cutOffServices } from "../give-a-waypoint/cut-off.ts";
import { changeIntents, type IntentChange, intentsOfService } from "../intent.ts";
import type { PathContext } from "../path.ts";
import { waypointFindings } from "../waypoint/need-waypoint.ts";
import { judgesRequests } from "../waypoint/requires-waypoint.ts";
import { foundPolicies } from "./found-policies.ts";
import type { Caller, Outcome } from "./outcome.ts";
import { gatewayFindings, probeFindings, siblingFindings, waypointBypassed, waypointCutOff } from "./way-findings.ts";

/** `refused`: somebody whom the rule refuses; a stranger when it is not said. */
export function ruleFindings(
  service: InventoryService,
  changes: readonly IntentChange[],
  outcome: Outcome,
  context: PathContext,
  refused?: Caller,
): Finding[] {
  const next = changeIntents(context.current, changes);
  const judged = intentsOfService(next, service).some(judgesRequests);
  const comes = changes.some(({ after }) => after?.slug === "give-a-waypoint");
  return [
    ...(judged ? waypointFindings(service, context) : []),
    // Of the service itself Towpath writes the rules, for its pods too.
    ...(comes ? cutOffServices(service.namespace, "service", context) : []).filter(
      ({ path }) =>
        JSON.stringify(path?.values["service"]) !==
        JSON.stringify({ namespace: service.namespace, name: service.name }),
    ),
    ...foundPolicies(service, outcome.waypointOf(service) !== undefined, context),
    ...waypointCutOff(service, outcome),
    ...(judged && service.enrolment.captured === service.enrolment.pods
      ? waypointBypassed(service, outcome, context)
      : []),
    ...(judged ? siblingFindings(service, outcome, context, refused) : []),
    ...gatewayFindings(service, outcome, context),
    ...probeFindings(service, outcome, context),
  ];
}
