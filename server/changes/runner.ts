import { tryLock } from "@/server/db/advisory-lock.ts";
import type { ChangeNotifier } from "./change-events.ts";
import { type ChangeRow, changeParts, findRow } from "./change-row.ts";
import type { ChangeDeps } from "./deps.ts";
import { underHeldShares } from "./held-shares.ts";
import { tryNamespaces } from "./namespace-locks.ts";
import { proveChange } from "./prove-change.ts";
import { runChange } from "./run-change.ts";

/** Takes changes to their end in the background, each once among all portal processes. */
export class Runner {
  readonly #deps: ChangeDeps;
  readonly #notifier: ChangeNotifier;
  /** Changes that this process is taking to their end. */
  readonly #running = new Map<string, Promise<void>>();

  constructor(deps: ChangeDeps, notifier: ChangeNotifier) {
    this.#deps = deps;
    this.#notifier = notifier;
  }

  /** Applies a change whose namespaces are locked; `release` frees them when no more is written. */
  start(row: ChangeRow, release: () => Promise<void>): void {
    this.#track(row, async () => {
      const { cluster, db, inventory } = this.#deps;
      const deps = { ...this.#deps, cluster: underHeldShares(cluster, db, inventory) };
      await runChange(row, deps, this.#notifier, release);
      await this.#prove(row.id);
    });
  }

  /**
   * Takes up what was being applied or proven when a portal process ended. What another process is busy with holds its
   * namespaces' locks and is left alone.
   */
  async resume(): Promise<void> {
    const { db, pool, log } = this.#deps;
    const applying = await db.change.findMany({ where: { state: "applying" }, include: changeParts });
    for (const { id, namespaces } of applying.filter((row) => !this.#running.has(row.id))) {
      const release = await tryNamespaces(pool, namespaces);
      if (release !== undefined) {
        const row = await findRow(db, id);
        if (row?.state !== "applying" || this.#running.has(id)) {
          await release();
        } else {
          log.info("taking up a change that was being applied", { change: row.number });
          this.start(row, release);
        }
      }
    }
    const unproven = await db.change.findMany({ where: { probesPending: true }, include: changeParts });
    for (const row of unproven.filter(({ id }) => !this.#running.has(id))) {
      this.#track(row, () => this.#prove(row.id));
    }
  }

  /** Waits for everything that is under way here. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#running.values());
  }

  async #prove(id: string): Promise<void> {
    const unlock = await tryLock(this.#deps.pool, [`probes ${id}`]);
    if (unlock === undefined) {
      return;
    }
    try {
      const row = await findRow(this.#deps.db, id);
      if (row?.probesPending === true) {
        await proveChange(row, this.#deps, this.#notifier);
      }
    } finally {
      await unlock();
    }
  }

  #track(row: ChangeRow, work: () => Promise<void>): void {
    const running = work()
      .catch((error: unknown) =>
        this.#deps.log.error("a change could not be taken to its end", { change: row.number, error: String(error) }),
      )
      .finally(() => this.#running.delete(row.id));
    this.#running.set(row.id, running);
  }
}
