import { describe, expect, test } from "vitest";
import { dutyOf } from "./duty.ts";
import { minute, TestRelease, testSpec } from "./machine.suite.ts";
import { holdOf } from "./state.ts";

const soaking = (more: object = {}): TestRelease => {
  const release = new TestRelease(testSpec(more));
  release.untilSoaking();
  return release;
};
const _failed = (errors: number, requests = 20) => ({
  totals: { stable: { requests: 0, errors: 0 }, canary: { requests, errors } },
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
