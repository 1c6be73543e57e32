/** What platform engineers allow for the shares of a release, step by step. Pure. */
import type { FieldRange } from "@/server/contracts/golden-paths.ts";
import { copiesLimit, shareLimit, unjudgedOver } from "@/server/contracts/release-limits.ts";
import type { RolloutSpec } from "@/server/contracts/rollout-spec.ts";
import type { DraftOf } from "../../golden-paths/form/draft.ts";
import { rangeProblems } from "../../golden-paths/form/ranges.ts";

/** A sentence for each limit that is set. */
export function allowedWords(ranges: readonly FieldRange[]): string[] {
  const [share, copies] = [shareLimit(ranges), copiesLimit(ranges)];
  return [
    ...(share === null ? [] : [`More than ${share}\u00a0% takes a step that is judged`]),
    ...(copies === null ? [] : [`Allowed copied share: at most ${copies}\u00a0%`]),
  ];
}

/**
 * What is out of range, by dotted path: as the portal reads the limits of "release a version" for a release. A share may
 * go over its limit where the release is judged.
 */
export function releaseRangeProblems(
  ranges: readonly FieldRange[],
  { steps, sticky }: Pick<DraftOf<RolloutSpec>, "steps" | "sticky">,
): Map<string, string> {
  const problems = new Map<string, string>();
  const [share, copies] = [shareLimit(ranges), copiesLimit(ranges)];
  for (const at of share === null ? [] : unjudgedOver(steps, share)) {
    problems.set(`steps.${at}.weight`, `Step ${at + 1}: more than ${share}\u00a0% takes a release that is judged`);
  }
  for (const [at, { mirror }] of steps.entries()) {
    if (copies !== null && mirror !== null && mirror > copies) {
      problems.set(`steps.${at}.mirror`, `Step ${at + 1}: allowed copied share is at most ${copies}\u00a0%`);
    }
  }
  for (const [path, problem] of rangeProblems(ranges, { sticky })) {
    problems.set(path, problem);
  }
  return problems;
}
