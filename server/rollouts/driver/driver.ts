/**
 * Takes releases along: looks at each once a second, does its duty, puts on record what came of it. Level-triggered: all
 * that a release is to have done follows from its row, so a process may end anywhere and the next one goes on.
 */
import { owningStates } from "@/server/contracts/rollouts.ts";
import { look } from "../machine/look.ts";
import { findRollout, type RolloutRow, releaseOf } from "../store/rows.ts";
import { changesNothing, transition } from "../store/transition.ts";
import { tellUnreadable } from "../store/unreadable.ts";
import type { DriverDeps } from "./deps.ts";
import { ownerOf } from "./duties.ts";
import { Errands, patiently } from "./errands.ts";
import { observe, type Watch } from "./observe.ts";
import { Pending } from "./pending.ts";
import { admitNext } from "./queue.ts";
import { StepIntervals } from "./step-intervals.ts";
import { stopOld } from "./stop-old.ts";

/** Looks in a row while something moves. */
const looksMax = 12;
const answerMs = 400;
/** A tick waits no longer for its slowest release: the others are looked at again. */
const slowestMs = 800;

export class Driver {
  readonly #deps: DriverDeps;
  readonly #watch: Watch = {
    answers: new Pending(answerMs),
    webhooks: new Pending(answerMs),
    intervals: new StepIntervals(),
  };
  /** Releases that this process is busy with; those in `again` moved meanwhile. */
  readonly #busy = new Map<string, Promise<void>>();
  readonly #again = new Set<string>();
  /** Releases that this process has looked at, since it leads. */
  readonly #seen = new Set<string>();
  readonly #errands: Errands;

  constructor(deps: DriverDeps) {
    this.#deps = deps;
    this.#errands = new Errands(deps.log, answerMs);
  }

  /** This process leads from now on: of what was before it knows nothing. */
  begin(): void {
    this.#seen.clear();
  }

  /** What the leading process does each second. */
  async tick(): Promise<void> {
    const { db } = this.#deps;
    await this.errand("queue", () => admitNext(this.#deps));
    const rows = await db.rollout.findMany({ where: { state: { in: [...owningStates] } }, select: { id: true } });
    this.#watch.intervals.keepOnly(rows.map(({ id }) => id));
    await patiently(Promise.all(rows.map(({ id }) => this.work(id))), slowestMs);
    await this.errand("old versions", () => stopOld(this.#deps));
  }

  /** Looks until nothing moves any more, once at a time. Does not throw. */
  work(id: string): Promise<void> {
    const busy = this.#busy.get(id);
    if (busy !== undefined) {
      this.#again.add(id);
      return busy;
    }
    const work = this.#looks(id)
      .catch((error: unknown) => this.#deps.log.warn("cannot look at a release", { release: id, error: String(error) }))
      .finally(() => {
        this.#busy.delete(id);
        if (this.#again.delete(id)) {
          void this.work(id);
        }
      });
    this.#busy.set(id, work);
    return work;
  }

  /** Work of a tick that is about more than one release: it does not hold them up. Does not throw. */
  errand(name: string, work: () => Promise<void>): Promise<void> {
    return this.#errands.run(name, work);
  }

  /** For going back: the cluster has it before anything else is done, whoever leads. Does not throw. */
  async atOnce(row: RolloutRow): Promise<void> {
    const { ports, log } = this.#deps;
    const release = releaseOf(row);
    const { machine } = release;
    if ((machine.phase === "going-back" || machine.phase === "withdrawing") && machine.wanted !== null) {
      // What never got into force has no route to write to: then this does nothing.
      if (machine.phase === "going-back") {
        await ports.traffic
          .placeNow(ownerOf(row.id, release), machine.wanted)
          .catch((error: unknown) => log.warn("cannot go back at once", { release: row.number, error: String(error) }));
      }
      void this.work(row.id);
    }
  }

  async settled(): Promise<void> {
    await this.#errands.settled();
    await Promise.allSettled(this.#busy.values());
    await this.#watch.answers.settled();
  }

  async #looks(id: string): Promise<void> {
    for (let times = 0; times < looksMax; times++) {
      if (!(await this.#lookOnce(id))) {
        return;
      }
    }
  }

  /** Answers whether it moved. */
  async #lookOnce(id: string): Promise<boolean> {
    const row = await findRollout(this.#deps.db, id);
    if (row === null || !owningStates.some((state) => state === row.state)) {
      this.#seen.delete(id);
      return false;
    }
    const release = await this.#read(row);
    if (release === undefined) {
      return false;
    }
    const first = !this.#seen.has(id);
    this.#seen.add(id);
    const seen = await observe(id, release, first, this.#watch, this.#deps);
    if (changesNothing(release, look(release, seen))) {
      return false;
    }
    let moved = false;
    await transition(id, this.#deps, (now, current) => {
      // It moved while it was looked at: what was seen is about something else.
      if (current.revision !== row.revision) {
        return undefined;
      }
      const next = look(now, seen);
      moved = next.machine.phase !== now.machine.phase || next.machine.step !== now.machine.step;
      return next;
    });
    return moved;
  }

  /** What cannot be read stays as it is until somebody aborts it. */
  async #read(row: RolloutRow): Promise<ReturnType<typeof releaseOf> | undefined> {
    try {
      return releaseOf(row);
    } catch (error) {
      tellUnreadable(row, error, this.#deps.log);
      return undefined;
    }
  }
}
