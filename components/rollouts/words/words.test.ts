import { describe, expect, it } from "vitest";
import { rolloutStep } from "@/server/contracts/rollout-spec.ts";
import type { StepProgress } from "@/server/contracts/rollouts.ts";
import { usualAnalysis } from "../form/step-presets.ts";
import { judgedWords } from "./judged-words.ts";
import { damageWords, percent, queueWords } from "./rollout-words.ts";
import { demandWords, shareWords, shortWords, stepCaption } from "./step-words.ts";

const progress = (change: Partial<StepProgress>): StepProgress => ({
  step: rolloutStep.parse({ weight: 10, hold: "10m" }),
  state: "ahead",
  startedUnixMs: null,
  endedUnixMs: null,
  canaryRequests: 0,
  canaryErrors: 0,
  words: "",
  progress: 0,
  ...change,
});

const now = { nowUnixMs: 780_000, nextVerdictUnixMs: null, over: false };
const after = { nowUnixMs: 9e9, nextVerdictUnixMs: null, over: true };

describe("a step", () => {
  it("that a person ended early still says what came of it", () => {
    const early = progress({ state: "skipped", startedUnixMs: 0, endedUnixMs: 60_000, canaryRequests: 9 });
    expect(stepCaption(early, now)).toBe("1\u00a0min, 9 requests, no error");
    expect(stepCaption(progress({ state: "skipped" }), now)).toBe("");
    expect(shortWords({ state: "done", words: "passed: 233 requests, 0 failed" })).toBe("passed");
    expect(shortWords({ state: "current", words: "running: 2 of 5" })).toBe("running: 2 of 5");
  });

  it("that was never reached says so once the release is over", () => {
    expect(stepCaption(progress({}), after)).toBe("not reached");
    expect(shortWords({ state: "ahead", words: "a person decides at its end" })).toBe("");
  });

  it("that is done says how long it took and what came of it", () => {
    const done = progress({ state: "done", startedUnixMs: 0, endedUnixMs: 480_000, canaryRequests: 233 });
    expect(stepCaption(done, after)).toBe("8\u00a0min, 233 requests, no error");
    expect(stepCaption({ ...done, canaryErrors: 1 }, after)).toContain("1 error");
  });

  it("that runs says when the next verdict comes", () => {
    const current = progress({ state: "current", startedUnixMs: 0 });
    expect(stepCaption(current, { ...now, nextVerdictUnixMs: 940_000 })).toBe(
      "13\u00a0min so far, next verdict in 2\u00a0min 40\u00a0s",
    );
    expect(stepCaption(current, { ...now, nextVerdictUnixMs: 780_000 })).toBe("13\u00a0min so far, no requests");
  });

  it("at which it went back no longer says “so far”", () => {
    const last = progress({
      state: "current",
      startedUnixMs: 0,
      endedUnixMs: 60_000,
      canaryRequests: 20,
      canaryErrors: 12,
    });
    expect(stepCaption(last, after)).toBe("1\u00a0min, 20 requests, 12 errors");
  });

  it("ahead says what it will ask for", () => {
    expect(stepCaption(progress({}), now)).toBe("at least 10\u00a0min, judged");
    expect(demandWords(rolloutStep.parse({ weight: 50, gate: true }))).toBe("judged, then a person decides");
    expect(demandWords(rolloutStep.parse({ weight: 50, analysis: false }))).toBe("at once");
    const gate = { weight: 50, gate: true, analysis: false, gateTimeout: "30m" };
    expect(demandWords(rolloutStep.parse(gate))).toBe("then a person within 30\u00a0min, else back");
    expect(demandWords(rolloutStep.parse({ ...gate, onGateTimeout: "promote" }))).toMatch(/else on$/);
  });

  it("says its share, or that it copies", () => {
    expect(shareWords({ weight: 12.5, mirror: 0 })).toBe("12.5\u00a0%");
    expect(shareWords({ weight: 0, mirror: 100 })).toBe("100\u00a0% copied");
    expect(shareWords({ weight: 0, mirror: 0 })).toBe("0\u00a0%");
  });
});

describe("the rules in a line", () => {
  it("say the rhythm and every limit", () => {
    expect(judgedWords(usualAnalysis)).toBe(
      "Every 30\u00a0s, 2 passed in a row; at least 99\u00a0% answered well, at most 1 point worse, p95 at most 2 × stable",
    );
  });

  it("say so when nothing is looked at", () => {
    expect(judgedWords({ ...usualAnalysis, minSuccess: null, maxWorse: null, latency: [] })).toContain(
      "nothing is looked at",
    );
  });
});

describe("words", () => {
  it("say the damage in requests", () => {
    expect(damageWords({ canary: "v2", canaryRequests: 3456, canaryErrors: 7 })).toBe(
      "v2 answered 3,456 requests, 7 failed",
    );
    expect(damageWords({ canary: "v2", canaryRequests: 1, canaryErrors: 0 })).toBe(
      "v2 answered 1 request, none failed",
    );
    expect(damageWords({ canary: "v2", canaryRequests: 0, canaryErrors: 0 })).toBe("v2 answered no request");
  });

  it.each([
    [1, "1st"],
    [2, "2nd"],
    [3, "3rd"],
    [4, "4th"],
    [11, "11th"],
    [21, "21st"],
  ])("place %d is the %s", (place, words) => expect(queueWords(place)).toBe(`${words} in the queue`));

  it("write shares without needless decimals", () => {
    expect(percent(10)).toBe("10\u00a0%");
    expect(percent(0.25)).toBe("0.25\u00a0%");
  });
});
