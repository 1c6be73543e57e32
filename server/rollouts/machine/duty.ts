/** What is to be done for a release now, whoever does it and however often: each duty is safe to repeat. Pure. */
import type { Shares } from "../ports.ts";
import { isJudged } from "./circumstances.ts";
import { holdOf, type Machine, type Release } from "./state.ts";

export type Duty =
  | { readonly do: "nothing" }
  | { readonly do: "ask"; readonly when: "before" | "after" }
  | { readonly do: "start" }
  | { readonly do: "place"; readonly shares: Shares; readonly goingBack: boolean }
  | { readonly do: "watch"; readonly judges: boolean }
  | { readonly do: "resume-old" }
  | { readonly do: "withdraw" }
  | { readonly do: "remove" };

const nothing: Duty = { do: "nothing" };

export function dutyOf({ spec, machine }: Pick<Release, "spec" | "machine">, nowUnixMs: number): Duty {
  switch (machine.phase) {
    case "asking-before":
      return { do: "ask", when: "before" };
    case "asking-after":
      return { do: "ask", when: "after" };
    case "starting":
      return holdOf(machine) === null ? { do: "start" } : nothing;
    case "guarding":
    case "placing":
    case "finishing":
      return machine.wanted === null || machine.holds.drift || !mayTryAgain(machine, nowUnixMs)
        ? nothing
        : { do: "place", shares: machine.wanted, goingBack: false };
    case "going-back":
      return machine.wanted === null || !mayTryAgain(machine, nowUnixMs)
        ? nothing
        : { do: "place", shares: machine.wanted, goingBack: true };
    case "soaking":
    case "gate":
      return { do: "watch", judges: isJudged(spec, machine) && !machine.holds.drift };
    case "resuming":
      return machine.back?.end === "undone" || isNowAndThen(machine, nowUnixMs) ? { do: "resume-old" } : nothing;
    case "withdrawing":
      return { do: "withdraw" };
    case "removing":
      return { do: "remove" };
    default:
      return nothing;
  }
}

/** A hold that may last for hours asks the cluster four times a minute. */
const isNowAndThen = ({ sinceUnixMs }: Machine, nowUnixMs: number): boolean =>
  (nowUnixMs - sinceUnixMs) % 15_000 < 2_000;

/** What was refused is asked again after a while, or when a person says so. */
const mayTryAgain = ({ refused }: Machine, nowUnixMs: number): boolean =>
  refused === null || (refused.againUnixMs !== null && refused.againUnixMs <= nowUnixMs);

/** What a person's click changes in the cluster before anything else: an abort waits for nobody's next look. */
export function atOnce({ machine }: Pick<Release, "machine">): Shares | undefined {
  return machine.phase === "going-back" && machine.wanted !== null ? machine.wanted : undefined;
}
