/** Intents whose end date has come and that are still in force, and what became of taking them back. */
import type { Database, Transaction } from "@/server/db/client.ts";
import { isPortalError } from "@/server/errors.ts";
import type { OverdueEnd } from "@/server/findings/check.ts";
import { endOf, type Intent, intent, intentKey } from "@/server/golden-paths/intent.ts";

/** What ends is taken back every few seconds; only what is still there after that is overdue. */
const graceMs = 30_000;

export interface DueEnd extends OverdueEnd {
  readonly key: string;
  /** Not tried again before; 0: at once. */
  readonly retryAtUnixMs: number;
}

/** Everything whose end date has come. */
export async function readDue(db: Database, nowUnixMs: number): Promise<DueEnd[]> {
  const rows = await db.intent.findMany({ orderBy: { key: "asc" } });
  return rows.flatMap(({ values, endFailure, endRetryAt }) => {
    const parsed = intent.safeParse(values);
    const endUnixMs = parsed.success ? endOf(parsed.data) : null;
    return parsed.success && endUnixMs !== null && endUnixMs <= nowUnixMs
      ? [
          {
            key: intentKey(parsed.data),
            intent: parsed.data,
            endUnixMs,
            failure: endFailure,
            retryAtUnixMs: endRetryAt?.getTime() ?? 0,
          },
        ]
      : [];
  });
}

/** What should have ended by now and has not. */
export const readOverdue = (db: Database, nowUnixMs: number): Promise<DueEnd[]> => readDue(db, nowUnixMs - graceMs);

/** Access must end when its date has come, whatever stands in the way; other rules wait for whoever edited them. */
export const endsAccess = ({ slug }: Intent): boolean => slug === "let-a-caller-in";

const firstRetryMs = 5_000;
/** The longest wait: nobody may stay let in for longer once the reason is gone. */
const retryMaxMs = 5 * 60_000;

/** An end that failed is tried again, later each time. */
export async function noteEndFailure(
  db: Database | Transaction,
  key: string,
  failure: string,
  nowUnixMs: number,
): Promise<void> {
  const known = await db.intent.findUnique({ where: { key }, select: { endTries: true } });
  if (known !== null) {
    const waitMs = Math.min(retryMaxMs, firstRetryMs * 2 ** Math.min(known.endTries, 10));
    await db.intent.update({
      where: { key },
      data: {
        endTries: known.endTries + 1,
        endFailure: failure.slice(0, 1_000),
        endRetryAt: new Date(nowUnixMs + waitMs),
      },
    });
  }
}

/** For people. */
export const reasonOf = (error: unknown): string =>
  isPortalError(error) ? error.userMessage : error instanceof Error ? error.message : String(error);
