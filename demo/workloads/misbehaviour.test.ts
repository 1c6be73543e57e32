import { expect, test } from "vitest";
import { misbehaviour, wellBehaved } from "./misbehaviour.ts";

const outcomes = (options: object, requests: number, everyMs = 0) => {
  let nowMs = 0;
  const next = misbehaviour({ ...wellBehaved, ...options }, () => nowMs);
  return Array.from({ length: requests }, () => {
    const outcome = next();
    nowMs += everyMs;
    return outcome;
  });
};
const failures = (...of: Parameters<typeof outcomes>): number => outcomes(...of).filter(({ fails }) => fails).length;

test("a healthy release neither fails nor waits", () => {
  expect(new Set(outcomes({}, 100).map((one) => JSON.stringify(one)))).toEqual(new Set(['{"fails":false,"waitMs":0}']));
});

test.each([1, 7, 20, 50, 100])("of a hundred requests %i fail when so many percent are to", (failPercent) => {
  expect(failures({ failPercent }, 100)).toBe(failPercent);
});

test("a share of requests waits, whether it fails or not", () => {
  const both = outcomes({ failPercent: 50, slowPercent: 25, slowMs: 300 }, 8);
  expect(both.map(({ waitMs }) => waitMs)).toEqual([0, 0, 0, 300, 0, 0, 0, 300]);
  expect(both.map(({ fails }) => fails)).toEqual([false, true, false, true, false, true, false, true]);
});

test("a slow burn begins without failures and grows to its share", () => {
  const options = { failPercent: 40, burnSeconds: 100 };
  expect(failures(options, 100, 10)).toBe(0);
  const whole = outcomes(options, 300, 1_000).map(({ fails }) => (fails ? 1 : 0));
  const failed = (from: number): number => whole.slice(from, from + 100).reduce((sum: number, one) => sum + one, 0);
  // The first hundred seconds have half of what the later ones have.
  expect(Math.abs(failed(0) - 20)).toBeLessThanOrEqual(1);
  expect([failed(100), failed(200)]).toEqual([40, 40]);
});
