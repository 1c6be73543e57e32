/** Ends a release whose row cannot be read: its calls go to the stable version first, as far as its spec says which. */
import * as z from "zod";
import type { Asker } from "@/server/changes/changes.ts";
import { type RolloutSpec, rolloutSpec } from "@/server/contracts/rollout-spec.ts";
import { owningStates } from "@/server/contracts/rollouts.ts";
import { databaseNull, type Transaction, toJson } from "@/server/db/client.ts";
import { PortalError } from "@/server/errors.ts";
import { backShares } from "../machine/shares.ts";
import { type Machine, machine, newMachine, noTotals, stateOf } from "../machine/state.ts";
import type { Noted } from "../machine/step.ts";
import { noStablePods, type ReadyPods, wouldFail } from "../machine/to-answers.ts";
import type { StoreDeps } from "./deps.ts";
import { findRollout, type RolloutRow } from "./rows.ts";
import { addEvents } from "./transition.ts";
import { hasEnded, isReadable, unknownWords } from "./unreadable.ts";

/** What is known without its row. */
interface Live {
  /** Of the shares that come next. */
  readonly round: number;
  readonly ready: (spec: RolloutSpec) => ReadyPods;
}

/**
 * What it did is not known, so all calls go to the stable version, the long way round: from here on it is an ordinary
 * release on its way back, which whatever process leads takes to its end. One that waited in the queue ends at once: it
 * owns nothing. Answers the row as it is afterwards. Throws PortalError `not-in-this-state` where not even its spec can be
 * read: then it goes on owning its service, since nobody could say where the calls go.
 */
export async function takeBackUnread(
  id: string,
  live: Live,
  by: Asker | null,
  reason: string,
  deps: StoreDeps,
): Promise<RolloutRow> {
  const after = await deps.db.$transaction(async (within) => {
    await within.$queryRaw`SELECT 1 FROM rollouts WHERE id = ${id}::uuid FOR UPDATE`;
    const row = await findRollout(within, id);
    if (row === null || isReadable(row)) {
      throw new PortalError("conflict", "The release moved on since you looked at it. Look again, then decide.");
    }
    if (hasEnded(row)) {
      throw new PortalError("not-in-this-state", "It has ended.");
    }
    const text = await write(row, live, by?.person.id ?? null, reason, within);
    await deps.audit(
      {
        actor: by?.person ?? null,
        action: "rollout-abort",
        object: `release ${row.number}: ${row.namespace}/${row.service}`,
        outcome: "done",
        detail: text,
        address: by?.address ?? "",
      },
      within,
    );
    return (await findRollout(within, id)) ?? row;
  });
  deps.notifier.moved(id);
  return after;
}

/** Answers what its history says of it. */
async function write(
  row: RolloutRow,
  { round, ready }: Live,
  by: string | null,
  reason: string,
  within: Transaction,
): Promise<string> {
  const said = reason === "" ? "" : `: ${reason}`;
  if (!owningStates.some((state) => state === row.state)) {
    const text = `Ended unread before it began${said}`;
    const data = { state: "failed", finishedAt: new Date(), revision: { increment: 1 } };
    await within.rollout.update({ where: { id: row.id }, data });
    await addEvents(row.id, [{ level: "error", kind: "abort", text, by }], within);
    return text;
  }
  const spec = rolloutSpec.safeParse(row.spec);
  if (!spec.success) {
    throw new PortalError("not-in-this-state", unknownWords(row));
  }
  // A change that still waits for other teams is taken back, and nothing is written.
  const written = await within.change.count({
    where: { rolloutId: row.id, OR: [{ appliedAt: { not: null } }, { state: "applying" }] },
  });
  const { stable } = spec.data;
  const text = `Aborted unread${said}. What it did is not known any more: all calls go to ${stable}`;
  const fails = wouldFail(ready(spec.data));
  const back = backWith(spec.data, row, { written: written > 0, fails, round, by, reason: text });
  await within.rollout.update({
    where: { id: row.id },
    data: { machine: toJson(back), before: databaseNull, state: stateOf(back), revision: { increment: 1 } },
  });
  const events: Noted[] = [{ level: "warning", kind: "abort", text, by }];
  await addEvents(row.id, back.phase === "resuming" ? [...events, noStablePods(spec.data)] : events, within);
  return text;
}

interface Way {
  /** Something of it was applied. */
  readonly written: boolean;
  /** All calls would go to pods that are not there. */
  readonly fails: boolean;
  readonly round: number;
  readonly by: string | null;
  readonly reason: string;
}

const oldServed = z.looseObject({ served: machine.shape.served });

function backWith(spec: RolloutSpec, row: RolloutRow, { written, fails, round, by, reason }: Way): Machine {
  const nowUnixMs = Date.now();
  const began = row.startedAt?.getTime() ?? nowUnixMs;
  const counted = oldServed.safeParse(row.machine).data?.served;
  return {
    ...newMachine(spec, nowUnixMs),
    phase: !written ? "withdrawing" : fails ? "resuming" : "going-back",
    wanted: backShares(spec, null, round),
    round,
    mover: { by, reason, overwrite: true },
    enteredUnixMs: written ? began : null,
    served: counted ?? (written ? { fromUnixMs: began, untilUnixMs: began, totals: noTotals } : null),
    // Only what carries this release's own mark is removed.
    made: spec.start !== null,
    back: { end: "rolled-back", reason, by, forBundle: by === null },
  };
}
