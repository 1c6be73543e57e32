/** Latencies as trials: slower than a bound, or not. Pure. */
import { durationBoundsMs } from "@/mesh-runtime/api/duration-bounds.ts";
import type { VersionCounts } from "./counts.ts";
import { oddsBelow, type Trials } from "./evidence.ts";

/**
 * The first bound at or above a duration: what is slower than it is surely slower than the duration. Undefined beyond
 * the last bound, where durations are not told apart.
 */
export const boundAtLeast = (ms: number): number | undefined => durationBoundsMs.find((bound) => bound >= ms);

/** Requests slower than a bound of the histogram. */
export function slowerThan(boundMs: number, { buckets }: VersionCounts): Trials {
  let hits = 0;
  let count = 0;
  for (const [index, requests] of buckets.entries()) {
    count += requests;
    if ((durationBoundsMs[index - 1] ?? -1) >= boundMs) {
      hits += requests;
    }
  }
  return { hits, count };
}

/**
 * A bound that the true quantile does not exceed, unless with odds of `wanted` to one; undefined when the counts do not
 * tell any. All bounds are asked, so each must hold for all.
 */
export const quantileAtMost = (counts: VersionCounts, quantile: number, wanted: number): number | undefined =>
  durationBoundsMs.find(
    (bound) => oddsBelow(slowerThan(bound, counts), 1 - quantile / 100) >= wanted * durationBoundsMs.length,
  );
