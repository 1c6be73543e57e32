/** Requests that prove whom a service refuses. Pure. */
import type { BlockACallerForm } from "@/server/contracts/golden-paths/access.ts";
import type { IdentityChoice } from "@/server/contracts/golden-paths/parts.ts";
import { findService } from "@/server/inventory/model.ts";
import { outcomeOf } from "../access/outcome.ts";
import { othersOf, probeOf, probePort, workloadOf } from "../access/probe-requests.ts";
import { isSafe, sampleOf } from "../access/sample-request.ts";
import type { PathContext } from "../path.ts";
import type { Probe } from "../probe.ts";
import { planBlocks } from "./plan.ts";

type Named = Pick<IdentityChoice, "namespace" | "serviceAccount">;
const isSame = (one: Named, other: Named): boolean =>
  one.namespace === other.namespace && one.serviceAccount === other.serviceAccount;

/** One request as a caller that is blocked; with exceptions, one as an exception that gets in. */
export function blockProbes(form: BlockACallerForm, context: PathContext): Probe[] {
  const { inventory, traffic } = context;
  const service = findService(inventory, form.service);
  const port = probePort(form.service, form.ports, inventory);
  const request = (form.requests.length === 0 ? [undefined] : form.requests)
    .map((rule) => sampleOf(rule, traffic.paths(form.service)))
    .find(({ method }) => isSafe(method));
  if (service === undefined || port === undefined || request === undefined) {
    return [];
  }
  const outcome = outcomeOf(planBlocks(form, context).changes, context);
  const allows = (caller: Named): boolean => {
    const passage = outcome.request(service, caller, port, request, "none");
    return passage.allowed && passage.hops.every(({ asks }) => asks.length === 0);
  };
  const others = othersOf(inventory, service).filter((one) => !form.callers.some((named) => isSame(named, one)));
  const refused = (form.who === "these" ? form.callers : others).find(
    (one) => workloadOf(inventory, one) !== undefined && !outcome.request(service, one, port, request, "none").allowed,
  );
  const excepted =
    form.who === "these"
      ? undefined
      : form.callers.find((one) => workloadOf(inventory, one) !== undefined && allows(one));
  const probe = (caller: Named | undefined, kind: "refused" | "reaches"): Probe | undefined => {
    const source = caller === undefined ? undefined : workloadOf(inventory, caller);
    return source === undefined ? undefined : probeOf(source, form.service, port, request, { kind });
  };
  return [probe(refused, "refused"), probe(excepted, "reaches")].filter((one) => one !== undefined);
}
