import { durationBoundsMs } from "../api/telemetry.ts";

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

  take(): { readonly buckets: number[]; readonly sumMs: number } {
    const buckets = this.buckets.map((count, index) => count - (this.#takenBuckets[index] ?? 0));
    const sumMs = Math.max(0, this.sumMs - this.#takenSumMs);
    this.#takenBuckets = [...this.buckets];
    this.#takenSumMs = this.sumMs;
    return { buckets, sumMs };
  }
}
