/** The form that takes an intent back. Pure. */
import { forwardField } from "@/server/contracts/golden-paths/forms.ts";
import { pathSlug } from "@/server/contracts/golden-paths/slug.ts";
import type { Prefilled } from "@/server/contracts/golden-paths.ts";
import { type Intent, isServiceIntent } from "./intent.ts";

/** Undefined for intents that no form of their own takes back. */
export function withdrawalOf(of: Intent, title: string, reason: string): Prefilled | undefined {
  const known = pathSlug.safeParse(of.slug);
  if (!known.success) {
    return undefined;
  }
  return { slug: known.data, title, reason, values: { ...valuesOf(of), [forwardField[known.data]]: false } };
}

function valuesOf(of: Intent): Record<string, unknown> {
  const { slug: _slug, ...values } = of;
  switch (of.slug) {
    case "let-a-caller-in": {
      const { slug: _same, caller, ...rest } = of;
      return { ...rest, callers: [caller] };
    }
    case "block-a-caller": {
      const { slug: _same, blocked, ...rest } = of;
      return blocked.who === "this"
        ? { ...rest, who: "these", callers: [blocked.caller] }
        : { ...rest, who: "all-but", callers: blocked.callers };
    }
    case "ask-an-authorizer":
      return { ...values, add: null };
    default:
      return isServiceIntent(of) ? values : {};
  }
}
