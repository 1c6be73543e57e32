import type { LetACallerInForm } from "@/server/contracts/golden-paths/access.ts";
import { pathHeads } from "@/server/contracts/golden-paths/heads.ts";
import { findService } from "@/server/inventory/model.ts";
import { deniesAll, findPolicies, isWide } from "@/server/policies/applied.ts";
import { grantProbes } from "../access/grant-probes.ts";
import type { Grant } from "../access/service-access.ts";
import { callerTitle, portsText, requestsText, shortTitle, timeText } from "../access/words.ts";
import { intentsOf } from "../intent.ts";
import { count, type GoldenPath, listNames, type PathContext } from "../path.ts";
import { letInFindings } from "./findings.ts";
import { planGrants, replacedBy } from "./plan.ts";
import { remainingCallers } from "./remaining-callers.ts";

/** "may send GET /headers with x-test-me to port 8000 until …" */
function grantText({ ports, requests, until }: Pick<Grant, "ports" | "requests" | "until">): string {
  const what =
    requests.length === 0 ? `call ${portsText(ports)}` : `send ${requestsText(requests)} to ${portsText(ports)}`;
  return until === null ? what : `${what} until ${timeText(until)}`;
}

export const letACallerIn: GoldenPath<"let-a-caller-in"> = {
  slug: "let-a-caller-in",
  ...pathHeads["let-a-caller-in"],
  summary: "Allow a caller by its identity, not by its address, for all requests or for those you name.",
  keywords: [
    "allow",
    "authorizationpolicy",
    "grant",
    "permission",
    "principal",
    "service account",
    "spiffe",
    "method",
    "path",
    "header",
  ],

  plan: planGrants,

  explain(form, context) {
    const callers = listNames([...new Set(form.callers.map((caller) => callerTitle(caller, context)))]);
    const { name } = form.service;
    if (!form.allowed) {
      const rest = remainingCallers(form, context);
      const after = rest === 0 ? ` No rule of this path is left for ${name}.` : "";
      return `Takes away the permission of ${callers} to call ${name} on ${portsText(form.ports)}.${after}`;
    }
    const what =
      form.requests.length === 0
        ? `call ${name} on ${portsText(form.ports)}`
        : `send ${requestsText(form.requests)} to ${name} on ${portsText(form.ports)}, and nothing else`;
    const end = form.until === null ? "" : ` until ${timeText(form.until)}`;
    const gone = replacedBy(form, context).map(
      (held) => ` Until now ${callerTitle(held.caller, context)} may ${grantText(held)}: that goes.`,
    );
    return `Lets ${callers} ${what}${end}. ${othersText(form, context)}${gone.join("")}`;
  },

  changeTitle(form) {
    const callers = listNames(form.callers.map(shortTitle), 3);
    return form.allowed
      ? `Let ${callers} call ${form.service.name}`
      : `Stop ${callers} from calling ${form.service.name}`;
  },

  button: (form) => letACallerIn.changeTitle(form),

  confirmWord: () => "",

  inUse: ({ current }) => count(intentsOf(current, "let-a-caller-in").length, "caller"),

  probes: (form, context) => (form.allowed ? grantProbes(form, context) : []),

  refill(of) {
    if (of.slug !== "let-a-caller-in") {
      return undefined;
    }
    const { slug: _slug, caller, ...rest } = of;
    return {
      values: { ...rest, callers: [caller], allowed: true },
      summary: `${shortTitle(caller)} may ${grantText(of)}`,
    };
  },

  findings: letInFindings,
};

function othersText(form: LetACallerInForm, context: PathContext): string {
  if (form.callers.some(({ kind }) => kind === "anyone")) {
    return form.requests.length === 0
      ? "That includes callers in plain text and from outside the mesh."
      : "Who calls in plain text cannot come through the waypoint, and is refused.";
  }
  return isFirstRule(form, context)
    ? `It is the first rule for ${form.service.name}: every other caller is refused from then on.`
    : "Nobody else gains access.";
}

/** No ALLOW policy acts on the service yet: until now everybody could call it. */
function isFirstRule(form: LetACallerInForm, { inventory }: PathContext): boolean {
  const service = findService(inventory, form.service);
  if (service === undefined) {
    return false;
  }
  return !findPolicies(inventory)
    .ofService(service)
    .some((policy) => (policy.spec?.action ?? "ALLOW") === "ALLOW" && (!isWide(policy) || deniesAll(policy)));
}
