/** A step of a release in numbers drawn at random, to see what the analysis makes of it. */
import { durationBoundsMs } from "@/mesh-runtime/api/duration-bounds.ts";
import type { AnalysisRules } from "@/server/contracts/rollout-spec.ts";
import { analysisRules } from "@/server/contracts/rollout-spec.ts";
import type { IntervalCounts, VersionCounts } from "./counts.ts";
import { judge } from "./judge.ts";

/** Numbers from 0 to 1 that are the same for the same seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** How a version behaves in an interval. */
export interface Behaviour {
  readonly errorRate: number;
  /** Median of the durations; they are spread log-normally. */
  readonly medianMs: number;
  /** Share of the requests that take so many times as long; none when it is absent. */
  readonly tail?: { readonly share: number; readonly times: number };
}

export interface World {
  /** Requests of each version in an interval, on average. */
  readonly canaryRequests: number;
  readonly stableRequests: number;
  readonly canary: (interval: number) => Behaviour;
  readonly stable: (interval: number) => Behaviour;
}

const spread = 0.5;

export function drawInterval(index: number, world: World, random: () => number): IntervalCounts {
  return {
    fromUnixMs: index * 30_000,
    toUnixMs: (index + 1) * 30_000,
    stable: drawCounts(poisson(world.stableRequests, random), world.stable(index), random),
    canary: drawCounts(poisson(world.canaryRequests, random), world.canary(index), random),
  };
}

function drawCounts(requests: number, { errorRate, medianMs, tail }: Behaviour, random: () => number): VersionCounts {
  const buckets = Array.from({ length: durationBoundsMs.length + 1 }, () => 0);
  let errors = 0;
  for (let request = 0; request < requests; request++) {
    errors += random() < errorRate ? 1 : 0;
    const times = tail !== undefined && random() < tail.share ? tail.times : 1;
    const ms = times * medianMs * Math.exp(spread * normal(random));
    const bucket = durationBoundsMs.findIndex((bound) => ms <= bound);
    const at = bucket === -1 ? durationBoundsMs.length : bucket;
    buckets[at] = (buckets[at] ?? 0) + 1;
  }
  return { requests, errors, buckets };
}

const normal = (random: () => number): number =>
  Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

/** Knuth's way for few, rounded normal for many. */
function poisson(mean: number, random: () => number): number {
  if (mean > 60) {
    return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal(random)));
  }
  const limit = Math.exp(-mean);
  let count = 0;
  for (let product = random(); product > limit; product *= random()) {
    count++;
  }
  return count;
}

export const rulesOf = (rules: Partial<AnalysisRules> = {}): AnalysisRules => analysisRules.parse(rules);

/** Whether any look of so many at one step says that the version is bad. */
export function everFails(rules: AnalysisRules, world: World, looks: number, random: () => number): boolean {
  const intervals: IntervalCounts[] = [];
  for (let index = 0; index < looks; index++) {
    intervals.push(drawInterval(index, world, random));
    if (judge(rules, intervals, []).verdict === "fail") {
      return true;
    }
  }
  return false;
}

export interface StepEnd {
  readonly end: "passed" | "rolled-back" | "undecided";
  readonly intervals: number;
  readonly canaryRequests: number;
  readonly canaryErrors: number;
}

/** A step as the release drives it: so many passes in a row end it, more misses in a row than allowed roll it back. */
export function simulateStep(rules: AnalysisRules, world: World, looks: number, random: () => number): StepEnd {
  const intervals: IntervalCounts[] = [];
  let passes = 0;
  let misses = 0;
  let end: StepEnd["end"] = "undecided";
  while (end === "undecided" && intervals.length < looks) {
    intervals.push(drawInterval(intervals.length, world, random));
    const { verdict } = judge(rules, intervals, []);
    passes = verdict === "pass" ? passes + 1 : 0;
    misses = verdict === "fail" ? misses + 1 : 0;
    end = passes >= rules.passes ? "passed" : misses > rules.misses ? "rolled-back" : "undecided";
  }
  return {
    end,
    intervals: intervals.length,
    canaryRequests: intervals.reduce((sum, { canary }) => sum + canary.requests, 0),
    canaryErrors: intervals.reduce((sum, { canary }) => sum + canary.errors, 0),
  };
}
