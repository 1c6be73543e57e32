import { describe, expect, test } from "vitest";
import { dutyOf } from "./duty.ts";
import { wayBackOf } from "./holding.ts";
import { minute, TestRelease, testSpec } from "./machine.suite.ts";
import { holdOf } from "./state.ts";

const nowhere = { stableReady: 0, canaryReady: 1 };
const soaking = (more: object = {}): TestRelease => {
  const release = new TestRelease(testSpec(more));
  release.untilSoaking();
  return release;
};
const completed = (more: object = {}): TestRelease => {
  const release = soaking(more);
  release.order("promote-fully");
  release.see();
  expect(release.state).toBe("completed");
  return release;
};
const failures = { totals: { stable: { requests: 0, errors: 0 }, canary: { requests: 20, errors: 20 } } };

/** Each way in which a release is turned round. */
const turns: Readonly<Record<string, (release: TestRelease) => void>> = {
  "a person": (release) => {
    release.ready = nowhere;
    release.order("abort");
  },
  "a verdict": (release) => {
    release.judge("fail");
    release.judge("fail", nowhere);
  },
  "a limit of damage": (release) => release.see({ ...nowhere, ...failures }),
};

describe.each(Object.entries(turns))("turned round by %s while stable has no ready pod", (_who, turn) => {
  const turned = (): TestRelease => {
    const release = soaking({ analysis: { maxFailedRequests: 5 } });
    turn(release);
    return release;
  };

  test("the shares stay, pods that a release stopped are asked to start, and it is told as an error", () => {
    const release = turned();
    expect(release.machine.wanted).toMatchObject({ stable: "v1", canary: "v2", weight: 10 });
    expect(dutyOf(release.release, release.nowUnixMs)).toEqual({ do: "resume-old" });
    expect([release.state, holdOf(release.machine)]).toEqual(["rolling-back", "no-stable-pods"]);
    const told = release.records.flatMap(({ events }) => events).filter(({ kind }) => kind === "no-stable-pods");
    expect(told).toMatchObject([{ level: "error", text: expect.stringContaining("v1 has no ready pod") as string }]);
    expect(wayBackOf(release.release, nowhere)).toMatchObject({ version: "v1", readyPods: 0, goes: "waits" });
    release.nowUnixMs += 24 * 60 * minute;
    release.see(nowhere);
    expect(release.machine.wanted).toMatchObject({ canary: "v2", weight: 10 });
    expect(release.records.at(-1)?.events).toEqual([]);
  });

  test.each([
    ["stable has a ready pod again", { stableReady: 1, canaryReady: 1 }],
    ["the canary has none either", { stableReady: 0, canaryReady: 0 }],
  ])("it goes back when %s", (_when, pods) => {
    const release = turned();
    release.see(nowhere);
    release.see(pods);
    expect(release.machine.wanted).toMatchObject({ stable: "v1", canary: null });
    expect(dutyOf(release.release, release.nowUnixMs).do).toBe("place");
    for (let looks = 0; release.state === "rolling-back" && looks < 9; looks++) {
      release.nowUnixMs += 2_000;
      release.see();
    }
    expect(release.state).toBe("rolled-back");
  });

  test("what the live copy said before the cluster was lost turns nothing", () => {
    const release = turned();
    release.see({ connected: false, stableReady: 0, canaryReady: 0 });
    expect(holdOf(release.machine)).toBe("no-stable-pods");
  });
});

describe("a way back that is open", () => {
  test("is taken though neither version has a pod: nothing is lost by it", () => {
    const release = soaking();
    release.ready = { stableReady: 0, canaryReady: 0 };
    release.order("abort");
    expect(release.machine.phase).toBe("going-back");
  });

  test("is not left again when the last pod of stable goes on the way", () => {
    const release = soaking();
    release.order("abort");
    release.see({ ...nowhere, placement: { state: "moving", words: "1 of 2" } });
    expect(dutyOf(release.release, release.nowUnixMs)).toMatchObject({ do: "place", goingBack: true });
  });

  test("of a first change that was begun after all waits for pods as well", () => {
    const release = new TestRelease();
    release.see();
    release.place({ state: "moving", words: "being written" });
    release.order("abort");
    release.see({ ...nowhere, withdrawn: "written" });
    expect(holdOf(release.machine)).toBe("no-stable-pods");
    release.see();
    expect(release.machine.phase).toBe("going-back");
  });
});

describe("an undo", () => {
  test.each([
    ["the canary answers", nowhere],
    ["nobody answers", { stableReady: 0, canaryReady: 0 }],
  ])("waits for a pod of stable, whoever stopped them, while %s", (_what, pods) => {
    const release = completed();
    release.ready = pods;
    expect(wayBackOf(release.release, nowhere)).toMatchObject({ goes: "starts-pods", readyPods: 0 });
    expect(release.order("undo")).toBe("");
    expect(release.machine.wanted?.stable).toBe("v2");
    release.see(pods);
    expect([release.machine.wanted?.stable, holdOf(release.machine)]).toEqual(["v2", null]);
    release.see();
    expect(release.machine.wanted?.stable).toBe("v1");
  });

  test("stays completed, and can be asked for again, when none is ready within five minutes", () => {
    const release = completed();
    release.ready = nowhere;
    release.order("undo");
    release.nowUnixMs += 5 * minute;
    release.see(nowhere);
    expect([release.state, release.machine.wanted?.stable]).toEqual(["completed", "v2"]);
    expect(release.texts.at(-1)).toBe("Not undone: v1 had no ready pod within 5 minutes");
    release.ready = { stableReady: 1, canaryReady: 1 };
    expect(release.order("undo")).toBe("");
    expect(release.machine.wanted?.stable).toBe("v1");
  });

  test("is at once while stable has pods", () => {
    const release = completed();
    expect(wayBackOf(release.release, { stableReady: 2, canaryReady: 1 })).toEqual({
      version: "v1",
      readyPods: 2,
      goes: "at-once",
      words: "v1 has 2 ready pods: going back is at once.",
    });
    release.order("undo");
    expect(release.machine.phase).toBe("going-back");
  });
});

test("what a person or a bundle takes back is no error; what failed is", () => {
  const level = (turn: (release: TestRelease) => void): string | undefined => {
    const release = soaking();
    turn(release);
    for (let looks = 0; release.state !== "rolled-back" && looks < 9; looks++) {
      release.nowUnixMs += 2_000;
      release.see();
    }
    return release.records.flatMap(({ events }) => events).findLast(({ kind }) => kind === "rolled-back")?.level;
  };
  expect(level((release) => void release.order("abort"))).toBe("warning");
  const failed = (release: TestRelease): void => {
    release.judge("fail");
    release.judge("fail");
  };
  expect(level(failed)).toBe("error");
});
