import { describe, expect, it } from "vitest";
import { holdReason, rolloutStep, type StepProgress } from "@/server/contracts/rollouts.ts";
import { holdText } from "./hold-words.ts";
import { damageWords, percent, queueWords } from "./rollout-words.ts";
import { demandWords, shareWords, stepCaption } from "./step-words.ts";

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

describe("a step", () => {
  it("that is done says how long it took and what came of it", () => {
    const done = progress({ state: "done", startedUnixMs: 0, endedUnixMs: 480_000, canaryRequests: 233 });
    expect(stepCaption(done, null, 9e9)).toBe("8\u00a0min, 233 requests, no error");
    expect(stepCaption({ ...done, canaryErrors: 1 }, null, 9e9)).toContain("1 error");
  });

  it("that runs says when the next verdict comes", () => {
    const current = progress({ state: "current", startedUnixMs: 0 });
    expect(stepCaption(current, 940_000, 780_000)).toBe("13\u00a0min so far, next verdict in 2\u00a0min 40\u00a0s");
    expect(stepCaption(current, 780_000, 780_000)).toBe("13\u00a0min so far, no requests");
  });

  it("ahead says what it will ask for", () => {
    expect(stepCaption(progress({}), null, 0)).toBe("at least 10\u00a0min, judged");
    expect(demandWords(rolloutStep.parse({ weight: 50, gate: true }))).toBe("judged, then a person decides");
    expect(demandWords(rolloutStep.parse({ weight: 50, analysis: false }))).toBe("at once");
  });

  it("says its share, or that it copies", () => {
    expect(shareWords({ weight: 12.5, mirror: 0 })).toBe("12.5\u00a0%");
    expect(shareWords({ weight: 0, mirror: 100 })).toBe("100\u00a0% copied");
    expect(shareWords({ weight: 0, mirror: 0 })).toBe("0\u00a0%");
  });
});

describe("words", () => {
  it.each(holdReason.options)("a hold by %s says what comes next", (hold) => {
    const { title, next } = holdText(hold, "v2");
    expect(title).not.toBe("");
    expect(next.length).toBeGreaterThan(20);
  });

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
