/** How the acts of a release look and what they are called while nothing is known of them. Pure. */
import { FastForward, type LucideIcon, Pause, Play, RotateCcw, SkipForward, StepBack, Undo2 } from "lucide-react";
import type { ActionOffer, RolloutAction, RolloutDetails } from "@/server/contracts/rollouts.ts";
import { hasEnded } from "../words/rollout-words.ts";

export const actionIcons: Readonly<Record<RolloutAction, LucideIcon>> = {
  promote: SkipForward,
  "promote-fully": FastForward,
  pause: Pause,
  resume: Play,
  abort: Undo2,
  retry: RotateCcw,
  restart: StepBack,
  undo: Undo2,
};

/** Acts that take calls away from the new version. */
export const takesBack = (action: RolloutAction): boolean => action === "abort" || action === "undo";

/** What the safe choice of the confirmation keeps. */
export function keepWords(action: RolloutAction, { canary, state }: Pick<RolloutDetails, "canary" | "state">): string {
  switch (action) {
    case "abort":
      return "Let it go on";
    case "undo":
      return `Keep ${canary}`;
    case "promote":
    case "promote-fully":
      return "Not yet";
    case "pause":
      return "Let it go on";
    default:
      return state === "paused" ? "Leave it paused" : "Leave it";
  }
}

const offerOf = (offers: readonly ActionOffer[], action: RolloutAction): ActionOffer | undefined =>
  offers.find((offer) => offer.action === action);

/**
 * Which acts stand on the page as buttons, safe one first and the usual one last; the others are in the menu. What is
 * not possible now stays where it is as long as the release moves, so that nothing jumps under the pointer.
 */
export function shownOffers({ actions, state }: Pick<RolloutDetails, "actions" | "state">): {
  readonly buttons: readonly ActionOffer[];
  readonly menu: readonly ActionOffer[];
} {
  const wanted: RolloutAction[] = hasEnded(state)
    ? actions.filter(({ action, allowed }) => allowed && (action === "undo" || action === "retry")).map((o) => o.action)
    : [
        "abort",
        offerOf(actions, "resume")?.allowed ? "resume" : "pause",
        state === "failed" || offerOf(actions, "retry")?.allowed ? "retry" : "promote",
      ];
  const buttons = wanted.flatMap((action) => offerOf(actions, action) ?? []);
  return { buttons, menu: actions.filter((offer) => !buttons.includes(offer)) };
}
