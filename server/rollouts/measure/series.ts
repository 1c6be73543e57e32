/** What versions did over time, for charts. Pure. */
import type { ServiceRef } from "@/server/contracts/names.ts";
import type { RolloutSeries } from "@/server/contracts/rollouts.ts";
import type { TelemetryMemory } from "@/server/telemetry/memory.ts";
import { quantileMs } from "@/server/telemetry/records.ts";
import { addCounts, type IntervalCounts, noCounts, type VersionCounts } from "../analysis/counts.ts";
import { successOf } from "../analysis/success-measures.ts";
import { storedPoints } from "./stored-points.ts";
import { type Counter, isAbout, isError } from "./version-requests.ts";

type VersionSeries = RolloutSeries["versions"][number];

/** Widths of a point; memory is one second fine for ten minutes only, ten seconds after that, a minute after a restart. */
const widths = [
  [300, 5],
  [900, 10],
  [1_800, 30],
] as const;

const pointsMax = 120;
/** Beyond half an hour whole minutes, as many as leave at most 120 points. */
const stepFor = (seconds: number): number =>
  widths.find(([upTo]) => seconds <= upTo)?.[1] ?? Math.ceil(seconds / 60 / pointsMax) * 60;

/**
 * The last so many seconds before `nowUnixMs`. A step without requests is 0 per second, and a gap otherwise; one that
 * began before `knownSinceUnixMs` is a gap in everything: nobody remembers it, but for what `stored` has of it
 * (intervals, oldest first).
 */
export function seriesOf(
  memory: Pick<TelemetryMemory, "requests">,
  service: ServiceRef,
  versions: readonly Pick<VersionSeries, "version" | "role">[],
  seconds: number,
  nowUnixMs: number,
  counter: Counter = "waypoint",
  knownSinceUnixMs = 0,
  stored: readonly IntervalCounts[] = [],
): Omit<RolloutSeries, "marks"> {
  const stepSeconds = stepFor(seconds);
  const stepMs = stepSeconds * 1_000;
  const steps = Math.floor(seconds / stepSeconds);
  const endUnixMs = Math.floor(nowUnixMs / stepMs) * stepMs;
  const startMs = endUnixMs - steps * stepMs;
  const points = versions.map(() => Array.from({ length: steps }, (): VersionCounts => noCounts));
  memory.requests.each(startMs, endUnixMs, (identity, { count, buckets }, slotMs, widthMs) => {
    const own = points[versions.findIndex(({ version }) => isAbout(identity, service, version, counter))];
    const index = Math.floor((slotMs + widthMs / 2 - startMs) / stepMs);
    const sum = own?.[index];
    if (own !== undefined && sum !== undefined) {
      own[index] = addCounts(sum, { requests: count, errors: isError(identity) ? count : 0, buckets });
    }
  });
  const forgotten = Math.min(steps, Math.max(0, Math.ceil((knownSinceUnixMs - startMs) / stepMs)));
  const written = storedPoints(stored, forgotten, startMs, stepMs);
  return {
    stepSeconds,
    endUnixMs,
    storedUntilUnixMs: written.some((point) => point !== undefined) ? startMs + forgotten * stepMs : null,
    versions: versions.map((version, index) =>
      toSeries(version, [
        ...written.map((point) => point && { counts: point[version.role], seconds: point.seconds }),
        ...(points[index] ?? []).slice(forgotten).map((counts) => ({ counts, seconds: stepSeconds })),
      ]),
    ),
  };
}

interface Point {
  readonly counts: VersionCounts;
  readonly seconds: number;
}

function toSeries(
  { version, role }: Pick<VersionSeries, "version" | "role">,
  points: readonly (Point | undefined)[],
): VersionSeries {
  const each = (value: (point: Point) => number | null): (number | null)[] =>
    points.map((point) => {
      const found = point === undefined ? null : value(point);
      return found === null ? null : Math.round(found * 1_000) / 1_000;
    });
  const quantile = (q: number) => each(({ counts }) => quantileMs(counts.buckets, q));
  return {
    version,
    role,
    rps: each(({ counts, seconds }) => counts.requests / seconds),
    success: each(({ counts }) => successOf(counts)),
    p50Ms: quantile(0.5),
    p95Ms: quantile(0.95),
    p99Ms: quantile(0.99),
  };
}
