/** Intervals and events of a release: rows while it is young, what was kept of them later (`keep-histories.ts`). */
import * as z from "zod";
import {
  type IntervalVerdict,
  intervalVerdict,
  measureVerdict,
  type RolloutEvent,
  rolloutEvent,
  verdict,
} from "@/server/contracts/rollouts.ts";
import type { Database, Transaction } from "@/server/db/client.ts";

/** Newest last. */
export interface History {
  readonly verdicts: readonly IntervalVerdict[];
  readonly events: readonly RolloutEvent[];
  /** How many there ever were. */
  readonly of: { readonly verdicts: number; readonly events: number };
}

/** The newest, at most so many of each. */
export async function readHistory(
  rolloutId: string,
  most: { readonly verdicts: number; readonly events: number },
  db: Database | Transaction,
): Promise<History> {
  const [verdicts, events, kept] = await Promise.all([
    readVerdicts(rolloutId, most.verdicts, db),
    readEvents(rolloutId, most.events, db),
    db.rolloutHistory.findUnique({ where: { rolloutId } }),
  ]);
  return {
    verdicts: joined(intervalVerdict.array().safeParse(kept?.verdicts).data ?? [], verdicts).slice(-most.verdicts),
    events: joined(rolloutEvent.array().safeParse(kept?.events).data ?? [], events).slice(-most.events),
    // They are numbered from 0 without gaps, and the last row always stays.
    of: { verdicts: (verdicts.at(-1)?.sequence ?? -1) + 1, events: (events.at(-1)?.sequence ?? -1) + 1 },
  };
}

function joined<T extends { readonly sequence: number }>(kept: readonly T[], rows: readonly T[]): T[] {
  const last = kept.at(-1)?.sequence ?? -1;
  return [...kept, ...rows.filter(({ sequence }) => sequence > last)];
}

const counts = z.object({
  stable: z.object({ requests: z.int() }),
  canary: z.object({ requests: z.int(), errors: z.int() }),
  copies: z.object({ requests: z.int(), errors: z.int() }).default({ requests: 0, errors: 0 }),
});

async function readVerdicts(rolloutId: string, take: number, db: Database | Transaction): Promise<IntervalVerdict[]> {
  const rows = await db.rolloutVerdict.findMany({ where: { rolloutId }, orderBy: { sequence: "desc" }, take });
  return rows.toReversed().map((row) => {
    const { stable, canary, copies } = counts.parse(row.counts);
    return {
      sequence: row.sequence,
      step: row.step,
      fromUnixMs: row.fromAt.getTime(),
      toUnixMs: row.toAt.getTime(),
      verdict: verdict.parse(row.verdict),
      stableRequests: stable.requests,
      canaryRequests: canary.requests,
      canaryErrors: canary.errors,
      copies: copies.requests === 0 ? null : copies,
      measures: measureVerdict.array().parse(row.measures),
    };
  });
}

async function readEvents(rolloutId: string, take: number, db: Database | Transaction): Promise<RolloutEvent[]> {
  const rows = await db.rolloutEvent.findMany({
    where: { rolloutId },
    orderBy: { sequence: "desc" },
    take,
    include: { actor: true },
  });
  return rows.toReversed().map(({ sequence, time, level, kind, actor, text, changeNumber }) => ({
    sequence,
    timeUnixMs: time.getTime(),
    level: level === "good" || level === "warning" || level === "error" ? level : "info",
    kind,
    actor: actor === null ? null : { id: actor.id, name: actor.name, initials: actor.initials },
    text,
    changeNumber,
  }));
}
