/** What all measures of one judgement share. Pure. */
import { addCounts, type IntervalCounts, noCounts, type VersionCounts } from "./counts.ts";
import { oddsWorse, type Trials } from "./evidence.ts";

/** Both versions over the same time; the canary with its answers to copies. */
export interface Pair extends Pick<IntervalCounts, "stable" | "canary"> {
  /** How many of the canary's requests are copies. */
  readonly copies: number;
}

export interface Sample {
  readonly intervals: readonly Pair[];
  /** All of the step. */
  readonly whole: Pair;
  /** The newest intervals that hold enough requests, added up. */
  readonly lately: Pair;
  /** Of the canary's requests there are enough to say anything. */
  readonly enough: boolean;
  readonly stable: "enough" | "too-few" | "none";
  /** Odds that a failed measure needs. */
  readonly needed: number;
}

/** Stable's requests beside the canary's below which there is nothing to compare with, and never will be. */
const leftOver = 0.05;

export function sampleOf(seen: readonly IntervalCounts[], minRequests: number, needed: number): Sample {
  const intervals = seen.map(pairOf);
  const whole = newest(intervals, Number.POSITIVE_INFINITY);
  const [stable, canary] = [whole.stable.requests, whole.canary.requests];
  const enough = canary >= minRequests;
  return {
    intervals,
    whole,
    lately: newest(intervals, minRequests),
    enough,
    stable: stable >= minRequests ? "enough" : enough && stable < leftOver * canary ? "none" : "too-few",
    needed,
  };
}

const pairOf = ({ stable, canary, copies }: IntervalCounts): Pair => ({
  stable,
  canary: copies === undefined ? canary : addCounts(canary, copies),
  copies: copies?.requests ?? 0,
});

/** From the newest backwards until there are enough of the canary's requests. */
function newest(intervals: readonly Pair[], enough: number): Pair {
  let stable = noCounts;
  let canary = noCounts;
  let copies = 0;
  for (const interval of intervals.toReversed()) {
    stable = addCounts(stable, interval.stable);
    canary = addCounts(canary, interval.canary);
    copies += interval.copies;
    if (canary.requests >= enough) {
      break;
    }
  }
  return { stable, canary, copies };
}

/** What was seen lately and in the whole step: luck of a while is not enough. */
export const holds = ({ lately, whole }: Sample, within: (pair: Pair) => boolean): boolean =>
  within(lately) && within(whole);

/** How requests count for one measure. */
export type AsTrials = (counts: VersionCounts) => Trials;

export const canaryTrials = ({ intervals }: Sample, trials: AsTrials): Trials[] =>
  intervals.map(({ canary }) => trials(canary));
export const stableTrials = ({ intervals }: Sample, trials: AsTrials): Trials[] =>
  intervals.map(({ stable }) => trials(stable));

/** Odds against the canary being no worse than stable at the same time. */
export const worseOdds = ({ intervals }: Sample, trials: AsTrials): number =>
  oddsWorse(intervals.map(({ canary, stable }) => ({ canary: trials(canary), stable: trials(stable) })));
