/** Ways from one phase to another. Pure; events say what happened, in words. */

import { backShares, finalShares, guardShares, stepShares } from "./shares.ts";
import type { Machine, Phase, Release, StepRecord, Total } from "./state.ts";
import { clearHolds, freshSoak } from "./state.ts";
import { andThen, type Next, type Noted, noted, stay } from "./step.ts";

export const enter = (machine: Machine, phase: Phase, nowUnixMs: number): Machine => ({
  ...machine,
  phase,
  sinceUnixMs: nowUnixMs,
  words: "",
});

export interface Mover {
  readonly by: string | null;
  readonly reason: string;
  readonly overwrite?: boolean;
}

const own: Mover = { by: null, reason: "" };
const asMover = ({ by, reason, overwrite = false }: Mover): Machine["mover"] => ({ by, reason, overwrite });

export const countWords = ({ requests, errors }: Total): string =>
  `${requests} ${requests === 1 ? "request" : "requests"}, ${errors} failed`;

/** After a turn in the queue: the service is its own from here on. */
export function admit({ spec, machine }: Release, before: Release["before"], nowUnixMs: number): Next {
  const asks = spec.analysis.webhooks.some(({ when }) => when === "before");
  const begun = { ...machine, round: before?.round ?? 0 };
  const first = noted(begun, "info", "started", `Release of ${spec.canary} begins`);
  return {
    ...(asks
      ? { ...first, machine: enter(begun, "asking-before", nowUnixMs) }
      : andThen(first, (now) => workload({ spec, machine: now }, nowUnixMs))),
    before,
  };
}

/** To the pods of the canary: there already, or started once calls cannot get to them by themselves. */
export function workload({ spec, machine }: Pick<Release, "spec" | "machine">, nowUnixMs: number): Next {
  if (spec.start === null) {
    return stay(enter(machine, "pods", nowUnixMs));
  }
  const round = machine.round + 1;
  return noted(
    { ...enter(machine, "guarding", nowUnixMs), wanted: guardShares(spec, round), round },
    "info",
    "guard",
    `Before pods of ${spec.canary} start, all calls go to ${spec.stable}`,
  );
}

/** Its own from before they are written: whatever becomes of this process, they are taken back. */
export const startPods = ({ canary }: Release["spec"], machine: Machine, nowUnixMs: number): Next =>
  noted(enter({ ...machine, made: true }, "starting", nowUnixMs), "info", "workload", `Starts pods of ${canary}`);

/** The shares of a step, from wherever it is on the track. `passed`: how the step before ended. */
export function toStep(
  { spec, machine }: Release,
  step: number,
  passed: "done" | "skipped",
  served: Total,
  nowUnixMs: number,
  mover: Mover = own,
  restart = false,
): Next {
  const round = machine.round + 1;
  const wanted = stepShares(spec, step, round);
  const steps = machine.steps.map((record, index): StepRecord => {
    if (index === step) {
      return { state: "current", startedUnixMs: nowUnixMs, endedUnixMs: null, atStart: served, atEnd: null };
    }
    if (index > step) {
      return { state: "ahead", startedUnixMs: null, endedUnixMs: null, atStart: served, atEnd: null };
    }
    return record.state === "current" ? { ...record, state: passed, endedUnixMs: nowUnixMs, atEnd: served } : record;
  });
  const next: Machine = {
    ...enter(machine, "placing", nowUnixMs),
    step,
    wanted,
    round,
    mover: asMover(mover),
    holds: mover.by === null ? machine.holds : clearHolds(),
    refused: null,
    soak: freshSoak,
    steps,
    served: machine.served ?? {
      fromUnixMs: nowUnixMs,
      untilUnixMs: nowUnixMs,
      totals: { stable: { requests: 0, errors: 0 }, canary: { requests: 0, errors: 0 } },
    },
  };
  const share = wanted.mirror > 0 ? `${wanted.weight} % and copies of ${wanted.mirror} %` : `${wanted.weight} %`;
  const text = `${restart ? "Restarts from step" : "Step"} ${step + 1} of ${spec.steps.length}: ${spec.canary} gets ${share}${said(mover)}`;
  return noted(next, "info", "step", text, mover.by);
}

const said = ({ reason }: Mover): string => (reason === "" ? "" : `: ${reason}`);

/** The end of the track: the last webhooks, then all calls to the canary. */
export function complete(
  release: Release,
  passed: "done" | "skipped",
  served: Total,
  nowUnixMs: number,
  mover: Mover = own,
): Next {
  const { spec, machine } = release;
  const steps = machine.steps.map((record): StepRecord => {
    if (record.state === "current") {
      return { ...record, state: passed, endedUnixMs: nowUnixMs, atEnd: served };
    }
    return record.state === "ahead" ? { ...record, state: "skipped" } : record;
  });
  const ready: Machine = {
    ...machine,
    steps,
    mover: asMover(mover),
    holds: mover.by === null ? machine.holds : clearHolds(),
    refused: null,
  };
  return spec.analysis.webhooks.some(({ when }) => when === "after")
    ? stay(enter(ready, "asking-after", nowUnixMs))
    : finish({ ...release, machine: ready }, nowUnixMs);
}

export function finish({ spec, machine }: Release, nowUnixMs: number): Next {
  const round = machine.round + 1;
  const next = { ...enter(machine, "finishing", nowUnixMs), wanted: finalShares(spec, round), round };
  return noted(next, "info", "completing", `All calls go to ${spec.canary}`, machine.mover.by);
}

export interface WayBack {
  readonly end: "rolled-back" | "undone";
  readonly reason: string;
  readonly by: string | null;
  readonly forBundle?: boolean;
}

/** Back to the shares from before. What never asked for shares has none to give back. */
export function goBack({ spec, machine, before }: Release, way: WayBack, nowUnixMs: number): Next {
  const { end, reason, by, forBundle = false } = way;
  const round = machine.round + 1;
  const turned: Machine = {
    ...machine,
    back: { end, reason, by, forBundle },
    mover: { by, reason, overwrite: true },
    holds: clearHolds(),
    refused: null,
    waiting: false,
  };
  const event: Pick<Noted, "level" | "kind"> =
    end === "undone"
      ? { level: "warning", kind: "undo" }
      : { level: by === null ? "error" : "warning", kind: by === null ? "rolling-back" : "abort" };
  if (machine.wanted === null) {
    return machine.made
      ? noted(enter(turned, "removing", nowUnixMs), event.level, event.kind, reason, by)
      : andThen(noted(turned, event.level, event.kind, reason, by), (now) =>
          endAs(now, end, `Ended before ${spec.canary} got any request: ${reason}`, "warning", nowUnixMs),
        );
  }
  const note = (next: Machine): Next => noted(next, event.level, event.kind, reason, by);
  return machine.enteredUnixMs === null
    ? note({ ...enter(turned, "withdrawing", nowUnixMs), wanted: backShares(spec, before, round), round })
    : note(giveBack({ spec, before, machine: turned }, nowUnixMs));
}

/** The shares from before are what it wants from now on. */
export function giveBack({ spec, machine, before }: Release, nowUnixMs: number): Machine {
  const round = machine.round + 1;
  return { ...enter(machine, "going-back", nowUnixMs), wanted: backShares(spec, before, round), round };
}

/** What it was is over. */
export function endAs(
  machine: Machine,
  end: NonNullable<Machine["end"]>,
  text: string,
  level: Noted["level"],
  nowUnixMs: number,
): Next {
  return {
    ...noted(
      { ...enter(machine, "ended", nowUnixMs), end, waiting: false, refused: null, holds: clearHolds() },
      level,
      end,
      text,
    ),
    audit: {
      action: "rollout-ended",
      outcome: end === "completed" || end === "undone" ? "done" : "failed",
      detail: text,
    },
  };
}
