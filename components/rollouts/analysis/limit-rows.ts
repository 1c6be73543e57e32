/** Limits of the whole release, with what there is of each by now. Pure. */
import type { RolloutDetails } from "@/server/contracts/rollouts.ts";
import { count, plural } from "../../ui/format.ts";

/** One limit, as a row below the measures. */
export interface LimitRow {
  readonly limit: "failed" | "minutes";
  readonly title: string;
  readonly rule: string;
  readonly value: string;
  readonly words: string;
  readonly tone: "ok" | "warn" | "error" | "none";
}

type Limited = Pick<RolloutDetails, "spec" | "canaryErrors" | "enteredUnixMs" | "finishedUnixMs">;

/** From this part of a limit on it is time to watch. */
const watchFrom = 0.75;
const minuteMs = 60_000;

/** Limits that hold beside the analysis: one over its limit sends the new version back at once. */
export function limitRows(
  { spec, canaryErrors, enteredUnixMs, finishedUnixMs }: Limited,
  nowUnixMs: number,
): LimitRow[] {
  const { maxFailedRequests, maxMinutes } = spec.analysis;
  const over = finishedUnixMs !== null;
  const rows: LimitRow[] = [];
  if (maxFailedRequests !== null) {
    const left = maxFailedRequests - canaryErrors;
    rows.push({
      limit: "failed",
      title: "Failed requests callers saw",
      rule: `at most ${count(maxFailedRequests)}`,
      value: count(canaryErrors),
      ...standing(
        canaryErrors / maxFailedRequests,
        left < 0,
        over,
        left === 0 ? "no more may fail" : `${count(left)} left`,
      ),
    });
  }
  if (maxMinutes !== null) {
    const ms = enteredUnixMs === null ? 0 : (finishedUnixMs ?? nowUnixMs) - enteredUnixMs;
    const left = Math.ceil(maxMinutes - ms / minuteMs);
    rows.push({
      limit: "minutes",
      title: "Minutes it takes",
      rule: `at most ${count(maxMinutes)}`,
      value: count(Math.max(0, Math.floor(ms / minuteMs))),
      ...standing(ms / minuteMs / maxMinutes, left <= 0, over, `${plural(left, "minute")} left`),
    });
  }
  return rows;
}

/** `over`: the release is, so that nothing is left to watch. */
function standing(part: number, exceeded: boolean, over: boolean, left: string): Pick<LimitRow, "words" | "tone"> {
  if (exceeded) {
    return { words: "over the limit", tone: "error" };
  }
  if (over) {
    return { words: "within the limit", tone: "ok" };
  }
  return part >= watchFrom ? { words: `${left}, watch`, tone: "warn" } : { words: left, tone: "ok" };
}
