/** What keeps a release where it is, as long as it lasts. Pure. */
import { durationMs } from "@/mesh-runtime/api/gateway-api/duration.ts";
import type { RolloutSpec } from "@/server/contracts/rollout-spec.ts";
import type { HoldReason } from "@/server/contracts/rollouts.ts";
import { isOnSteps, isPreparing, type Machine, type Release } from "./state.ts";
import { type Look, type Next, noted, stay } from "./step.ts";

/** Without figures for so long nothing is judged any more. */
export const staleAfterMs = 10_000;

export const msOf = (duration: string): number => durationMs(duration) ?? 0;

/** The step that it is at is judged. */
export const isJudged = (spec: RolloutSpec, { phase, step }: Pick<Machine, "phase" | "step">): boolean =>
  (phase === "soaking" || phase === "gate") && spec.steps[step]?.analysis === true;

/** Some calls still go to the stable version at the end: which of both stays is nothing to guess. */
export const decidesEnd = ({ spec, machine }: Pick<Release, "spec" | "machine">): boolean =>
  machine.step + 1 >= spec.steps.length && (spec.steps[machine.step]?.weight ?? 0) < 100;

/** Going on without figures would be a guess: the step or a later one is judged, or a limit counts failed requests. */
function figuresMatter(spec: RolloutSpec, machine: Machine): boolean {
  const limited = spec.analysis.maxFailedRequests !== null;
  switch (machine.phase) {
    case "soaking":
    case "gate":
      return limited || spec.steps.slice(machine.step).some(({ analysis }) => analysis);
    case "asking-after":
      return limited;
    default:
      return false;
  }
}

export const isStale = ({ freshUnixMs, nowUnixMs }: Pick<Look, "freshUnixMs" | "nowUnixMs">): boolean =>
  freshUnixMs === null || nowUnixMs - freshUnixMs > staleAfterMs;

function circumstance({ spec, machine }: Release, look: Look): { reason: HoldReason; words: string } | undefined {
  if (!look.connected || look.placement?.state === "unreachable") {
    const words = look.placement?.state === "unreachable" ? look.placement.words : "The cluster does not answer";
    return { reason: "mesh-unreachable", words };
  }
  if (look.frozen !== "") {
    return { reason: "freeze", words: look.frozen };
  }
  if (look.placement?.state === "refused" && look.placement.reason === "freeze") {
    return { reason: "freeze", words: look.placement.words };
  }
  if (figuresMatter(spec, machine) && isStale(look)) {
    return { reason: "no-telemetry", words: "The proxies report no figures" };
  }
  if (isOnSteps(machine) && machine.enteredUnixMs !== null && look.canaryReady === 0) {
    return { reason: "no-pods", words: `${spec.canary} has no ready pod` };
  }
  return undefined;
}

/** Holds that come and go by themselves. An interval that overlaps a gap in the figures is never judged. */
export function hold(release: Release, look: Look): Next {
  const { machine } = release;
  const found = circumstance(release, look);
  const was = machine.holds.circumstance;
  const is = found?.reason ?? null;
  const gap = look.first || is === "no-telemetry";
  const next: Machine = {
    ...machine,
    // What it waits for has its whole time again.
    sinceUnixMs: is === null && was !== null && isPreparing(machine) ? look.nowUnixMs : machine.sinceUnixMs,
    holds: {
      ...machine.holds,
      circumstance: is,
      words: machine.holds.drift ? machine.holds.words : (found?.words ?? ""),
    },
    soak: gap ? { ...machine.soak, intervalFromUnixMs: null } : machine.soak,
  };
  if (is === was) {
    return stay(next);
  }
  return found === undefined
    ? noted(next, "info", "goes-on", "What held it is over: it goes on")
    : noted(next, "warning", found.reason, `${found.words}: it stays where it is`);
}
