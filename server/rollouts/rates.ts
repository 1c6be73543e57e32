/** What the versions of a service get by the shares that hold now, from what the proxies counted. */
import { weightOf } from "./figures.ts";
import type { Release } from "./machine/state.ts";
import type { MeasurePort } from "./ports.ts";
import { lastMinute, perSecond, type RateWindow, rateWindow } from "./rate-window.ts";

/** Requests per second. */
export interface Rates {
  /** Of both versions together. */
  readonly total: number;
  readonly canary: number;
}

/** Over the last minute, or since the step began. */
export function ratesOf(
  release: Pick<Release, "spec" | "machine">,
  measure: Pick<MeasurePort, "counts">,
  nowUnixMs: number,
): Rates {
  const { spec } = release;
  const over = (window: RateWindow): Rates => {
    const rps = (version: string): number =>
      perSecond(measure.counts(spec.service, version, window.fromUnixMs, window.toUnixMs).requests, window);
    const canary = rps(spec.canary);
    return { total: rps(spec.stable) + canary, canary };
  };
  const window = rateWindow(release, nowUnixMs);
  if (window !== undefined) {
    return over(window);
  }
  const minute = over(lastMinute(nowUnixMs));
  const weight = weightOf(release);
  return { total: minute.total, canary: weight > 0 ? (minute.total * weight) / 100 : minute.canary };
}
