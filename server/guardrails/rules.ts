/** What guardrails mean for a filled-in form, a person and a moment. Pure. */

import { durationMs } from "@/mesh-runtime/api/gateway-api/duration.ts";
import type { SignedIn } from "@/server/auth/signed-in.ts";
import { forwardField, type PathFormValues } from "@/server/contracts/golden-paths/forms.ts";
import type { PathSlug } from "@/server/contracts/golden-paths/slug.ts";
import type { FieldRange, Finding } from "@/server/contracts/golden-paths.ts";
import type { FreezeWindow, Guardrails, PathRule } from "@/server/contracts/guardrails.ts";
import { finding } from "@/server/golden-paths/path.ts";
import { rootNamespace } from "@/server/inventory/labels.ts";

export const isPlatform = ({ roles }: Pick<SignedIn, "roles">): boolean => roles.includes("platform");

/** The rule of a path; the contract's defaults where there is none. */
export const ruleOf = ({ paths }: Guardrails, slug: PathSlug): PathRule =>
  paths.find((rule) => rule.slug === slug) ?? { slug, who: "owners", approval: false, defaults: {}, ranges: [] };

/** Why this person may not use the path; empty when they may. */
export function restrictionOf({ who }: PathRule, person: Pick<SignedIn, "roles">): string {
  if (who === "nobody") {
    return "The platform engineers switched this path off. Ask them what to do instead.";
  }
  return who === "platform" && !isPlatform(person)
    ? "The platform engineers keep this path for themselves. Ask one of them to apply it."
    : "";
}

/** The window that holds now for one of the namespaces. The whole mesh is touched by each of them. */
export const freezeOf = (
  { freezes }: Guardrails,
  touched: readonly string[],
  nowUnixMs: number,
): FreezeWindow | undefined =>
  freezes.find(
    ({ namespaces, startUnixMs, endUnixMs }) =>
      startUnixMs <= nowUnixMs &&
      nowUnixMs < endUnixMs &&
      (namespaces.length === 0 ||
        touched.includes(rootNamespace) ||
        namespaces.some((namespace) => touched.includes(namespace))),
  );

/** "Nothing is changed here until 24 Dec 2026, 08:00 UTC: Christmas." */
export function freezeText({ title, namespaces, endUnixMs }: FreezeWindow): string {
  const end = new Date(endUnixMs).toISOString();
  const where = namespaces.length === 0 ? "anywhere" : `in ${namespaces.join(", ")}`;
  return `Nothing is changed ${where} until ${end.slice(0, 10)} ${end.slice(11, 16)} UTC: ${title}.`;
}

/** Values outside of the ranges that platform engineers set. Taking a rule back is never out of range. */
export function rangeFindings<S extends PathSlug>({ ranges }: PathRule, slug: S, values: PathFormValues[S]): Finding[] {
  const form = values as Readonly<Record<string, unknown>>;
  if (form[forwardField[slug]] === false) {
    return [];
  }
  return ranges.flatMap((range) =>
    valuesAt(form, range.field.split("."), []).flatMap(({ field, value }) => {
      const number = typeof value === "string" ? durationMs(value) : value;
      if (typeof number !== "number" || isWithin(range, number)) {
        return [];
      }
      const unit = typeof value === "string" ? " ms" : "";
      const words = [rangeText(range, unit), ...byHand(slug, range), "The platform engineers set this limit."];
      return [finding("error", "out-of-range", field, words.join(" "))];
    }),
  );
}

const isWithin = ({ min, max }: FieldRange, value: number): boolean =>
  (min === null || value >= min) && (max === null || value <= max);

function rangeText({ min, max }: FieldRange, unit: string): string {
  if (min !== null && max !== null) {
    return `Choose from ${min}${unit} to ${max}${unit}.`;
  }
  return min === null ? `Choose at most ${max}${unit}.` : `Choose at least ${min}${unit}.`;
}

/** A share is limited where it is set by hand: `release-limits.ts`. */
const byHand = (slug: PathSlug, { field, max }: FieldRange): readonly string[] =>
  slug === "release-a-version" && field === "weight" && max !== null
    ? ["More than that takes a release that is judged."]
    : [];

interface FieldValue {
  readonly field: string;
  readonly value: unknown;
}

/** What stands at a dotted field; of a list every entry's. */
function valuesAt(value: unknown, [name, ...rest]: readonly string[], at: readonly string[]): FieldValue[] {
  if (Array.isArray(value) && (name === undefined || !/^\d+$/.test(name))) {
    const path = name === undefined ? [] : [name, ...rest];
    return value.flatMap((entry: unknown, index) => valuesAt(entry, path, [...at, String(index)]));
  }
  if (name === undefined) {
    return [{ field: at.join("."), value }];
  }
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) {
    return [];
  }
  return valuesAt((value as Readonly<Record<string, unknown>>)[name], rest, [...at, name]);
}
