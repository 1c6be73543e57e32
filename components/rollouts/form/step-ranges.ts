/** What platform engineers allow for the shares of a release, step by step. Pure. */
import type { FieldRange } from "@/server/contracts/golden-paths.ts";
import type { RolloutSpec } from "@/server/contracts/rollout-spec.ts";
import type { DraftOf } from "../../golden-paths/form/draft.ts";
import { rangeOf, rangeProblems, rangeWords } from "../../golden-paths/form/ranges.ts";

const fields = [
  ["weight", "share"],
  ["mirror", "copied share"],
] as const;

/** "Allowed share: 1 to 50 %": a sentence for each range that is set. */
export const allowedWords = (ranges: readonly FieldRange[]): string[] =>
  fields.flatMap(([field, name]) => {
    const range = rangeOf(ranges, field);
    const words = range ? rangeWords(range, "number") : "";
    return words === "" ? [] : [`Allowed ${name}: ${words}\u00a0%`];
  });

/**
 * What is out of range, by dotted path. Each step is written as one change of "release a version", so its ranges hold for
 * every step; one that is out of range would be refused in the middle of the release.
 */
export function releaseRangeProblems(
  ranges: readonly FieldRange[],
  { steps, sticky }: Pick<DraftOf<RolloutSpec>, "steps" | "sticky">,
): Map<string, string> {
  const problems = new Map<string, string>();
  for (const [at, { weight, mirror }] of steps.entries()) {
    const wrong = rangeProblems(ranges, { weight, mirror });
    for (const [field, name] of fields) {
      const range = rangeOf(ranges, field);
      if (range && wrong.has(field)) {
        problems.set(
          `steps.${at}.${field}`,
          `Step ${at + 1}: allowed ${name} is ${rangeWords(range, "number")}\u00a0%`,
        );
      }
    }
  }
  for (const [path, problem] of rangeProblems(ranges, { sticky })) {
    problems.set(path, problem);
  }
  return problems;
}
