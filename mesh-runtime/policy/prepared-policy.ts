/** Policies compiled to checks. Layer 4 and layer 7 compile their own matchers and share what follows. */
import type { Action, DecidingAttribute } from "./model.ts";

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

/** Whether all clauses of a rule hold. */
export function ruleHolds<C>(rule: PreparedRule<C>, context: C): boolean {
  for (let index = 0; index < rule.length; index++) {
    const clause = rule[index];
    if (clause !== undefined && holdingAlternative(clause, context) === undefined) {
      return false;
    }
  }
  return true;
}

/** The first alternative that holds. */
export function holdingAlternative<C>(clause: Clause<C>, context: C): Alternative<C> | undefined {
  for (let index = 0; index < clause.length; index++) {
    const alternative = clause[index];
    if (alternative !== undefined && alternativeHolds(alternative, context)) {
      return alternative;
    }
  }
  return undefined;
}

function alternativeHolds<C>(alternative: Alternative<C>, context: C): boolean {
  for (let index = 0; index < alternative.length; index++) {
    if (alternative[index]?.holds(context) === false) {
      return false;
    }
  }
  return true;
}
