import type { Finding } from "@/server/contracts/golden-paths.ts";
import { noTraffic } from "@/server/golden-paths/insight.ts";
import { endsOf, grantsIn, plainTextCut } from "@/server/golden-paths/let-a-caller-in/plain-text-cut.ts";
import { readIntents } from "./current-intents.ts";
import type { ChangeDeps } from "./deps.ts";
import type { Proposal } from "./proposal.ts";

/** Idle connections are rarely kept for longer. */
const latelyMs = 3_600_000;

/** Says that callers let in right after joining lose the connections that they opened before. */
export async function joinedLately(
  { intentChanges }: Pick<Proposal, "intentChanges">,
  { db, inventory }: Pick<ChangeDeps, "db"> & { readonly inventory: Pick<ChangeDeps["inventory"], "current"> },
  nowUnixMs: number = Date.now(),
): Promise<Finding[]> {
  const ends = endsOf(grantsIn(intentChanges));
  if (ends.length === 0) {
    return [];
  }
  const joined = await db.intent.findMany({
    where: { slug: "join-the-mesh", namespace: { in: ends }, updatedAt: { gte: new Date(nowUnixMs - latelyMs) } },
    select: { namespace: true },
  });
  return joined.length === 0
    ? []
    : plainTextCut(intentChanges, new Set(joined.map(({ namespace }) => namespace)), {
        inventory: inventory.current,
        current: await readIntents(db),
        traffic: noTraffic,
        nowUnixMs,
      });
}
