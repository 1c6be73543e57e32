/** Requests that prove whom a service lets in. Pure. */
import type { LetACallerInForm } from "@/server/contracts/golden-paths/access.ts";
import type { RequestRule } from "@/server/contracts/golden-paths/parts.ts";
import { findService, type InventoryService } from "@/server/inventory/model.ts";
import { planGrants } from "../let-a-caller-in/plan.ts";
import type { PathContext } from "../path.ts";
import type { Probe } from "../probe.ts";
import { type Outcome, outcomeOf } from "./outcome.ts";
import { probeOf, probePort, probesMax, workloadOf } from "./probe-requests.ts";
import { isSafe, type SampleRequest, safeMethods, sampleOf } from "./sample-request.ts";

/**
 * As the first caller: one request that must get in, and the nearest ones that must not. What each must come to is what
 * the mesh's own engine decides with all rules together; a request that it would answer otherwise is not sent.
 */
export function grantProbes(form: LetACallerInForm, context: PathContext): Probe[] {
  const { inventory, traffic } = context;
  const service = findService(inventory, form.service);
  const caller = form.callers.find((one) => one.kind === "identity" && workloadOf(inventory, one) !== undefined);
  const port = probePort(form.service, form.ports, inventory);
  if (service === undefined || caller?.kind !== "identity" || port === undefined) {
    return [];
  }
  const source = workloadOf(inventory, caller);
  const outcome = outcomeOf(planGrants(form, context).changes, context);
  const allows = (request: SampleRequest): boolean =>
    outcome.request(service, caller, port, request, "none").allowed && !asks(outcome, service, caller, port, request);
  const rules = form.requests.length === 0 ? [undefined] : form.requests;
  const tried = rules
    .map((rule) => ({ rule, request: sampleOf(rule, traffic.paths(form.service)) }))
    .find((one) => isSafe(one.request.method) && allows(one.request));
  if (source === undefined || tried === undefined) {
    return [];
  }
  const { request, rule } = tried;
  const refused = nearest(request, rule).filter(
    (near) => !outcome.request(service, caller, port, near, "none").allowed,
  );
  return [
    probeOf(source, form.service, port, request, { kind: "reaches" }),
    ...refused.map((near) => probeOf(source, form.service, port, near, { kind: "refused" }, missing(request, near))),
  ]
    .filter((probe) => probe !== undefined)
    .slice(0, probesMax);
}

/** An authorizer has the last word: what it says is not known. */
const asks = (
  outcome: Outcome,
  service: InventoryService,
  caller: { readonly namespace: string; readonly serviceAccount: string },
  port: number,
  request: SampleRequest,
): boolean => outcome.request(service, caller, port, request, "none").hops.some((hop) => hop.asks.length > 0);

/** The same without a header that must be there, with one that must not, with another path, with another method. */
function nearest(request: SampleRequest, rule: RequestRule | undefined): SampleRequest[] {
  const without = request.headers.map(({ name }) => ({
    ...request,
    headers: request.headers.filter((header) => header.name !== name),
  }));
  const absent = (rule?.headers ?? []).filter(({ match }) => match === "absent");
  const added = absent.map(({ name }) => ({ ...request, headers: [...request.headers, { name, value: "1" }] }));
  const paths = ["/towpath-probe", "/"].filter((path) => path !== request.path).slice(0, 1);
  const other = safeMethods.filter((method) => method !== request.method).slice(0, 1);
  return [
    ...without,
    ...added,
    ...paths.map((path) => ({ ...request, path })),
    ...other.map((method) => ({ ...request, method })),
  ];
}

const missing = (whole: SampleRequest, near: SampleRequest): string => {
  const gone = whole.headers.filter(({ name }) => near.headers.every((header) => header.name !== name));
  return gone.length === 0 ? "" : `without ${gone.map(({ name }) => name).join(" and ")}`;
};
