import type { ExchangeOutcome } from "../l7/exchange-outcome.ts";
import type { SeenNames } from "../telemetry/seen-names.ts";

/**
 * Notes which headers and claims a request carried. A gateway, which anybody may call, tells of what it sent on only; the
 * callers of a waypoint have proven who they are.
 */
export function observeNames({ request, plan }: ExchangeOutcome, names: SeenNames): void {
  if (request === undefined || plan === undefined) {
    return;
  }
  const service = plan.service === "" && plan.kind === "forward" ? plan.cluster.service : plan.service;
  if (service !== "") {
    names.observe(service, request.fields.list, plan.token);
  }
}
