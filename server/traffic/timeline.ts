import type { Timeline } from "@/server/contracts/traffic.ts";
import type { Portal } from "@/server/portal.ts";
import { NodeFinder } from "./graph/node-ref.ts";
import { denialRates, stepsOfRequests } from "./series.ts";

const stepSeconds = 10;
const steps = 180;

/** The last half hour of the whole mesh, with its changes as flags. */
export async function timelineOf(portal: Portal): Promise<Timeline> {
  const endUnixMs = Math.floor(portal.traffic.liveEnd() / 10_000) * 10_000;
  const startMs = endUnixMs - steps * stepSeconds * 1_000;
  const finder = new NodeFinder(portal.inventory.current);
  const requests = stepsOfRequests(portal.telemetry, finder, () => true, startMs, stepSeconds * 1_000, steps);
  const changes = await portal.db.change.findMany({
    where: { appliedAt: { gte: new Date(startMs) } },
    orderBy: { number: "asc" },
    take: 100,
  });
  return {
    stepSeconds,
    endUnixMs,
    rps: requests.map(({ count, seen }) => (seen ? count / stepSeconds : null)),
    errorsPerSecond: requests.map(({ errors, seen }) => (seen ? errors / stepSeconds : null)),
    deniedPerSecond: denialRates(portal.telemetry, startMs, stepSeconds * 1_000, steps),
    changes: changes.map(({ id, number, title, appliedAt, createdAt }) => ({
      id,
      number,
      title,
      timeUnixMs: (appliedAt ?? createdAt).getTime(),
    })),
  };
}
