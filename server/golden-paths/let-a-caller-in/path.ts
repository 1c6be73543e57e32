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
import { isKeptClosed, openingChanges, opensAgain } from "./kept-closed.ts";
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
    const { name } = form.service;
    if (opensAgain(form)) {
      return openingChanges(form.service, context.current).length === 0
        ? `Takes nothing back yet: choose whose access to ${name} ends.`
        : `No longer keeps ${name} closed: who may call it depends on other rules alone, and without any everybody may.`;
    }
    const callers = listNames([...new Set(form.callers.map((caller) => callerTitle(caller, context)))]);
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
    if (opensAgain(form)) {
      return `Open ${form.service.name} again`;
    }
    const callers = listNames(form.callers.map(shortTitle), 3);
    return form.allowed
      ? `Let ${callers} call ${form.service.name}`
      : `Stop ${callers} from calling ${form.service.name}`;
  },

  button: (form) => letACallerIn.changeTitle(form),

  // Opening to everybody is nothing to be done in passing.
  confirmWord: (form) => (opensAgain(form) ? form.service.name : ""),

  inUse: ({ current }) => count(intentsOf(current, "let-a-caller-in").length, "caller"),

  probes: (form, context) => (form.allowed ? grantProbes(form, context) : []),

  refill(of, { inventory, current }) {
    if (of.slug === "keep-closed") {
      const ports = findService(inventory, of.service)?.ports.map(({ port }) => port) ?? [];
      return isKeptClosed(current, of.service)
        ? {
            values: {
              service: of.service,
              callers: [],
              // A Service that is gone has none, and what keeps it closed can be taken away all the same.
              ports: ports.length === 0 ? [80] : ports,
              requests: [],
              until: null,
              allowed: true,
            },
            summary: "nobody is let in any more, until somebody is",
          }
        : undefined;
    }
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
