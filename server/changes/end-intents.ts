/** Rules whose end date has come are taken back by a change of the portal itself. */

import { pathSlug } from "@/server/contracts/golden-paths/slug.ts";
import { endOf, type Intent } from "@/server/golden-paths/intent.ts";
import { withdrawalOf } from "@/server/golden-paths/withdrawal.ts";
import { mustBeWritable } from "./admission.ts";
import { dryRun } from "./apply-steps.ts";
import { createChange } from "./create-change.ts";
import { readIntents } from "./current-intents.ts";
import type { ChangeDeps } from "./deps.ts";
import type { Desk } from "./desk.ts";
import { tryNamespaces } from "./namespace-locks.ts";
import type { Wish } from "./origin.ts";
import { isUnchanged } from "./proposal.ts";
import type { Runner } from "./runner.ts";
import { ensureSystemActor, systemActor } from "./system-actor.ts";

/**
 * One change for each, once: under the locks of its namespaces the intent is looked up again, and it is gone when its
 * change has been applied. Where somebody edited what it stands for, nothing is overwritten: a warning says so, and it is
 * tried again.
 */
export async function endIntents(nowUnixMs: number, deps: ChangeDeps, desk: Desk, runner: Runner): Promise<void> {
  const over = [...(await readIntents(deps.db))].filter(([, intent]) => isOver(intent, nowUnixMs));
  for (const [key, intent] of over) {
    try {
      await endIntent(key, intent, nowUnixMs, deps, desk, runner);
    } catch (error) {
      deps.log.warn("a rule could not be ended; it is tried again", { key, error: String(error) });
    }
  }
}

const isOver = (intent: Intent, nowUnixMs: number): boolean => {
  const end = endOf(intent);
  return end !== null && end <= nowUnixMs;
};

async function endIntent(
  key: string,
  intent: Intent,
  nowUnixMs: number,
  deps: ChangeDeps,
  desk: Desk,
  runner: Runner,
): Promise<void> {
  const slug = pathSlug.parse(intent.slug);
  const values = (withdrawalOf(intent, "", "")?.values ?? {}) as Wish["values"];
  const wish: Wish = { origin: { kind: "end", key }, slug, values };
  const first = await desk.plan(wish);
  const release = await tryNamespaces(deps.pool, first.touched);
  // A change of the same namespaces is under way: next time.
  if (release === undefined) {
    return;
  }
  let handedOn = false;
  try {
    const planned = await desk.planLive(first);
    const { proposal } = planned;
    const stillThere = proposal.intentChanges.length > 0;
    if (!stillThere || (await failedLately(key, nowUnixMs, deps))) {
      return;
    }
    mustBeWritable(proposal);
    if (proposal.conflicts.length > 0) {
      throw new Error(`somebody else edited ${proposal.conflicts.map(({ resource }) => resource).join(", ")}`);
    }
    if (!proposal.steps.every(isUnchanged)) {
      await dryRun(deps.cluster, proposal.steps, false);
    }
    await ensureSystemActor(deps.db);
    const row = await createChange(
      {
        ...planned,
        impact: await desk.assess(proposal),
        author: systemActor,
        address: "",
        openedUnixMs: Date.now(),
        reason: "Its end date has come.",
        force: false,
        approvers: [],
        approvalHours: 1,
        breaks: undefined,
      },
      deps,
    );
    handedOn = true;
    runner.start(row, release);
  } finally {
    if (!handedOn) {
      await release();
    }
  }
}

const minuteMs = 60_000;
/** Failures that make the next wait longer; the longest is an hour. */
const failuresMax = 7;

/** It was tried and failed a moment ago. It is tried again, later each time: nobody may stay let in for that. */
async function failedLately(key: string, nowUnixMs: number, { db }: ChangeDeps): Promise<boolean> {
  const failures = await db.change.findMany({
    where: {
      state: "failed",
      origin: { path: ["key"], equals: key },
      finishedAt: { gt: new Date(nowUnixMs - 86_400_000) },
    },
    select: { finishedAt: true },
    orderBy: { number: "desc" },
    take: failuresMax,
  });
  const last = failures[0]?.finishedAt?.getTime();
  return last !== undefined && nowUnixMs < last + Math.min(60, 2 ** (failures.length - 1)) * minuteMs;
}
