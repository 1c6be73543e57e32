import { durationBoundsMs } from "../api/duration-bounds.ts";

/** Counts since the process started, and how much of each was handed over by `take`. */
export class DeltaCounter {
  total = 0;
  #taken = 0;

  take(): number {
    const delta = this.total - this.#taken;
    this.#taken = this.total;
    return delta;
  }
}

/** Histogram over `durationBoundsMs`; the last bucket is open. */
export class DurationHistogram {
  readonly buckets = new Array<number>(durationBoundsMs.length + 1).fill(0);
  sumMs = 0;
  #takenBuckets = new Array<number>(durationBoundsMs.length + 1).fill(0);
  #takenSumMs = 0;

  record(durationMs: number): void {
    let bucket = 0;
    while (bucket < durationBoundsMs.length && durationMs > (durationBoundsMs[bucket] ?? 0)) {
      bucket++;
    }
    this.buckets[bucket] = (this.buckets[bucket] ?? 0) + 1;
    this.sumMs += durationMs;
  }

  /** Takes over what another thread counted. */
  add(buckets: readonly number[], sumMs: number): void {
    for (const [index, count] of buckets.entries()) {
      this.buckets[index] = (this.buckets[index] ?? 0) + count;
    }
    this.sumMs += sumMs;
  }

  take(): { readonly buckets: number[]; readonly sumMs: number } {
    const buckets = this.buckets.map((count, index) => count - (this.#takenBuckets[index] ?? 0));
    const sumMs = Math.max(0, this.sumMs - this.#takenSumMs);
    this.#takenBuckets = [...this.buckets];
    this.#takenSumMs = this.sumMs;
    return { buckets, sumMs };
  }
}

/** Bounds in bytes of the size histograms; the last bucket is open. */
export const sizeBounds = [0, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000] as const;

/** Sizes of bodies: buckets for the Prometheus page, the sum also for pushes. */
export class SizeHistogram {
  readonly buckets = new Array<number>(sizeBounds.length + 1).fill(0);
  readonly sum = new DeltaCounter();

  record(bytes: number): void {
    let bucket = 0;
    while (bucket < sizeBounds.length && bytes > (sizeBounds[bucket] ?? 0)) {
      bucket++;
    }
    this.buckets[bucket] = (this.buckets[bucket] ?? 0) + 1;
    this.sum.total += bytes;
  }

  /** Takes over `count` sizes that another thread summed up; all count in the bucket of their mean. */
  add(bytes: number, count: number): void {
    if (count > 0) {
      const bucket = sizeBounds.findIndex((bound) => bytes / count <= bound);
      const index = bucket < 0 ? sizeBounds.length : bucket;
      this.buckets[index] = (this.buckets[index] ?? 0) + count;
      this.sum.total += bytes;
    }
  }
}
