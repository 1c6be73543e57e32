/** Rules whose end date has come are taken back by a change of the portal itself. */

import { pathSlug } from "@/server/contracts/golden-paths/slug.ts";
import { PortalError } from "@/server/errors.ts";
import { listNames } from "@/server/golden-paths/path.ts";
import { withdrawalOf } from "@/server/golden-paths/withdrawal.ts";
import { mustBeWritable } from "./admission.ts";
import { dryRun } from "./apply-steps.ts";
import { createChange } from "./create-change.ts";
import type { ChangeDeps } from "./deps.ts";
import type { Desk } from "./desk.ts";
import { tryNamespaces } from "./namespace-locks.ts";
import type { Wish } from "./origin.ts";
import { type DueEnd, endsAccess, noteEndFailure, readDue, reasonOf } from "./overdue-ends.ts";
import { isUnchanged, type Proposal } from "./proposal.ts";
import type { Runner } from "./runner.ts";
import { ensureSystemActor, systemActor } from "./system-actor.ts";

/**
 * One change for each, once: under the locks of its namespaces the intent is looked up again, and it is gone when its
 * change has been applied. Access ends whatever others edited (`take-back.ts`); other rules wait until their edit is
 * settled. What fails is noted and tried again.
 */
export async function endIntents(nowUnixMs: number, deps: ChangeDeps, desk: Desk, runner: Runner): Promise<void> {
  for (const due of await readDue(deps.db, nowUnixMs)) {
    if (due.retryAtUnixMs <= nowUnixMs) {
      try {
        await endIntent(due, nowUnixMs, deps, desk, runner);
      } catch (error) {
        deps.log.warn("a rule could not be ended; it is tried again", { key: due.key, error: String(error) });
        await noteEndFailure(deps.db, due.key, reasonOf(error), nowUnixMs);
      }
    }
  }
}

async function endIntent(
  { key, intent }: DueEnd,
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
    const due = (await readDue(deps.db, nowUnixMs)).find((one) => one.key === key);
    if (due === undefined || due.retryAtUnixMs > nowUnixMs) {
      return;
    }
    mustBeWritable(proposal);
    if (!endsAccess(intent)) {
      mustBeUnedited(proposal);
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
        // What is live was read just now: an edit that comes after it is a conflict, and it is looked at again.
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

function mustBeUnedited({ conflicts }: Proposal): void {
  if (conflicts.length > 0) {
    const edits = conflicts.map(({ resource, by }) => `${resource}${by === "" ? "" : ` (${by})`}`);
    throw new PortalError(
      "conflict",
      `Somebody edited ${listNames(edits)}. Put it back or take it over on the page "Changed by others".`,
    );
  }
}
