/** What the versions of a service get by the shares that hold now, from what the proxies counted. */
import { weightOf } from "./figures.ts";
import { isOnSteps, type Release } from "./machine/state.ts";
import type { MeasurePort } from "./ports.ts";

/** Requests per second. */
export interface Rates {
  /** Of both versions together. */
  readonly total: number;
  readonly canary: number;
}

const windowMs = 60_000;
/** Reports are a moment late: the newest seconds are not complete. */
const lateMs = 3_000;
/** What was counted in less time says little. */
const leastMs = 5_000;

/** Over the last minute, or since the step began: what came before it came by other shares. */
export function ratesOf(
  release: Pick<Release, "spec" | "machine">,
  measure: Pick<MeasurePort, "counts">,
  nowUnixMs: number,
): Rates {
  const { spec, machine } = release;
  const to = nowUnixMs - lateMs;
  const over = (from: number): Rates => {
    const rps = (version: string): number =>
      measure.counts(spec.service, version, from, to).requests / ((to - from) / 1_000);
    const canary = rps(spec.canary);
    return { total: rps(spec.stable) + canary, canary };
  };
  const minute = over(to - windowMs);
  const began = isOnSteps(machine) ? machine.steps[machine.step]?.startedUnixMs : null;
  const since = Math.max(to - windowMs, began ?? 0);
  if (since === to - windowMs) {
    return minute;
  }
  const weight = weightOf(release);
  return to - since >= leastMs
    ? over(since)
    : { total: minute.total, canary: weight > 0 ? (minute.total * weight) / 100 : minute.canary };
}
