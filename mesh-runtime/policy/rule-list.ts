import { type PreparedPolicy, type PreparedRule, ruleHolds } from "./prepared-policy.ts";
import type { RuleIndex } from "./rule-index.ts";

/**
 * The rules of several policies in one row, in the order of evaluation. A rule is named by its place in the row (its
 * ordinal). An index narrows the search where it is worth it; without one every rule is tried.
 */
export class RuleList<C> {
  readonly policies: readonly PreparedPolicy<C>[];
  readonly #rules: PreparedRule<C>[] = [];
  /** By ordinal. */
  readonly #policyOf: number[] = [];
  /** By policy: the ordinal of its first rule. */
  readonly #firstOf: number[] = [];
  readonly #index: RuleIndex<C> | undefined;

  constructor(policies: readonly PreparedPolicy<C>[], index?: RuleIndex<C>) {
    this.policies = policies;
    this.#index = index;
    for (const [policy, { rules }] of policies.entries()) {
      this.#firstOf.push(this.#rules.length);
      for (const rule of rules) {
        this.#rules.push(rule);
        this.#policyOf.push(policy);
      }
    }
  }

  get size(): number {
    return this.#rules.length;
  }

  rule(ordinal: number): PreparedRule<C> {
    return this.#rules[ordinal] ?? [];
  }

  /** Index of the policy that a rule belongs to. */
  policyOf(ordinal: number): number {
    return this.#policyOf[ordinal] ?? -1;
  }

  /** Index of a rule within its policy. */
  ruleOf(ordinal: number): number {
    return ordinal - (this.#firstOf[this.policyOf(ordinal)] ?? 0);
  }

  /** Ordinal of the first rule from `from` on that holds; -1 when none does. */
  find(context: C, from = 0): number {
    const lists = this.#index?.candidates(context);
    if (lists === undefined) {
      for (let ordinal = from; ordinal < this.#rules.length; ordinal++) {
        if (this.#holds(ordinal, context)) {
          return ordinal;
        }
      }
      return -1;
    }
    return this.#findAmong(lists, context, from);
  }

  /** For every policy that has one, the ordinal of its first rule that holds. */
  findEach(context: C): number[] {
    const found: number[] = [];
    let ordinal = this.find(context);
    while (ordinal !== -1) {
      found.push(ordinal);
      const next = this.#firstOf[this.policyOf(ordinal) + 1];
      ordinal = next === undefined ? -1 : this.find(context, next);
    }
    return found;
  }

  /** At most `limit` ordinals that are worth explaining: those that fit by the index first. */
  nearby(context: C, limit: number): number[] {
    const fitting = this.#index?.candidates(context).flatMap((list) => list.slice(0, limit)) ?? [];
    const all = Array.from({ length: Math.min(limit, this.size) }, (_, ordinal) => ordinal);
    return [...new Set([...fitting, ...all])].slice(0, limit).sort((a, b) => a - b);
  }

  /** Walks sorted lists in step, so that the order of evaluation is kept. */
  #findAmong(lists: readonly (readonly number[])[], context: C, from: number): number {
    const at = lists.map(() => 0);
    for (;;) {
      let next = Number.POSITIVE_INFINITY;
      for (let list = 0; list < lists.length; list++) {
        next = Math.min(next, lists[list]?.[at[list] ?? 0] ?? next);
      }
      if (next === Number.POSITIVE_INFINITY) {
        return -1;
      }
      if (next >= from && this.#holds(next, context)) {
        return next;
      }
      for (let list = 0; list < lists.length; list++) {
        const place = at[list] ?? 0;
        at[list] = lists[list]?.[place] === next ? place + 1 : place;
      }
    }
  }

  #holds(ordinal: number, context: C): boolean {
    const rule = this.#rules[ordinal];
    return rule !== undefined && ruleHolds(rule, context);
  }
}
