import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { duration } from "@/server/contracts/golden-paths/parts.ts";
import {
  composeDuration,
  durationMs,
  durationParts,
  durationText,
  durationUnits,
  stepDuration,
} from "./duration-text.ts";

describe("durations", () => {
  it.each([
    ["250ms", 250],
    ["5s", 5_000],
    ["1m30s", 90_000],
    ["1h", 3_600_000],
    ["1h1m1s1ms", 3_661_001],
    ["0s", 0],
    ["", undefined],
    ["5", undefined],
    ["1.5s", undefined],
    ["soon", undefined],
    ["100000s", undefined],
  ])("%s is %s ms", (text, ms) => {
    expect(durationMs(text)).toBe(ms);
  });

  it.each([
    [0, "0ms"],
    [250, "250ms"],
    [1_500, "1500ms"],
    [90_000, "90s"],
    [120_000, "2m"],
    [7_200_000, "2h"],
  ])("%s ms is written %s", (ms, text) => {
    expect(durationText(ms)).toBe(text);
  });

  it.each([
    ["5s", { amount: "5", unit: "s" }],
    ["1m30s", { amount: "90", unit: "s" }],
    ["", { amount: "", unit: "s" }],
    ["soon", { amount: "soon", unit: "s" }],
  ])("%s is shown as %o", (text, parts) => {
    expect(durationParts(text)).toEqual(parts);
  });

  it.each([
    [{ amount: "5", unit: "s" }, "5s"],
    [{ amount: " 250 ", unit: "ms" }, "250ms"],
    [{ amount: "1.5", unit: "s" }, "1500ms"],
    [{ amount: "1,5", unit: "m" }, "90s"],
    [{ amount: "250ms", unit: "s" }, "250ms"],
    [{ amount: "2 min", unit: "s" }, "2m"],
    [{ amount: "1m30s", unit: "s" }, "1m30s"],
    [{ amount: "", unit: "s" }, ""],
    [{ amount: "soon", unit: "s" }, "soons"],
  ] as const)("typing %o is %s", (parts, text) => {
    expect(composeDuration(parts)).toBe(text);
  });

  it("what is typed and shown again says the same", () => {
    const unit = fc.constantFrom(...durationUnits.map(({ value }) => value));
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 99_999 }), unit, (amount, of) => {
        const text = composeDuration({ amount: String(amount), unit: of });
        expect(duration.safeParse(text).success).toBe(true);
        expect(durationMs(composeDuration(durationParts(text)))).toBe(durationMs(text));
      }),
    );
  });

  it.each([
    ["1s", 1, "2s"],
    ["1s", -1, "500ms"],
    ["7s", 1, "10s"],
    ["7s", -1, "5s"],
    ["24h", 1, "24h"],
    ["1ms", -1, "1ms"],
    ["", 1, "1s"],
  ] as const)("from %s the arrow %s leads to %s", (from, direction, to) => {
    expect(stepDuration(from, direction)).toBe(to);
  });

  it("steps up until the end, always to a duration that the contract takes", () => {
    let text = "1ms";
    for (let steps = 0; steps < 60; steps += 1) {
      const next = stepDuration(text, 1);
      expect(duration.safeParse(next).success).toBe(true);
      expect(durationMs(next) ?? 0).toBeGreaterThanOrEqual(durationMs(text) ?? 0);
      text = next;
    }
    expect(durationMs(text)).toBe(86_400_000);
  });
});
