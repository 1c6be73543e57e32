/**
 * What the machine of a release knows: all of it is in the column `machine` of its row, checked when read. The column
 * `state` follows from it.
 */
import * as z from "zod";
import { releaseValues } from "@/server/contracts/golden-paths/release.ts";
import { unixMs } from "@/server/contracts/names.ts";
import type { RolloutSpec } from "@/server/contracts/rollout-spec.ts";
import { chainCheck, type HoldReason, holdReason, type RolloutState } from "@/server/contracts/rollouts.ts";
import type { Shares } from "../ports.ts";

/** One thing it is busy with; each has one duty (`duty.ts`). */
export const phase = z.enum([
  "queued",
  /** Asks the webhooks of the beginning. */
  "asking-before",
  /** Before pods of its own: all calls to the stable version are on their way. */
  "guarding",
  /** Applies the Deployment of the new version. */
  "starting",
  /** Waits for ready pods of the canary. */
  "pods",
  /** The shares of the step are on their way. */
  "placing",
  "soaking",
  /** A person decides. */
  "gate",
  "asking-after",
  /** The shares of the end are on their way. */
  "finishing",
  /** Before going back: the stable version has no ready pod, and gets those again that a release stopped. */
  "resuming",
  /** Nothing of it was in force yet: a first change that waits for other teams is taken back. */
  "withdrawing",
  /** The shares from before are on their way. */
  "going-back",
  /** Takes back the Deployment that it started. */
  "removing",
  /** Waits for the figures of the last requests. */
  "counting",
  "ended",
]);
export type Phase = z.infer<typeof phase>;

const shares = z.strictObject(releaseValues);
const total = z.strictObject({ requests: z.int(), errors: z.int() });
export type Total = z.infer<typeof total>;
const totals = z.strictObject({ stable: total, canary: total });
export type Totals = z.infer<typeof totals>;
export const noTotals: Totals = { stable: { requests: 0, errors: 0 }, canary: { requests: 0, errors: 0 } };

const stepRecord = z.strictObject({
  state: z.enum(["done", "skipped", "current", "ahead"]),
  startedUnixMs: unixMs.nullable(),
  endedUnixMs: unixMs.nullable(),
  /** What the canary had answered by then. */
  atStart: total,
  atEnd: total.nullable(),
});
export type StepRecord = z.infer<typeof stepRecord>;

export const machine = z.strictObject({
  layout: z.literal(1),
  phase,
  /** Of the steps, from 0. */
  step: z.int().min(0),
  /** When this phase began. */
  sinceUnixMs: unixMs,
  /** What the service is to have; null: it asked for nothing yet, so there is nothing to take back. */
  wanted: shares.nullable(),
  /** Counts up with every move of shares. */
  round: z.int(),
  /** Who asked for the move, null for the release itself, and why. */
  mover: z.strictObject({ by: z.string().nullable(), reason: z.string(), overwrite: z.boolean() }),
  /** Since when shares of its own are in force; null before. */
  enteredUnixMs: unixMs.nullable(),
  /** Its first change waits for other teams. */
  waiting: z.boolean(),
  /** What is waited for, in words; empty when nothing is. */
  words: z.string(),
  holds: z.strictObject({
    /** A person paused it. */
    person: z.boolean(),
    /** Somebody changed the route; a person settles it. */
    drift: z.boolean(),
    /** It is what runs as the canary that was changed, not the route. */
    version: z.boolean().default(false),
    /** Too many intervals without a verdict; a verdict or a person ends it. */
    inconclusive: z.boolean(),
    /** Ends when what made it ends. */
    circumstance: holdReason.nullable(),
    words: z.string(),
  }),
  /** A step that was refused; null `againUnixMs`: only a person can say when to try again. */
  refused: z.strictObject({ words: z.string(), againUnixMs: unixMs.nullable() }).nullable(),
  /** Since when its shares were refused, whatever was tried in between; null while they are not. */
  refusedSinceUnixMs: unixMs.nullable().default(null),
  soak: z.strictObject({
    passes: z.int(),
    misses: z.int(),
    inconclusive: z.int(),
    /** When the interval began that is judged next; null: with the next figures. */
    intervalFromUnixMs: unixMs.nullable(),
    /** When the first one of this step began: what the analysis looks back to. */
    sinceUnixMs: unixMs.nullable(),
  }),
  /** How long the gate that it is at was all that held it; null at none, and where nothing stopped the clock yet. */
  gateClock: z.strictObject({ ranMs: z.int(), runsSinceUnixMs: unixMs.nullable() }).nullable().default(null),
  /** What runs as the canary since it was judged first; null where that is not known yet, or no Deployment runs it. */
  template: z
    .strictObject({ hash: z.string(), images: z.array(z.string()) })
    .nullable()
    .default(null),
  steps: z.array(stepRecord),
  /** What both versions answered up to `untilUnixMs`; later requests are counted on top. */
  served: z.strictObject({ fromUnixMs: unixMs, untilUnixMs: unixMs, totals }).nullable(),
  /** The workload of the canary is its own. */
  made: z.boolean(),
  /** It is on its way back: where to, why, and who wanted it. */
  back: z
    .strictObject({
      end: z.enum(["rolled-back", "undone"]),
      reason: z.string(),
      by: z.string().nullable(),
      /** Whose bundle takes it back, not its own fault. */
      forBundle: z.boolean(),
    })
    .nullable(),
  /** Once it ended. */
  end: z.enum(["completed", "rolled-back", "failed", "undone"]).nullable(),
  chain: chainCheck.nullable(),
  /** What is left to do after the end: no pods of the old version any more. */
  leftover: z.strictObject({ stopUnixMs: unixMs, done: z.boolean(), stopped: z.boolean() }).nullable(),
});
export type Machine = z.infer<typeof machine>;

/** What the reducer works on. */
export interface Release {
  readonly spec: RolloutSpec;
  readonly before: Shares | null;
  readonly machine: Machine;
}

const noHolds: Machine["holds"] = {
  person: false,
  drift: false,
  version: false,
  inconclusive: false,
  circumstance: null,
  words: "",
};
export const freshSoak: Machine["soak"] = {
  passes: 0,
  misses: 0,
  inconclusive: 0,
  intervalFromUnixMs: null,
  sinceUnixMs: null,
};
export const clearHolds = (): Machine["holds"] => ({ ...noHolds });

export function newMachine(spec: RolloutSpec, nowUnixMs: number): Machine {
  return {
    layout: 1,
    phase: "queued",
    step: 0,
    sinceUnixMs: nowUnixMs,
    wanted: null,
    round: 0,
    mover: { by: null, reason: "", overwrite: false },
    enteredUnixMs: null,
    waiting: false,
    words: "",
    holds: clearHolds(),
    refused: null,
    refusedSinceUnixMs: null,
    soak: freshSoak,
    gateClock: null,
    template: null,
    steps: spec.steps.map(() => ({
      state: "ahead",
      startedUnixMs: null,
      endedUnixMs: null,
      atStart: noTotals.canary,
      atEnd: null,
    })),
    served: null,
    made: false,
    back: null,
    end: null,
    chain: null,
    leftover: null,
  };
}

const preparing: ReadonlySet<Phase> = new Set(["asking-before", "guarding", "starting", "pods"]);
const onSteps: ReadonlySet<Phase> = new Set(["placing", "soaking", "gate"]);
const backwards: ReadonlySet<Phase> = new Set(["resuming", "withdrawing", "going-back", "removing", "counting"]);

export const isPreparing = ({ phase }: Machine): boolean => preparing.has(phase);
export const isOnSteps = ({ phase }: Machine): boolean => onSteps.has(phase);
export const isGoingBack = ({ phase }: Machine): boolean => backwards.has(phase);

/** Why it does not move by itself; the one that must be dealt with first. */
export function holdOf({ holds, refused, phase, back }: Machine): HoldReason | null {
  if (phase === "queued" || phase === "ended") {
    return null;
  }
  if (phase === "resuming") {
    return back?.end === "rolled-back" ? "no-stable-pods" : null;
  }
  if (holds.drift) {
    return "drift";
  }
  if (holds.circumstance === "mesh-unreachable") {
    return "mesh-unreachable";
  }
  if (refused !== null) {
    return refused.againUnixMs === null ? "rejected" : "refused";
  }
  if (holds.person) {
    return "person";
  }
  if (holds.circumstance !== null) {
    return holds.circumstance;
  }
  if (holds.inconclusive) {
    return "inconclusive";
  }
  return phase === "gate" ? "gate" : null;
}

export function stateOf(of: Machine): RolloutState {
  if (of.phase === "queued") {
    return "queued";
  }
  if (of.phase === "ended") {
    return of.end ?? "failed";
  }
  if (isGoingBack(of)) {
    return "rolling-back";
  }
  if (of.phase === "asking-after" || of.phase === "finishing") {
    return "completing";
  }
  if (isPreparing(of) || of.enteredUnixMs === null) {
    return of.waiting ? "waiting" : "preparing";
  }
  return holdOf(of) === null ? "running" : "paused";
}
