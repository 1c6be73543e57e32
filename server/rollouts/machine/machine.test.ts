import { describe, expect, test } from "vitest";
import { dutyOf } from "./duty.ts";
import { minute, TestRelease, testSpec } from "./machine.suite.ts";
import { holdOf } from "./state.ts";
import { headline } from "./words.ts";

const soaking = (more: object = {}): TestRelease => {
  const release = new TestRelease(testSpec(more));
  release.untilSoaking();
  return release;
};
const failed = (errors: number, requests = 20) => ({
  totals: { stable: { requests: 0, errors: 0 }, canary: { requests, errors } },
});

describe("a release by itself", () => {
  test("passes every step with enough intervals in a row, and ends with all calls at the canary", () => {
    const release = soaking();
    const weights: (number | undefined)[] = [];
    for (let step = 0; step < 3; step++) {
      release.untilSoaking();
      weights.push(release.machine.wanted?.weight);
      release.judge("pass");
      expect(release.machine.step).toBe(step);
      release.judge("pass");
    }
    expect(weights).toEqual([10, 50, 100]);
    expect(release.machine.wanted).toMatchObject({ stable: "v2", canary: "v1", weight: 0 });
    release.see(failed(3));
    expect(release.state).toBe("completed");
    expect(release.machine.served?.totals.canary).toEqual({ requests: 20, errors: 3 });
  });

  test("counts up with every move of shares, from the round of the shares before it", () => {
    const before = {
      stable: "v1",
      canary: null,
      weight: 0,
      match: [],
      mirror: 0,
      sticky: null,
      round: 7,
      preview: null,
    };
    const release = new TestRelease(
      testSpec({
        steps: [
          { weight: 10, analysis: false },
          { weight: 100, analysis: false },
        ],
      }),
      before,
    );
    const rounds = new Set<number>();
    for (let times = 0; times < 12; times++) {
      release.see();
      rounds.add(release.machine.wanted?.round ?? 0);
    }
    expect([...rounds].filter((round) => round > 0)).toEqual([8, 9, 10]);
  });

  test("stays as long as its step says, however well it does", () => {
    const release = soaking({ steps: [{ weight: 10, hold: "5m", analysis: false }, { weight: 100 }] });
    release.nowUnixMs += 4 * minute;
    release.see();
    expect(release.machine.step).toBe(0);
    release.nowUnixMs += minute;
    release.see();
    expect(release.machine.step).toBe(1);
  });

  test("rolls back at once with one missed interval more than may be, in a row", () => {
    const release = soaking();
    release.judge("fail");
    release.judge("pass");
    release.judge("fail");
    expect(release.state).toBe("running");
    release.judge("fail");
    expect(release.state).toBe("rolling-back");
    expect(release.machine.wanted).toMatchObject({ stable: "v1", canary: null });
  });

  test("an interval without a verdict counts neither way, and enough of them wait for a person", () => {
    const release = soaking({ analysis: { inconclusive: 2 } });
    release.judge("pass");
    release.judge("inconclusive");
    release.judge("pass");
    expect(release.machine.step).toBe(1);
    release.untilSoaking();
    release.judge("inconclusive");
    release.judge("inconclusive");
    expect(holdOf(release.machine)).toBe("inconclusive");
    expect(release.order("resume")).toBe("");
    expect(release.state).toBe("running");
  });

  test.each([
    ["roll-back", "rolling-back"],
    ["wait", "running"],
    ["ask", "paused"],
  ] as const)("onInconclusive %s: %s", (onInconclusive, state) => {
    const release = soaking({ analysis: { inconclusive: 1, onInconclusive } });
    release.judge("inconclusive");
    expect(release.state).toBe(state);
  });

  test("limits of damage are asked at every look, whatever the analysis says", () => {
    const release = soaking({ analysis: { maxFailedRequests: 12 } });
    release.see(failed(12));
    expect(release.state).toBe("running");
    release.see(failed(13));
    expect(release.state).toBe("rolling-back");
    release.see(failed(13));
    release.see(failed(13));
    release.see(failed(13));
    release.see(failed(13));
    expect(headline(release.release, { requests: 20, errors: 13 })).toBe("Rolled back: 13 of 20 failed");
    expect(release.texts.at(-1)).toContain("v2 answered 20 requests, 13 failed.");
  });

  test("takes no longer than it may", () => {
    const release = soaking({ analysis: { maxMinutes: 3 } });
    release.nowUnixMs += 3 * minute;
    release.see();
    expect(release.state).toBe("rolling-back");
  });

  test("without a ready pod within five minutes it ends before any call got there, and its Deployment goes", () => {
    const release = new TestRelease(testSpec({ start: { image: "shop:2", replicas: 1 } }));
    release.see();
    release.see();
    expect(dutyOf(release.release, release.nowUnixMs).do).toBe("nothing");
    release.nowUnixMs += 5 * minute;
    release.see({ canaryReady: 0 });
    release.see({ withdrawn: "written" });
    expect(release.machine.wanted).toMatchObject({ stable: "v1", canary: null });
    release.see();
    expect(dutyOf(release.release, release.nowUnixMs)).toEqual({ do: "remove" });
    release.see();
    release.see();
    expect(release.state).toBe("rolled-back");
  });
});

describe("a first step that is refused", () => {
  const no = { state: "refused", reason: "refused", words: "The gateway is not yours" } as const;

  test("goes back after ten minutes, so that the next release of the service can begin", () => {
    const release = new TestRelease();
    release.see();
    release.place(no);
    expect([release.state, release.machine.refused?.words]).toEqual(["preparing", no.words]);
    release.nowUnixMs += 9 * minute;
    release.place({ state: "moving", words: "tried again" });
    release.place(no);
    expect(release.state).toBe("preparing");
    release.nowUnixMs += minute;
    release.place(no);
    release.see();
    release.see();
    expect(release.state).toBe("rolled-back");
    expect(release.texts.at(-1)).toContain(no.words);
  });

  test("counts from the refusal, not from the question to other teams before it", () => {
    const release = new TestRelease();
    release.see();
    release.place({ state: "waiting", changeId: "c", words: "Purchase History" });
    release.nowUnixMs += 60 * minute;
    release.place(no);
    expect(release.state).toBe("preparing");
  });

  test("of a release whose shares are in force is tried on", () => {
    const release = soaking();
    release.order("promote");
    release.place(no);
    release.nowUnixMs += 60 * minute;
    release.place(no);
    expect(release.state).toBe("paused");
  });
});

describe("pods of its own", () => {
  const start = { image: "shop:2", replicas: 1 };

  test("start when every proxy has confirmed that all calls go to the stable version", () => {
    const release = new TestRelease(testSpec({ start }));
    const all = expect.objectContaining({ stable: "v1", canary: null, weight: 0 }) as unknown;
    expect(dutyOf(release.release, release.nowUnixMs)).toEqual({ do: "place", shares: all, goingBack: false });
    release.place({ state: "waiting", changeId: "c", words: "purchase-history" });
    expect(release.state).toBe("waiting");
    release.place({ state: "moving", words: "1 of 2 proxies" });
    expect([release.machine.phase, release.machine.made]).toEqual(["guarding", false]);
    release.see();
    expect([release.state, dutyOf(release.release, release.nowUnixMs)]).toEqual(["preparing", { do: "start" }]);
    release.see();
    release.see();
    expect(release.machine.wanted).toMatchObject({ stable: "v1", canary: "v2", weight: 10 });
  });

  test.each([
    ["a freeze", (release: TestRelease, more: object) => release.see({ frozen: "until Monday", ...more })],
    [
      "a pause",
      (release: TestRelease, more: object) => {
        release.order("pause");
        release.see(more);
      },
    ],
  ] as const)("are not started in %s, however long it lasts, and not given up for it", (_what, hold) => {
    const release = new TestRelease(testSpec({ start }));
    hold(release, { placement: { state: "placed" } });
    expect([release.machine.phase, release.machine.made]).toEqual(["guarding", false]);
    release.order("resume");
    release.see();
    expect(dutyOf(release.release, release.nowUnixMs)).toEqual({ do: "start" });
    // It began when they were about to start.
    hold(release, { workload: { state: "failed", words: "Nothing is changed until Monday" } });
    expect(dutyOf(release.release, release.nowUnixMs)).toEqual({ do: "nothing" });
    release.nowUnixMs += 24 * 60 * minute;
    release.see({ frozen: "until Tuesday" });
    release.order("resume");
    release.see();
    expect([release.state, release.machine.phase]).toEqual(["preparing", "starting"]);
    release.see();
    expect(release.machine.phase).toBe("pods");
  });

  test("get no share that stood before, either", () => {
    const standing = { canary: "v2", weight: 30, match: [], mirror: 0, sticky: null, round: 4, preview: null };
    const given = new TestRelease(testSpec({ start }), { ...standing, stable: "v1" });
    expect(given.machine.wanted).toMatchObject({ stable: "v1", canary: null, round: 5 });
  });

  test("are not started when the calls cannot be kept from them", () => {
    const release = new TestRelease(testSpec({ start }));
    release.place({ state: "refused", reason: "rejected", words: "Purchase History rejected it" });
    expect(release.machine.phase).toBe("withdrawing");
    release.see();
    release.see();
    expect([release.state, release.machine.made]).toEqual(["rolled-back", false]);
  });
});
