/** Which requests a rule is about, while it is filled in. Pure. */
import { type RequestRule, requestRule } from "@/server/contracts/golden-paths/parts.ts";
import type { DraftOf } from "./draft.ts";
import { emptyOf } from "./draft-of-schema.ts";

/** Methods, paths and headers of one kind of request. */
export type RuleDraft = DraftOf<RequestRule>;

/** A kind of request that says nothing yet: every request. */
export const anyRequest = emptyOf(requestRule) as RuleDraft;

/** Whether a rule says nothing. */
export const saysNothing = ({ methods, paths, headers }: RuleDraft): boolean =>
  methods.length === 0 && paths.length === 0 && headers.length === 0;

/** The rules with one of them changed. A single rule that says nothing is no rule: every request is meant. */
export function withRule(rules: readonly RuleDraft[], index: number, change: Partial<RuleDraft>): RuleDraft[] {
  const shown = rules.length === 0 ? [anyRequest] : rules;
  const changed = shown.map((rule, at) => (at === index ? { ...rule, ...change } : rule));
  return changed.every(saysNothing) ? [] : changed;
}

/** The rules without one of them. */
export function withoutRule(rules: readonly RuleDraft[], index: number): RuleDraft[] {
  const left = rules.filter((_, at) => at !== index);
  return left.every(saysNothing) ? [] : left;
}
