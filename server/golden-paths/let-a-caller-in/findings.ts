/** What validation says about letting callers in. Pure. */
import type { LetACallerInForm } from "@/server/contracts/golden-paths/access.ts";
import type { Finding } from "@/server/contracts/golden-paths.ts";
import { findService, type InventoryService } from "@/server/inventory/model.ts";
import { findPolicies } from "@/server/policies/applied.ts";
import { callerFindings } from "../access/caller-findings.ts";
import { type Outcome, outcomeOf } from "../access/outcome.ts";
import { requestFindings } from "../access/request-findings.ts";
import { ruleFindings } from "../access/rule-findings.ts";
import {
  endFindings,
  enrolmentFindings,
  portFindings,
  unknownService,
  unreadablePorts,
} from "../access/service-findings.ts";
import { shadowFindings } from "../access/shadow-findings.ts";
import { callerTitle } from "../access/words.ts";
import { changeIntents, intentsOfService } from "../intent.ts";
import { finding, listNames, type PathContext } from "../path.ts";
import { judgesRequests } from "../waypoint/requires-waypoint.ts";
import { visitorsCutOff } from "./gateway-findings.ts";
import { isKeptClosed, openingChanges, opensAgain } from "./kept-closed.ts";
import { planGrants } from "./plan.ts";
import { remainingCallers } from "./remaining-callers.ts";

export function letInFindings(form: LetACallerInForm, context: PathContext): Finding[] {
  const { inventory, nowUnixMs } = context;
  const service = findService(inventory, form.service);
  if (service === undefined) {
    return opensAgain(form) ? nothingToOpen(form, context) : unknownService(form.service, inventory);
  }
  const found = [
    ...portFindings(service, form.ports),
    ...(form.requests.length === 0 ? [] : unreadablePorts(service, form.ports, inventory)),
    ...enrolmentFindings(service),
  ];
  if (!form.allowed) {
    return [...found, ...nothingToOpen(form, context), ...openAfterwards(form, service, context)];
  }
  found.push(
    ...callerFindings(form.callers, context),
    ...endFindings(form.until, nowUnixMs),
    ...afterTheEnd(form, context),
    ...requestFindings(form.requests, form.service, context),
  );
  const { changes } = planGrants(form, context);
  const outcome = outcomeOf(changes, context);
  found.push(...anyoneFindings(form, outcome, context), ...visitorsCutOff(form, service, outcome, context));
  if (found.every(({ level }) => level !== "error")) {
    found.push(...ruleFindings(service, changes, outcome, context), ...shadowFindings(service, form, outcome, context));
  }
  return found;
}

function anyoneFindings(form: LetACallerInForm, outcome: Outcome, context: PathContext): Finding[] {
  const index = form.callers.findIndex(({ kind }) => kind === "anyone");
  if (index < 0) {
    return [];
  }
  const field = `callers.${index}`;
  const message = "Anyone may call, with or without an identity. Name the callers if you can.";
  const judged = intentsOfService(changeIntents(context.current, planGrants(form, context).changes), form.service).some(
    judgesRequests,
  );
  if (!judged || outcome.waypointOf(form.service) === undefined) {
    return [finding("warning", "anyone-may-call", field, message)];
  }
  const refused = `Rules of ${form.service.name} depend on what requests say: who calls in plain text cannot come through its waypoint and is refused. Anyone in the mesh may call.`;
  return [
    finding("warning", "anyone-may-call", field, message),
    finding("warning", "plain-text-callers", field, refused),
  ];
}

/** Who may call once the rule has ended by itself. */
function afterTheEnd(form: LetACallerInForm, context: PathContext): Finding[] {
  const { until, service } = form;
  if (until === null || until <= context.nowUnixMs) {
    return [];
  }
  const { changes } = planGrants(form, context);
  const left = intentsOfService(changeIntents(context.current, changes), service).flatMap((one) =>
    one.slug === "let-a-caller-in" && (one.until === null || one.until > until) ? [one.caller] : [],
  );
  if (left.some(({ kind }) => kind === "anyone")) {
    return [];
  }
  const names = listNames([...new Set(left.map((caller) => callerTitle(caller, context)))]);
  const message =
    left.length === 0
      ? `When this ends, nobody is let in to ${service.name} any more, until somebody is: no other rule lets a caller in beyond that. An end never opens a service to everybody.`
      : `When this ends, only ${names} may still call ${service.name}.`;
  return [finding(left.length === 0 ? "warning" : "info", "kept-closed", "until", message)];
}

/** Only what is kept closed can be opened; else callers must be named. */
const nothingToOpen = ({ callers, service }: LetACallerInForm, { current }: PathContext): Finding[] =>
  callers.length > 0 || openingChanges(service, current).length > 0
    ? []
    : [finding("error", "unknown-caller", "callers", `Choose whose access ends. ${service.name} is not kept closed.`)];

/** The last rule goes, and nothing else shuts the service. */
function openAfterwards(form: LetACallerInForm, service: InventoryService, context: PathContext): Finding[] {
  const { inventory, current } = context;
  const { changes } = planGrants(form, context);
  const closed = isKeptClosed(changeIntents(current, changes), form.service);
  if (remainingCallers(form, context) > 0 || current.size === 0 || closed) {
    return [];
  }
  const ours = [`${service.name}-callers`, `${service.name}-waypoint-callers`, `${service.name}-only-waypoint`];
  const others = findPolicies(inventory)
    .ofService(service)
    .filter((policy) => !ours.includes(policy.metadata.name ?? ""));
  if (others.some((policy) => (policy.spec?.action ?? "ALLOW") === "ALLOW")) {
    return [];
  }
  const message = `No rule is left for ${service.name}, and it is not locked down: everybody may call it.`;
  const path = {
    slug: "lock-down" as const,
    title: `Lock down ${service.namespace}`,
    reason: "So that no rule means no access",
    values: { scope: "namespaces", namespaces: [service.namespace], locked: true, keepGatewaysOpen: true },
  };
  return [finding("warning", "anyone-may-call", "callers", message, { path })];
}
