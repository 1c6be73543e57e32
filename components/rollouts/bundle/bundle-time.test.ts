import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { leastOf, orderSentence, slotsOf } from "./bundle-time.ts";

describe("the least time of a bundle", () => {
  it.each([
    ["in-order", [60_000, 30_000], 90_000],
    ["together", [60_000, 30_000], 60_000],
    ["in-order", [60_000, null], null],
    ["together", [60_000, undefined], null],
    ["in-order", [], null],
  ] as const)("%s of %j is %s", (order, each, least) => expect(leastOf(order, each)).toBe(least));
});

describe("bars", () => {
  const each = fc.array(fc.option(fc.nat(10_000_000), { nil: null }), { minLength: 1, maxLength: 10 });

  it("in order follow each other without a gap and fill the picture", () => {
    fc.assert(
      fc.property(each, (times) => {
        const slots = slotsOf("in-order", times);
        const ends = slots.map(({ from, width }) => from + width);
        expect(slots[0]?.from).toBe(0);
        expect(slots.slice(1).every(({ from }, at) => Math.abs(from - (ends[at] ?? -1)) < 1e-6)).toBe(true);
        expect(ends.at(-1)).toBeCloseTo(100);
      }),
    );
  });

  it("together begin at once, and the longest fills the picture", () => {
    fc.assert(
      fc.property(each, (times) => {
        const slots = slotsOf("together", times);
        expect(slots.every(({ from, width }) => from === 0 && width > 0 && width <= 100)).toBe(true);
        expect(times.every((ms) => ms === 0) || slots.some(({ width }) => width === 100)).toBe(true);
      }),
    );
  });
});

describe("the order in words", () => {
  it.each([
    ["in-order", true, ["a", "b"], "a begins at once, b when it has completed. When one goes back, all go back"],
    ["in-order", false, ["a", "b", "c"], "a begins at once, then b and c, each when the one before has completed."],
    ["in-order", false, ["a", "b"], "what comes after it does not begin, and what completed stays"],
    ["together", false, ["a", "b", "c"], "a, b and c begin at once. When one goes back, the others go on."],
  ] as const)("%s, back together %s: %j", (order, back, names, words) =>
    expect(orderSentence(order, back, names)).toContain(words),
  );
});
