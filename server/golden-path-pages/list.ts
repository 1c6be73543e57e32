import { capabilitiesOf, type SignedIn } from "@/server/auth/signed-in.ts";
import { pathSlug } from "@/server/contracts/golden-paths/slug.ts";
import type { GoldenPathList } from "@/server/contracts/golden-paths.ts";
import { goldenPaths } from "@/server/golden-paths/registry.ts";
import { readGuardrails } from "@/server/guardrails/guardrails.ts";
import { restrictionOf, ruleOf } from "@/server/guardrails/rules.ts";
import type { Portal } from "@/server/portal.ts";

/** The gallery. */
export async function goldenPathListFor({ changes, db }: Portal, person: SignedIn): Promise<GoldenPathList> {
  const [context, guardrails] = await Promise.all([changes.context(), readGuardrails(db)]);
  const { applyEverywhere, applyIn } = capabilitiesOf(person);
  return {
    paths: pathSlug.options.flatMap((slug) => {
      const path = goldenPaths[slug];
      if (path === undefined) {
        return [];
      }
      const { title, summary, group, keywords } = path;
      const restricted = restrictionOf(ruleOf(guardrails, slug), person);
      return {
        slug,
        title,
        summary,
        group,
        applicable: (applyEverywhere || applyIn.length > 0) && restricted === "",
        restricted,
        inUse: path.inUse(context),
        keywords: [...keywords],
      };
    }),
  };
}
