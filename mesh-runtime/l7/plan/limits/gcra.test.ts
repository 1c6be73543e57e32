import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Buckets } from "./buckets.ts";
import { available, type Bucket, type Rate, take, waitMs } from "./gcra.ts";

const rates = fc.record({
  intervalMs: fc.constantFrom(0.5, 1, 7, 100, 1_000 / 3),
  burst: fc.integer({ min: 1, max: 20 }),
});
/** Waits between requests. */
const waits = fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 200 });

/** Times of the requests that got through. */
function admitted(rate: Rate, gaps: readonly number[]): number[] {
  const bucket: Bucket = { fullAtMs: 0 };
  const times: number[] = [];
  let now = 1_000_000;
  for (const gap of gaps) {
    now += gap;
    if (available(rate, bucket, now) > 0) {
      take(rate, bucket, now);
      times.push(now);
    }
  }
  return times;
}

describe("a bucket", () => {
  test("never lets through more than burst plus rate in any window", () => {
    fc.assert(
      fc.property(rates, waits, (rate, gaps) => {
        const times = admitted(rate, gaps);
        for (let first = 0; first < times.length; first++) {
          for (let last = first; last < times.length; last++) {
            const windowMs = (times[last] ?? 0) - (times[first] ?? 0);
            const most = rate.burst + windowMs / rate.intervalMs;
            expect(last - first + 1).toBeLessThanOrEqual(most + 1e-6);
          }
        }
      }),
      { numRuns: 200 },
    );
  });

  test("lets everything through that comes no faster than the rate", () => {
    fc.assert(
      fc.property(rates, waits, (rate, gaps) => {
        const slow = gaps.map((gap) => gap + rate.intervalMs);
        expect(admitted(rate, slow).length).toBe(slow.length);
      }),
    );
  });

  test("says how long to wait: then there is one, and not a millisecond before", () => {
    fc.assert(
      fc.property(rates, waits, (rate, gaps) => {
        const bucket: Bucket = { fullAtMs: 0 };
        let now = 1_000_000;
        for (const gap of gaps) {
          now += gap;
          const wait = waitMs(rate, bucket, now);
          const left = available(rate, bucket, now);
          expect(left > 0).toBe(wait <= rate.intervalMs * 1e-8);
          if (left > 0) {
            take(rate, bucket, now);
            expect(available(rate, bucket, now)).toBe(left - 1);
          } else {
            expect(available(rate, bucket, now + wait)).toBe(1);
          }
        }
      }),
    );
  });

  test("is full after its burst's time", () => {
    const rate = { intervalMs: 100, burst: 3 };
    const bucket: Bucket = { fullAtMs: 0 };
    take(rate, bucket, 1_000);
    take(rate, bucket, 1_000);
    expect([1_000, 1_099, 1_100, 1_200, 9_999].map((now) => available(rate, bucket, now))).toEqual([1, 1, 2, 3, 3]);
  });
});

describe("buckets", () => {
  test("a flood of keys shares one bucket and sets nobody's count back", () => {
    const rate = { intervalMs: 1_000, burst: 1 };
    const buckets = new Buckets(100);
    for (let key = 0; key < 100; key++) {
      take(rate, buckets.get(`known ${key}`, 1), 1);
    }
    let admittedNew = 0;
    for (let key = 0; key < 10_000; key++) {
      const bucket = buckets.get(`new ${key}`, 2);
      if (available(rate, bucket, 2) > 0) {
        take(rate, bucket, 2);
        admittedNew++;
      }
    }
    expect([admittedNew, buckets.size]).toEqual([1, 100]);
    expect(available(rate, buckets.get("known 0", 3), 3)).toBe(0);
  });

  test("room is made by those that are full again", () => {
    const rate = { intervalMs: 1_000, burst: 1 };
    const buckets = new Buckets(2);
    take(rate, buckets.get("a", 1), 1);
    take(rate, buckets.get("b", 1), 1);
    const late = buckets.get("c", 2_000);
    expect(available(rate, late, 2_000)).toBe(1);
    take(rate, late, 2_000);
    expect(available(rate, buckets.get("c", 2_000), 2_000)).toBe(0);
    expect(buckets.size).toBeLessThanOrEqual(2);
  });
});
