import type { RolloutSeries } from "@/server/contracts/rollouts.ts";
import type { TelemetryMemory } from "@/server/telemetry/memory.ts";
import type { DriverDeps } from "./driver/deps.ts";
import { seriesOf } from "./measure/series.ts";
import { type RolloutRow, releaseOf } from "./store/rows.ts";

const marksMax = 100;

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
  const series = seriesOf(telemetry, spec.service, versions, seconds, now());
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
