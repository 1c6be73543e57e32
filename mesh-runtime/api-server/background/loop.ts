import type { Log } from "../../common/log.ts";
import type { ResourceDeps } from "../resources/deps.ts";
import type { StoreEvent } from "../store/store.ts";
import { expireEvents } from "./event-expiry.ts";
import { createGarbageCollector } from "./garbage-collector.ts";
import { createNamespaceEnd } from "./namespace-end.ts";

const expireEveryMs = 60_000;

/** How many events are worked on before requests get their turn again. */
const batch = 50;

/**
 * Runs what follows from writes (garbage collection, namespaces that end) after the write was answered, lets Events expire, and once over
 * everything at start, since a crash may have come between a write and what follows from it.
 */
export function startBackground(deps: ResourceDeps): { close(): void } {
  const workers = [createGarbageCollector(deps), createNamespaceEnd(deps)];
  const queue: StoreEvent[] = [];
  let scheduled: NodeJS.Immediate | undefined;
  const work = (): void => {
    scheduled = undefined;
    for (const event of queue.splice(0, batch)) {
      for (const worker of workers) {
        guarded(deps.log, () => worker.handle(event));
      }
    }
    schedule();
  };
  const schedule = (): void => {
    if (queue.length > 0 && scheduled === undefined) {
      scheduled = setImmediate(work);
    }
  };
  const unsubscribe = deps.store.subscribeAll((event) => {
    queue.push(event);
    schedule();
  });
  // Nothing comes in between: what the sweep writes is queued like every other write.
  for (const worker of workers) {
    guarded(deps.log, () => worker.sweep());
  }
  const expire = (): void => guarded(deps.log, () => expireEvents(deps));
  expire();
  const expiry = setInterval(expire, expireEveryMs);
  return {
    close() {
      clearInterval(expiry);
      unsubscribe();
      queue.length = 0;
      if (scheduled !== undefined) {
        clearImmediate(scheduled);
      }
    },
  };
}

function guarded(log: Log, run: () => void): void {
  try {
    run();
  } catch (error) {
    log.error("background work failed", {
      error: error instanceof Error ? (error.stack ?? error.message) : String(error),
    });
  }
}
