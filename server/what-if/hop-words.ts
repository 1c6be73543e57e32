/** What a place on the way decided, in a sentence. Pure. */
import type { CustomMatch } from "@/mesh-runtime/policy/index.ts";
import type { Decision } from "@/mesh-runtime/policy/model.ts";
import type { WhatIfHop } from "@/server/contracts/what-if.ts";

const misfits: Readonly<Record<string, string>> = {
  "request.method": "No rule lets this caller use this method.",
  "request.path": "No rule lets this caller ask for this path.",
  "request.host": "No rule lets anybody ask for this host.",
  "request.header": "A header that a rule asks for is missing, or has another value.",
  "destination.port": "No rule lets this caller use this port.",
  "request.auth.principal": "A rule asks for a signed-in user.",
  "request.auth.claims": "The token does not say what a rule asks for.",
  "request.auth.audiences": "The token is for another audience than a rule asks for.",
  "request.auth.presenter": "The token was given to another party than a rule asks for.",
};

function reasonOf({ allowed, reason, policy, attribute }: Decision, principal: string | undefined): string {
  if (allowed) {
    return policy === undefined ? "No rule restricts it." : `${policy} lets it pass.`;
  }
  if (policy !== undefined && /istio_converted_static_strict|converted_peer_authentication_/.test(policy)) {
    return "Mutual TLS is required, and the caller comes in plain text.";
  }
  if (reason === "denied-by-policy") {
    return `${policy ?? "A rule"} refuses it.`;
  }
  if (reason === "unknown-policy") {
    return `${policy ?? "A policy"} is named and not known, so that everything is refused.`;
  }
  const misfit = misfits[attribute ?? ""];
  if (misfit !== undefined) {
    return misfit;
  }
  return principal === undefined
    ? "Only callers that prove who they are may pass, and this one does not."
    : "No rule names this caller.";
}

/** One hop of the answer. */
export function hopOf(
  place: Pick<WhatIfHop, "at" | "enforcer">,
  decision: Decision,
  principal: string | undefined,
  asks: readonly CustomMatch[] = [],
): WhatIfHop {
  const providers = [...new Set(asks.map(({ provider }) => provider))];
  const open = decision.allowed && providers.length > 0;
  return {
    ...place,
    principal: principal ?? "",
    verdict: open ? "unknown" : decision.allowed ? "allowed" : "denied",
    policy: decision.policy ?? "",
    rule: decision.rule ?? -1,
    attribute: decision.attribute === "none" ? "" : (decision.attribute ?? ""),
    reason: open
      ? `${providers.join(" and ")} is asked, and what it answers is not known here.`
      : reasonOf(decision, principal),
    asks: providers,
  };
}

/** A hop that refuses for a reason that no policy gave. */
export const refusingHop = (
  place: Pick<WhatIfHop, "at" | "enforcer">,
  principal: string | undefined,
  reason: string,
): WhatIfHop => ({
  ...place,
  principal: principal ?? "",
  verdict: "denied",
  policy: "",
  rule: -1,
  attribute: "",
  reason: `${reason.charAt(0).toUpperCase()}${reason.slice(1)}.`,
  asks: [],
});
