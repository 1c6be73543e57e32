/** Waiting times between attempts: exponential, with jitter so that many clients do not come back at once. */
export interface Backoff {
  /** Milliseconds to wait before the next attempt. */
  next(): number;
  /** After a success: the next wait is short again. */
  reset(): void;
}

/**
 * Doubles from `initialMs` to `maxMs`; each wait lies between half of that and all of it.
 * `random` gives numbers from 0 to below 1.
 */
export function createBackoff({
  initialMs,
  maxMs,
  random = Math.random,
}: {
  initialMs: number;
  maxMs: number;
  random?: () => number;
}): Backoff {
  let current = initialMs;
  return {
    next() {
      const wait = current * (0.5 + random() / 2);
      current = Math.min(current * 2, maxMs);
      return wait;
    },
    reset() {
      current = initialMs;
    },
  };
}
