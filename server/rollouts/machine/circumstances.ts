/** What keeps a release where it is, as long as it lasts. Pure. */
import { durationMs } from "@/mesh-runtime/api/gateway-api/duration.ts";
import type { RolloutSpec } from "@/server/contracts/rollout-spec.ts";
import type { HoldReason } from "@/server/contracts/rollouts.ts";
import { isOnSteps, type Machine, type Release } from "./state.ts";
import { type Look, type Next, noted, stay } from "./step.ts";

/** Without figures for so long nothing is judged any more. */
export const staleAfterMs = 10_000;

export const msOf = (duration: string): number => durationMs(duration) ?? 0;

/** The step that it is at is judged. */
export const isJudged = (spec: RolloutSpec, { phase, step }: Pick<Machine, "phase" | "step">): boolean =>
  (phase === "soaking" || phase === "gate") && spec.steps[step]?.analysis === true;

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
  if (isJudged(spec, machine) && isStale(look)) {
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
