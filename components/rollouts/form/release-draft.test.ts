import { describe, expect, it } from "vitest";
import { rolloutKind, rolloutSpec, rolloutStep } from "@/server/contracts/rollout-spec.ts";
import { checkRelease, emptyRelease, readRelease, releaseOf } from "./release-draft.ts";
import { nextVersion, presets, stepRows, withStep } from "./step-presets.ts";
import { allowedWords, releaseRangeProblems } from "./step-ranges.ts";

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

describe("ranges of the platform engineers", () => {
  const draft = releaseOf({ kind: "mirror-first", ...named });
  const allowed = (field: string, min: number | null, max: number | null) => checkRelease(draft, [{ field, min, max }]);

  it.each([
    ["weight", null, 100, {}],
    ["weight", 5, 50, {}],
    ["mirror", null, 20, { "steps.0.mirror": /Step 1: allowed copied share is at most 20/ }],
    ["sticky.seconds", null, 60, {}],
  ])("%s from %s to %s are told by step", (field, min, max, told) => {
    const checked = allowed(field, min, max);
    const problems = checked.complete ? {} : Object.fromEntries(checked.problems);
    expect(Object.keys(problems)).toEqual(Object.keys(told));
    for (const [path, words] of Object.entries(told)) {
      expect(problems[path]).toMatch(words);
    }
  });

  it("a share may go over its limit where it is judged, and nowhere else", () => {
    const ranges = [{ field: "weight", min: null, max: 50 }];
    for (const kind of rolloutKind.options) {
      const problems = releaseRangeProblems(ranges, releaseOf({ kind, ...named }));
      expect([kind, ...problems.keys()]).toEqual([kind]);
    }
    const steps = [10, 60, 100].map((weight) => rolloutStep.parse({ weight, analysis: false }));
    const checked = checkRelease({ ...draft, steps }, ranges);
    expect(checked.complete ? [] : [...checked.problems]).toEqual([
      ["steps.1.weight", "Step 2: more than 50\u00a0% takes a release that is judged"],
      ["steps.2.weight", "Step 3: more than 50\u00a0% takes a release that is judged"],
    ]);
  });

  it("hold for how long a caller keeps its version", () => {
    const sticky = { cookie: "towpath-version", seconds: 3600 };
    const checked = checkRelease({ ...draft, sticky }, [{ field: "sticky.seconds", min: null, max: 60 }]);
    expect(checked.complete ? "" : checked.problems.get("sticky.seconds")).toMatch(/at most 60/);
  });

  it("are written under the steps", () => {
    expect(allowedWords([{ field: "weight", min: null, max: 50 }])).toEqual([
      "More than 50\u00a0% takes a step that is judged",
    ]);
    expect(allowedWords([{ field: "sticky.seconds", min: 1, max: 2 }])).toEqual([]);
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
