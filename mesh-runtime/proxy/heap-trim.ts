import type { Running } from "../common/lifetime.ts";

/** Nothing happened for this long. */
const idleMs = 30_000;
const checkMs = 10_000;
/** Less is not worth a pause. */
const slackBytes = 12 << 20;

/**
 * Gives memory back that V8 holds for more of the load that is over: what starting left behind is a third of a proxy's
 * memory. Takes some 50 ms, so only before the first caller and while there are none. Needs `--expose-gc`; without it
 * nothing happens.
 */
export function trimHeap(): void {
  // An ordinary collection keeps the emptied pages; this one returns them.
  globalThis.gc?.({ type: "major", execution: "sync", flavor: "last-resort" });
}

/** Trims when `requests` (a count since the start) stands still. */
export function trimWhenIdle(requests: () => number): Running {
  let seen = requests();
  let sinceMs = Date.now();
  let trimmed = true;
  const timer = setInterval(() => {
    const now = requests();
    if (now !== seen) {
      seen = now;
      sinceMs = Date.now();
      trimmed = false;
      return;
    }
    const { heapTotal, heapUsed } = process.memoryUsage();
    if (!trimmed && Date.now() - sinceMs >= idleMs && heapTotal - heapUsed > slackBytes) {
      trimmed = true;
      trimHeap();
    }
  }, checkMs).unref();
  return {
    async close() {
      clearInterval(timer);
    },
  };
}
