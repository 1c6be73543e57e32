/** Adds the second to the first, which it may change, and answers the sum. */
export type Add<D> = (sum: D, more: D) => D;

interface Slot<D> {
  readonly startMs: number;
  readonly widthMs: number;
  readonly counts: Map<string, D>;
}

interface Series<I> {
  readonly identity: I;
  lastMs: number;
}

export interface SlotOptions<D> {
  readonly add: Add<D>;
  /** A copy that `add` may change. */
  readonly copy: (counts: D) => D;
  /** Full resolution is kept this long; older counts are added up to `coarseMs`. */
  readonly fineForMs?: number;
  readonly fineMs?: number;
  readonly coarseMs?: number;
  readonly keepMs?: number;
  /** New series beyond this are not taken. */
  readonly seriesMax?: number;
  /** Counts beyond this are coarsened early: a big mesh keeps its hour in less detail. */
  readonly countsMax?: number;
}

/** Of what is older than the first, slots are at least as wide as the second; milliseconds. */
type Tier = readonly [olderThanMs: number, widthMs: number];
const tightTiers: readonly Tier[] = [
  [60_000, 10_000],
  [5 * 60_000, 60_000],
];

/**
 * A bounded memory of counts: one second fine for the last ten minutes, ten seconds up to an hour. Identity (labels) is kept
 * once a series, counts once a series and slot in which something happened.
 */
export class Slots<I, D> {
  readonly #add: Add<D>;
  readonly #copy: (counts: D) => D;
  readonly #fineForMs: number;
  readonly #fineMs: number;
  readonly #coarseMs: number;
  readonly #keepMs: number;
  readonly #seriesMax: number;
  readonly #countsMax: number;
  readonly #series = new Map<string, Series<I>>();
  /** By start, oldest first. */
  #slots: Slot<D>[] = [];
  #taken: ((identity: I, counts: D, timeMs: number) => void) | undefined;

  constructor(options: SlotOptions<D>) {
    this.#add = options.add;
    this.#copy = options.copy;
    this.#fineForMs = options.fineForMs ?? 10 * 60_000;
    this.#fineMs = options.fineMs ?? 1_000;
    this.#coarseMs = options.coarseMs ?? 10_000;
    this.#keepMs = options.keepMs ?? 61 * 60_000;
    this.#seriesMax = options.seriesMax ?? 50_000;
    this.#countsMax = options.countsMax ?? 300_000;
  }

  /** Called for whatever is taken from now on; the identity is the same object as long as the series is remembered. */
  onTaken(listener: (identity: I, counts: D, timeMs: number) => void): void {
    this.#taken = listener;
  }

  /** Adds counts of a series at a time. `false`: too many series, not taken. */
  record(key: string, identity: () => I, counts: D, timeMs: number): boolean {
    return this.#put(key, identity, counts, timeMs, this.#fineMs);
  }

  /** Adds counts that are known for a whole span only, as loaded from the database. */
  load(key: string, identity: I, counts: D, startMs: number, widthMs: number): boolean {
    return this.#put(key, () => identity, counts, startMs, widthMs);
  }

  #put(key: string, identity: () => I, counts: D, timeMs: number, widthMs: number): boolean {
    let series = this.#series.get(key);
    if (series === undefined) {
      if (this.#series.size >= this.#seriesMax) {
        return false;
      }
      series = { identity: identity(), lastMs: 0 };
      this.#series.set(key, series);
    }
    series.lastMs = Math.max(series.lastMs, timeMs);
    const slot = this.#slotAt(Math.floor(timeMs / widthMs) * widthMs, widthMs);
    const known = slot.counts.get(key);
    slot.counts.set(key, known === undefined ? this.#copy(counts) : this.#add(known, counts));
    this.#taken?.(series.identity, counts, timeMs);
    return true;
  }

  #slotAt(startMs: number, widthMs: number): Slot<D> {
    let at = this.#slots.length;
    for (; at > 0; at--) {
      const slot = this.#slots[at - 1];
      if (slot === undefined || slot.startMs < startMs) {
        break;
      }
      if (slot.startMs === startMs && slot.widthMs === widthMs) {
        return slot;
      }
    }
    const fresh = { startMs, widthMs, counts: new Map<string, D>() };
    this.#slots.splice(at, 0, fresh);
    return fresh;
  }

  /** Counts of each series over the slots whose middle lies in the span. */
  sum(startMs: number, endMs: number): Map<string, { identity: I; counts: D }> {
    const total = new Map<string, { identity: I; counts: D }>();
    for (const slot of this.#between(startMs, endMs)) {
      for (const [key, counts] of slot.counts) {
        const known = total.get(key);
        const series = this.#series.get(key);
        if (known !== undefined) {
          known.counts = this.#add(known.counts, counts);
        } else if (series !== undefined) {
          total.set(key, { identity: series.identity, counts: this.#copy(counts) });
        }
      }
    }
    return total;
  }

  /** Calls back for every count in the span, oldest first. */
  each(
    startMs: number,
    endMs: number,
    visit: (identity: I, counts: D, startMs: number, widthMs: number) => void,
  ): void {
    for (const slot of this.#between(startMs, endMs)) {
      for (const [key, counts] of slot.counts) {
        const series = this.#series.get(key);
        if (series !== undefined) {
          visit(series.identity, counts, slot.startMs, slot.widthMs);
        }
      }
    }
  }

  #between(startMs: number, endMs: number): Slot<D>[] {
    return this.#slots.filter(({ startMs: start, widthMs }) => {
      const middle = start + widthMs / 2;
      return middle >= startMs && middle < endMs;
    });
  }

  /** Start of the oldest slot; `undefined` when there is none. */
  get oldestMs(): number | undefined {
    return this.#slots[0]?.startMs;
  }

  get seriesCount(): number {
    return this.#series.size;
  }

  /** Coarsens and drops what is old. Call it every few seconds. */
  compact(nowMs: number): void {
    const keepFrom = nowMs - this.#keepMs;
    this.#slots = this.#slots.filter(({ startMs, widthMs }) => startMs + widthMs > keepFrom);
    this.#coarsen(nowMs, [[this.#fineForMs, this.#coarseMs]]);
    if (this.#slots.reduce((sum, { counts }) => sum + counts.size, 0) > this.#countsMax) {
      this.#coarsen(nowMs, tightTiers);
    }
    for (const [key, { lastMs }] of this.#series) {
      if (lastMs < keepFrom) {
        this.#series.delete(key);
      }
    }
  }

  #coarsen(nowMs: number, tiers: readonly Tier[]): void {
    for (const [olderThanMs, width] of tiers) {
      const before = nowMs - olderThanMs;
      const old = new Set(this.#slots.filter(({ startMs, widthMs }) => startMs < before && widthMs < width));
      this.#slots = this.#slots.filter((slot) => !old.has(slot));
      for (const { startMs, counts } of old) {
        const slot = this.#slotAt(Math.floor(startMs / width) * width, width);
        for (const [key, value] of counts) {
          const known = slot.counts.get(key);
          slot.counts.set(key, known === undefined ? value : this.#add(known, value));
        }
      }
    }
  }
}
