/** Counts events of one second. */
export class RateWindow {
  readonly #max: number;
  #startedMs = 0;
  #count = 0;

  constructor(max: number) {
    this.#max = max;
  }

  /** Counts one more; whether there were more than `max` in this second. */
  exceeded(nowMs: number): boolean {
    if (nowMs - this.#startedMs >= 1_000) {
      this.#startedMs = nowMs;
      this.#count = 0;
    }
    this.#count++;
    return this.#count > this.#max;
  }
}
