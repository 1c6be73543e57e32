import { describe, expect, test } from "vitest";
import { TestRelease, testSpec } from "./machine.suite.ts";

const soaking = (more: object = {}): TestRelease => {
  const release = new TestRelease(testSpec(more));
  release.untilSoaking();
  return release;
};
const _failed = (errors: number, requests = 20) => ({
  totals: { stable: { requests: 0, errors: 0 }, canary: { requests, errors } },
});

describe("people", () => {
  test("a promotion of what a person paused goes on with the next step", () => {
    const release = soaking();
    release.order("pause");
    expect(release.order("promote")).toBe("");
    release.untilSoaking();
    expect([release.machine.step, release.state]).toEqual([1, "running"]);
  });

  test("a promotion to the end leaves steps out, and says so", () => {
    const release = soaking();
    release.order("promote-fully");
    release.see();
    expect(release.state).toBe("completed");
    expect(release.machine.steps.map(({ state }) => state)).toEqual(["skipped", "skipped", "skipped"]);
  });

  test("an abort works while the first change waits for others, under a freeze and without a cluster", () => {
    const release = new TestRelease();
    release.see();
    release.place({ state: "waiting", changeId: "c", words: "Waits for the purchase-history team" });
    expect(release.state).toBe("waiting");
    expect(release.order("promote")).toBe("Its first change waits for other teams.");
    expect(release.order("abort", { reason: "wrong image" })).toBe("");
    release.see({ connected: false, placement: { state: "unreachable", words: "no answer" }, frozen: "until Monday" });
    expect(release.state).toBe("rolling-back");
    release.see({ frozen: "until Monday" });
    release.nowUnixMs += 3_000;
    release.see({ frozen: "until Monday" });
    expect(release.state).toBe("rolled-back");
    expect(release.texts.at(-1)).toContain("wrong image");
  });

  test("an undo waits for pods of the old version when those were stopped", () => {
    const release = soaking({ stopOldAfterMinutes: 0 });
    release.order("promote-fully");
    release.see();
    const { leftover } = release.machine;
    release.release = {
      ...release.release,
      machine: { ...release.machine, leftover: leftover && { ...leftover, done: true, stopped: true } },
    };
    expect(release.order("undo")).toBe("");
    expect(release.machine.wanted?.stable).toBe("v2");
    release.see({ stableReady: 0 });
    expect(release.machine.wanted?.stable).toBe("v2");
    release.see();
    expect(release.machine.wanted?.stable).toBe("v1");
    release.see();
    release.nowUnixMs += 3_000;
    release.see();
    expect(release.state).toBe("undone");
  });

  test("restarts from a step that it has come to, not from one ahead", () => {
    const release = soaking();
    release.order("promote");
    release.untilSoaking();
    expect(release.order("restart", { step: 2 })).toBe("Choose a step that it has come to.");
    expect(release.order("restart", { step: 0 })).toBe("");
    expect(release.machine.wanted?.weight).toBe(10);
  });

  test("shares of which the canary had a part before are not given back to it", () => {
    const before = {
      stable: "v1",
      canary: "v2",
      weight: 30,
      match: [],
      mirror: 0,
      sticky: null,
      round: 1,
      preview: null,
    };
    const release = new TestRelease(testSpec(), before);
    release.untilSoaking();
    release.order("abort");
    expect(release.machine.wanted).toMatchObject({ stable: "v1", canary: null });
  });
});

test("where the first change had begun all the same, the shares from before are written", () => {
  const release = new TestRelease();
  release.see();
  release.place({ state: "moving", words: "being written" });
  release.order("abort");
  expect(release.machine.phase).toBe("withdrawing");
  release.see({ withdrawn: "written" });
  expect(release.machine.phase).toBe("going-back");
  expect(release.machine.wanted).toMatchObject({ stable: "v1", canary: null });
});
