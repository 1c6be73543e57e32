import type { Prefilled } from "@/server/contracts/golden-paths.ts";

/** Where a golden path opens with its form filled in. */
export function prefilledHref({ slug, values }: Pick<Prefilled, "slug" | "values">): string {
  return `/golden-paths/${slug}?values=${encodeURIComponent(JSON.stringify(values))}`;
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
