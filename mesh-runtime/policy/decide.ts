/**
 * The order in which policies decide (istio.io "Authorization Policy": "Evaluation"), independent of the layer. Layer 4
 * and layer 7 compile their matchers to checks and share this.
 */
import type { Action, DecidingAttribute, Decision } from "./model.ts";

/** One field of a matcher. */
export interface Check<C> {
  readonly attribute: DecidingAttribute;
  holds(context: C): boolean;
}

/** Checks are ANDed; none at all holds always. */
export type Alternative<C> = readonly Check<C>[];
/** Alternatives are ORed; none at all never holds. */
export type Clause<C> = readonly Alternative<C>[];
/** Clauses are ANDed; none at all holds always. */
export type PreparedRule<C> = readonly Clause<C>[];

export interface PreparedPolicy<C> {
  /** `<namespace>/<name>` */
  readonly key: string;
  readonly action: Action;
  /** ORed; none at all never holds. */
  readonly rules: readonly PreparedRule<C>[];
}

/** Policies in the order of evaluation, each with the keys that were read once it is reached. */
export interface PreparedPolicies<C> {
  readonly deny: readonly PreparedPolicy<C>[];
  readonly allow: readonly PreparedPolicy<C>[];
  /** Keys that are named but not known: nobody may pass. */
  readonly unknown: readonly string[];
  readonly keys: readonly string[];
}

/** Sorts policies into the order of evaluation: DENY, then what is missing, then ALLOW. */
export function preparePolicies<C>(
  policies: readonly PreparedPolicy<C>[],
  unknown: readonly string[] = [],
): PreparedPolicies<C> {
  const deny = policies.filter((policy) => policy.action === "DENY");
  const allow = policies.filter((policy) => policy.action === "ALLOW");
  return { deny, allow, unknown, keys: [...deny.map(keyOf), ...unknown, ...allow.map(keyOf)] };
}

/**
 * Decides: a matching DENY refuses; then a policy that is named but not known refuses; without any ALLOW policy
 * everything else passes; otherwise one of them must match.
 */
export function decide<C>({ deny, allow, unknown, keys }: PreparedPolicies<C>, context: C): Decision {
  for (const [index, policy] of deny.entries()) {
    const rule = matchingRule(policy, context);
    if (rule !== -1) {
      return matched(policy, rule, context, false, keys.slice(0, index + 1));
    }
  }
  const firstUnknown = unknown[0];
  if (firstUnknown !== undefined) {
    return {
      allowed: false,
      reason: "unknown-policy",
      policy: firstUnknown,
      attribute: "none",
      evaluated: keys.slice(0, deny.length + unknown.length),
    };
  }
  if (allow.length === 0) {
    return { allowed: true, reason: "no-policy-applies", evaluated: keys };
  }
  for (const [index, policy] of allow.entries()) {
    const rule = matchingRule(policy, context);
    if (rule !== -1) {
      return matched(policy, rule, context, true, keys.slice(0, deny.length + index + 1));
    }
  }
  return { allowed: false, reason: "no-allow-policy-matched", ...nearestMiss(allow, context), evaluated: keys };
}

const keyOf = (policy: { readonly key: string }): string => policy.key;

/** Index of the first rule that matches; -1 when none does. */
export function matchingRule<C>(policy: PreparedPolicy<C>, context: C): number {
  for (let index = 0; index < policy.rules.length; index++) {
    const rule = policy.rules[index];
    if (rule?.every((clause) => matchingAlternative(clause, context) !== undefined)) {
      return index;
    }
  }
  return -1;
}

const matchingAlternative = <C>(clause: Clause<C>, context: C): Alternative<C> | undefined =>
  clause.find((alternative) => alternative.every((check) => check.holds(context)));

function matched<C>(
  policy: PreparedPolicy<C>,
  rule: number,
  context: C,
  allowed: boolean,
  evaluated: readonly string[],
): Decision {
  let attribute: DecidingAttribute = "none";
  for (const clause of policy.rules[rule] ?? []) {
    const first = matchingAlternative(clause, context)?.[0];
    if (first !== undefined) {
      attribute = first.attribute;
      break;
    }
  }
  const reason = allowed ? "allowed-by-policy" : "denied-by-policy";
  return { allowed, reason, policy: policy.key, rule, attribute, evaluated };
}

interface Score {
  readonly held: number;
  readonly failed: number;
  readonly attribute: DecidingAttribute;
}

const closer = (one: Score, other: Score): boolean =>
  one.held > other.held || (one.held === other.held && one.failed < other.failed);

/** The ALLOW rule that holds in most attributes, and the first of its attributes that does not. */
function nearestMiss<C>(
  allow: readonly PreparedPolicy<C>[],
  context: C,
): { policy?: string; rule?: number; attribute: DecidingAttribute } {
  let best: Score | undefined;
  let where: { policy: string; rule: number } | undefined;
  for (const policy of allow) {
    for (const [rule, clauses] of policy.rules.entries()) {
      const score = scoreRule(clauses, context);
      if (best === undefined || closer(score, best)) {
        best = score;
        where = { policy: policy.key, rule };
      }
    }
  }
  const first = allow[0];
  if (best === undefined || where === undefined) {
    return first === undefined ? { attribute: "none" } : { policy: first.key, attribute: "none" };
  }
  return { ...where, attribute: best.attribute };
}

function scoreRule<C>(clauses: PreparedRule<C>, context: C): Score {
  let held = 0;
  let failed = 0;
  let attribute: DecidingAttribute = "none";
  for (const clause of clauses) {
    let best: Score | undefined;
    for (const alternative of clause) {
      const score = scoreAlternative(alternative, context);
      if (score.failed === 0) {
        best = score;
        break;
      }
      if (best === undefined || closer(score, best)) {
        best = score;
      }
    }
    held += best?.held ?? 0;
    failed += best?.failed ?? 1;
    if (attribute === "none" && best !== undefined && best.failed > 0) {
      attribute = best.attribute;
    }
  }
  return { held, failed, attribute };
}

function scoreAlternative<C>(alternative: Alternative<C>, context: C): Score {
  let held = 0;
  let failed = 0;
  let attribute: DecidingAttribute = "none";
  for (const check of alternative) {
    if (check.holds(context)) {
      held++;
    } else {
      failed++;
      if (attribute === "none") {
        attribute = check.attribute;
      }
    }
  }
  return { held, failed, attribute };
}
