import { describe, expect, it } from "vitest";
import { rolloutSpec } from "@/server/contracts/rollout-spec.ts";
import type { IntervalVerdict, Verdict } from "@/server/contracts/rollouts.ts";
import { analysisRows, cellsOf, judgedStep, measureText, missWords, mostCells, standingOf } from "./analysis-rows.ts";

const rules = { passes: 5, misses: 1 };

describe("where a measure stands", () => {
  it.each<[readonly Verdict[], string, string]>([
    [[], "not judged yet", "none"],
    [["pass", "pass", "pass"], "3 of 5 passed", "ok"],
    [["pass", "pass", "pass", "pass", "pass", "pass"], "5 of 5 passed", "ok"],
    [["fail", "pass"], "1 of 5 passed", "ok"],
    [["pass", "pass", "fail"], "missed once, watch", "warn"],
    [["pass", "fail", "fail"], "missed twice, too often", "error"],
    [["pass", "inconclusive"], "no verdict yet", "none"],
  ])("%j reads “%s”", (verdicts, words, tone) => {
    expect(standingOf("p99", verdicts, rules)).toEqual({ words, tone });
  });

  it("without a miss allowed the first one is too many", () => {
    expect(standingOf("p99", ["fail"], { passes: 2, misses: 0 }).tone).toBe("error");
  });

  it("requests are enough or not", () => {
    expect(standingOf("requests", ["pass"], rules).words).toBe("enough");
    expect(standingOf("requests", ["inconclusive"], rules).words).toBe("too few so far");
  });
});

describe("cells", () => {
  it("show what is still needed", () => {
    expect(cellsOf(["pass", "pass", "pass"], rules, true)).toEqual(["pass", "pass", "pass", "ahead", "ahead"]);
  });

  it("a miss begins the count anew", () => {
    expect(cellsOf(["pass", "fail"], { passes: 2 }, true)).toEqual(["pass", "fail", "ahead", "ahead"]);
  });

  it("nothing is ahead once it has ended", () => {
    expect(cellsOf(["pass"], rules, false)).toEqual(["pass"]);
  });

  it.each([1, 12, 40])("never outgrow their column with %d intervals", (length) => {
    const verdicts = Array.from({ length }, () => "inconclusive" as const);
    const cells = cellsOf(verdicts, { passes: 100 }, true);
    expect(cells.length).toBeLessThanOrEqual(mostCells);
    expect(cells).toContain("inconclusive");
    expect(cells.at(-1)).toBe("ahead");
  });
});

const interval = (sequence: number, step: number, verdict: Verdict): IntervalVerdict => ({
  sequence,
  step,
  fromUnixMs: sequence * 1000,
  toUnixMs: sequence * 1000 + 1000,
  verdict,
  stableRequests: 100,
  canaryRequests: 10,
  canaryErrors: 0,
  copies: null,
  measures: [
    {
      measure: "success",
      title: "Success rate",
      rule: "at least 99 %",
      stable: 99.81,
      canary: 99.8,
      unit: "%",
      verdict,
      detail: "",
    },
  ],
});

const spec = rolloutSpec.parse({
  service: { namespace: "web-api", name: "web-api" },
  kind: "weighted",
  stable: "v1",
  canary: "v2",
  steps: [{ weight: 10 }, { weight: 100 }],
});

describe("rows", () => {
  it("hold the current step's intervals only", () => {
    const verdicts = [interval(1, 0, "pass"), interval(2, 0, "pass"), interval(3, 1, "fail")];
    const [row] = analysisRows({ verdicts, step: 1, spec }, true);
    expect(row?.intervals).toHaveLength(1);
    expect(row?.words).toBe("missed once, watch");
    expect(row?.stable).toBe("99.81\u00a0%");
  });

  it("a step without verdicts yet shows the one before it", () => {
    expect(judgedStep({ verdicts: [interval(1, 0, "pass")], step: 1 })).toBe(0);
    expect(judgedStep({ verdicts: [], step: 1 })).toBe(1);
  });
});

describe("words", () => {
  it.each([
    [99.8, "%", "99.80\u00a0%"],
    [100, "%", "100\u00a0%"],
    [121, "ms", "121\u00a0ms"],
    [3456, "requests", "3,456"],
    [-0.01, "points", "−0.01\u00a0points"],
    [1.333, "", "1.33"],
    [null, "%", ""],
  ] as const)("%s %s is written “%s”", (value, unit, text) => expect(measureText(value, unit)).toBe(text));

  it("say what one miss more does", () => {
    expect(missWords({ passes: 2, misses: 0 }, "v2", true)).toContain("the first miss");
    expect(missWords({ passes: 2, misses: 1 }, "v2", true)).toContain("a second miss in a row");
    expect(missWords({ passes: 2, misses: 4 }, "v2", true)).toContain("miss 5 in a row");
    expect(missWords({ passes: 2, misses: 1 }, "v2", false)).toBe("");
  });
});
