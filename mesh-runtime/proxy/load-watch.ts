/** What to do about load. */
export type LoadVerdict = "grow" | "shed" | "shrink" | "stay";

/** A thread is busy from this share of its time on. */
const busy = 0.8;
/** How long it must be before another thread is started, in observations (one a second). */
const busyFor = 5;
/** One thread could do all of the work of two, with room, below this sum. */
const idleSum = 0.4;
const idleFor = 60;
/** Others must have at most this share of the busiest one's load, or callers are not moved. */
const unevenness = 0.5;
const shedPause = 10;

/**
 * Decides from the event-loop utilization of the threads, observed once a second, when another one is worth its memory,
 * when callers should be spread anew, and when one is enough again.
 */
export class LoadWatch {
  #busySeconds = 0;
  #idleSeconds = 0;
  #sinceShed = shedPause;

  /** `main` is this thread's utilization, `others` those of the threads beside it; from 0 to 1. */
  observe(main: number, others: readonly number[], threadsMax: number): LoadVerdict {
    const all = [main, ...others];
    const busiest = Math.max(...all);
    this.#busySeconds = busiest >= busy ? this.#busySeconds + 1 : 0;
    this.#idleSeconds =
      others.length > 0 && all.reduce((sum, one) => sum + one, 0) < idleSum ? this.#idleSeconds + 1 : 0;
    this.#sinceShed++;
    if (this.#busySeconds >= busyFor && all.length < threadsMax) {
      this.#busySeconds = 0;
      // The new thread gets callers as soon as it listens.
      this.#sinceShed = shedPause;
      return "grow";
    }
    if (main >= busy && others.length > 0 && Math.min(...others) < main * unevenness && this.#sinceShed > shedPause) {
      this.#sinceShed = 0;
      return "shed";
    }
    if (this.#idleSeconds >= idleFor) {
      this.#idleSeconds = 0;
      return "shrink";
    }
    return "stay";
  }
}
