import type { PreparedHttpPolicies } from "../../../policy/index.ts";
import { matchCustom } from "../../../policy/index.ts";
import { localReplies } from "../../local-reply.ts";
import type { BodyPeek, ReplyPlan } from "../../request-plan.ts";
import type { Draft } from "../draft.ts";
import type { PlannerOptions } from "../planner-scope.ts";

export class ExternalAuthorization {
  readonly #policies: PreparedHttpPolicies;
  constructor(policies: PreparedHttpPolicies, _options: PlannerOptions) {
    this.#policies = policies;
  }
  check(draft: Draft, _body: BodyPeek): Promise<ReplyPlan | undefined> | undefined {
    return matchCustom(this.#policies, draft).length === 0
      ? undefined
      : Promise.resolve(draft.reply(localReplies.denied));
  }
}
