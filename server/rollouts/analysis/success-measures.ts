/** Answers that are errors. Pure. */

import type { AnalysisRules } from "@/server/contracts/rollout-spec.ts";
import type { MeasureVerdict } from "@/server/contracts/rollouts.ts";
import type { VersionCounts } from "./counts.ts";
import { decide, type Found, nothingToCompare, number, tooFew } from "./decide.ts";
import { oddsAbove, totalOf, upperBound } from "./evidence.ts";
import { type AsTrials, canaryTrials, holds, type Pair, type Sample, stableTrials, worseOdds } from "./sample.ts";

const errorsOf: AsTrials = ({ errors, requests }) => ({ hits: errors, count: requests });

/** Percent of answers that are no errors; null without any. */
export const successOf = ({ requests, errors }: VersionCounts): number | null =>
  requests === 0 ? null : 100 * (1 - errors / requests);

export function successMeasure({ minSuccess }: AnalysisRules, sample: Sample): MeasureVerdict[] {
  if (minSuccess === null) {
    return [];
  }
  const { canary, stable } = sample.lately;
  const allowed = 1 - minSuccess / 100;
  const isWithin = ({ errors, requests }: VersionCounts): boolean => errors <= allowed * requests + 1e-9;
  // What both suffered from at some time is forgiven once it is over.
  const isNoWorse = ({ whole }: Sample): boolean => (successOf(whole.canary) ?? 0) >= (successOf(whole.stable) ?? 100);
  const found = (): Found => ({
    odds: oddsAbove(canaryTrials(sample, errorsOf), allowed),
    within: isWithin(canary) && (isWithin(sample.whole.canary) || isNoWorse(sample)),
    worse: worseOdds(sample, errorsOf),
    seen: `${number(canary.errors)} of the last ${number(canary.requests)}${copiesWords(sample)} failed, at most ${number(allowed * 100)} % may`,
  });
  return [
    {
      measure: "success",
      title: "Success rate",
      rule: `at least ${number(minSuccess)} %`,
      stable: successOf(stable),
      canary: successOf(canary),
      unit: "%",
      ...(sample.enough ? decide(found(), sample) : tooFew),
    },
  ];
}

const copiesWords = ({ lately: { canary, copies } }: Sample): string =>
  copies === 0 ? "" : copies === canary.requests ? " copies" : ` (${number(copies)} of them copies)`;

export function differenceMeasure({ maxWorse }: AnalysisRules, sample: Sample): MeasureVerdict[] {
  if (maxWorse === null) {
    return [];
  }
  const points = pointsWorse(sample.lately);
  const found = (seenPoints: number): Found => {
    // Half of the odds are for a stable version that only looked better than it is.
    const stableAtMost = upperBound(totalOf(stableTrials(sample, errorsOf)), sample.needed * 2);
    return {
      odds: oddsAbove(canaryTrials(sample, errorsOf), stableAtMost + maxWorse / 100) / 2,
      within: holds(sample, (pair) => (pointsWorse(pair) ?? 0) <= maxWorse + 1e-9),
      worse: worseOdds(sample, errorsOf),
      seen: `${number(seenPoints)} points worse than stable`,
    };
  };
  return [
    {
      measure: "success-difference",
      title: "Compared with stable",
      rule: `at most ${number(maxWorse)} ${maxWorse === 1 ? "point" : "points"} worse`,
      stable: null,
      canary: points,
      unit: "points",
      ...(sample.stable === "none"
        ? nothingToCompare
        : sample.enough && sample.stable === "enough" && points !== null
          ? decide(found(points), sample)
          : tooFew),
    },
  ];
}

/** Percentage points; null while one of them answered nothing. */
function pointsWorse({ canary, stable }: Pair): number | null {
  const [ours, theirs] = [successOf(canary), successOf(stable)];
  return ours === null || theirs === null ? null : Math.max(0, theirs - ours);
}
