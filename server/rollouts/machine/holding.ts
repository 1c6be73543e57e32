/** What holds a release, and the way back, for people. Pure. */
import type { Holding, RolloutAction, WayBack } from "@/server/contracts/rollouts.ts";
import { holdOf, isGoingBack, type Release } from "./state.ts";
import type { ReadyPods } from "./to-answers.ts";

type Held = Pick<Release, "spec" | "machine">;

/** Null while nothing holds it. */
export function holdingOf(release: Held): Holding | null {
  const { machine } = release;
  const hold = holdOf(machine);
  if (hold === null) {
    return null;
  }
  const act = actOf(release);
  switch (hold) {
    case "refused":
    case "rejected":
      return { words: machine.refused?.words ?? "", againUnixMs: machine.refused?.againUnixMs ?? null, act };
    case "no-stable-pods":
      return { words: machine.words, againUnixMs: null, act };
    case "gate":
    case "person":
    case "inconclusive":
      return { words: "", againUnixMs: null, act };
    default:
      return { words: machine.holds.words, againUnixMs: null, act };
  }
}

/** The command that answers the hold; null: none, it ends by itself. */
function actOf({ machine }: Held): RolloutAction | null {
  switch (holdOf(machine)) {
    case "gate":
      return "promote";
    case "person":
    case "drift":
    case "inconclusive":
    case "rejected":
      return "resume";
    case "refused":
      return isGoingBack(machine) ? null : "resume";
    default:
      return null;
  }
}

/** What an abort, a roll back or an undo would meet, or meets; null once there is nothing to take back. */
export function wayBackOf({ spec, machine }: Held, { stableReady, canaryReady }: ReadyPods): WayBack | null {
  const { phase, end, leftover } = machine;
  if (machine.wanted === null || (phase === "ended" && end !== "completed")) {
    return null;
  }
  const { stable: version, canary } = spec;
  const readyPods = stableReady;
  const undoes = end === "completed";
  if (undoes && (stableReady === 0 || leftover?.stopped === true)) {
    const words =
      leftover?.stopped === true
        ? `The pods of ${version} were stopped: they start first, and calls go back when one is ready.`
        : `${version} has no ready pod: an undo waits up to 5 minutes for one before any call goes back.`;
    return { version, readyPods, goes: "starts-pods", words };
  }
  if (stableReady === 0 && canaryReady > 0) {
    const words = `${version} has no ready pod: calls stay with ${canary} until one is ready. Start one now.`;
    return { version, readyPods, goes: "waits", words };
  }
  const pods = stableReady === 1 ? "1 ready pod" : `${stableReady} ready pods`;
  const words =
    stableReady === 0
      ? `Neither ${version} nor ${canary} has a ready pod.`
      : `${version} has ${pods}: going back is at once.`;
  return { version, readyPods, goes: "at-once", words };
}
