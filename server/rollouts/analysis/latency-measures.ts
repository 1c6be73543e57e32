/** How long answers take. Pure. */
import { durationBoundsMs } from "@/mesh-runtime/api/duration-bounds.ts";
import type { LatencyRule, MeasureVerdict } from "@/server/contracts/rollouts.ts";
import { quantileMs } from "@/server/telemetry/records.ts";
import { addCounts, noCounts } from "./counts.ts";
import { decide, type Found, nothingToCompare, number, tooFew } from "./decide.ts";
import { oddsAbove } from "./evidence.ts";
import { boundAtLeast, quantileAtMost, slowerThan } from "./quantile-trials.ts";
import { type AsTrials, canaryTrials, type Sample, worseOdds } from "./sample.ts";

const slower =
  (bound: number): AsTrials =>
  (counts) =>
    slowerThan(bound, counts);

export const latencyMeasures = (rule: LatencyRule, sample: Sample): MeasureVerdict[] => [
  ...(rule.maxMs === null ? [] : [latencyLimit(rule.quantile, rule.maxMs, sample)]),
  ...(rule.maxRatio === null ? [] : [latencyRatio(rule.quantile, rule.maxRatio, sample)]),
];

function latencyLimit(quantile: LatencyRule["quantile"], maxMs: number, sample: Sample): MeasureVerdict {
  const { ours, theirs } = quantiles(quantile, sample);
  const bound = boundAtLeast(maxMs);
  const found = (seen: number): Found => ({
    odds: bound === undefined ? 0 : oddsAbove(canaryTrials(sample, slower(bound)), 1 - quantile / 100),
    within: seen <= maxMs,
    worse: bound === undefined ? 0 : worseOdds(sample, slower(bound)),
    seen: `${number(seen, 1)} ms, at most ${number(maxMs)} ms`,
  });
  return {
    measure: `p${quantile}`,
    title: `p${quantile} latency`,
    rule: `at most ${number(maxMs)} ms`,
    stable: theirs,
    canary: ours,
    unit: "ms",
    ...(sample.enough && ours !== null ? decide(found(ours), sample) : tooFew),
  };
}

function latencyRatio(quantile: LatencyRule["quantile"], maxRatio: number, sample: Sample): MeasureVerdict {
  const { ours, theirs } = quantiles(quantile, sample);
  const found = (seen: number, stableMs: number): Found => {
    const bound = ratioBound(quantile, maxRatio, sample);
    const odds = bound === undefined ? 0 : oddsAbove(canaryTrials(sample, slower(bound)), 1 - quantile / 100);
    return {
      // Half for what is believed of stable, and the bound moves with it: each of them must be allowed for.
      odds: odds / 2 / durationBoundsMs.length,
      // Within one bucket of the histogram there is no telling.
      within: seen <= stableMs * maxRatio || boundAtLeast(seen) === boundAtLeast(stableMs),
      worse: bound === undefined ? 0 : worseOdds(sample, slower(bound)) / durationBoundsMs.length,
      seen: `${number(seen, 1)} ms, stable ${number(stableMs, 1)} ms`,
    };
  };
  return {
    measure: `p${quantile}-ratio`,
    title: `p${quantile} latency against stable`,
    rule: `at most ${number(maxRatio)} × stable`,
    stable: theirs,
    canary: ours,
    unit: "ms",
    ...(sample.stable === "none"
      ? nothingToCompare
      : sample.enough && sample.stable === "enough" && ours !== null && theirs !== null
        ? decide(found(ours, theirs), sample)
        : tooFew),
  };
}

const quantiles = (quantile: number, { lately }: Sample): { ours: number | null; theirs: number | null } => ({
  ours: quantileMs(lately.canary.buckets, quantile / 100),
  theirs: quantileMs(lately.stable.buckets, quantile / 100),
});

/** A bound of the histogram that lies surely beyond what the rule allows; undefined when there is none. */
function ratioBound(quantile: number, maxRatio: number, sample: Sample): number | undefined {
  const stable = sample.intervals.reduce((sum, interval) => addCounts(sum, interval.stable), noCounts);
  const stableAtMost = quantileAtMost(stable, quantile, sample.needed * 2);
  return stableAtMost === undefined ? undefined : boundAtLeast(stableAtMost * maxRatio);
}
