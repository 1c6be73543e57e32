import type { HttpRequest } from "./http-request.ts";
import { localReplies } from "./local-reply.ts";
import type { Planner, ReplyPlan } from "./request-plan.ts";

/** Answers 404 to everything: for places that the configuration does not have. */
export const refusingPlanner = (port: number): Planner => {
  const refuse = ({ target }: HttpRequest): ReplyPlan => ({
    kind: "reply",
    reply: localReplies.noRoute,
    refusal: undefined,
    delayMs: 0,
    path: target.split("?", 1)[0] ?? target,
    port,
    service: "",
    route: undefined,
    rule: undefined,
    decision: undefined,
    shadow: undefined,
    audited: [],
    token: undefined,
  });
  return { plan: refuse, judgeAgain: refuse };
};
