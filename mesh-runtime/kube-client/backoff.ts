import { setTimeout as sleep } from "node:timers/promises";

/** Growing pauses with jitter. */
export interface Backoff {
  /** Waits, longer each time in a row; returns at once when the signal fires. */
  wait(signal: AbortSignal): Promise<void>;
  /** The next pause is short again. */
  reset(): void;
}

/** Pauses grow from `firstMs` by half each time up to `lastMs`; each is scattered by ±25 % so that clients spread. */
export function createBackoff({ firstMs = 50, lastMs = 5_000 }: { firstMs?: number; lastMs?: number } = {}): Backoff {
  let nextMs = firstMs;
  return {
    async wait(signal) {
      const pauseMs = nextMs * (0.75 + Math.random() / 2);
      nextMs = Math.min(nextMs * 1.5, lastMs);
      await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
    },
    reset() {
      nextMs = firstMs;
    },
  };
}
