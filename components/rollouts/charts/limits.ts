/** Limits of the analysis, as the charts draw them. Pure. */
import type { RolloutSpec } from "@/server/contracts/rollout-spec.ts";
import { milliseconds, textOf } from "../../ui/format.ts";
import { percent } from "../words/rollout-words.ts";

/** A dotted line and its words. */
export interface Limit {
  readonly value: number;
  readonly words: string;
}

export type Quantile = 50 | 95 | 99;

/** What the success rate must not fall below, in per cent. */
export function successLimits({ minSuccess }: RolloutSpec["analysis"]): Limit[] {
  return minSuccess === null ? [] : [{ value: minSuccess, words: `limit ${percent(minSuccess)}` }];
}

/** What a latency must not exceed: a fixed limit, and one that follows the stable version. */
export function latencyLimits(
  { latency }: RolloutSpec["analysis"],
  quantile: Quantile,
  stableMs: number | null,
  stable: string,
): Limit[] {
  return latency
    .filter((rule) => rule.quantile === quantile)
    .flatMap(({ maxMs, maxRatio }) => [
      ...(maxMs === null ? [] : [{ value: maxMs, words: `limit ${textOf(milliseconds(maxMs))}` }]),
      ...(maxRatio === null || stableMs === null
        ? []
        : [{ value: stableMs * maxRatio, words: `${Number(maxRatio.toFixed(2))} × ${stable}` }]),
    ]);
}
