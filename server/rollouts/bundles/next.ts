/** What becomes of a bundle by what became of its releases. Pure. */

import type { BundleDetails } from "@/server/contracts/rollout-bundles.ts";
import { owningStates, type RolloutState } from "@/server/contracts/rollouts.ts";

export interface Member {
  readonly id: string;
  readonly number: number;
  readonly state: RolloutState;
  /** Completed, and not taken back by the portal: a later release came after it, or taking it back was tried and failed. */
  readonly stays?: boolean;
}

export interface BundleNext {
  readonly state: BundleDetails["state"];
  /** What its releases are told. */
  readonly orders: readonly { readonly id: string; readonly command: "abort" | "undo" }[];
  /** Releases that stay as they are though the bundle went back. */
  readonly stays: readonly string[];
  /** " because release 12 rolled back". */
  readonly because: string;
}

const ended = ({ state }: Member): boolean => state === "rolled-back" || state === "failed" || state === "undone";
const isUnderWay = ({ state }: Member): boolean => owningStates.some((owning) => owning === state);

export function nextOf(
  bundle: { readonly state: string; readonly abortTogether: boolean; readonly order: string },
  members: readonly Member[],
): BundleNext {
  const lost = members.find(ended);
  const because =
    lost === undefined ? "" : ` because release ${lost.number} ${lost.state === "failed" ? "failed" : "went back"}`;
  const goesBack = bundle.state === "rolling-back" || (lost !== undefined && bundle.abortTogether);
  if (goesBack) {
    const orders = members.flatMap(({ id, state, stays = false }): BundleNext["orders"] => {
      if (state === "completed") {
        return stays ? [] : [{ id, command: "undo" }];
      }
      return ended({ id, state, number: 0 }) || state === "rolling-back" ? [] : [{ id, command: "abort" }];
    });
    const left = members.filter(({ state, stays = false }) => state === "completed" && stays);
    const over = members.filter(ended).length + left.length === members.length;
    return {
      state: !over ? "rolling-back" : left.length > 0 ? "failed" : "rolled-back",
      orders,
      stays: over ? left.map(({ id }) => id) : [],
      because,
    };
  }
  if (members.every(({ state }) => state === "completed")) {
    return { state: "completed", orders: [], stays: [], because };
  }
  if (lost === undefined) {
    return { state: "running", orders: [], stays: [], because };
  }
  // Each for itself; in order, what comes after one that was lost never begins.
  const waiting = bundle.order === "in-order" ? members.filter(({ state }) => state === "queued") : [];
  const over = members.every((one) => ended(one) || one.state === "completed") && !members.some(isUnderWay);
  return {
    state: over ? "failed" : "running",
    orders: waiting.map(({ id }) => ({ id, command: "abort" as const })),
    stays: [],
    because,
  };
}
