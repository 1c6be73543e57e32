/** A step of a release on record: state, events, verdict and audit, all or none. */
import { isDeepStrictEqual } from "node:util";
import type { AuditEntry } from "@/server/audit/audit-log.ts";
import { type Transaction, toJson } from "@/server/db/client.ts";
import { holdOf, type Machine, type Release, stateOf } from "../machine/state.ts";
import type { Next } from "../machine/step.ts";
import type { StoreDeps } from "./deps.ts";
import { findRollout, type RolloutRow, releaseOf } from "./rows.ts";

/** What makes a release another one for people who look at it. */
const faceOf = (machine: Machine): unknown => [
  stateOf(machine),
  machine.phase,
  machine.step,
  machine.wanted,
  holdOf(machine),
];

/**
 * Decides on the row as it is, with nobody else deciding at the same time, and writes what comes of it. `decide` answers
 * undefined when nothing is to be done, and may throw. Answers the row as it is afterwards; undefined when it is gone.
 */
export async function transition(
  id: string,
  deps: StoreDeps,
  decide: (release: Release, row: RolloutRow, within: Transaction) => Promise<Next | undefined> | Next | undefined,
  by?: Pick<AuditEntry, "actor" | "action" | "address" | "detail">,
): Promise<RolloutRow | undefined> {
  const { row, moved } = await deps.db.$transaction(async (within) => {
    await within.$queryRaw`SELECT 1 FROM rollouts WHERE id = ${id}::uuid FOR UPDATE`;
    const row = await findRollout(within, id);
    if (row === null) {
      return { row: undefined, moved: false };
    }
    const release = releaseOf(row);
    const next = await decide(release, row, within);
    if (next === undefined || changesNothing(release, next)) {
      return { row, moved: false };
    }
    await write(row, release, next, within);
    const object = `release ${row.number}: ${row.namespace}/${row.service} ${release.spec.stable} → ${release.spec.canary}`;
    if (by !== undefined) {
      await deps.audit({ ...by, object, outcome: "done" }, within);
    }
    if (next.audit !== null) {
      await deps.audit({ actor: null, object, ...next.audit }, within);
    }
    return { row: (await findRollout(within, id)) ?? undefined, moved: true };
  });
  if (moved) {
    deps.notifier.moved(id);
  }
  return row;
}

export const changesNothing = ({ machine }: Pick<Release, "machine">, next: Next): boolean =>
  next.events.length === 0 &&
  next.verdict === null &&
  next.audit === null &&
  next.before === undefined &&
  isDeepStrictEqual(next.machine, machine);

async function write(row: RolloutRow, { machine: was }: Release, next: Next, within: Transaction): Promise<void> {
  const { machine, events, verdict, before } = next;
  const now = new Date();
  const ended = machine.phase === "ended" && was.phase !== "ended";
  await within.rollout.update({
    where: { id: row.id },
    data: {
      state: stateOf(machine),
      machine: toJson(machine),
      ...(isDeepStrictEqual(faceOf(was), faceOf(machine)) ? {} : { revision: { increment: 1 } }),
      ...(before === undefined || before === null ? {} : { before: toJson(before) }),
      ...(was.phase === "queued" && machine.phase !== "queued" ? { startedAt: now } : {}),
      ...(ended ? { finishedAt: now } : {}),
    },
  });
  if (verdict !== null) {
    const { counts, judgement, step } = verdict;
    await within.rolloutVerdict.create({
      data: {
        rolloutId: row.id,
        sequence: ((await within.rolloutVerdict.aggregate(last(row.id)))._max.sequence ?? -1) + 1,
        step,
        fromAt: new Date(counts.fromUnixMs),
        toAt: new Date(counts.toUnixMs),
        verdict: judgement.verdict,
        counts: toJson(counts),
        measures: toJson(judgement.measures),
      },
    });
  }
  await addEvents(row.id, events, within);
}

const last = (rolloutId: string) => ({ where: { rolloutId }, _max: { sequence: true } }) as const;

/** Appends lines to a release's history. One about shares that got into force names the change that brought them. */
export async function addEvents(rolloutId: string, events: Next["events"], within: Transaction): Promise<void> {
  if (events.length === 0) {
    return;
  }
  const sequence = ((await within.rolloutEvent.aggregate(last(rolloutId)))._max.sequence ?? -1) + 1;
  const brought = events.some(({ kind }) => kind === "placed" || kind === "completed" || kind === "waiting")
    ? await within.change.findFirst({ where: { rolloutId }, orderBy: { number: "desc" }, select: { number: true } })
    : null;
  await within.rolloutEvent.createMany({
    data: events.map(({ level, kind, text, by }, index) => ({
      rolloutId,
      sequence: sequence + index,
      level,
      kind,
      actorId: by,
      text: text.slice(0, 2_000),
      changeNumber: ["placed", "completed", "waiting"].includes(kind) ? (brought?.number ?? null) : null,
    })),
  });
}
