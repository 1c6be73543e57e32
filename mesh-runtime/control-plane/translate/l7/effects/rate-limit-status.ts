import { condition, type WantedCondition } from "../../conditions.ts";
import { keyOf } from "../../input/lenient.ts";
import type { RateLimitPolicyInput } from "../../input/rate-limit-policy.ts";
import { targetProblems, whyNowhere } from "./attachment-effect.ts";
import { type EffectContext, effective, ineffective, listed } from "./effect.ts";
import { standings } from "./standings.ts";

/** Conditions `Accepted` and `towpath.dev/Effective` of all RateLimitPolicies, by key. */
export function rateLimitStatuses(context: EffectContext): ReadonlyMap<string, readonly WantedCondition[]> {
  const places = standings(context.proxies, ({ rateLimits }) => rateLimits.map(({ policy }) => policy));
  return new Map(
    [...context.world.rateLimitPolicies].map(([key, policy]) => [key, statusOf(policy, places(key), context)]),
  );
}

function statusOf(
  policy: RateLimitPolicyInput,
  places: readonly string[],
  context: EffectContext,
): readonly WantedCondition[] {
  if (policy.invalid.length > 0) {
    const message = `nothing is limited: ${listed(policy.invalid)}`;
    return [condition("Accepted", "False", "Invalid", message), ineffective({ reason: "Invalid", message })];
  }
  const attached = { ...policy, selector: undefined };
  const problems = targetProblems(attached, context);
  const lost = problems.filter(({ reason }) => reason !== "NoWaypoint");
  const [first] = lost;
  const accepted =
    first !== undefined && lost.length === policy.targets.length
      ? condition("Accepted", "False", first.reason === "TargetNotFound" ? "TargetNotFound" : "Invalid", first.message)
      : condition("Accepted", "True", "Accepted", acceptedMessage(policy, first?.message));
  const where = `acts on ${listed(places)}`;
  const [problem] = problems;
  if (places.length === 0) {
    return [accepted, ineffective(whyNowhere(attached, context))];
  }
  return [
    accepted,
    problem === undefined
      ? effective(`${where}; every pod of a proxy counts for itself`)
      : ineffective({ ...problem, message: `${where}; ${problem.message}` }),
  ];
}

function acceptedMessage(policy: RateLimitPolicyInput, problem: string | undefined): string {
  const targets = policy.targets.map(({ kind, name }) => `${kind} ${keyOf({ namespace: policy.namespace, name })}`);
  return problem === undefined ? `attached to ${listed(targets)}` : `attached, but ${problem}`;
}
