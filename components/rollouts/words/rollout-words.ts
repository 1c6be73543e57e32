/** Words for kinds and states of releases. Pure. */

import type { RolloutKind } from "@/server/contracts/rollout-spec.ts";
import { endedStates, owningStates, type RolloutState, type RolloutSummary } from "@/server/contracts/rollouts.ts";
import { count, plural } from "../../ui/format.ts";

/** What a kind is called, and what it does, in a line. */
export const kindTexts: Readonly<Record<RolloutKind, { readonly title: string; readonly line: string }>> = {
  progressive: { title: "Progressive", line: "A larger share step by step, judged by itself, back by itself" },
  weighted: { title: "Weighted steps", line: "Your shares, your pauses; a person says when it goes on" },
  "header-canary": { title: "Header canary", line: "Only calls with a header, a cookie or from one caller at first" },
  "blue-green": { title: "Blue and green", line: "Looked at behind a host of its own, then all calls at once" },
  "mirror-first": { title: "Mirror first", line: "Copies of real calls first; nobody gets an answer of it" },
  "ab-test": { title: "A/B test", line: "One group, told by a header, stays on it as long as you like" },
};

/** Kinds in the order of the form: the one for most releases first. */
export const kindOrder: readonly RolloutKind[] = [
  "progressive",
  "weighted",
  "header-canary",
  "blue-green",
  "mirror-first",
  "ab-test",
];

/** States for filters and badges. */
export const stateWords: Readonly<Record<RolloutState, string>> = {
  queued: "Queued",
  waiting: "Waits for approval",
  preparing: "Preparing",
  running: "Running",
  paused: "Paused",
  completing: "Completing",
  "rolling-back": "Rolling back",
  completed: "Completed",
  "rolled-back": "Rolled back",
  failed: "Failed",
  undone: "Undone",
};

const ended: ReadonlySet<RolloutState> = new Set(endedStates);
const owning: ReadonlySet<RolloutState> = new Set(owningStates);

export const hasEnded = (state: RolloutState): boolean => ended.has(state);

/** Moving first, then what waits in the queue, then what is over; newest first in each. */
export function byActivity(one: RolloutSummary, other: RolloutSummary): number {
  const rank = ({ state }: RolloutSummary) => (owning.has(state) ? 0 : hasEnded(state) ? 2 : 1);
  return rank(one) - rank(other) || other.number - one.number;
}

/** `10 %`, at most two decimals. */
export const percent = (weight: number): string => `${Number(weight.toFixed(2))}\u00a0%`;

/** "Release v2 of purchase-history". */
export const titleOf = ({ canary, service }: Pick<RolloutSummary, "canary" | "service">): string =>
  `Release ${canary} of ${service.name}`;

/** What the release cost callers: "v2 answered 3,456 requests, 7 failed". */
export function damageWords({
  canary,
  canaryRequests,
  canaryErrors,
}: Pick<RolloutSummary, "canary" | "canaryRequests" | "canaryErrors">): string {
  if (canaryRequests === 0) {
    return `${canary} answered no request`;
  }
  const failed = canaryErrors === 0 ? "none failed" : `${count(canaryErrors)} failed`;
  return `${canary} answered ${plural(canaryRequests, "request")}, ${failed}`;
}

/** "1st in the queue". */
export function queueWords(place: number): string {
  const teen = place % 100 > 10 && place % 100 < 14;
  const ending = teen ? "th" : (["th", "st", "nd", "rd"][place % 10] ?? "th");
  return `${place}${ending} in the queue`;
}
