import { localReplies } from "../local-reply.ts";
import type { RequestPlan } from "../request-plan.ts";
import type { Draft, Place } from "./draft.ts";
import type { Gate } from "./gate.ts";
import type { RouteTable } from "./routes/route-table.ts";
import { act } from "./rules/act.ts";
import type { CompiledRule } from "./rules/compile-rule.ts";

/** Policies, and where requests go that pass them. */
export interface PlaceRules {
  readonly gate: Gate;
  readonly route: (draft: Draft, random: () => number) => RequestPlan;
}

/** What one planner serves. */
export interface Places {
  readonly place: Place;
  /** By the connection and host of a request. */
  of(draft: Draft): PlaceRules;
}

/** Takes the route of a request; 404 without one. */
export function routed(table: RouteTable<CompiledRule> | undefined, draft: Draft, random: () => number): RequestPlan {
  const taken = table?.match(draft);
  if (taken === undefined) {
    return draft.reply(localReplies.noRoute);
  }
  draft.route = taken.route;
  draft.rule = taken.rule;
  return act(draft, taken.action, taken.prefix, random);
}
