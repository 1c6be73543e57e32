/** The buttons of a release, each with what it would do. Pure. */
import { type ActionOffer, type RolloutAction, rolloutAction } from "@/server/contracts/rollouts.ts";
import { weightOf } from "./figures.ts";
import { whyNot } from "./machine/command.ts";
import type { Release } from "./machine/state.ts";

const rate = (rps: number): string => `${Math.round(rps * 10) / 10} requests per second`;

/** `may`: why this person may not; `undo`: why it cannot be undone any more; `rps`: of both versions together. */
export function offersOf(release: Release, may: string, undo: string, rps: number): ActionOffer[] {
  return rolloutAction.options.map((action) => {
    const step = action === "restart" ? release.machine.step : null;
    const because = may || whyNot(release, action, step) || (action === "undo" ? undo : "");
    const { title, effect, change } = wordsOf(release, action, rps);
    return { action, allowed: because === "", because, title, effect, rps: change };
  });
}

interface Words {
  readonly title: string;
  readonly effect: string;
  readonly change: number | null;
}

function wordsOf(release: Release, action: RolloutAction, rps: number): Words {
  const { spec, machine } = release;
  const weight = weightOf(release);
  const moves = (to: number, title: string): Words => {
    const change = Math.round(((to - weight) / 100) * rps * 10) / 10;
    const effect =
      change === 0
        ? "moves no requests"
        : change > 0
          ? `moves ${rate(change)} more to ${spec.canary}`
          : `moves ${rate(-change)} back to ${spec.stable}`;
    return { title, effect, change };
  };
  const nothing = (title: string, effect: string): Words => ({ title, effect, change: null });
  switch (action) {
    case "promote": {
      const next = spec.steps[machine.step + 1]?.weight ?? 100;
      return moves(next, `Promote to ${next} %`);
    }
    case "promote-fully":
      return moves(100, "Promote fully");
    case "pause":
      return nothing("Pause", `${spec.canary} keeps ${weight} % until you resume`);
    case "resume":
      return machine.holds.drift
        ? nothing("Resume", "writes the shares of this step over what somebody else edited")
        : nothing("Resume", "goes on with this step");
    case "abort":
      return moves(0, "Abort");
    case "undo":
      return moves(0, "Undo");
    case "retry":
      return nothing("Retry", "starts the same release again from its first step");
    case "restart": {
      const to = spec.steps[machine.step]?.weight ?? 0;
      return moves(to, `Restart from step ${machine.step + 1}`);
    }
  }
}
