import { describe, expect, it } from "vitest";
import { rolloutSpec } from "@/server/contracts/rollout-spec.ts";
import { differenceOf, endLabel, figureOf, tickLabel } from "./chart-readout.ts";
import { latencyLimits, successLimits } from "./limits.ts";

describe("figures", () => {
  it.each([
    ["success", 99.8, "99.80", "%"],
    ["success", 100, "100", "%"],
    ["latency", 41.2, "41", "ms"],
    ["rps", 4.8, "4.8", "rps"],
    ["rps", null, "–", ""],
  ] as const)("%s of %s", (drawn, value, text, unit) => expect(figureOf(drawn, value)).toEqual({ value: text, unit }));

  it("labels carry a unit only where it is not plain", () => {
    expect(endLabel("latency", 41)).toBe("41\u00a0ms");
    expect(endLabel("rps", 43.7)).toBe("43.7");
    expect(tickLabel(99.5)).toBe("99.5");
    expect(tickLabel(20_000)).toBe("20k");
  });
});

describe("differences", () => {
  it.each([
    ["success", 99.81, 99.8, "−0.01\u00a0points", "none"],
    ["success", 99.8, 97, "−2.80\u00a0points", "worse"],
    ["latency", 41, 38, "−3.0\u00a0ms", "better"],
    ["latency", 41, 80, "+39\u00a0ms", "worse"],
    ["rps", 43.7, 4.8, "9.9\u00a0%", "none"],
    ["rps", 0, 0, "–", "none"],
    ["latency", null, 80, "–", "none"],
  ] as const)("%s from %s to %s is %s", (drawn, stable, canary, words, tone) => {
    expect(differenceOf(drawn, stable, canary)).toMatchObject({ words, tone });
  });
});

describe("limits", () => {
  const { analysis } = rolloutSpec.parse({
    service: { namespace: "web-api", name: "web-api" },
    kind: "weighted",
    stable: "v1",
    canary: "v2",
    steps: [{ weight: 10 }],
    analysis: { latency: [{ quantile: 95, maxMs: 80, maxRatio: 1.5 }] },
  });

  it("are drawn for the percentile that is shown, the relative one by what stable has", () => {
    expect(latencyLimits(analysis, 95, 40, "v1")).toEqual([
      { value: 80, words: "limit 80\u00a0ms" },
      { value: 60, words: "1.5 × v1" },
    ]);
    expect(latencyLimits(analysis, 99, 40, "v1")).toEqual([]);
    expect(latencyLimits(analysis, 95, null, "v1")).toHaveLength(1);
  });

  it("of the success rate are absent when there is none", () => {
    expect(successLimits(analysis)).toEqual([{ value: 99, words: "limit 99\u00a0%" }]);
    expect(successLimits({ ...analysis, minSuccess: null })).toEqual([]);
  });
});
