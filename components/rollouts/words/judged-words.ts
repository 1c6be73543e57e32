/** The rules of the analysis in a line, for the form where they are folded. Pure. */
import { durationMs } from "../../golden-paths/form/duration-text.ts";
import { duration } from "../../ui/format.ts";
import type { ReleaseDraft } from "../form/release-draft.ts";

const shown = (value: number | null): value is number => value !== null && Number.isFinite(value);

/** "Every 30 s, 2 in a row; at least 99 % answered well, p95 at most 2 × stable, at most 1 point worse". */
export function judgedWords(analysis: ReleaseDraft["analysis"]): string {
  const { interval, passes, minSuccess, maxWorse, latency } = analysis;
  const ms = durationMs(interval);
  const rules = [
    shown(minSuccess) ? `at least ${minSuccess}\u00a0% answered well` : "",
    shown(maxWorse) ? `at most ${maxWorse} ${maxWorse === 1 ? "point" : "points"} worse` : "",
    ...latency.flatMap(({ quantile, maxMs, maxRatio }) => [
      shown(maxMs) ? `p${quantile} at most ${maxMs}\u00a0ms` : "",
      shown(maxRatio) ? `p${quantile} at most ${maxRatio} × stable` : "",
    ]),
  ].filter((rule) => rule !== "");
  const rhythm = `Every ${ms === undefined ? interval : duration(ms)}, ${shown(passes) ? passes : "–"} passed in a row`;
  return `${rhythm}; ${rules.length === 0 ? "nothing is looked at" : rules.join(", ")}`;
}
