import type { SignedIn } from "@/server/auth/signed-in.ts";
import { type PathSlug, pathSlug } from "@/server/contracts/golden-paths/slug.ts";
import type { Guardrails, PathRule } from "@/server/contracts/guardrails.ts";
import { canonical } from "@/server/golden-paths/resource.ts";
import { restrictionOf, ruleOf } from "@/server/guardrails/rules.ts";
import type { Origin } from "./origin.ts";
import type { Proposal } from "./proposal.ts";

type About = Pick<Proposal, "slug" | "intentChanges">;

/** The path of the form, and paths whose rules come along: a waypoint, a gateway that is let in, what is taken over. */
export function pathsOver({ slug, intentChanges }: About, origin: Origin["kind"]): readonly PathSlug[] {
  const asForm = origin === "form" || origin === "rollout";
  if (!asForm && origin !== "take-over") {
    return [slug];
  }
  const along = intentChanges.flatMap(({ before, after }) => {
    const begins = asForm ? before === undefined : canonical(before ?? null) !== canonical(after ?? null);
    const path = pathSlug.safeParse((after ?? before)?.slug);
    return begins && (origin === "take-over" || after !== undefined) && path.success ? [path.data] : [];
  });
  return [...new Set([slug, ...along])];
}

/** What platform engineers said about each of them: a path that is kept back is not to be had through another. */
export const rulesOver = (guardrails: Guardrails, about: About, origin: Origin["kind"]): readonly PathRule[] =>
  pathsOver(about, origin).map((slug) => ruleOf(guardrails, slug));

/** Why this person may not have them; empty when they may. A path that comes along is named. */
export const restrictionsOver = (
  guardrails: Guardrails,
  about: About,
  origin: Origin["kind"],
  person: Pick<SignedIn, "roles">,
): readonly string[] =>
  rulesOver(guardrails, about, origin).flatMap((rule) => {
    const text = restrictionOf(rule, person);
    const also = rule.slug === about.slug ? "" : `The path "${rule.slug.replaceAll("-", " ")}" comes along. `;
    return text === "" ? [] : [`${also}${text}`];
  });
