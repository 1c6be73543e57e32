import { decidingAttribute, nearestMiss } from "./explain.ts";
import type { Decision } from "./model.ts";
import type { PreparedPolicy } from "./prepared-policy.ts";
import { RuleList } from "./rule-list.ts";

/** Policies in the order of evaluation: DENY, then what is missing, then ALLOW. */
export interface PreparedPolicies<C> {
  readonly deny: RuleList<C>;
  readonly allow: RuleList<C>;
  /** Keys that are named but not known: nobody may pass. */
  readonly unknown: readonly string[];
  readonly keys: readonly string[];
  /** Decisions that were made before: the same rule and attribute give the same one, so nothing is allocated again. */
  readonly made: { readonly deny: Decision[][]; readonly allow: Decision[][] };
}

/** Sorts policies into the order of evaluation. `list` may add an index to the rules. */
export function preparePolicies<C>(
  policies: readonly PreparedPolicy<C>[],
  unknown: readonly string[] = [],
  list: (policies: readonly PreparedPolicy<C>[]) => RuleList<C> = (some) => new RuleList(some),
): PreparedPolicies<C> {
  const deny = list(policies.filter((policy) => policy.action === "DENY"));
  const allow = list(policies.filter((policy) => policy.action === "ALLOW"));
  const keys = [...deny.policies.map(keyOf), ...unknown, ...allow.policies.map(keyOf)];
  return { deny, allow, unknown, keys, made: { deny: [], allow: [] } };
}

/**
 * Decides (istio.io "Authorization Policy": "Evaluation"), whatever the layer: a matching DENY refuses; then a policy
 * that is named but not known refuses; without any ALLOW policy everything else passes; otherwise one of them must match.
 */
export function decide<C>(policies: PreparedPolicies<C>, context: C): Decision {
  const { deny, allow, unknown, keys, made } = policies;
  if (keys.length === 0) {
    return nothingApplies;
  }
  const denying = deny.find(context);
  if (denying !== -1) {
    return matched(deny, denying, context, false, keys, 0, made.deny);
  }
  const [firstUnknown] = unknown;
  if (firstUnknown !== undefined) {
    const evaluated = keys.slice(0, deny.policies.length + unknown.length);
    return { allowed: false, reason: "unknown-policy", policy: firstUnknown, attribute: "none", evaluated };
  }
  if (allow.policies.length === 0) {
    return { allowed: true, reason: "no-policy-applies", evaluated: keys };
  }
  const allowing = allow.find(context);
  return allowing === -1
    ? { allowed: false, reason: "no-allow-policy-matched", ...nearestMiss(allow, context), evaluated: keys }
    : matched(allow, allowing, context, true, keys, deny.policies.length, made.allow);
}

const nothingApplies: Decision = Object.freeze({ allowed: true, reason: "no-policy-applies", evaluated: [] });

const keyOf = (policy: { readonly key: string }): string => policy.key;

/** `before`: how many keys were read before the first policy of the list. */
function matched<C>(
  list: RuleList<C>,
  ordinal: number,
  context: C,
  allowed: boolean,
  keys: readonly string[],
  before: number,
  made: Decision[][],
): Decision {
  const attribute = decidingAttribute(list.rule(ordinal), context);
  const known = made[ordinal] ?? [];
  made[ordinal] = known;
  for (let index = 0; index < known.length; index++) {
    const decision = known[index];
    if (decision?.attribute === attribute) {
      return decision;
    }
  }
  const at = list.policyOf(ordinal);
  const decision: Decision = {
    allowed,
    reason: allowed ? "allowed-by-policy" : "denied-by-policy",
    policy: list.policies[at]?.key ?? "",
    rule: list.ruleOf(ordinal),
    attribute,
    evaluated: keys.slice(0, before + at + 1),
  };
  known.push(decision);
  return decision;
}
