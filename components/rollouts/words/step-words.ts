/** What stands under a step of the track. Pure. */

import type { RolloutStep } from "@/server/contracts/rollout-spec.ts";
import type { StepProgress } from "@/server/contracts/rollouts.ts";
import { durationMs } from "../../golden-paths/form/duration-text.ts";
import { duration, plural } from "../../ui/format.ts";

/** `5 min`; empty when it lasts no time. */
function holdOf({ hold }: Pick<RolloutStep, "hold">): string {
  const ms = durationMs(hold) ?? 0;
  return ms === 0 ? "" : duration(ms);
}

/** "a person decides", or until when: "a person within 30 min, else back". */
function decisionOf({ gateTimeout, onGateTimeout }: RolloutStep): string {
  const ms = gateTimeout === null ? undefined : durationMs(gateTimeout);
  return ms === undefined
    ? "a person decides"
    : `a person within ${duration(ms)}, else ${onGateTimeout === "roll-back" ? "back" : "on"}`;
}

/** What a step will ask for, before it begins: "at least 10 min, judged, then a person decides". */
export function demandWords(step: RolloutStep): string {
  const parts = [
    holdOf(step) === "" ? "" : `at least ${holdOf(step)}`,
    step.analysis ? "judged" : "",
    step.gate ? `then ${decisionOf(step)}` : "",
  ].filter((part) => part !== "");
  return parts.length === 0 ? "at once" : parts.join(", ");
}

/** What goes to the new version at a step: "10 %", "copies of 100 %", "matching calls". */
export function shareWords({ weight, mirror }: Pick<RolloutStep, "weight" | "mirror">): string {
  if (weight > 0) {
    return `${Number(weight.toFixed(2))}\u00a0%`;
  }
  return mirror > 0 ? `${Number(mirror.toFixed(2))}\u00a0% copied` : "0\u00a0%";
}

function answered({ canaryRequests, canaryErrors }: StepProgress): string {
  const failed = canaryErrors === 0 ? "no error" : plural(canaryErrors, "error");
  return canaryRequests === 0 ? "no requests" : `${plural(canaryRequests, "request")}, ${failed}`;
}

interface Moment {
  readonly nowUnixMs: number;
  /** Of the step that runs; null when none is known. */
  readonly nextVerdictUnixMs: number | null;
  /** The release is over: what is ahead will not come. */
  readonly over: boolean;
}

/** What the portal says of a step; what stands under it anyway is left out: counts, and what it will ask for. */
export const shortWords = ({ words, state }: Pick<StepProgress, "words" | "state">): string =>
  state === "current" ? words : state === "ahead" ? "" : (words.split(":")[0] ?? "");

/** The line under a step. */
export function stepCaption(progress: StepProgress, { nowUnixMs, nextVerdictUnixMs, over }: Moment): string {
  const { state, step, startedUnixMs, endedUnixMs } = progress;
  if (state === "ahead") {
    return over ? "not reached" : demandWords(step);
  }
  if (state === "skipped" && startedUnixMs === null) {
    return "";
  }
  const took = startedUnixMs === null ? "" : duration((endedUnixMs ?? nowUnixMs) - startedUnixMs);
  if (state !== "current" || endedUnixMs !== null || over) {
    return [took, answered(progress)].filter((part) => part !== "").join(", ");
  }
  const left = nextVerdictUnixMs === null ? 0 : nextVerdictUnixMs - nowUnixMs;
  const soFar = took === "" ? "" : `${took} so far`;
  const next = left > 1000 ? `next verdict in ${duration(Math.ceil(left / 1000) * 1000)}` : answered(progress);
  return [soFar, next].filter((part) => part !== "").join(", ");
}
