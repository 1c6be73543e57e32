import { describe, expect, test } from "vitest";
import { analysisRules } from "@/server/contracts/rollout-spec.ts";
import { type IntervalCounts, noCounts } from "../analysis/counts.ts";
import { judge } from "../analysis/judge.ts";
import { emptyMax, type JudgedRow, keptMax, StepIntervals } from "./step-intervals.ts";

const interval = (at: number, errors = 0): IntervalCounts => ({
  fromUnixMs: at,
  toUnixMs: at + 1,
  stable: { ...noCounts, requests: 90 },
  canary: { ...noCounts, requests: 10, errors },
  ...(at % 2 === 0 ? { copies: { ...noCounts, requests: 3 } } : {}),
});
const rowsOf = (count: number, errorsAt: (index: number) => number = () => 0): JudgedRow[] =>
  Array.from({ length: count }, (_, sequence) => ({ sequence, counts: interval(sequence, errorsAt(sequence)) }));

/** Rows that tell how many of them were read. */
function shelf(rows: readonly JudgedRow[]) {
  let read = 0;
  return {
    get read() {
      return read;
    },
    of: async (beyond: number, take: number): Promise<readonly JudgedRow[]> => {
      const found = rows.filter(({ sequence }) => sequence > beyond).slice(0, take);
      read += found.length;
      return found;
    },
  };
}

describe("intervals of a step", () => {
  test("each is read once, however long the step stays", async () => {
    const rows = rowsOf(2_500);
    const intervals = new StepIntervals();
    const first = shelf(rows.slice(0, 2_400));
    await intervals.of("r", "0", first.of);
    expect(first.read).toBe(2_400);
    const again = shelf(rows);
    await intervals.of("r", "0", again.of);
    expect(again.read).toBe(100);
  });

  test("weeks of them take no more room than a day, and nothing is lost", async () => {
    const seen = await new StepIntervals().of("r", "0", shelf(rowsOf(20_000, (index) => index % 2)).of);
    expect(seen.length).toBe(1 + emptyMax + keptMax);
    expect(seen.reduce((sum, { canary }) => sum + canary.requests, 0)).toBe(200_000);
    expect(seen.reduce((sum, { canary }) => sum + canary.errors, 0)).toBe(10_000);
    expect(seen.reduce((sum, { copies }) => sum + (copies?.requests ?? 0), 0)).toBe(30_000);
    expect([seen[0]?.fromUnixMs, seen.at(-1)?.toUnixMs]).toEqual([0, 20_000]);
  });

  test("another stay at a step begins anew, and a release that ended is forgotten", async () => {
    const intervals = new StepIntervals();
    await intervals.of("r", "0", shelf(rowsOf(50)).of);
    expect(await intervals.of("r", "1", shelf([]).of)).toEqual([]);
    await intervals.of("r", "1", shelf(rowsOf(5)).of);
    intervals.keepOnly(["other"]);
    const after = shelf(rowsOf(5));
    await intervals.of("r", "1", after.of);
    expect(after.read).toBe(5);
  });

  test.each([
    ["stays good", () => 0, "pass"],
    ["turned bad lately", (index: number) => (index >= 1_990 ? 8 : 0), "fail"],
  ] as const)("a version that %s is judged as by all of its intervals", async (_what, errorsAt, verdict) => {
    const rows = rowsOf(2_000, errorsAt);
    const rules = analysisRules.parse({ minRequests: 50 });
    const folded = await new StepIntervals().of("r", "0", shelf(rows).of);
    const whole = rows.map(({ counts }) => counts);
    expect(judge(rules, folded, []).verdict).toBe(verdict);
    expect(judge(rules, folded, [])).toEqual(judge(rules, whole, []));
  });
});
