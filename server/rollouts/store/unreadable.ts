/** Releases whose rows another version of the portal wrote, or somebody's hand: shown, and told once. */
import { rolloutSpec } from "@/server/contracts/rollout-spec.ts";
import { endedStates, type RolloutState, type RolloutSummary, rolloutState } from "@/server/contracts/rollouts.ts";
import { PortalError } from "@/server/errors.ts";
import type { Log } from "@/server/log.ts";
import { newMachine, type Release } from "../machine/state.ts";
import { type RolloutRow, releaseOf } from "./rows.ts";

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

const ended: ReadonlySet<RolloutState> = new Set(endedStates);
const stateIn = (row: Pick<RolloutRow, "state">): RolloutState => rolloutState.catch("failed").parse(row.state);
/** By its column alone. */
export const hasEnded = (row: Pick<RolloutRow, "state">): boolean => ended.has(stateIn(row));

/** What is left of it, and what an abort does. */
function headlineOf(row: RolloutRow, stable: string | undefined): string {
  if (hasEnded(row)) {
    return "Cannot be read";
  }
  return stable === undefined
    ? "Cannot be read, and keeps its service: start the version of Towpath that wrote it"
    : `Cannot be read, and moves no more: an abort gives all calls to ${stable}`;
}

/** What its page and a refused abort say of a release that does not even say its versions. */
export const unknownWords = ({ number, service }: Pick<RolloutRow, "number" | "service">): string =>
  `Release ${number} cannot be read, not even its versions, so nobody can say where the calls of ${service} go back to. It keeps the service until a portal runs that can read it: start the version of Towpath that wrote it, then abort.`;

/** What is known of it: its columns, and its spec where that can be read. */
export function unreadableSummary(row: RolloutRow): RolloutSummary {
  const spec = rolloutSpec.safeParse(row.spec).data;
  return {
    id: row.id,
    number: row.number,
    service: { namespace: row.namespace, name: row.service },
    kind: spec?.kind ?? "weighted",
    stable: spec?.stable ?? "unknown",
    canary: spec?.canary ?? "unknown",
    state: stateIn(row),
    revision: row.revision,
    hold: null,
    headline: headlineOf(row, spec?.stable),
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
      hasEnded(row) ? `Release ${row.number} cannot be read.` : unknownWords(row),
    );
  }
  const machine = newMachine(spec, row.createdAt.getTime());
  return {
    spec,
    before: null,
    machine: hasEnded(row) ? { ...machine, phase: "ended" } : machine,
  };
}
