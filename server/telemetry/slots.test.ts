import { describe, expect, test } from "vitest";
import { Slots } from "./slots.ts";

const counts = (): Slots<string, number> =>
  new Slots({
    add: (sum, more) => sum + more,
    copy: (count) => count,
    fineForMs: 10_000,
    coarseMs: 5_000,
    keepMs: 60_000,
    seriesMax: 2,
  });
const totals = (slots: Slots<string, number>, start: number, end: number): Record<string, number> =>
  Object.fromEntries([...slots.sum(start, end)].map(([key, { counts: value }]) => [key, value]));

describe("slots", () => {
  test("add up what lies in the span and nothing else", () => {
    const slots = counts();
    for (const timeMs of [1_000, 1_200, 2_000, 9_000]) {
      slots.record("a", () => "a", 1, timeMs);
    }
    expect(totals(slots, 1_000, 3_000)).toEqual({ a: 3 });
    expect(totals(slots, 3_000, 10_000)).toEqual({ a: 1 });
  });

  test("lose no count when they are coarsened", () => {
    const slots = counts();
    for (let timeMs = 0; timeMs < 30_000; timeMs += 500) {
      slots.record("a", () => "a", 1, timeMs);
    }
    slots.compact(30_000);
    expect(totals(slots, 0, 30_000)).toEqual({ a: 60 });
    expect(totals(slots, 25_000, 30_000)).toEqual({ a: 10 });
  });

  test("forget what is older than they keep", () => {
    const slots = counts();
    slots.record("a", () => "a", 1, 0);
    slots.compact(120_000);
    expect(totals(slots, 0, 120_000)).toEqual({});
    expect(slots.seriesCount).toBe(0);
  });

  test("take late counts into their own time", () => {
    const slots = counts();
    slots.record("a", () => "a", 1, 9_000);
    slots.record("a", () => "a", 5, 2_000);
    expect(totals(slots, 0, 5_000)).toEqual({ a: 5 });
  });

  test("give up detail, never counts, when there are too many", () => {
    const slots = new Slots<string, number>({ add: (sum, more) => sum + more, copy: (count) => count, countsMax: 100 });
    const now = 600_000;
    for (let timeMs = 0; timeMs < now; timeMs += 1_000) {
      slots.record("a", () => "a", 1, timeMs);
    }
    slots.compact(now);
    let kept = 0;
    slots.each(0, now, () => kept++);
    expect(kept).toBeLessThanOrEqual(100);
    expect(totals(slots, 0, now)).toEqual({ a: 600 });
    expect(totals(slots, now - 10_000, now)).toEqual({ a: 10 });
  });

  test("do not grow beyond their series", () => {
    const slots = counts();
    const taken = ["a", "b", "c"].map((key) => slots.record(key, () => key, 1, 0));
    expect(taken).toEqual([true, true, false]);
  });
});
