/** A release in words. Pure. */
import type { StepProgress } from "@/server/contracts/rollouts.ts";
import { msOf } from "./circumstances.ts";
import { countWords } from "./moves.ts";
import { holdOf, type Machine, type Release, stateOf, type Total } from "./state.ts";

const holdWords: Readonly<Record<NonNullable<ReturnType<typeof holdOf>>, string>> = {
  gate: "waits for a person",
  person: "paused",
  drift: "somebody else changed the route",
  "no-telemetry": "no figures from the proxies",
  "mesh-unreachable": "the cluster does not answer",
  freeze: "a freeze holds it",
  inconclusive: "no verdict, a person decides",
  refused: "a step was refused",
  rejected: "another team said no",
  "no-pods": "no ready pod",
  "no-stable-pods": "nothing to go back to is ready, calls stay",
};

/** "Running at 10 %". `served`: what the canary answered. */
export function headline({ spec, machine }: Release, served: Total): string {
  const weight = machine.wanted?.canary === spec.canary ? machine.wanted.weight : 0;
  const hold = holdOf(machine);
  const held = hold === null ? "" : `, ${holdWords[hold]}`;
  switch (stateOf(machine)) {
    case "queued":
      return "Waits for the release before it";
    case "waiting":
      return `Waits for other teams${held}`;
    case "preparing":
      return `Prepares ${spec.canary}${held}`;
    case "running":
      return `Running at ${weight} %`;
    case "paused":
      return `Held at ${weight} %${held}`;
    case "completing":
      return `Moves all calls to ${spec.canary}${held}`;
    case "rolling-back":
      return machine.back?.end === "undone" ? "Is being undone" : `Rolls back${held}`;
    case "completed":
      return `Completed: all calls went to ${spec.canary}`;
    case "undone":
      return "Undone";
    case "failed":
      return "Failed: its record could not be read";
    case "rolled-back":
      return machine.served === null
        ? `Ended before it began: ${machine.back?.reason ?? "aborted"}`
        : `Rolled back: ${served.errors} of ${served.requests} failed`;
  }
}

/** The track. `served`: what the canary answered up to now. */
export function trackOf({ spec, machine }: Release, served: Total, nowUnixMs: number): StepProgress[] {
  return spec.steps.map((step, index) => {
    const record = machine.steps[index];
    const end = record?.atEnd ?? (record?.state === "current" ? served : record?.atStart);
    const { progress, words } = progressOf({ spec, machine }, index, nowUnixMs);
    return {
      step,
      state: record?.state ?? "ahead",
      startedUnixMs: record?.startedUnixMs ?? null,
      endedUnixMs: record?.endedUnixMs ?? null,
      canaryRequests: Math.max(0, (end?.requests ?? 0) - (record?.atStart.requests ?? 0)),
      canaryErrors: Math.max(0, (end?.errors ?? 0) - (record?.atStart.errors ?? 0)),
      progress,
      words,
    };
  });
}

function progressOf(
  { spec, machine }: Pick<Release, "spec" | "machine">,
  index: number,
  nowUnixMs: number,
): { progress: number; words: string } {
  const record = machine.steps[index];
  const step = spec.steps[index];
  if (record === undefined || step === undefined || record.state === "ahead") {
    return { progress: 0, words: step?.gate === true ? "a person decides at its end" : "" };
  }
  if (record.state !== "current") {
    const words =
      record.startedUnixMs === null ? "left out" : record.state === "skipped" ? "ended by a person" : "passed";
    return {
      progress: record.state === "done" ? 1 : 0,
      words: record.atEnd === null ? words : `${words}: ${countWords(minus(record.atEnd, record.atStart))}`,
    };
  }
  if (machine.end !== null || machine.back !== null) {
    return { progress: 0, words: "ended here" };
  }
  return current(machine, step, spec.analysis.passes, nowUnixMs);
}

const minus = (one: Total, other: Total): Total => ({
  requests: Math.max(0, one.requests - other.requests),
  errors: Math.max(0, one.errors - other.errors),
});

function current(
  machine: Machine,
  step: StepProgress["step"],
  passes: number,
  nowUnixMs: number,
): { progress: number; words: string } {
  const hold = holdOf(machine);
  if (machine.phase === "placing") {
    return { progress: 0, words: machine.words === "" ? "shares are on their way" : machine.words };
  }
  const held = msOf(step.hold);
  const time = held === 0 ? 1 : Math.min(1, (nowUnixMs - machine.sinceUnixMs) / held);
  const well = step.analysis ? Math.min(1, machine.soak.passes / passes) : 1;
  const progress = machine.phase === "gate" ? 1 : Math.min(time, well);
  if (hold !== null) {
    return { progress, words: holdWords[hold] };
  }
  return {
    progress,
    words: step.analysis
      ? `running, ${machine.soak.passes} of ${passes} intervals passed`
      : `running, ${Math.round(time * 100)} % of ${step.hold}`,
  };
}
