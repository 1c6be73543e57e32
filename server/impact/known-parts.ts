/** Policies without what traffic does not tell: headers and tokens. Pure. */
import type { AuthorizationPolicyResource } from "@/mesh-runtime/policy/index.ts";
import type { RuleFields, SourceFields } from "@/mesh-runtime/policy/resource.ts";

const unseenKey = /^request\.(?:headers|auth)\b/;

const hasUnseenUser = (source: SourceFields | undefined): boolean =>
  (source?.requestPrincipals ?? []).length > 0 || (source?.notRequestPrincipals ?? []).length > 0;

/** The rule as if everything unseen were as it asks. */
const withoutUnseen = (rule: RuleFields): RuleFields => ({
  ...rule,
  from: rule.from?.map(({ source }) => ({
    source: { ...source, requestPrincipals: undefined, notRequestPrincipals: undefined },
  })),
  when: rule.when?.filter(({ key }) => !unseenKey.test(key)),
});

const asksUnseen = ({ from, when }: RuleFields): boolean =>
  (when ?? []).some(({ key }) => unseenKey.test(key)) || (from ?? []).some(({ source }) => hasUnseenUser(source));

/**
 * The same policies in the most generous world, where what is unseen lets in whatever it can, or in the strictest. A
 * request that the generous world refuses is refused in every world, and one that the strict world lets in is let in.
 */
export function imagined(
  policies: readonly AuthorizationPolicyResource[],
  world: "generous" | "strict",
): AuthorizationPolicyResource[] {
  return policies.map((policy) => {
    const rules = policy.spec?.rules ?? [];
    if (!rules.some(asksUnseen)) {
      return policy;
    }
    const matches = (policy.spec?.action === "DENY") === (world === "strict");
    return {
      ...policy,
      spec: {
        ...policy.spec,
        rules: matches ? rules.map(withoutUnseen) : rules.filter((rule) => !asksUnseen(rule)),
      },
    };
  });
}
