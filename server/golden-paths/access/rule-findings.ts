/** What all access rules have in common to say about the way to their service. Pure. */
import type { Finding } from "@/server/contracts/golden-paths.ts";
import type { InventoryService } from "@/server/inventory/model.ts";
import { changeIntents, type IntentChange, intentsOfService } from "../intent.ts";
import type { PathContext } from "../path.ts";
import { waypointFindings } from "../waypoint/need-waypoint.ts";
import { judgesRequests } from "../waypoint/requires-waypoint.ts";
import { foundPolicies } from "./found-policies.ts";
import { openedFindings } from "./opened-findings.ts";
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
  const rules = intentsOfService(next, service);
  const judged = rules.some(judgesRequests);
  // Callers that are named stand at the waypoint: nobody else gets in there.
  const named = rules.some(({ slug }) => slug === "let-a-caller-in");
  return [
    ...(judged ? waypointFindings(service, context, { rewritten: true }) : []),
    ...foundPolicies(service, outcome.waypointOf(service) !== undefined, context),
    ...waypointCutOff(service, outcome),
    ...(named ? [] : openedFindings(service, outcome, context)),
    ...(judged && service.enrolment.captured === service.enrolment.pods
      ? waypointBypassed(service, outcome, context)
      : []),
    ...(judged ? siblingFindings(service, outcome, context, refused) : []),
    ...gatewayFindings(service, outcome, context),
    ...probeFindings(service, outcome, context),
  ];
}
