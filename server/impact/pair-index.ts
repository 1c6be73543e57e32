/**
 * Numbers for pairs of numbers, in the order in which they come: a hash table with open addressing over plain memory. A
 * `Map` with a million numeric keys is many times slower and leaves all of them to the garbage collector. Pure.
 */
export class PairIndex {
  #mask: number;
  /** First, second and number of each slot; a number of 0 is an empty slot, others are one more than they say. */
  #slots: Uint32Array;
  size = 0;

  /** `expected`: how many pairs there may be; more are taken too. */
  constructor(expected = 16) {
    const capacity = 2 ** Math.ceil(Math.log2(Math.max(16, expected * 2)));
    this.#mask = capacity - 1;
    this.#slots = new Uint32Array(capacity * 3);
  }

  /** The pair's number; that of a new pair is what `size` was before. */
  add(first: number, second: number): number {
    if (this.size * 2 > this.#mask) {
      this.#grow();
    }
    const slot = this.#find(first, second);
    const known = this.#slots[slot + 2] ?? 0;
    if (known !== 0) {
      return known - 1;
    }
    this.#slots[slot] = first;
    this.#slots[slot + 1] = second;
    this.#slots[slot + 2] = ++this.size;
    return this.size - 1;
  }

  #find(first: number, second: number): number {
    let at = (Math.imul(first, 0x9e37_79b1) ^ Math.imul(second, 0x85eb_ca6b)) >>> 0;
    at = (at ^ (at >>> 15)) & this.#mask;
    for (;;) {
      const slot = at * 3;
      if (this.#slots[slot + 2] === 0 || (this.#slots[slot] === first && this.#slots[slot + 1] === second)) {
        return slot;
      }
      at = (at + 1) & this.#mask;
    }
  }

  #grow(): void {
    const old = this.#slots;
    this.#mask = this.#mask * 2 + 1;
    this.#slots = new Uint32Array((this.#mask + 1) * 3);
    for (let slot = 0; slot < old.length; slot += 3) {
      if (old[slot + 2] !== 0) {
        const to = this.#find(old[slot] ?? 0, old[slot + 1] ?? 0);
        this.#slots.set(old.subarray(slot, slot + 3), to);
      }
    }
  }
}
