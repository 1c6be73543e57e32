import type { RolloutSeries } from "@/server/contracts/rollouts.ts";
import type { TelemetryMemory } from "@/server/telemetry/memory.ts";
import type { IntervalCounts } from "./analysis/counts.ts";
import type { DriverDeps } from "./driver/deps.ts";
import { seriesOf } from "./measure/series.ts";
import { type RolloutRow, releaseOf } from "./store/rows.ts";
import { isReadable, unreadableRelease } from "./store/unreadable.ts";

const marksMax = 100;
/** So much is shown of the time after its end: where the calls went. */
const afterMs = 60_000;
const memoryMs = 3_600_000;
/** The newest; what is older stays a gap. */
const storedMax = 5_000;

/** What both versions did, and where shares moved. */
export async function seriesWithMarks(
  row: RolloutRow,
  seconds: number,
  { db, now, telemetry }: Pick<DriverDeps, "db" | "now"> & { readonly telemetry: Pick<TelemetryMemory, "requests"> },
): Promise<RolloutSeries> {
  const { spec } = isReadable(row) ? releaseOf(row) : unreadableRelease(row);
  const versions = [
    { version: spec.stable, role: "stable" as const },
    { version: spec.canary, role: "canary" as const },
  ];
  // Of one that ended long ago: what it did, as far as anything is remembered.
  const ended = row.finishedAt === null ? now() : row.finishedAt.getTime() + afterMs;
  const end = Math.min(now(), ended);
  const knownSince = now() - memoryMs;
  const stored = await storedIntervals(row.id, end - seconds * 1_000, knownSince, db);
  const series = seriesOf(telemetry, spec.service, versions, seconds, end, "waypoint", knownSince, stored);
  const events = await db.rolloutEvent.findMany({
    where: {
      rolloutId: row.id,
      kind: { in: ["placed", "completed", "rolling-back", "abort", "undo"] },
      time: { gte: new Date(series.endUnixMs - seconds * 1_000) },
    },
    orderBy: { sequence: "asc" },
    take: marksMax,
  });
  return {
    ...series,
    marks: events.map(({ time, kind, text }) => ({
      timeUnixMs: time.getTime(),
      weight: kind === "completed" ? 100 : kind === "placed" ? Number(/has ([\d.]+) %/.exec(text)?.[1] ?? 0) : 0,
      words: text,
    })),
  };
}

/** What the analysis wrote down of a time, oldest first; nothing where telemetry remembers all of it. */
async function storedIntervals(
  rolloutId: string,
  fromUnixMs: number,
  toUnixMs: number,
  db: DriverDeps["db"],
): Promise<readonly IntervalCounts[]> {
  if (fromUnixMs >= toUnixMs) {
    return [];
  }
  const rows = await db.rolloutVerdict.findMany({
    where: { rolloutId, toAt: { gt: new Date(fromUnixMs) }, fromAt: { lt: new Date(toUnixMs) } },
    orderBy: { sequence: "desc" },
    take: storedMax,
    select: { counts: true },
  });
  // Written by the store, from this very type.
  return rows.toReversed().map(({ counts }) => counts as unknown as IntervalCounts);
}
