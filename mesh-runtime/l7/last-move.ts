/** When something last moved; exact to a call of `asOf`, since a clock for every message costs. Call that once a second. */
export class LastMove {
  #sinceMs: number;
  #moved = false;

  constructor(nowMs: number) {
    this.#sinceMs = nowMs;
  }

  note(): void {
    this.#moved = true;
  }

  asOf(nowMs: number): number {
    if (this.#moved) {
      this.#moved = false;
      this.#sinceMs = nowMs;
    }
    return this.#sinceMs;
  }
}
