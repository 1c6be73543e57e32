/** Whether a version is as good as it must be. Pure. */
import type { AnalysisRules, MeasureVerdict, Verdict } from "@/server/contracts/rollouts.ts";
import type { IntervalCounts } from "./counts.ts";

/** What a webhook said. `waiting`: it has no answer yet. */
export interface WebhookOutcome {
  readonly name: string;
  readonly outcome: "passed" | "failed" | "waiting";
  /** "200", "did not answer within 5s". */
  readonly words: string;
}

export interface Judgement {
  readonly verdict: Verdict;
  readonly measures: readonly MeasureVerdict[];
}

/** `intervals`: those of the current step so far, oldest first; the verdict is about the newest. */
export type Judge = (
  rules: AnalysisRules,
  intervals: readonly IntervalCounts[],
  webhooks: readonly WebhookOutcome[],
) => Judgement;
