import type { Bucket } from "./gcra.ts";

/** Callers that one limit counts apart. */
const bucketsMax = 10_000;
/** Idle buckets looked for when there is no room. */
const sweptMax = 16;

/**
 * Buckets of one limit by key, bounded. Only buckets that are full again are forgotten, which changes nothing for their
 * keys; when there is no room for a new key, it shares one bucket with all others in its place, so that a flood of keys
 * neither goes free nor sets anyone's count back.
 */
export class Buckets {
  readonly #byKey = new Map<string, Bucket>();
  readonly #shared: Bucket = { fullAtMs: 0 };
  readonly #max: number;

  constructor(max: number = bucketsMax) {
    this.#max = max;
  }

  get size(): number {
    return this.#byKey.size;
  }

  get(key: string, nowMs: number): Bucket {
    const known = this.#byKey.get(key);
    if (known !== undefined) {
      // Least recently used first.
      this.#byKey.delete(key);
      this.#byKey.set(key, known);
      return known;
    }
    if (this.#byKey.size >= this.#max && !this.#sweep(nowMs)) {
      return this.#shared;
    }
    const bucket: Bucket = { fullAtMs: 0 };
    this.#byKey.set(key, bucket);
    return bucket;
  }

  /** Forgets some of the buckets that have not been used for long; false when none of them is full. */
  #sweep(nowMs: number): boolean {
    let looked = 0;
    for (const [key, { fullAtMs }] of this.#byKey) {
      if (fullAtMs <= nowMs) {
        this.#byKey.delete(key);
      }
      if (++looked >= sweptMax) {
        break;
      }
    }
    return this.#byKey.size < this.#max;
  }
}
