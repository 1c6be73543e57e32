/** Policies without what traffic does not tell: headers and tokens. Pure. */
import type { AuthorizationPolicyResource } from "@/mesh-runtime/policy/index.ts";
import type { RuleFields, SourceFields } from "@/mesh-runtime/policy/resource.ts";

/** What traffic does not tell; where no token is read, requests carry none as far as policies are concerned. */
export type Unseen = "headers" | "headers-and-tokens";

const unseenKeys: Readonly<Record<Unseen, RegExp>> = {
  headers: /^request\.headers\b/,
  "headers-and-tokens": /^request\.(?:headers|auth)\b/,
};

const hasUnseenUser = (source: SourceFields | undefined): boolean =>
  (source?.requestPrincipals ?? []).length > 0 || (source?.notRequestPrincipals ?? []).length > 0;

/** The rule as if everything unseen were as it asks. */
const withoutUnseen = (rule: RuleFields, unseen: Unseen): RuleFields => ({
  ...rule,
  from:
    unseen === "headers"
      ? rule.from
      : rule.from?.map(({ source }) => ({
          source: { ...source, requestPrincipals: undefined, notRequestPrincipals: undefined },
        })),
  when: rule.when?.filter(({ key }) => !unseenKeys[unseen].test(key)),
});

const asksUnseen = ({ from, when }: RuleFields, unseen: Unseen): boolean =>
  (when ?? []).some(({ key }) => unseenKeys[unseen].test(key)) ||
  (unseen === "headers-and-tokens" && (from ?? []).some(({ source }) => hasUnseenUser(source)));

/**
 * The same policies in the most generous world, where what is unseen lets in whatever it can, or in the strictest. A
 * request that the generous world refuses is refused in every world, and one that the strict world lets in is let in.
 */
export function imagined(
  policies: readonly AuthorizationPolicyResource[],
  world: "generous" | "strict",
  unseen: Unseen,
): AuthorizationPolicyResource[] {
  return policies.map((policy) => {
    const rules = policy.spec?.rules ?? [];
    if (!rules.some((rule) => asksUnseen(rule, unseen))) {
      return policy;
    }
    const matches = (policy.spec?.action === "DENY") === (world === "strict");
    return {
      ...policy,
      spec: {
        ...policy.spec,
        rules: matches
          ? rules.map((rule) => withoutUnseen(rule, unseen))
          : rules.filter((rule) => !asksUnseen(rule, unseen)),
      },
    };
  });
}
