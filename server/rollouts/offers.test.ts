import { describe, expect, it } from "vitest";
import type { RolloutAction } from "@/server/contracts/rollouts.ts";
import { noCounts } from "./analysis/counts.ts";
import { TestRelease, testSpec } from "./machine/machine.suite.ts";
import { type Facts, offersOf } from "./offers.ts";
import { ratesOf } from "./rates.ts";

const header = [{ by: "header", name: "x-group", value: "b" }];
const matchedFirst = { match: header, steps: [{ weight: 0, analysis: false, gate: true }, { weight: 100 }] };
const preview = { gateway: { namespace: "istio-ingress", name: "shop" }, host: "v2.example.com" };

function soaking(more: object, steps = 0): TestRelease {
  const release = new TestRelease(testSpec({ match: [], ...more }));
  release.untilSoaking();
  for (let step = 0; step < steps; step++) {
    release.order("promote");
    release.see();
  }
  return release;
}

const said = ({ release }: TestRelease, action: RolloutAction, facts: Partial<Facts> = {}) => {
  const offer = offersOf(release, "", "", { total: 48, canary: 0, stableReady: 1, canaryReady: 1, ...facts }).find(
    (one) => one.action === action,
  );
  return offer === undefined ? [] : [offer.effect.replaceAll(" requests per second", ""), offer.rps];
};

/** 48 requests per second in all; what the canary gets of them, and what each button says then. */
const kinds: readonly [string, object, number, Partial<Record<RolloutAction, readonly [string, number | null]>>][] = [
  [
    "progressive",
    { kind: "progressive" },
    4.8,
    {
      abort: ["moves 4.8 back to v1", -4.8],
      pause: ["keeps 4.8 on v2", null],
      promote: ["moves 19.2 more to v2", 19.2],
      "promote-fully": ["moves 43.2 more to v2", 43.2],
      restart: ["moves no requests", 0],
    },
  ],
  [
    "weighted, with a header that many send",
    { kind: "weighted", match: header },
    12,
    {
      abort: ["moves 12 back to v1", -12],
      pause: ["keeps 12 on v2", null],
      promote: ["moves 16 more to v2", 16],
      "promote-fully": ["moves 36 more to v2", 36],
    },
  ],
  [
    "header canary",
    { kind: "header-canary", ...matchedFirst },
    0.02,
    {
      abort: ["moves less than 0.1 back to v1", 0],
      promote: ["moves 48 more to v2", 48],
      pause: ["keeps less than 0.1 on v2", null],
    },
  ],
  [
    "A/B test",
    { kind: "ab-test", ...matchedFirst },
    24,
    {
      abort: ["moves 24 back to v1", -24],
      pause: ["keeps 24 on v2", null],
      promote: ["moves 24 more to v2", 24],
      restart: ["moves no requests", 0],
    },
  ],
  [
    "blue and green, behind a host of its own",
    { kind: "blue-green", ...matchedFirst, match: [], preview },
    1.5,
    {
      abort: ["moves 1.5 back to v1", -1.5],
      promote: ["moves 46.5 more to v2", 46.5],
      pause: ["keeps 1.5 on v2", null],
    },
  ],
  [
    "mirror first",
    { kind: "mirror-first", steps: [{ weight: 0, mirror: 50 }, { weight: 10 }, { weight: 100 }] },
    0,
    {
      abort: ["stops the copies of 24 to v2", 0],
      pause: ["copies 24 to v2 on", null],
      promote: ["moves 4.8 more to v2, stops the copies of 24 to v2", 4.8],
    },
  ],
];

describe("what a button says that it does, in requests per second", () => {
  it.each(kinds)("%s", (_, spec, canary, effects) => {
    const release = soaking(spec);
    for (const [action, effect] of Object.entries(effects)) {
      expect([action, ...said(release, action as RolloutAction, { canary })]).toEqual([action, ...effect]);
    }
  });

  it("restart says it for each step, from the share that calls have now", () => {
    const release = soaking({ steps: [{ weight: 10 }, { weight: 50 }, { weight: 100 }] }, 1);
    const offers = offersOf(release.release, "", "", { total: 40, canary: 20, stableReady: 1, canaryReady: 1 });
    const [first, second] = offers.find(({ action }) => action === "restart")?.steps ?? [];
    expect([first, second]).toEqual(["moves 16 requests per second back to v1", "moves no requests"]);
    expect(offers.find(({ action }) => action === "abort")?.steps).toEqual([]);
  });

  it("an undo gives back what all callers get now, and says where no pod would answer", () => {
    const release = soaking({ steps: [{ weight: 100, analysis: false }] });
    for (let looks = 0; release.state !== "completed" && looks < 20; looks++) {
      release.see();
    }
    expect(release.state).toBe("completed");
    expect(said(release, "undo", { canary: 48 })).toEqual(["moves 48 back to v1", -48]);
    expect(said(release, "undo", { canary: 48, stableReady: 0 })).toEqual([
      "moves 48 back to v1 once a pod of v1 is ready",
      -48,
    ]);
  });

  it("going back to shares of before names both versions that get something", () => {
    const release = soaking({ stable: "v1" });
    const before = {
      stable: "v1",
      canary: "v0",
      weight: 20,
      match: [],
      mirror: 0,
      sticky: null,
      round: 0,
      preview: null,
    };
    release.release = { ...release.release, before };
    expect(said(release, "abort", { canary: 5 })).toEqual(["moves 5 back to v1 and v0", -5]);
  });

  it("nothing moves before its first shares are in force, whoever calls its pods", () => {
    const release = new TestRelease();
    expect(said(release, "abort", { canary: 24 })).toEqual(["moves no requests", 0]);
    expect(said(release, "pause", { canary: 24 })).toEqual([
      "nothing begins before you resume: v2 gets no request of it",
      null,
    ]);
  });

  it("pause without callers names the share", () => {
    expect(said(soaking({}), "pause", { total: 0 })).toEqual(["keeps v2 at 10 %; nobody calls it now", null]);
  });
});

describe("what both versions get now", () => {
  const perSecond = { v1: 40, v2: 4 } as const;
  /** Calls of the canary began to rise ten seconds ago. */
  const measure = (rises: number) => ({
    counts: (_: unknown, version: string, from: number, to: number) => ({
      ...noCounts,
      requests:
        version === "v1"
          ? (perSecond.v1 * (to - from)) / 1_000
          : (perSecond.v2 * Math.max(0, to - Math.max(from, rises))) / 1_000,
    }),
  });

  it("is counted since the step began, not by the shares of before", () => {
    const { release, nowUnixMs } = soaking({});
    const began = release.machine.steps[0]?.startedUnixMs ?? 0;
    const now = began + 23_000;
    expect(now).toBeGreaterThan(nowUnixMs);
    expect(ratesOf(release, measure(began), now)).toEqual({ total: 44, canary: 4 });
  });

  it("follows from the share while the step is too young to count", () => {
    const { release } = soaking({});
    const began = release.machine.steps[0]?.startedUnixMs ?? 0;
    expect(ratesOf(release, measure(began), began + 4_000).canary).toBeCloseTo(4, 0);
  });
});
