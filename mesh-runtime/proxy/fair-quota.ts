export interface FairQuotaOptions {
  /** Places of all together. */
  readonly total: number;
  /**
   * Whoever holds fewer than this many times the free places gets another one. 1: one alone gets at most half, two a
   * third each, n get total / (n + 1) each; 2: one alone gets two thirds.
   */
  readonly appetite?: number;
}

/**
 * Shares places so that nobody can take them all: the more is taken, the less each may hold, and a newcomer always finds
 * some (dynamic thresholds, Choudhury and Hahne 1998). Needs no list of tenants and no rate.
 */
export class FairQuota {
  readonly #total: number;
  readonly #appetite: number;
  readonly #held = new Map<string, number>();
  #used = 0;

  constructor({ total, appetite = 1 }: FairQuotaOptions) {
    this.#total = total;
    this.#appetite = appetite;
  }

  get used(): number {
    return this.#used;
  }

  /** Takes a place for the holder; `false`: the holder has enough, or there is none. */
  take(holder: string): boolean {
    const held = this.#held.get(holder) ?? 0;
    const free = this.#total - this.#used;
    if (free <= 0 || held >= this.#appetite * free) {
      return false;
    }
    this.#held.set(holder, held + 1);
    this.#used++;
    return true;
  }

  /** Gives back what `take` gave. */
  release(holder: string): void {
    const held = this.#held.get(holder);
    if (held === undefined) {
      return;
    }
    this.#used--;
    if (held === 1) {
      this.#held.delete(holder);
    } else {
      this.#held.set(holder, held - 1);
    }
  }
}
