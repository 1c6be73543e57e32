import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { localityAvailability, priorityLoads } from "./priority-load.ts";

const hundred = (...healthy: number[]) => healthy.map((count) => ({ healthy: count, total: 100 }));
const percents = (levels: Parameters<typeof priorityLoads>[0], panic = 0) =>
  priorityLoads(levels, panic).map(({ percent }) => percent);

describe("load over priorities, computed by hand from Envoy's formula", () => {
  // Healthy of 100 per level → percent per level.
  test.each([
    [[100], [100]],
    [[1], [100]],
    [[0], [0]],
    [
      [100, 100],
      [100, 0],
    ],
    [
      [72, 100],
      [100, 0],
    ],
    // 71 · 1.4 = 99.4: one percent spills over.
    [
      [71, 100],
      [99, 1],
    ],
    [
      [50, 100],
      [70, 30],
    ],
    [
      [25, 100],
      [35, 65],
    ],
    [
      [1, 100],
      [1, 99],
    ],
    [
      [0, 100],
      [0, 100],
    ],
    [
      [71, 71, 100],
      [99, 1, 0],
    ],
    [
      [50, 50, 100],
      [70, 30, 0],
    ],
    [
      [25, 25, 100],
      [35, 35, 30],
    ],
    // 35 + 35 + 28 = 98 together: scaled up to 100, what rounding leaves goes to the first.
    [
      [25, 25, 20],
      [37, 35, 28],
    ],
    // 7 + 35 = 42: 16.67 and 83.33 percent.
    [
      [5, 25],
      [17, 83],
    ],
    [
      [0, 25],
      [0, 100],
    ],
    [
      [0, 0, 1],
      [0, 0, 100],
    ],
    [
      [0, 0],
      [0, 0],
    ],
  ])("%j → %j", (healthy, expected) => {
    expect(percents(hundred(...healthy))).toEqual(expected);
  });

  test.each([
    [
      [
        { healthy: 2, total: 3 },
        { healthy: 1, total: 1 },
      ],
      [93, 7],
    ],
    [
      [
        { healthy: 1, total: 2 },
        { healthy: 2, total: 2 },
      ],
      [70, 30],
    ],
    [
      [
        { healthy: 3, total: 4 },
        { healthy: 9, total: 9 },
      ],
      [100, 0],
    ],
    [
      [
        { healthy: 0, total: 0 },
        { healthy: 1, total: 1 },
      ],
      [0, 100],
    ],
    [[], []],
  ])("%j → %j", (levels, expected) => {
    expect(percents(levels)).toEqual(expected);
  });

  test("one healthy of a thousand still gets everything", () => {
    expect(
      percents([
        { healthy: 0, total: 10 },
        { healthy: 1, total: 1_000 },
      ]),
    ).toEqual([0, 100]);
  });
});

describe("panic", () => {
  const panics = (healthy: number[], threshold: number) =>
    priorityLoads(hundred(...healthy), threshold).map(({ panic }) => panic);

  test.each([
    // Together they can take everything: no panic, however bad one level is.
    [[10, 100], 50, [false, false]],
    [[40, 10], 50, [true, true]],
    [[60, 0], 50, [false, true]],
    [[40], 50, [true]],
    [[50], 50, [false]],
    [[0], 50, [true]],
    [[0], 0, [false]],
    [[0, 0], 0, [false, false]],
  ])("healthy %j below %i %%: %j", (healthy, threshold, expected) => {
    expect(panics(healthy, threshold)).toEqual(expected);
  });

  test("everywhere: load goes by size, not by health", () => {
    const levels = [
      { healthy: 0, total: 1 },
      { healthy: 1, total: 3 },
    ];
    expect(percents(levels, 50)).toEqual([25, 75]);
  });
});

test("always 100 percent together, unless nobody can serve", () => {
  const level = fc
    .nat({ max: 50 })
    .chain((total) => fc.record({ total: fc.constant(total), healthy: fc.nat({ max: total }) }));
  fc.assert(
    fc.property(fc.array(level, { maxLength: 6 }), fc.nat({ max: 100 }), (levels, panicPercent) => {
      const loads = priorityLoads(levels, panicPercent);
      const sum = loads.reduce((total, { percent }) => total + percent, 0);
      const possible = levels.some(({ healthy, total }) => healthy > 0 || (panicPercent > 0 && total > 0));
      expect(sum).toBe(possible ? 100 : 0);
      for (const [index, { percent, panic }] of loads.entries()) {
        // Load goes only where somebody can take it.
        expect(percent === 0 || (levels[index]?.healthy ?? 0) > 0 || panic).toBe(true);
      }
    }),
  );
});

test.each([
  [10, 10, 1],
  [8, 10, 1],
  [5, 10, 0.7],
  [0, 10, 0],
  [0, 0, 0],
])("a locality with %i of %i healthy keeps %d of its weight", (healthy, total, expected) => {
  expect(localityAvailability({ healthy, total })).toBeCloseTo(expected);
});
