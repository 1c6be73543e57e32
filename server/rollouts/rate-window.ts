/** Over which time requests per second are counted. */
import { isOnSteps, type Release } from "./machine/state.ts";

export interface RateWindow {
  readonly fromUnixMs: number;
  readonly toUnixMs: number;
}

const longestMs = 60_000;
/** Reports are a moment late: the newest seconds are not complete. */
const lateMs = 3_000;
/** What was counted in less time says little. */
const leastMs = 5_000;

/** The last minute. */
export const lastMinute = (nowUnixMs: number): RateWindow => ({
  fromUnixMs: nowUnixMs - lateMs - longestMs,
  toUnixMs: nowUnixMs - lateMs,
});

/**
 * The last minute, or since the step began: what came before it came by other shares, and perhaps past the waypoint that
 * counts. Undefined: the step is too young to say.
 */
export function rateWindow({ machine }: Pick<Release, "machine">, nowUnixMs: number): RateWindow | undefined {
  const minute = lastMinute(nowUnixMs);
  const began = isOnSteps(machine) ? (machine.steps[machine.step]?.startedUnixMs ?? 0) : 0;
  const fromUnixMs = Math.max(minute.fromUnixMs, began);
  return minute.toUnixMs - fromUnixMs >= leastMs ? { ...minute, fromUnixMs } : undefined;
}

/** Requests per second of so many in a window. */
export const perSecond = (requests: number, { fromUnixMs, toUnixMs }: RateWindow): number =>
  requests / ((toUnixMs - fromUnixMs) / 1_000);
