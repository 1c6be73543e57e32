import { describe, expect, it } from "vitest";
import { rolloutKind, rolloutSpec } from "@/server/contracts/rollouts.ts";
import { checkRelease, emptyRelease, readRelease, releaseOf } from "./release-draft.ts";
import { nextVersion, presets, stepRows, withStep } from "./step-presets.ts";

const service = { namespace: "web-api", name: "web-api" };
const named = { service, stable: "v1", canary: "v2" };

describe("presets", () => {
  it.each(rolloutKind.options)("%s is complete once service and versions are chosen", (kind) => {
    expect(checkRelease(releaseOf({ kind, ...named })).complete).toBe(true);
  });

  it.each(rolloutKind.options)("%s ends with all calls", (kind) => {
    expect(presets[kind].steps.at(-1)?.weight).toBe(100);
  });

  it.each(rolloutKind.options)("%s gives the new version calls that are judged, or asks a person", (kind) => {
    for (const { weight, mirror, analysis, gate } of presets[kind].steps) {
      expect(weight > 0 || mirror > 0 ? analysis : gate).toBe(true);
    }
  });

  it.each(stepRows.map(({ title, steps }) => [title, steps] as const))("the row %s may only grow", (_, steps) => {
    const spec = rolloutSpec.safeParse({ ...named, kind: "weighted", steps });
    expect(spec.success).toBe(true);
  });
});

describe("what is lacking", () => {
  it("is said by field, in words", () => {
    const checked = checkRelease(emptyRelease("progressive"));
    expect(checked.complete).toBe(false);
    if (!checked.complete) {
      expect(checked.problems.get("service")).toBe("Choose a service");
      expect(checked.problems.get("stable")).toBe("Choose the version that runs now");
      expect(checked.problems.get("canary")).toBe("Enter a version");
    }
  });

  it.each([
    [{ canary: "v1" }, "canary", "Choose another version"],
    [{ steps: [] }, "steps", "Add a step"],
    [{ match: [{ by: "header" as const, name: "", value: "" }] }, "match.0.name", "Enter a header"],
    [{ match: [{ by: "cookie" as const, name: "group", value: "a b" }] }, "match.0.value", /no spaces/],
    [{ preview: { gateway: null, host: "v2.example.com" } }, "preview.gateway", "Choose a gateway"],
  ])("%j is told at %s", (change, path, words) => {
    const checked = checkRelease(releaseOf({ ...named, ...change }));
    expect(checked.complete ? "" : checked.problems.get(path)).toMatch(words);
  });

  it("a share that falls is told", () => {
    const [first, second] = releaseOf({ kind: "weighted" }).steps;
    const steps = first && second ? [{ ...second }, { ...first }] : [];
    const checked = checkRelease(releaseOf({ ...named, steps }));
    expect(checked.complete ? "" : checked.problems.get("steps")).toMatch(/only grow/);
  });
});

describe("an address", () => {
  it("fills in the service, and versions of shares that are in force", () => {
    const values = { service, stable: "v1", canary: "v2", weight: 10, round: 3, enabled: true };
    expect(readRelease(values)).toEqual(named);
  });

  it("gives back what was entered", () => {
    const draft = releaseOf({ kind: "mirror-first", ...named, stopOldAfterMinutes: 30 });
    expect(readRelease(JSON.parse(JSON.stringify(draft)))).toEqual(draft);
  });

  it("keeps nothing of another shape", () => {
    expect(readRelease({ service: "web-api", kind: "best", steps: "all", analysis: 3 })).toEqual({});
  });
});

describe("steps", () => {
  it.each([
    [[], 10],
    [[{ weight: 0 }], 10],
    [[{ weight: 10 }], 55],
    [[{ weight: 98 }], 100],
    [[{ weight: Number.NaN }], 10],
  ])("after %j comes %d", (steps, weight) => expect(withStep(steps)?.weight).toBe(weight));

  it("there are at most twenty", () => {
    expect(withStep(Array.from({ length: 20 }, () => ({ weight: 1 })))).toBeUndefined();
  });
});

describe("the next name", () => {
  it.each([
    ["v1", ["v1"], "v2"],
    ["v1", ["v1", "v2"], "v3"],
    ["2026-1", [], "2026-2"],
    ["stable", [], "stable-2"],
    ["", [], "v2"],
  ])("after %s with %j is %s", (version, taken, next) => expect(nextVersion(version, taken)).toBe(next));
});
