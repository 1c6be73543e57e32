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

describe("holds", () => {
  test("a gate waits for a person, and promotes or rolls back when its time is over", () => {
    const gate = { weight: 10, analysis: false, gate: true, gateTimeout: "10m" };
    for (const [onGateTimeout, step, state] of [
      ["roll-back", 0, "rolling-back"],
      ["promote", 1, "running"],
    ] as const) {
      const release = soaking({ steps: [{ ...gate, onGateTimeout }, { weight: 100 }] });
      release.see();
      expect(holdOf(release.machine)).toBe("gate");
      expect(release.state).toBe("paused");
      release.nowUnixMs += 10 * minute;
      release.see();
      expect([release.machine.step, release.state]).toEqual([step, state]);
    }
  });

  test("an end at less than everything is a person's to decide", () => {
    const release = soaking({ kind: "ab-test", steps: [{ weight: 50, analysis: false }] });
    release.see();
    expect(holdOf(release.machine)).toBe("gate");
    expect(release.order("promote")).toBe("");
    release.see();
    expect(release.state).toBe("completed");
  });

  test("without figures nothing is judged, and no interval overlaps the gap", () => {
    const release = soaking();
    release.judge("pass");
    const from = release.machine.soak.intervalFromUnixMs;
    release.nowUnixMs += 20_000;
    release.see({ freshUnixMs: from });
    expect(holdOf(release.machine)).toBe("no-telemetry");
    expect(release.machine.soak.intervalFromUnixMs).toBeNull();
    release.see();
    expect(release.state).toBe("running");
    expect(release.machine.soak.intervalFromUnixMs).toBe(release.nowUnixMs);
    release.judge("pass");
    expect(release.machine.step).toBe(1);
  });

  test("a process that takes it up does not judge what it did not see", () => {
    const release = soaking();
    release.see();
    release.see({ first: true });
    expect(release.machine.soak.intervalFromUnixMs).toBe(release.nowUnixMs);
  });

  test.each([
    ["mesh-unreachable", { connected: false }],
    ["freeze", { frozen: "Nothing is changed until Monday." }],
    ["no-pods", { canaryReady: 0 }],
  ] as const)("%s holds while it lasts, and goes by itself", (reason, seen) => {
    const release = soaking({ steps: [{ weight: 10, analysis: false }, { weight: 100 }] });
    release.see(seen);
    expect([holdOf(release.machine), release.machine.step]).toEqual([reason, 0]);
    release.see();
    expect(release.machine.step).toBe(1);
  });

  test("somebody's edit holds until a person says so; resuming writes over it and judges anew", () => {
    const release = soaking();
    release.judge("pass");
    const drift = [
      {
        resource: { apiVersion: "", kind: "HTTPRoute", namespace: "", name: "r" },
        manager: "kubectl-edit",
        words: "weight is 50",
      },
    ];
    release.see({ drift });
    release.see();
    expect(holdOf(release.machine)).toBe("drift");
    expect(release.order("promote")).toContain("Somebody else changed the route");
    expect(release.order("resume")).toBe("");
    expect([release.machine.phase, release.machine.mover.overwrite, release.machine.soak.passes]).toEqual([
      "placing",
      true,
      0,
    ]);
  });

  test("paused by a person it goes on being judged, and only a failure moves it", () => {
    const release = soaking();
    expect(release.order("pause")).toBe("");
    release.judge("pass");
    release.judge("pass");
    release.judge("pass");
    expect([release.machine.step, release.state]).toEqual([0, "paused"]);
    release.judge("fail");
    release.judge("fail");
    expect(release.state).toBe("rolling-back");
  });

  test("a refused step is tried again after a while, a rejected one when a person says so", () => {
    const release = soaking({
      steps: [
        { weight: 10, analysis: false },
        { weight: 100, analysis: false },
      ],
    });
    release.see();
    release.place({ state: "refused", reason: "refused", words: "webhook down" });
    expect(holdOf(release.machine)).toBe("refused");
    expect(dutyOf(release.release, release.nowUnixMs).do).toBe("nothing");
    expect(dutyOf(release.release, release.nowUnixMs + 15_000).do).toBe("place");
    release.place({ state: "refused", reason: "rejected", words: "Peter said no" });
    expect(dutyOf(release.release, release.nowUnixMs + minute).do).toBe("nothing");
    const { round } = release.machine;
    release.order("resume");
    expect(dutyOf(release.release, release.nowUnixMs).do).toBe("place");
    // The same change would be rejected already.
    expect(release.machine.wanted?.round).toBe(round + 1);
  });
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
