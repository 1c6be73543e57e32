import { describe, expect, test } from "vitest";
import { gateEndsOf } from "./gate-clock.ts";
import { minute, TestRelease, testSpec } from "./machine.suite.ts";
import { holdOf } from "./state.ts";

const atGate = (more: object = {}): TestRelease => {
  const gate = { weight: 10, analysis: false, gate: true, gateTimeout: "10m", ...more };
  const release = new TestRelease(testSpec({ steps: [gate, { weight: 100, analysis: false }] }));
  release.untilSoaking();
  release.see();
  return release;
};
const later = (release: TestRelease, ms: number, seen: Parameters<TestRelease["see"]>[0] = {}): void => {
  release.nowUnixMs += ms - 1_000;
  release.see(seen);
};

describe("the clock of a gate", () => {
  test.each([
    ["a freeze", { frozen: "until Monday" }, "freeze"],
    ["a cluster that does not answer", { connected: false }, "mesh-unreachable"],
    ["pods that are not ready", { canaryReady: 0 }, "no-pods"],
  ] as const)("stands while %s holds the release, and goes on where it stood", (_what, seen, reason) => {
    const release = atGate();
    later(release, 6 * minute);
    release.see(seen);
    later(release, 60 * minute, seen);
    expect(holdOf(release.machine)).toBe(reason);
    release.see();
    expect([holdOf(release.machine), release.state]).toEqual(["gate", "paused"]);
    later(release, 3 * minute);
    expect(release.state).toBe("paused");
    later(release, minute);
    expect(release.state).toBe("rolling-back");
  });

  test("stands while a person paused it, from the moment of the pause", () => {
    const release = atGate();
    release.order("pause");
    later(release, 60 * minute);
    expect(release.state).toBe("paused");
    release.order("resume");
    later(release, 9 * minute);
    expect([holdOf(release.machine), release.state]).toEqual(["gate", "paused"]);
    later(release, minute);
    expect(release.state).toBe("rolling-back");
  });

  test("is told with the moment at which it is over, and without one while it stands", () => {
    const release = atGate();
    const began = release.nowUnixMs;
    expect(gateEndsOf(release.release)).toEqual({
      does: "roll-back",
      atUnixMs: began + 10 * minute,
      leftMs: 10 * minute,
    });
    later(release, 4 * minute);
    // The same moment, however late it is.
    expect(gateEndsOf(release.release)?.atUnixMs).toBe(began + 10 * minute);
    release.order("pause");
    expect(gateEndsOf(release.release)).toEqual({ does: "roll-back", atUnixMs: null, leftMs: 6 * minute });
  });

  test.each([
    ["a gate without a timeout", { gateTimeout: null }, 2],
    ["the end at less than everything, that nobody promotes by the clock", { onGateTimeout: "promote" }, 1],
  ])("is none at %s", (_what, more, steps) => {
    const release = atGate(more);
    const { spec } = release.release;
    release.release = { ...release.release, spec: { ...spec, steps: spec.steps.slice(0, steps) } };
    expect(gateEndsOf(release.release)).toBeNull();
    later(release, 60 * minute);
    expect(holdOf(release.machine)).toBe("gate");
  });

  test("of a row that knows none yet began with the gate", () => {
    const release = atGate();
    const { gateClock: _clock, ...old } = release.machine;
    release.release = { ...release.release, machine: { ...old, gateClock: null } };
    later(release, 10 * minute);
    expect(release.state).toBe("rolling-back");
  });
});
