/** How the form of a release is filled in, step by step. Pure. */
import type { RolloutKind } from "@/server/contracts/rollout-spec.ts";
import { changedPaths } from "../../golden-paths/form/shown-problems.ts";
import { type EnteredRelease, releaseOf } from "./release-draft.ts";

/** A form with what the person did to it so far. */
export interface Filling {
  readonly entered: EnteredRelease;
  /** What changed since the person last paused. */
  readonly fresh: readonly string[];
  /** What was changed before, and may be judged. */
  readonly settled: ReadonlySet<string>;
  /** What was entered for other kinds, so that a look at them loses nothing. */
  readonly kept: Readonly<Partial<Record<RolloutKind, EnteredRelease>>>;
}

/** A form that begins with what an address or an earlier release brings. */
export const begin = (entered: EnteredRelease): Filling => ({
  entered,
  fresh: [],
  settled: new Set(changedPaths(releaseOf({}), releaseOf(entered))),
  kept: {},
});

/** Fields that a kind fills in by itself. */
const ofKind = ["steps", "match"] as const;

/** Another kind, with its own steps; those of the kind before come back with it. */
export function withKind(now: Filling, kind: RolloutKind): Filling {
  const from = now.entered.kind ?? "progressive";
  const next: EnteredRelease = { ...now.entered, kind };
  const left: EnteredRelease = {};
  for (const field of ofKind) {
    if (now.entered[field] !== undefined) {
      Object.assign(left, { [field]: now.entered[field] });
    }
    delete next[field];
  }
  return { ...now, entered: { ...next, ...now.kept[kind] }, kept: { ...now.kept, [from]: left } };
}

/** Something was entered; nothing is said about it until the person pauses. */
export function withChange(now: Filling, change: EnteredRelease): Filling {
  const next = { ...now.entered, ...change };
  const changed = changedPaths(releaseOf(now.entered), releaseOf(next));
  const typing = new Set(changed);
  return {
    ...now,
    entered: next,
    fresh: [...new Set([...now.fresh, ...changed])],
    settled: new Set([...now.settled].filter((path) => !typing.has(path))),
  };
}

/** The person paused: what changed may be judged. */
export const settle = (now: Filling): Filling =>
  now.fresh.length === 0 ? now : { ...now, fresh: [], settled: new Set([...now.settled, ...now.fresh]) };
