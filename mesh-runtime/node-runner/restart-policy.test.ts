import { expect, test } from "vitest";
import { kubernetesBackOff, nextPauseMs, shouldRestart } from "./restart-policy.ts";

test.each<[string | undefined, number, boolean]>([
  [undefined, 0, true],
  ["Always", 0, true],
  ["Always", 1, true],
  ["OnFailure", 0, false],
  ["OnFailure", 3, true],
  ["Never", 0, false],
  ["Never", 1, false],
])("restartPolicy %s after exit code %i: restarted %s", (policy, code, expected) => {
  expect(shouldRestart(policy, code)).toBe(expected);
});

test("restarts at once, then waits 10 s doubling to 5 min, and forgets after 10 good minutes", () => {
  const pauses: number[] = [];
  let previous: number | undefined;
  for (let crash = 0; crash < 8; crash += 1) {
    previous = nextPauseMs(previous, 50, kubernetesBackOff);
    pauses.push(previous / 1000);
  }
  expect(pauses).toEqual([0, 10, 20, 40, 80, 160, 300, 300]);
  expect(nextPauseMs(300_000, 600_000, kubernetesBackOff)).toBe(0);
  expect(nextPauseMs(300_000, 599_999, kubernetesBackOff)).toBe(300_000);
});
