import type { PathSlug } from "@/server/contracts/golden-paths/slug.ts";
import type { Prefilled } from "@/server/contracts/golden-paths.ts";

/** Where the form of a path is: releases have one of their own. */
export const pathHref = (slug: PathSlug): string =>
  slug === "release-a-version" ? "/rollouts/new" : `/golden-paths/${slug}`;

/** Where a golden path opens with its form filled in. Shares that are written by hand open where hands write them. */
export function prefilledHref({ slug, values }: Pick<Prefilled, "slug" | "values">): string {
  const form = "weight" in values ? `/golden-paths/${slug}` : pathHref(slug);
  return `${form}?values=${encodeURIComponent(JSON.stringify(values))}`;
}

/** The values of such an address; nothing when it was mangled on the way. */
export function prefilledValues(text: string | null): Record<string, unknown> {
  if (text === null) {
    return {};
  }
  try {
    const values: unknown = JSON.parse(text);
    return typeof values === "object" && values !== null && !Array.isArray(values) ? { ...values } : {};
  } catch {
    return {};
  }
}
