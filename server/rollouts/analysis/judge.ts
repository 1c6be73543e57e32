/**
 * Whether a version is as good as it must be. Pure.
 *
 * - `fail`: the counts of the step speak against the rule with odds that a version within it reaches in at most
 *   `stepAlarm` of its steps, however often it is looked at. Where stable gets requests too, they must speak for a
 *   difference at the same time as well: what both suffer from is no verdict about the new version.
 * - `pass`: enough requests, nothing speaks against it, and what was seen lately is within the rule.
 * - `inconclusive`: anything else. More requests decide.
 *
 * `docs/analysis.md` has the figures.
 */

import type { AnalysisRules } from "@/server/contracts/rollout-spec.ts";
import type { MeasureVerdict, Verdict } from "@/server/contracts/rollouts.ts";
import type { IntervalCounts } from "./counts.ts";
import { number } from "./decide.ts";
import { latencyMeasures } from "./latency-measures.ts";
import { type Sample, sampleOf } from "./sample.ts";
import { differenceMeasure, successMeasure } from "./success-measures.ts";

/** Share of the steps of a good version that fail all the same, at most. */
export const stepAlarm = 0.002;

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

export const judge: Judge = (rules, intervals, webhooks) => {
  const tests =
    (rules.minSuccess === null ? 0 : 1) +
    (rules.maxWorse === null ? 0 : 1) +
    rules.latency.reduce((sum, { maxMs, maxRatio }) => sum + (maxMs === null ? 0 : 1) + (maxRatio === null ? 0 : 1), 0);
  const sample = sampleOf(intervals, rules.minRequests, Math.max(1, tests) / stepAlarm);
  const measures = [
    ...successMeasure(rules, sample),
    ...differenceMeasure(rules, sample),
    ...rules.latency.flatMap((rule) => latencyMeasures(rule, sample)),
    requestsMeasure(rules, sample),
    ...webhooks.map(webhookMeasure),
  ];
  return { verdict: worst(measures.map(({ verdict }) => verdict)), measures };
};

const worst = (verdicts: readonly Verdict[]): Verdict =>
  verdicts.includes("fail") ? "fail" : verdicts.includes("inconclusive") ? "inconclusive" : "pass";

const requestsMeasure = ({ minRequests }: AnalysisRules, { whole }: Sample): MeasureVerdict => {
  const { requests } = whole.canary;
  const enough = requests >= minRequests ? "Enough" : `${number(minRequests - requests)} more`;
  return {
    measure: "requests",
    title: "Requests to judge by",
    rule: `at least ${number(minRequests)}`,
    stable: null,
    canary: requests,
    unit: "requests",
    verdict: requests >= minRequests ? "pass" : "inconclusive",
    detail: whole.copies === 0 ? enough : `${enough}; ${number(whole.copies)} are copies, which no caller waits for`,
  };
};

const webhookMeasure = ({ name, outcome, words }: WebhookOutcome): MeasureVerdict => ({
  measure: `webhook/${name}`,
  title: name,
  rule: "says yes",
  stable: null,
  canary: null,
  unit: "",
  verdict: outcome === "passed" ? "pass" : outcome === "failed" ? "fail" : "inconclusive",
  detail: words,
});
