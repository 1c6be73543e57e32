import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { durationBoundsMs } from "@/mesh-runtime/api/duration-bounds.ts";
import type { IntervalCounts, VersionCounts } from "./counts.ts";
import { oddsAbove, oddsBelow, oddsWorse, upperBound } from "./evidence.ts";
import { judge } from "./judge.ts";
import { everFails, randomFrom, rulesOf, simulateStep, type World } from "./simulated-step.suite.ts";

const good = { errorRate: 0, medianMs: 20 };
const always = (behaviour: { errorRate: number; medianMs: number }) => () => behaviour;
const world = (more: Partial<World>): World => ({
  canaryRequests: 40,
  stableRequests: 160,
  canary: always(good),
  stable: always(good),
  ...more,
});

describe("a version within the rules is hardly ever called bad, however often it is looked at", {
  timeout: 60_000,
}, () => {
  const runs = 100;
  const looks = 40;
  const alarms = (seed: number, rules: Parameters<typeof rulesOf>[0], of: World): number => {
    const random = randomFrom(seed);
    return Array.from({ length: runs }, () => everFails(rulesOf(rules), of, looks, random)).filter(Boolean).length;
  };

  it("exactly at the limit of errors", () => {
    const border = { errorRate: 0.01, medianMs: 20 };
    expect(alarms(1, {}, world({ canary: always(border), stable: always(border) }))).toBeLessThanOrEqual(1);
  });

  it("exactly as much worse than stable as it may be", () => {
    const of = world({
      canary: always({ errorRate: 0.06, medianMs: 20 }),
      stable: always({ errorRate: 0.05, medianMs: 20 }),
    });
    expect(alarms(2, { minSuccess: null, maxWorse: 1 }, of)).toBeLessThanOrEqual(1);
  });

  it("with a tenth of the requests exactly at the limit of the latency", () => {
    // 100 ms is the 90th percentile of a log-normal with this median.
    const slow = { errorRate: 0, medianMs: 100 / Math.exp(0.5 * 1.6449) };
    const of = world({ canary: always(slow), stable: always(good) });
    const latency = [{ quantile: 95 as const, maxMs: 100, maxRatio: null }];
    expect(alarms(3, { minSuccess: null, maxWorse: null, latency }, of)).toBeLessThanOrEqual(1);
  });

  it("while both versions suffer from the same outage", () => {
    const outage = (interval: number) => ({ errorRate: interval >= 10 && interval < 16 ? 0.6 : 0.001, medianMs: 20 });
    expect(alarms(4, {}, world({ canary: outage, stable: outage }))).toBeLessThanOrEqual(1);
  });

  it("while both are slow at times, against each other", () => {
    const slow = (interval: number) => ({ errorRate: 0, medianMs: interval % 12 > 8 ? 400 : 20 });
    const latency = [{ quantile: 95 as const, maxMs: null, maxRatio: 1.5 }];
    expect(alarms(5, { latency }, world({ canary: slow, stable: slow }))).toBeLessThanOrEqual(1);
  });
});

describe("a bad version is found", { timeout: 60_000 }, () => {
  const ends = (seed: number, rules: Parameters<typeof rulesOf>[0], of: World, runs = 100) => {
    const random = randomFrom(seed);
    return Array.from({ length: runs }, () => simulateStep(rulesOf(rules), of, 60, random));
  };
  const bad = (errorRate: number, medianMs = 20) => world({ canary: always({ errorRate, medianMs }) });

  it("within two intervals when half of its answers fail and there are enough of them", () => {
    const all = ends(6, { minRequests: 20 }, bad(0.5));
    expect(all.filter(({ end, intervals }) => end === "rolled-back" && intervals === 2).length).toBe(all.length);
  });

  it("almost always when one of twenty fails, and never passed", () => {
    const all = ends(7, {}, bad(0.05));
    expect(all.filter(({ end }) => end === "rolled-back").length).toBeGreaterThan(0.95 * all.length);
    expect(all.filter(({ end }) => end === "passed").length).toBeLessThan(0.05 * all.length);
  });

  it("within two intervals when it is far too slow", () => {
    const latency = [{ quantile: 95 as const, maxMs: 100, maxRatio: null }];
    const all = ends(8, { minRequests: 20, latency }, bad(0, 400));
    expect(all.filter(({ end, intervals }) => end === "rolled-back" && intervals === 2).length).toBe(all.length);
  });

  it("when it is much slower than stable, without any limit in milliseconds", () => {
    const latency = [{ quantile: 95 as const, maxMs: null, maxRatio: 1.5 }];
    const all = ends(9, { latency }, bad(0, 400));
    expect(all.filter(({ end }) => end === "rolled-back").length).toBe(all.length);
  });

  it("when it turns bad after a good hour", () => {
    const random = randomFrom(10);
    const rules = rulesOf({ passes: 100 });
    const burning = world({ canary: (interval) => ({ errorRate: interval < 30 ? 0 : 0.2, medianMs: 20 }) });
    const all = Array.from({ length: 30 }, () => simulateStep(rules, burning, 60, random));
    expect(all.every(({ end, intervals }) => end === "rolled-back" && intervals <= 36)).toBe(true);
  });

  it("and a good one passes as soon as there are enough requests", () => {
    const all = ends(11, {}, world({ canary: always({ errorRate: 0.001, medianMs: 20 }) }));
    expect(all.filter(({ end, intervals }) => end === "passed" && intervals <= 6).length).toBeGreaterThan(
      0.97 * all.length,
    );
  });
});

const counts = (requests: number, errors: number, ms = 20): VersionCounts => ({
  requests,
  errors,
  buckets: [...durationBoundsMs, Number.POSITIVE_INFINITY].map((bound, index, all) =>
    ms <= bound && ms > (all[index - 1] ?? -1) ? requests : 0,
  ),
});
const interval = (stable: VersionCounts, canary: VersionCounts): IntervalCounts => ({
  fromUnixMs: 0,
  toUnixMs: 30_000,
  stable,
  canary,
});
const verdictOf = (measure: string, ...judged: Parameters<typeof judge>) =>
  judge(...judged).measures.find((one) => one.measure === measure)?.verdict;

describe("verdicts", () => {
  it("none below the minimum of requests, even if all of them failed", () => {
    const judged = judge(rulesOf({ minRequests: 50 }), [interval(counts(500, 0), counts(49, 49))], []);
    expect(judged.verdict).toBe("inconclusive");
  });

  it("the minimum is counted over the step, not over the interval", () => {
    const one = interval(counts(100, 0), counts(10, 0));
    expect(judge(rulesOf({ minRequests: 50 }), [one, one, one, one, one], []).verdict).toBe("pass");
  });

  it("what both versions suffer from is no verdict about the new one", () => {
    const both = interval(counts(400, 200), counts(100, 50));
    expect(verdictOf("success", rulesOf(), [both], [])).toBe("inconclusive");
    expect(verdictOf("success", rulesOf(), [interval(counts(400, 0), counts(100, 50))], [])).toBe("fail");
  });

  it("answers to copies count as the new version's, against what stable answered at the same time, and are named", () => {
    const copied = (copies: VersionCounts): IntervalCounts => ({ ...interval(counts(400, 0), counts(0, 0)), copies });
    expect(judge(rulesOf(), [copied(counts(100, 0))], []).verdict).toBe("pass");
    expect(verdictOf("success", rulesOf(), [{ ...copied(counts(100, 50)), stable: counts(400, 200) }], [])).toBe(
      "inconclusive",
    );
    const { verdict, measures } = judge(rulesOf(), [copied(counts(100, 50))], []);
    expect(verdict).toBe("fail");
    expect(measures.map(({ detail }) => detail)).toEqual([
      expect.stringContaining("50 of the last 100 copies failed"),
      expect.any(String),
      "Enough; 100 are copies, which no caller waits for",
    ]);
    const both = { ...interval(counts(400, 0), counts(60, 0)), copies: counts(40, 20) };
    expect(judge(rulesOf(), [both], []).measures[0]?.detail).toContain("20 of the last 100 (40 of them copies) failed");
  });

  it("errors above the limit that chance explains are no verdict", () => {
    expect(verdictOf("success", rulesOf(), [interval(counts(400, 0), counts(60, 1))], [])).toBe("inconclusive");
  });

  it("a good beginning does not cover what happened lately", () => {
    const before = Array.from({ length: 20 }, () => interval(counts(500, 0), counts(100, 0)));
    const now = interval(counts(500, 0), counts(100, 3));
    expect(verdictOf("success", rulesOf(), [...before, now], [])).not.toBe("pass");
  });

  it("with all requests at the canary there is nothing to compare with, and limits still hold", () => {
    const alone = [interval(counts(0, 0), counts(200, 0))];
    expect(judge(rulesOf(), alone, []).verdict).toBe("pass");
    expect(judge(rulesOf(), [interval(counts(0, 0), counts(200, 60))], []).verdict).toBe("fail");
  });

  it.each([
    ["passed", "pass"],
    ["failed", "fail"],
    ["waiting", "inconclusive"],
  ] as const)("a webhook that %s makes it %s", (outcome, verdict) => {
    const fine = [interval(counts(400, 0), counts(100, 0))];
    expect(judge(rulesOf(), fine, [{ name: "load test", outcome, words: "" }]).verdict).toBe(verdict);
  });

  it("a limit beyond what durations are told apart by is never passed over: the quantile decides", () => {
    const latency = [{ quantile: 99 as const, maxMs: 60_000, maxRatio: null }];
    expect(judge(rulesOf({ latency }), [interval(counts(400, 0), counts(100, 0))], []).verdict).toBe("pass");
  });
});

describe("odds", () => {
  const trials = fc
    .array(fc.tuple(fc.integer({ min: 0, max: 500 }), fc.float({ min: 0, max: 1, noNaN: true })), { maxLength: 20 })
    .map((list) => list.map(([count, share]) => ({ count, hits: Math.floor(count * share) })));
  const rate = fc.float({ min: Math.fround(0.001), max: Math.fround(0.999), noNaN: true });

  it("never grow when more is allowed", () => {
    fc.assert(
      fc.property(trials, rate, rate, (seen, one, other) => {
        const [low, high] = [Math.min(one, other), Math.max(one, other)];
        expect(oddsAbove(seen, high)).toBeLessThanOrEqual(oddsAbove(seen, low) * (1 + 1e-9));
      }),
    );
  });

  it("are a fair game at the border: on average nobody wins", () => {
    // All outcomes of twelve trials, with their exact chances.
    const choose = (n: number, k: number): number => (k === 0 ? 1 : (choose(n, k - 1) * (n - k + 1)) / k);
    for (const border of [0.01, 0.1, 0.4]) {
      const mean = Array.from({ length: 13 }, (_, hits) => hits).reduce(
        (sum, hits) =>
          sum +
          choose(12, hits) * border ** hits * (1 - border) ** (12 - hits) * oddsAbove([{ hits, count: 12 }], border),
        0,
      );
      expect(mean).toBeLessThanOrEqual(1);
    }
  });

  it("of a difference are a fair game for equal versions, whatever their rate", () => {
    const choose = (n: number, k: number): number => (k === 0 ? 1 : (choose(n, k - 1) * (n - k + 1)) / k);
    for (const share of [0.01, 0.3, 0.9]) {
      let mean = 0;
      for (let ours = 0; ours <= 5; ours++) {
        for (let theirs = 0; theirs <= 20; theirs++) {
          const chance =
            choose(5, ours) *
            share ** ours *
            (1 - share) ** (5 - ours) *
            choose(20, theirs) *
            share ** theirs *
            (1 - share) ** (20 - theirs);
          mean += chance * oddsWorse([{ canary: { hits: ours, count: 5 }, stable: { hits: theirs, count: 20 } }]);
        }
      }
      expect(mean).toBeLessThanOrEqual(1);
    }
  });

  it("stay finite, and nothing seen says nothing", () => {
    expect(oddsAbove([], 0.01)).toBe(0);
    expect(oddsWorse([{ canary: { hits: 0, count: 0 }, stable: { hits: 0, count: 0 } }])).toBe(0);
    expect(Number.isFinite(oddsAbove([{ hits: 1e6, count: 1e6 }], 0))).toBe(true);
  });

  it("a bound lies above what was seen, and closer with more of it", () => {
    const few = upperBound({ hits: 1, count: 100 }, 1000);
    const many = upperBound({ hits: 100, count: 10_000 }, 1000);
    expect(few).toBeGreaterThan(many);
    expect(many).toBeGreaterThan(0.01);
    expect(oddsBelow({ hits: 100, count: 10_000 }, many)).toBeGreaterThanOrEqual(999);
    expect(upperBound({ hits: 0, count: 0 }, 1000)).toBe(1);
  });
});
