import type * as z from "zod";
import { forwardField, pathForms } from "@/server/contracts/golden-paths/forms.ts";
import type { PathSlug } from "@/server/contracts/golden-paths/slug.ts";
import type { FieldRange } from "@/server/contracts/golden-paths.ts";
import { type Draft, toValues } from "./draft.ts";
import { choiceWords, problemWords } from "./problem-words.ts";
import { rangeProblems } from "./ranges.ts";

/** What a form lacks, by dotted path, in the order of its fields. */
export type Problems = ReadonlyMap<string, string>;

/** A complete form's values, or what it lacks. */
export type Checked =
  | { readonly complete: true; readonly values: Record<string, unknown> }
  | { readonly complete: false; readonly problems: Problems };

/**
 * Whether a form can be previewed; otherwise what each field lacks. Ranges hold for what is set, not for what is taken
 * back. The portal checks again. Pure.
 */
export function checkDraft<S extends PathSlug>(slug: S, draft: Draft<S>, ranges: readonly FieldRange[] = []): Checked {
  const values = toValues(draft);
  const parsed = pathForms[slug].safeParse(values, { error: problemWords });
  const problems = new Map<string, string>();
  for (const [path, message] of parsed.success ? [] : issuesOf(parsed.error.issues)) {
    if (!problems.has(path)) {
      problems.set(path, choiceWords(path, values) ?? message);
    }
  }
  for (const [path, message] of takesBack(slug, values) ? [] : rangeProblems(ranges, values)) {
    if (!problems.has(path)) {
      problems.set(path, message);
    }
  }
  return problems.size === 0 ? { complete: true, values } : { complete: false, problems };
}

const takesBack = (slug: PathSlug, values: Readonly<Record<string, unknown>>): boolean =>
  values[forwardField[slug]] === false;

/** A choice between shapes says what the first of them misses: "This does not fit" helps nobody. */
export function* issuesOf(issues: readonly z.core.$ZodIssue[], path: PropertyKey[] = []): Generator<[string, string]> {
  for (const issue of issues) {
    const at = [...path, ...issue.path];
    const inner = issue.code === "invalid_union" ? issue.errors[0] : undefined;
    if (inner === undefined || inner.length === 0) {
      yield [at.join("."), issue.message];
    } else {
      yield* issuesOf(inner, at);
    }
  }
}
