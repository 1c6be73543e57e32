/**
 * Rows of intervals and events do not grow for ever: of releases that ended long ago, or before many others, the newest
 * are kept in one row, and the rest goes. The release itself stays, and its report says how much there was.
 */
import { endedStates } from "@/server/contracts/rollouts.ts";
import { type Transaction, toJson } from "@/server/db/client.ts";
import type { Log } from "@/server/log.ts";
import type { StoreDeps } from "./deps.ts";
import { readHistory } from "./history.ts";
import { keptKinds } from "./rows.ts";

/** Ended releases keep all of their rows for so long, */
const wholeMs = 30 * 24 * 3_600_000;
/** while at most so many came after them. */
const wholeMax = 500;
/** What is kept of each afterwards. */
const keptOf = { verdicts: 500, events: 500 };
/** At a time, so that nothing else waits for it. */
const atOnce = 20;

export interface Keeping {
  readonly wholeMs?: number;
  readonly wholeMax?: number;
}

/** Answers how many releases it was done for. */
export async function keepHistories(
  nowUnixMs: number,
  { db, log }: Pick<StoreDeps, "db"> & { readonly log: Log },
  bounds: Keeping = {},
): Promise<number> {
  const before = new Date(nowUnixMs - (bounds.wholeMs ?? wholeMs));
  // Whatever was done since, an undo say, is kept anew when its own time has come.
  const due = await db.$queryRaw<{ id: string; number: number }[]>`
    SELECT r.id, r.number FROM rollouts r LEFT JOIN rollout_histories h ON h.rollout_id = r.id
    WHERE r.state = ANY(${[...endedStates]}) AND (h.kept_at IS NULL OR h.kept_at < r.finished_at)
      AND (r.finished_at < ${before} OR r.finished_at <= (
        SELECT finished_at FROM rollouts WHERE state = ANY(${[...endedStates]}) AND finished_at IS NOT NULL
        ORDER BY finished_at DESC OFFSET ${bounds.wholeMax ?? wholeMax} LIMIT 1))
    ORDER BY r.finished_at LIMIT ${atOnce}`;
  let kept = 0;
  for (const { id, number } of due) {
    await keepOne(id, nowUnixMs, db).then(
      () => {
        kept++;
      },
      (error: unknown) => log.warn("a history could not be kept", { release: number, error: String(error) }),
    );
  }
  return kept;
}

/** A release that was judged for weeks has many rows. */
const keepMs = 60_000;

function keepOne(id: string, nowUnixMs: number, db: StoreDeps["db"]): Promise<void> {
  const work = async (within: Transaction): Promise<void> => {
    await within.$queryRaw`SELECT 1 FROM rollouts WHERE id = ${id}::uuid FOR UPDATE`;
    const { verdicts, events, of } = await readHistory(id, keptOf, within);
    const row = { verdicts: toJson(verdicts), events: toJson(events), keptAt: new Date(nowUnixMs) };
    await within.rolloutHistory.upsert({ where: { rolloutId: id }, create: { rolloutId: id, ...row }, update: row });
    // The last ones stay: what comes later is numbered after them.
    await within.rolloutVerdict.deleteMany({ where: { rolloutId: id, sequence: { lt: of.verdicts - 1 } } });
    await within.rolloutEvent.deleteMany({
      where: { rolloutId: id, sequence: { lt: of.events - 1 }, kind: { notIn: [...keptKinds] } },
    });
  };
  return db.$transaction(work, { timeout: keepMs });
}
