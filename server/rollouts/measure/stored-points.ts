/** What the analysis wrote down, where telemetry has forgotten. Pure. */
import { addCounts, type IntervalCounts, type VersionCounts } from "../analysis/counts.ts";

/** Both versions over some seconds. */
export interface StoredPoint {
  readonly stable: VersionCounts;
  readonly canary: VersionCounts;
  readonly seconds: number;
}

const middleOf = ({ fromUnixMs, toUnixMs }: IntervalCounts): number => (fromUnixMs + toUnixMs) / 2;

/**
 * `count` points of `stepMs` from `startMs` on: intervals whose middle lies in a point are added up; a point within a
 * longer interval has what all of that had. Undefined where nothing was judged. Intervals are in order of time.
 */
export function storedPoints(
  intervals: readonly IntervalCounts[],
  count: number,
  startMs: number,
  stepMs: number,
): (StoredPoint | undefined)[] {
  let next = 0;
  return Array.from({ length: count }, (_, index) => {
    const fromMs = startMs + index * stepMs;
    const within: IntervalCounts[] = [];
    for (let one = intervals[next]; one !== undefined && middleOf(one) < fromMs + stepMs; one = intervals[++next]) {
      if (middleOf(one) >= fromMs) {
        within.push(one);
      }
    }
    const at = fromMs + stepMs / 2;
    const around = [intervals[next - 1], intervals[next]].filter(
      (one) => one !== undefined && one.fromUnixMs <= at && at < one.toUnixMs,
    );
    return within.length > 0 ? addedUp(within) : addedUp(around.filter((one) => one !== undefined));
  });
}

function addedUp([first, ...more]: readonly IntervalCounts[]): StoredPoint | undefined {
  if (first === undefined) {
    return undefined;
  }
  return more.reduce<StoredPoint>(
    (sum, one) => ({
      stable: addCounts(sum.stable, one.stable),
      canary: addCounts(sum.canary, one.canary),
      seconds: sum.seconds + secondsOf(one),
    }),
    { stable: first.stable, canary: first.canary, seconds: secondsOf(first) },
  );
}

const secondsOf = ({ fromUnixMs, toUnixMs }: IntervalCounts): number => (toUnixMs - fromUnixMs) / 1_000;
