import { describe, expect, it } from "vitest";
import { rolloutSpec } from "@/server/contracts/rollout-spec.ts";
import type { RolloutDetails, VersionFigures } from "@/server/contracts/rollouts.ts";
import { answeringWords, backWords } from "./answering-words.ts";

const version = (role: VersionFigures["role"], name: string, ready: boolean): VersionFigures => ({
  version: name,
  role,
  rps: 0,
  success: null,
  p50Ms: null,
  p95Ms: null,
  p99Ms: null,
  sum: { requests: 0, errors: 0 },
  pods: [{ name: `${name}-pod`, ready, node: "node-a", restarts: 0, phase: "Running" }],
});
const said = (answering: RolloutDetails["answering"], ready = true): string =>
  answeringWords({
    answering,
    versions: [version("stable", "v1", ready), version("canary", "v2", true)],
    canary: "v2",
  });

describe("who answers now", () => {
  it.each<[RolloutDetails["answering"], string]>([
    [[{ version: "v1", weight: 100 }], "v1 answers every call."],
    [[{ version: "v3", weight: 100 }], "v3 answers every call by now."],
    [
      [
        { version: "v1", weight: 80 },
        { version: "v0", weight: 20 },
      ],
      "v1 answers 80\u00a0% of the calls, v0 20\u00a0%.",
    ],
    [
      [
        { version: "v1", weight: 100 },
        { version: "v0", weight: 0 },
      ],
      "v1 answers every call but those that are led to v0.",
    ],
    [[], "No shares hold: calls go to every ready pod of the service."],
  ])("by %j: %s", (answering, words) => expect(said(answering)).toBe(words));

  it("is nobody when no pod of it is ready", () => {
    expect(said([{ version: "v1", weight: 100 }], false)).toBe("Calls go to v1, which has no ready pod: start one.");
  });
});

describe("the way back from a completed release", () => {
  const spec = (stopOldAfterMinutes: number | null) =>
    rolloutSpec.parse({
      service: { namespace: "shop", name: "shop" },
      kind: "progressive",
      stable: "v1",
      canary: "v2",
      steps: [{ weight: 100 }],
      stopOldAfterMinutes,
    });
  const back = (readyPods: number, words: string, answers = "v2", stopAfter: number | null = null): string =>
    backWords(
      {
        wayBack: { version: "v1", readyPods, goes: readyPods > 0 ? "at-once" : "starts-pods", words },
        spec: spec(stopAfter),
        stable: "v1",
        canary: "v2",
        answering: [{ version: answers, weight: 100 }],
        finishedUnixMs: 60_000,
      },
      13 * 60_000,
    );

  it("is told as it was found, never promised", () => {
    expect(back(2, "v1 has 2 ready pods: going back is at once.")).toBe("v1 has 2 ready pods: going back is at once.");
    expect(back(0, "v1 has no ready pod: …", "v2", 30)).toBe("v1 has no ready pod: …");
    expect(back(1, "v1 has 1 ready pod.", "v2", 30)).toBe("v1 has 1 ready pod. v1 is stopped in 18\u00a0min.");
    expect(back(1, "v1 has 1 ready pod.", "v2", 12)).toBe("v1 has 1 ready pod.");
  });

  it("is not spoken of once calls went on to another version", () => {
    expect(back(2, "v1 has 2 ready pods: going back is at once.", "v3")).toBe("");
  });
});
