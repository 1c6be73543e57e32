/** What the form of a release holds while it is filled in. Pure. */
import type { FieldRange } from "@/server/contracts/golden-paths.ts";
import { analysisRules, type RolloutKind, type RolloutSpec, rolloutSpec } from "@/server/contracts/rollout-spec.ts";
import { issuesOf, type Problems } from "../../golden-paths/form/check-draft.ts";
import type { DraftOf } from "../../golden-paths/form/draft.ts";
import { readAs } from "../../golden-paths/form/draft-of-schema.ts";
import { problemWords } from "../../golden-paths/form/problem-words.ts";
import { presets, usualAnalysis } from "./step-presets.ts";
import { releaseRangeProblems } from "./step-ranges.ts";

/** A release that may still lack something. */
export type ReleaseDraft = DraftOf<RolloutSpec>;
/** Fields that the person, or the address, has set; the others follow the kind. */
export type EnteredRelease = Partial<ReleaseDraft>;

const copy = <T>(value: T): DraftOf<T> => structuredClone(value) as DraftOf<T>;

/** The form before anybody touched it, for a kind. */
export function emptyRelease(kind: RolloutKind): ReleaseDraft {
  const { steps, match } = presets[kind];
  return {
    service: null,
    kind,
    stable: "",
    canary: "",
    start: null,
    match: copy([...match]),
    sticky: null,
    preview: null,
    steps: copy([...steps]),
    analysis: copy(usualAnalysis),
    stopOldAfterMinutes: null,
  };
}

/** The whole form: what was entered over what the kind begins with. */
export const releaseOf = (entered: EnteredRelease): ReleaseDraft => ({
  ...emptyRelease(entered.kind ?? "progressive"),
  ...entered,
});

/** Values from an address or an earlier release, as far as they fit; fields that do not are left out. */
export function readRelease(values: Readonly<Record<string, unknown>>): EnteredRelease {
  const entered: Record<string, unknown> = {};
  for (const [field, schema] of Object.entries(rolloutSpec.shape)) {
    // Rules have defaults inside, which the reader of schemas does not look for.
    const shape = field === "analysis" ? analysisRules : schema;
    const read = Object.hasOwn(values, field) ? readAs(shape, values[field]) : undefined;
    if (read !== undefined) {
      entered[field] = read;
    }
  }
  return entered as EnteredRelease;
}

/** A complete release, or what it lacks by dotted path. */
export type CheckedRelease =
  | { readonly complete: true; readonly spec: RolloutSpec }
  | { readonly complete: false; readonly problems: Problems };

/**
 * Whether a release can be previewed; otherwise what each field lacks, or which share platform engineers do not allow.
 * The portal checks again.
 */
export function checkRelease(draft: ReleaseDraft, ranges: readonly FieldRange[] = []): CheckedRelease {
  const parsed = rolloutSpec.safeParse(draft, { error: problemWords });
  if (parsed.success) {
    const out = releaseRangeProblems(ranges, draft);
    return out.size === 0 ? { complete: true, spec: parsed.data } : { complete: false, problems: out };
  }
  const problems = new Map<string, string>();
  for (const [path, message] of issuesOf(parsed.error.issues)) {
    if (!problems.has(path)) {
      problems.set(path, path === "stable" && draft.stable === "" ? "Choose the version that runs now" : message);
    }
  }
  return { complete: false, problems };
}
