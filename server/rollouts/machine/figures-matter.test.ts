import { describe, expect, test } from "vitest";
import { TestRelease, testSpec } from "./machine.suite.ts";
import { holdOf } from "./state.ts";

const soaking = (more: object): TestRelease => {
  const release = new TestRelease(testSpec(more));
  release.untilSoaking();
  return release;
};
const steps = (...judged: readonly boolean[]): object => ({
  steps: judged
    .map((analysis, index) => ({ weight: 10 * (index + 1), analysis }))
    .concat([{ weight: 100, analysis: false }]),
});
const limit = { analysis: { maxFailedRequests: 5 } };

describe("without figures from the proxies", () => {
  test.each([
    ["a step that is judged", steps(true), "no-telemetry"],
    ["a step before one that is judged", steps(false, true), "no-telemetry"],
    ["a step of a release whose failed requests are limited", { ...steps(false), ...limit }, "no-telemetry"],
    ["a step that nothing is counted for", steps(false), null],
  ] as const)("%s: hold %s", (_what, more, hold) => {
    const release = soaking(more);
    release.see({ freshUnixMs: null });
    expect(holdOf(release.machine)).toBe(hold);
    expect(release.machine.step).toBe(hold === null ? 1 : 0);
    release.see({ freshUnixMs: null });
    release.see();
    release.judge("pass");
    release.judge("pass");
    expect(release.machine.step).toBeGreaterThan(0);
  });

  test("a later step is not judged any more once it is past: nothing holds the rest", () => {
    const release = soaking({
      steps: [{ weight: 10 }, { weight: 50, analysis: false }, { weight: 100, analysis: false }],
    });
    release.judge("pass");
    release.judge("pass");
    release.untilSoaking();
    release.see({ freshUnixMs: null });
    expect(release.machine.step).toBe(2);
  });

  test("the end waits where failed requests are limited, and a person may still promote at a gate", () => {
    const gate = {
      steps: [
        { weight: 10, analysis: false, gate: true },
        { weight: 100, analysis: false },
      ],
      ...limit,
    };
    const release = soaking(gate);
    release.see();
    release.see({ freshUnixMs: null });
    expect(holdOf(release.machine)).toBe("no-telemetry");
    expect(release.order("promote")).toBe("");
    expect(release.machine.step).toBe(1);
  });
});
