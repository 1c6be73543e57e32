/** What a version answered within some time. Pure. */
import { durationBoundsMs } from "@/mesh-runtime/api/duration-bounds.ts";

export interface VersionCounts {
  readonly requests: number;
  /** Answers of 5xx, and none at all. Refusals by policy and limits are not the version's fault and not counted. */
  readonly errors: number;
  /** Requests by duration: one more than `durationBoundsMs`, the last is open. */
  readonly buckets: readonly number[];
}

/** Both versions over the same time. */
export interface IntervalCounts {
  readonly fromUnixMs: number;
  readonly toUnixMs: number;
  readonly stable: VersionCounts;
  readonly canary: VersionCounts;
  /** What the canary answered to copies of calls, which no caller saw; absent without any. Judged as its answers are. */
  readonly copies?: VersionCounts;
}

export const noCounts: VersionCounts = {
  requests: 0,
  errors: 0,
  buckets: Array.from({ length: durationBoundsMs.length + 1 }, () => 0),
};

export const addCounts = (one: VersionCounts, other: VersionCounts): VersionCounts => ({
  requests: one.requests + other.requests,
  errors: one.errors + other.errors,
  buckets: one.buckets.map((count, index) => count + (other.buckets[index] ?? 0)),
});
