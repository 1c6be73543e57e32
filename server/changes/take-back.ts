/** What is written when a grant ends at an object that somebody edited by hand. Pure. */
import type { Rendered } from "@/server/golden-paths/resource.ts";
import { type AllowRule, commonRules } from "./common-rules.ts";
import type { ResourceStep } from "./proposal.ts";

interface AllowSpec {
  readonly action?: string;
  readonly rules?: readonly AllowRule[];
}
const specOf = ({ spec }: Rendered): AllowSpec => (spec ?? {}) as AllowSpec;
const isAllow = (policy: Rendered): boolean => (specOf(policy).action ?? "ALLOW") === "ALLOW";
/** Wherever it comes to stand, fewer get in. */
const letsNobodyIn = (policy: Rendered): boolean =>
  policy.kind === "AuthorizationPolicy" && isAllow(policy) && (specOf(policy).rules ?? []).length === 0;

/**
 * The step so that nothing is left of what ended, whatever the edit says, and nobody is let in by it whom the edit shut
 * out: an edit may be an emergency brake. Only policies let anybody in, so other objects stay as they are. What keeps the
 * service closed is written where somebody took the policy away too: without it everybody may call.
 */
export function takeBack(step: ResourceStep): ResourceStep {
  const { before: live, after: wanted } = step;
  if (live === undefined && wanted !== undefined && letsNobodyIn(wanted)) {
    return step;
  }
  if (live === undefined || live.kind !== "AuthorizationPolicy") {
    return { ...step, after: live };
  }
  if (!isAllow(live) || letsNobodyIn(live)) {
    // By it nobody gets in any more. Where no path wants it, it is theirs from now on.
    return { ...step, after: { ...live, metadata: wanted?.metadata ?? unmarked(live) } };
  }
  if (wanted === undefined || !isAllow(wanted)) {
    return step;
  }
  const rules = commonRules(specOf(wanted).rules ?? [], specOf(live).rules ?? []);
  return { ...step, after: { ...wanted, spec: { ...specOf(wanted), rules } } };
}

const unmarked = ({ metadata: { name, namespace } }: Rendered): Rendered["metadata"] => ({
  name,
  ...(namespace === undefined ? {} : { namespace }),
});
