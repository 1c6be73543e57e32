/** From odds to a verdict, in words. Pure. */
import type { MeasureVerdict } from "@/server/contracts/rollouts.ts";
import type { Sample } from "./sample.ts";

export const number = (value: number, digits = 2): string =>
  value.toLocaleString("en", { maximumFractionDigits: digits });

export interface Found {
  /** Odds against the rule. */
  readonly odds: number;
  /** What was seen lately is within the rule. */
  readonly within: boolean;
  /** Odds against the canary being no worse than stable at the same time. */
  readonly worse: number;
  readonly seen: string;
}

const oddsWords = (odds: number): string =>
  odds >= 1e9 ? "this is no chance" : `chance does this once in ${number(odds, 0)} times at most`;

/** What follows once there are enough requests. */
export function decide({ odds, within, worse, seen }: Found, { needed, stable }: Sample): Decided {
  if (odds >= needed && (stable !== "enough" || worse >= needed)) {
    return { verdict: "fail", detail: `${seen}; ${oddsWords(odds)}` };
  }
  if (within) {
    return { verdict: "pass", detail: seen };
  }
  const why =
    odds >= needed ? "stable does the same, so it is not the new version's doing" : "chance can still do this";
  return { verdict: "inconclusive", detail: `${seen}; ${why}` };
}

export type Decided = Pick<MeasureVerdict, "verdict" | "detail">;
export const tooFew: Decided = { verdict: "inconclusive", detail: "Too few requests yet" };
/** All requests go to the canary. */
export const nothingToCompare: Decided = { verdict: "pass", detail: "Stable gets no requests to compare with" };
