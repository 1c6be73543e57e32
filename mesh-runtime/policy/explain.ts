/** Why a rule held, and which rule of those that did not came closest. */
import type { DecidingAttribute } from "./model.ts";
import { type Alternative, holdingAlternative, type PreparedRule } from "./prepared-policy.ts";
import type { RuleList } from "./rule-list.ts";

/** A refusal must not cost more the more policies there are: only so many rules are compared. */
const comparedMax = 64;

/** The first attribute that a rule which holds asked for; "none" when it asks for nothing. */
export function decidingAttribute<C>(rule: PreparedRule<C>, context: C): DecidingAttribute {
  for (const clause of rule) {
    const first = holdingAlternative(clause, context)?.[0];
    if (first !== undefined) {
      return first.attribute;
    }
  }
  return "none";
}

/** The rule that holds in most attributes, and the first of its attributes that does not. */
export interface NearestMiss {
  readonly policy?: string;
  readonly rule?: number;
  readonly attribute: DecidingAttribute;
}

/** Looks among ALLOW rules of which none holds. */
export function nearestMiss<C>(allow: RuleList<C>, context: C): NearestMiss {
  let best: Score | undefined;
  let nearest = -1;
  for (const ordinal of allow.nearby(context, comparedMax)) {
    const score = scoreRule(allow.rule(ordinal), context);
    if (best === undefined || closer(score, best)) {
      best = score;
      nearest = ordinal;
    }
  }
  const policy = allow.policies[nearest === -1 ? 0 : allow.policyOf(nearest)]?.key;
  return {
    ...(policy === undefined ? {} : { policy }),
    ...(nearest === -1 ? {} : { rule: allow.ruleOf(nearest) }),
    attribute: best?.attribute ?? "none",
  };
}

interface Score {
  readonly held: number;
  readonly failed: number;
  readonly attribute: DecidingAttribute;
}

const closer = (one: Score, other: Score): boolean =>
  one.held > other.held || (one.held === other.held && one.failed < other.failed);

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
