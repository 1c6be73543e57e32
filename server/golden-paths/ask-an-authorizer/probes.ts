/** Requests that an authorizer is not asked about. Pure. */
import type { AskAnAuthorizerForm } from "@/server/contracts/golden-paths/access.ts";
import { findService } from "@/server/inventory/model.ts";
import { outcomeOf } from "../access/outcome.ts";
import { pathLike } from "../access/path-pattern.ts";
import { othersOf, probeOf, probePort, workloadOf } from "../access/probe-requests.ts";
import type { IntentChange } from "../intent.ts";
import type { PathContext } from "../path.ts";
import type { Probe } from "../probe.ts";

/**
 * Only the authorizer knows what it answers, so one request is sent that it has no word in: at a path that is left out, or
 * anywhere once nobody asks it any more.
 */
export function unaskedProbes(
  form: AskAnAuthorizerForm,
  changes: readonly IntentChange[],
  context: PathContext,
): Probe[] {
  const { inventory } = context;
  const service = findService(inventory, form.service);
  const port = probePort(form.service, service?.ports.map((one) => one.port) ?? [], inventory);
  if (service === undefined || port === undefined) {
    return [];
  }
  const outcome = outcomeOf(changes, context);
  const paths = form.asked ? form.exceptPaths.map(pathLike) : ["/"];
  for (const caller of othersOf(inventory, service)) {
    const source = workloadOf(inventory, caller);
    const path = paths.find((one) => {
      const request = { method: "GET", path: one, headers: [] };
      const { allowed, hops } = outcome.request(service, caller, port, request, "none");
      return allowed && hops.every(({ asks }) => asks.length === 0);
    });
    if (source !== undefined && path !== undefined) {
      const request = { method: "GET", path, headers: [] };
      const probe = probeOf(source, form.service, port, request, { kind: "reaches" }, "unasked");
      return probe === undefined ? [] : [probe];
    }
  }
  return [];
}
