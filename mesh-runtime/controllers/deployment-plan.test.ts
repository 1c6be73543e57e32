import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { planRollout, type RolloutPod, type RolloutWish, rolloutLimits } from "./deployment-plan.ts";

/** `n` new ready, `N` new unready, `o` old ready, `O` old unready; later letters are younger. */
const pods = (text: string): RolloutPod[] =>
  [...text].map((letter, index) => ({
    name: `${letter}${index}`,
    current: letter.toLowerCase() === "n",
    ready: letter === "n" || letter === "o",
    available: letter === "n" || letter === "o",
    createdAtMs: index,
  }));

const wish = (over: Partial<RolloutWish>): RolloutWish => ({
  replicas: 1,
  strategy: "RollingUpdate",
  maxSurge: 1,
  maxUnavailable: 0,
  paused: false,
  ...over,
});

describe("planRollout", () => {
  test.each<[string, Partial<RolloutWish>, string, boolean, number, string[]]>([
    ["makes all pods of a new deployment at once", { replicas: 3 }, "", false, 3, []],
    ["does nothing when everything is as wished", { replicas: 2 }, "nn", false, 0, []],
    ["brings the new pod up before the old one goes", {}, "o", false, 1, []],
    ["keeps the old pod while the new one is not ready", {}, "oN", false, 0, []],
    ["ends the old pod when the new one is ready", {}, "on", false, 0, ["o0"]],
    ["ends an unready old pod only beyond the minimum", {}, "ON", false, 0, []],
    ["ends first and makes later without surge", { maxSurge: 0, maxUnavailable: 1 }, "o", false, 0, ["o0"]],
    ["makes the new pod when the old one has gone", { maxSurge: 0, maxUnavailable: 1 }, "", true, 1, []],
    ["scales down the unready and the youngest first", { replicas: 1 }, "nnN", false, 0, ["N2", "n1"]],
    ["scales to zero", { replicas: 0 }, "no", false, 0, ["n0", "o1"]],
    [
      "steps through four pods with surge and unavailability of one",
      { replicas: 4, maxUnavailable: 1 },
      "oooo",
      false,
      1,
      ["o3"],
    ],
    ["recreates: first the old ones go", { replicas: 2, strategy: "Recreate" }, "oo", false, 0, ["o0", "o1"].reverse()],
    ["recreates: waits until they have gone", { replicas: 2, strategy: "Recreate" }, "", true, 0, []],
    ["recreates: then makes the new ones", { replicas: 2, strategy: "Recreate" }, "", false, 2, []],
    ["paused: leaves old pods alone", { paused: true }, "o", false, 0, []],
    ["paused: still scales down", { paused: true }, "oo", false, 0, ["o1"]],
  ])("%s", (_, over, text, terminating, create, remove) => {
    const step = planRollout(wish(over), pods(text), terminating);
    expect(step.create).toBe(create);
    expect([...step.remove].sort()).toEqual([...remove].sort());
  });

  const world = fc.record({
    replicas: fc.integer({ min: 0, max: 8 }),
    maxSurge: fc.integer({ min: 0, max: 4 }),
    maxUnavailable: fc.integer({ min: 0, max: 4 }),
    letters: fc.array(fc.constantFrom("n", "N", "o", "O"), { maxLength: 16 }),
  });

  test("never makes too many, never ends an available pod that is needed", () => {
    fc.assert(
      fc.property(world, ({ replicas, maxSurge, maxUnavailable, letters }) => {
        const limits = rolloutLimits(replicas, maxSurge, maxUnavailable);
        const before = pods(letters.join(""));
        const step = planRollout(wish({ replicas, ...limits }), before, false);
        const removed = new Set(step.remove);
        const left = before.filter(({ name }) => !removed.has(name));
        expect(removed.size).toBe(step.remove.length);
        if (step.create > 0) {
          expect(before.length + step.create).toBeLessThanOrEqual(replicas + limits.maxSurge);
        }
        const availableBefore = before.filter(({ available }) => available).length;
        const availableLeft = left.filter(({ available }) => available).length;
        if (availableLeft < availableBefore) {
          expect(availableLeft).toBeGreaterThanOrEqual(Math.min(availableBefore, replicas - limits.maxUnavailable));
        }
      }),
    );
  });

  test("ends at exactly the wished pods from anywhere, when pods become ready and go", () => {
    fc.assert(
      fc.property(world, ({ replicas, maxSurge, maxUnavailable, letters }) => {
        const limits = rolloutLimits(replicas, maxSurge, maxUnavailable);
        let now = pods(letters.join(""));
        let serial = 100;
        for (let turn = 0; turn < 60; turn += 1) {
          const { create, remove } = planRollout(wish({ replicas, ...limits }), now, false);
          const removed = new Set(remove);
          now = now
            .filter(({ name }) => !removed.has(name))
            // New pods become ready; broken old ones stay broken.
            .map((pod) => (pod.current ? { ...pod, ready: true, available: true } : pod));
          for (let index = 0; index < create; index += 1) {
            serial += 1;
            now.push({ name: `new${serial}`, current: true, ready: false, available: false, createdAtMs: serial });
          }
        }
        expect(now.every(({ current, ready }) => current && ready)).toBe(true);
        expect(now).toHaveLength(replicas);
      }),
    );
  });
});

describe("rolloutLimits", () => {
  test.each<[number, number | string | undefined, number | string | undefined, number, number]>([
    [1, undefined, undefined, 1, 0],
    [4, undefined, undefined, 1, 1],
    [10, "25%", "25%", 3, 2],
    [2, 0, 0, 0, 1],
    [3, "0%", "10%", 0, 1],
    [3, 1, 5, 1, 3],
  ])("replicas %s, surge %s, unavailable %s", (replicas, surge, unavailable, maxSurge, maxUnavailable) => {
    expect(rolloutLimits(replicas, surge, unavailable)).toEqual({ maxSurge, maxUnavailable });
  });
});
