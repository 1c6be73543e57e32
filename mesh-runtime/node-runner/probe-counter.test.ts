import { expect, test } from "vitest";
import { countResult, firstCount, probeLimits } from "./probe-counter.ts";

test("limits default as Kubernetes'", () => {
  expect(probeLimits({})).toEqual({
    initialDelayMs: 0,
    periodMs: 10_000,
    timeoutMs: 1_000,
    successThreshold: 1,
    failureThreshold: 3,
  });
});

/** `+` pass, `-` fail; the result is the state after each and `!` where the threshold was reached. */
test.each<[string, boolean, number, number, string, string]>([
  ["readiness begins failing and passes at once", false, 1, 3, "+", "1"],
  ["liveness begins passing and needs three failures in a row", true, 1, 3, "---", "110!"],
  ["a success in between starts the count anew", true, 1, 3, "--+---", "111110!"],
  ["success threshold counts too", false, 2, 3, "+-++", "0001"],
  ["the threshold is reported once", true, 1, 2, "----", "10!00"],
  ["readiness that never passed reports its threshold", false, 1, 2, "--", "00!"],
])("%s", (_, passing, successThreshold, failureThreshold, results, expected) => {
  const limits = { ...probeLimits({}), successThreshold, failureThreshold };
  let count = firstCount(passing);
  let text = "";
  for (const result of results) {
    count = countResult(count, result === "+", limits);
    text += `${count.passing ? 1 : 0}${count.tripped ? "!" : ""}`;
  }
  expect(text).toBe(expected);
});
