import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  along,
  axisFromZero,
  axisToHundred,
  indexAt,
  lastOf,
  linePath,
  niceStep,
  spreadLabels,
  timeMarks,
} from "./chart-scale.ts";

describe("axes", () => {
  it.each([
    [18.4, 20],
    [28, 50],
    [0.21, 0.25],
    [1, 1],
    [0, 1],
    [Number.NaN, 1],
  ])("the step after %d is %d", (rough, step) => expect(niceStep(rough)).toBeCloseTo(step, 9));

  it("rates begin at zero and end above the largest value", () => {
    expect(axisFromZero([[48, 52.5, null], [4.8]])).toEqual({ from: 0, to: 60, ticks: [0, 20, 40, 60] });
  });

  it("a limit above every value is within the axis", () => {
    const { to } = axisFromZero([[41, 38]], [80]);
    expect(to).toBeGreaterThan(80);
  });

  it("nothing measured still has an axis", () => {
    expect(axisFromZero([[null, null], []]).to).toBeGreaterThan(0);
    expect(axisToHundred([[null]]).ticks.at(-1)).toBe(100);
  });

  it("success ends at a hundred and shows the limit with room below", () => {
    const axis = axisToHundred([[99.8, 99.81], [99.7]], [99]);
    expect(axis.to).toBe(100);
    expect(axis.from).toBeLessThan(99);
    expect(axis.ticks).toEqual([99, 99.5, 100]);
  });

  it("small noise is not made large: at least a point is shown", () => {
    const { from } = axisToHundred([[99.99, 100]]);
    expect(from).toBeLessThanOrEqual(99);
  });

  it("every value lies within the picture, whatever was measured", () => {
    const value = fc.oneof(fc.constant(null), fc.double({ min: 0, max: 1e6, noNaN: true }));
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 60 }), (values) => {
        const axis = axisFromZero([values]);
        for (const one of values) {
          if (one !== null) {
            const y = along(axis, one, 100);
            expect(y).toBeGreaterThanOrEqual(-1e-6);
            expect(y).toBeLessThanOrEqual(100 + 1e-6);
            expect(one).toBeLessThanOrEqual(axis.to * (1 + 1e-9));
          }
        }
        expect(axis.ticks.length).toBeLessThanOrEqual(6);
      }),
    );
  });
});

describe("lines", () => {
  it("a gap interrupts the line", () => {
    expect(
      linePath(
        [1, null, 3, 4],
        (index) => index * 10,
        (value) => value,
      ),
    ).toBe("M0 1M20 3L30 4");
  });

  it("the last known value is labelled, not a gap after it", () => {
    expect(lastOf([1, 2, null])).toEqual({ index: 1, value: 2 });
    expect(lastOf([null])).toBeUndefined();
    expect(lastOf([])).toBeUndefined();
  });
});

describe("labels", () => {
  it("two that meet are moved apart and keep their order", () => {
    const [upper = 0, lower = 0] = spreadLabels([50, 51], 12, 0, 100);
    expect(lower - upper).toBeGreaterThanOrEqual(12);
  });

  it("keep their distance and stay in the picture as long as there is room", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 100, noNaN: true }), { minLength: 1, maxLength: 5 }), (heights) => {
        const placed = spreadLabels(heights, 12, 0, 100).sort((one, other) => one - other);
        for (const [index, height] of placed.entries()) {
          expect(height).toBeGreaterThanOrEqual(-1e-6);
          expect(height).toBeLessThanOrEqual(100 + 1e-6);
          const before = placed[index - 1];
          if (before !== undefined) {
            expect(height - before).toBeGreaterThanOrEqual(12 - 1e-6);
          }
        }
      }),
    );
  });
});

describe("time", () => {
  it.each([
    [15, 3],
    [4, 4],
    [60, 4],
    [360, 3],
    [1_440, 3],
  ])("%d minutes have at least %d marks, all of them whole", (minutes, least) => {
    const to = Date.UTC(2026, 10, 12, 14, 31, 40);
    const ticks = timeMarks(to - minutes * 60_000, to);
    expect(ticks.length).toBeGreaterThanOrEqual(least);
    expect(ticks.length).toBeLessThanOrEqual(6);
    expect(ticks.every((tick) => tick % 60_000 === 0)).toBe(true);
  });

  it("a moment finds its value, and stays within the series", () => {
    expect(indexAt(1_000_000, 1_000_000, 10, 60)).toBe(59);
    expect(indexAt(970_000, 1_000_000, 10, 60)).toBe(56);
    expect(indexAt(0, 1_000_000, 10, 60)).toBe(0);
    expect(indexAt(2_000_000, 1_000_000, 10, 60)).toBe(59);
  });
});
