import type { RolloutSeries } from "@/server/contracts/rollouts.ts";
import type { TelemetryMemory } from "@/server/telemetry/memory.ts";
import type { DriverDeps } from "./driver/deps.ts";
import { seriesOf } from "./measure/series.ts";
import { type RolloutRow, releaseOf } from "./store/rows.ts";

const marksMax = 100;
/** So much is shown of the time after its end: where the calls went. */
const afterMs = 60_000;
const memoryMs = 3_600_000;

/** What both versions did, and where shares moved. */
export async function seriesWithMarks(
  row: RolloutRow,
  seconds: number,
  { db, now, telemetry }: Pick<DriverDeps, "db" | "now"> & { readonly telemetry: Pick<TelemetryMemory, "requests"> },
): Promise<RolloutSeries> {
  const { spec } = releaseOf(row);
  const versions = [
    { version: spec.stable, role: "stable" as const },
    { version: spec.canary, role: "canary" as const },
  ];
  // Of one that ended long ago: what it did, as far as anything is remembered.
  const ended = row.finishedAt === null ? now() : row.finishedAt.getTime() + afterMs;
  const series = seriesOf(
    telemetry,
    spec.service,
    versions,
    seconds,
    Math.min(now(), ended),
    "waypoint",
    now() - memoryMs,
  );
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
