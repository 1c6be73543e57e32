import type { Decision } from "../../policy/model.ts";
import { localReplies } from "../local-reply.ts";
import type { Refusal, ReplyPlan } from "../request-plan.ts";
import type { Draft } from "./draft.ts";

/** Refuses what policy denies; the caller sees Istio's text alone. */
export function refuseByPolicy(draft: Draft, decision: Decision): ReplyPlan {
  const { reason, policy = "", rule = -1, attribute = "none", evaluated } = decision;
  return draft.reply(localReplies.denied, { reason: reasonOf(reason), policy, rule, attribute, evaluated });
}

function reasonOf(reason: Decision["reason"]): Refusal["reason"] {
  switch (reason) {
    case "denied-by-policy":
    case "no-allow-policy-matched":
    case "unknown-policy":
      return reason;
    case "no-policy-applies":
    case "allowed-by-policy":
      // Not what a refusal says of itself; refused all the same.
      return "unknown-policy";
  }
}
