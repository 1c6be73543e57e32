import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { Log } from "../common/log.ts";
import type { CoreReport, CoreStart, FromCore, ToCore } from "./core-messages.ts";
import type { DrainTimes } from "./data-plane.ts";

export interface SecondCoreHooks {
  readonly log: Log;
  /** It listens. */
  onBound(): void;
  /** Once a second: what it recorded since. */
  onReport(report: CoreReport): void;
  /** It is gone, asked to or not. */
  onGone(): void;
}

/** Of a heap of its own; the flags of the process hold for the main thread. */
const resourceLimits = { maxYoungGenerationSizeMb: 24, maxOldGenerationSizeMb: 512 };

/** A further thread that serves the same addresses. */
export class SecondCore {
  readonly #worker: Worker;
  readonly #gone: Promise<unknown>;
  bound = false;
  utilization = 0;
  openConnections = 0;
  draining = false;

  constructor(start: CoreStart, hooks: SecondCoreHooks) {
    this.#worker = new Worker(new URL("./core-thread.mjs", import.meta.url), {
      workerData: start,
      name: "second core",
      resourceLimits,
    });
    this.#worker.on("message", (message: FromCore) => {
      if (message.type === "bound") {
        this.bound = true;
        hooks.onBound();
      } else {
        this.utilization = message.utilization;
        this.openConnections = message.openConnections;
        hooks.onReport(message);
      }
    });
    this.#worker.on("error", (error) => hooks.log.error("second core failed", { error: String(error) }));
    this.#gone = once(this.#worker, "exit").then(() => hooks.onGone());
  }

  send(message: ToCore): void {
    this.#worker.postMessage(message);
  }

  /** Ends it in good order, within the times and a little. Resolves when it is gone. */
  async drain(times: DrainTimes): Promise<void> {
    if (!this.draining) {
      this.draining = true;
      this.send({ type: "drain", times });
    }
    const timer = setTimeout(
      () => void this.#worker.terminate(),
      times.lameDuckMs + times.goawayMs + times.finishMs + 1_000,
    );
    await this.#gone;
    clearTimeout(timer);
  }
}
