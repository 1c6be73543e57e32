import type { Log } from "../common/log.ts";

/** Keys to be looked at, each by one worker at a time, again after a failure. */
export interface WorkQueue {
  add(key: string): void;
  /** Looks at the key again after `ms`, unless something else brings it earlier. */
  addAfter(key: string, ms: number): void;
  /** Takes nothing new; resolves when what runs has ended. */
  close(): Promise<void>;
}

export interface WorkQueueOptions {
  readonly name: string;
  /** Brings the world one step nearer to the wish for this key. May throw: it is called again after a pause. */
  readonly reconcile: (key: string) => Promise<void>;
  readonly log: Log;
  readonly concurrency?: number;
}

/** Short at the end too: after an outage of the API everything must go on soon. */
const retry = { firstMs: 50, lastMs: 5_000 };

export function createWorkQueue({ name, reconcile, log, concurrency = 4 }: WorkQueueOptions): WorkQueue {
  /** In order of arrival. */
  const waiting = new Set<string>();
  const running = new Set<string>();
  const failures = new Map<string, number>();
  const timers = new Map<string, { timer: NodeJS.Timeout; at: number }>();
  let closed = false;
  let idle: () => void = () => undefined;

  const next = (): void => {
    for (const key of waiting) {
      if (running.size >= concurrency || closed) {
        break;
      }
      // The same key never runs twice at once; it stays in line until it is free.
      if (!running.has(key)) {
        waiting.delete(key);
        running.add(key);
        void run(key);
      }
    }
    if (running.size === 0) {
      idle();
    }
  };
  const run = async (key: string): Promise<void> => {
    try {
      await reconcile(key);
      failures.delete(key);
    } catch (error) {
      const count = (failures.get(key) ?? 0) + 1;
      failures.set(key, count);
      const pauseMs = Math.min(retry.firstMs * 2 ** (count - 1), retry.lastMs) * (0.75 + Math.random() / 2);
      if (count > 3) {
        log.warn("reconcile failed, will try again", { queue: name, key, error: String(error), pauseMs });
      }
      addAfter(key, pauseMs);
    } finally {
      running.delete(key);
      next();
    }
  };
  const add = (key: string): void => {
    if (!closed) {
      waiting.add(key);
      next();
    }
  };
  const addAfter = (key: string, ms: number): void => {
    const at = Date.now() + ms;
    const planned = timers.get(key);
    if (closed || (planned !== undefined && planned.at <= at)) {
      return;
    }
    clearTimeout(planned?.timer);
    const timer = setTimeout(() => {
      timers.delete(key);
      add(key);
    }, ms);
    timer.unref();
    timers.set(key, { timer, at });
  };

  return {
    add,
    addAfter,
    async close() {
      closed = true;
      waiting.clear();
      for (const { timer } of timers.values()) {
        clearTimeout(timer);
      }
      timers.clear();
      if (running.size > 0) {
        await new Promise<void>((resolve) => {
          idle = resolve;
        });
      }
    },
  };
}
