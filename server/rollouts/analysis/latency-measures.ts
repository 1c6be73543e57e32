/** How long answers take. Pure. */
import { durationBoundsMs } from "@/mesh-runtime/api/duration-bounds.ts";
import type { LatencyRule } from "@/server/contracts/rollout-spec.ts";
import type { MeasureVerdict } from "@/server/contracts/rollouts.ts";
import { quantileMs } from "@/server/telemetry/records.ts";
import { decide, type Found, nothingToCompare, number, tooFew } from "./decide.ts";
import { oddsAbove } from "./evidence.ts";
import { boundAtLeast, quantileAtMost, slowerThan } from "./quantile-trials.ts";
import { type AsTrials, canaryTrials, holds, type Pair, type Sample, worseOdds } from "./sample.ts";

const slower =
  (bound: number): AsTrials =>
  (counts) =>
    slowerThan(bound, counts);

export const latencyMeasures = (rule: LatencyRule, sample: Sample): MeasureVerdict[] => [
  ...(rule.maxMs === null ? [] : [latencyLimit(rule.quantile, rule.maxMs, sample)]),
  ...(rule.maxRatio === null ? [] : [latencyRatio(rule.quantile, rule.maxRatio, sample)]),
];

function latencyLimit(quantile: LatencyRule["quantile"], maxMs: number, sample: Sample): MeasureVerdict {
  const { ours, theirs } = quantiles(quantile, sample.lately);
  const bound = boundAtLeast(maxMs);
  const found = (seen: number): Found => ({
    odds: bound === undefined ? 0 : oddsAbove(canaryTrials(sample, slower(bound)), 1 - quantile / 100),
    // What both suffered from at some time is forgiven once it is over.
    within: seen <= maxMs && isNoSlower(quantiles(quantile, sample.whole), maxMs),
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
  const { ours, theirs } = quantiles(quantile, sample.lately);
  const found = (seen: number, stableMs: number): Found => {
    const bound = ratioBound(quantile, maxRatio, sample);
    const odds = bound === undefined ? 0 : oddsAbove(canaryTrials(sample, slower(bound)), 1 - quantile / 100);
    return {
      // Half for what is believed of stable, and the bound moves with it: each of them must be allowed for.
      odds: odds / 2 / durationBoundsMs.length,
      within: holds(sample, (pair) => isWithinRatio(quantiles(quantile, pair), maxRatio)),
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

interface Quantiles {
  readonly ours: number | null;
  readonly theirs: number | null;
}

const quantiles = (quantile: number, { canary, stable }: Pair): Quantiles => ({
  ours: quantileMs(canary.buckets, quantile / 100),
  theirs: quantileMs(stable.buckets, quantile / 100),
});

const isNoSlower = ({ ours, theirs }: Quantiles, maxMs: number): boolean =>
  ours === null || ours <= maxMs || (theirs !== null && ours <= theirs);

/** Within one bucket of the histogram there is no telling. */
const isWithinRatio = ({ ours, theirs }: Quantiles, maxRatio: number): boolean =>
  ours === null || theirs === null || ours <= theirs * maxRatio || boundAtLeast(ours) === boundAtLeast(theirs);

/** A bound of the histogram that lies surely beyond what the rule allows; undefined when there is none. */
function ratioBound(quantile: number, maxRatio: number, sample: Sample): number | undefined {
  const stableAtMost = quantileAtMost(sample.whole.stable, quantile, sample.needed * 2);
  return stableAtMost === undefined ? undefined : boundAtLeast(stableAtMost * maxRatio);
}
