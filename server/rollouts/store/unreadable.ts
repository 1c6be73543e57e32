/** Releases whose rows another version of the portal wrote, or somebody's hand: shown, told once, and ended by an abort. */
import type { Asker } from "@/server/changes/changes.ts";
import { rolloutSpec } from "@/server/contracts/rollout-spec.ts";
import { type RolloutState, type RolloutSummary, rolloutState } from "@/server/contracts/rollouts.ts";
import { PortalError } from "@/server/errors.ts";
import type { Log } from "@/server/log.ts";
import { newMachine, type Release } from "../machine/state.ts";
import type { StoreDeps } from "./deps.ts";
import { findRollout, type RolloutRow, releaseOf } from "./rows.ts";
import { addEvents } from "./transition.ts";

const told = new WeakMap<Log, Set<string>>();

/** Once for each state of a row: it is looked at each second. */
export function tellUnreadable(row: Pick<RolloutRow, "id" | "number" | "revision">, error: unknown, log: Log): void {
  const known = told.get(log) ?? new Set<string>();
  told.set(log, known);
  const key = `${row.id} ${row.revision}`;
  if (!known.has(key)) {
    known.add(key);
    log.error("a release cannot be read", { release: row.number, error: String(error) });
  }
}

export function isReadable(row: RolloutRow): boolean {
  try {
    releaseOf(row);
    return true;
  } catch {
    return false;
  }
}

const ended: ReadonlySet<RolloutState> = new Set(["completed", "rolled-back", "failed", "undone"]);

/** What is known of it: its columns, and its spec where that can be read. */
export function unreadableSummary(row: RolloutRow): RolloutSummary {
  const spec = rolloutSpec.safeParse(row.spec).data;
  const state = rolloutState.catch("failed").parse(row.state);
  return {
    id: row.id,
    number: row.number,
    service: { namespace: row.namespace, name: row.service },
    kind: spec?.kind ?? "weighted",
    stable: spec?.stable ?? "unknown",
    canary: spec?.canary ?? "unknown",
    state,
    revision: row.revision,
    hold: null,
    headline: ended.has(state)
      ? "Cannot be read"
      : "Cannot be read, and moves no more: an abort ends it and leaves the shares as they are",
    weight: 0,
    step: 0,
    steps: spec?.steps.length ?? 1,
    startedBy: { id: row.startedBy.id, name: row.startedBy.name, initials: row.startedBy.initials },
    reason: row.reason,
    createdUnixMs: row.createdAt.getTime(),
    startedUnixMs: row.startedAt?.getTime() ?? null,
    finishedUnixMs: row.finishedAt?.getTime() ?? null,
    canaryRequests: 0,
    canaryErrors: 0,
    bundle: row.bundle,
    queuePlace: 0,
  };
}

/** For its page: one that has not begun, of which an abort is all that there is to do. Throws PortalError. */
export function unreadableRelease(row: RolloutRow): Release {
  const spec = rolloutSpec.safeParse(row.spec).data;
  if (spec === undefined) {
    throw new PortalError(
      "not-in-this-state",
      `Release ${row.number} cannot be read. An abort ends it and leaves the shares as they are.`,
    );
  }
  const machine = newMachine(spec, row.createdAt.getTime());
  return {
    spec,
    before: null,
    machine: ended.has(unreadableSummary(row).state) ? { ...machine, phase: "ended" } : machine,
  };
}

/** Ends what cannot be read, and gives the service free; nothing is written to the cluster. Throws PortalError. */
export async function abandon(id: string, { person, address }: Asker, reason: string, deps: StoreDeps): Promise<void> {
  await deps.db.$transaction(async (within) => {
    await within.$queryRaw`SELECT 1 FROM rollouts WHERE id = ${id}::uuid FOR UPDATE`;
    const row = await findRollout(within, id);
    if (row === null || isReadable(row)) {
      throw new PortalError("conflict", "The release moved on since you looked at it. Look again, then decide.");
    }
    if (ended.has(unreadableSummary(row).state)) {
      throw new PortalError("not-in-this-state", "It has ended.");
    }
    await within.rollout.update({
      where: { id },
      data: { state: "failed", finishedAt: new Date(), revision: { increment: 1 } },
    });
    const text = `Ended unread${reason === "" ? "" : `: ${reason}`}. The shares of ${row.service} stay as they are: set them by a release or by its form.`;
    await addEvents(id, [{ level: "error", kind: "abort", text, by: person.id }], within);
    const object = `release ${row.number}: ${row.namespace}/${row.service}`;
    await deps.audit(
      { actor: person, action: "rollout-abort", object, outcome: "done", detail: text, address },
      within,
    );
  });
  deps.notifier.moved(id);
}
