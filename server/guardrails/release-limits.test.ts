import { describe, expect, test } from "vitest";
import { guardrails } from "@/server/contracts/guardrails.ts";
import { rolloutSpec } from "@/server/contracts/rollout-spec.ts";
import { forReleaseSteps, releaseFindings } from "./release-limits.ts";
import { rangeFindings, ruleOf } from "./rules.ts";

const limits = (...ranges: [field: string, min: number | null, max: number | null][]) =>
  guardrails.parse({
    paths: [{ slug: "release-a-version", ranges: ranges.map(([field, min, max]) => ({ field, min, max })) }],
    freezes: [],
  });
const service = { namespace: "shop", name: "cart" };
const spec = (...steps: object[]) =>
  rolloutSpec.parse({ service, kind: "weighted", stable: "v1", canary: "v2", steps });
const form = (more: object = {}) => ({
  ...{ service, stable: "v1", canary: "v2", weight: 0, match: [], mirror: 0, sticky: null, round: 0, preview: null },
  enabled: true,
  ...more,
});
const unjudged = { analysis: false };

describe("a limit of the share", () => {
  test.each([
    ["a judged release that ends with all calls", [{ weight: 10 }, { weight: 100 }], []],
    ["a step over it that is judged itself", [{ weight: 0, ...unjudged }, { weight: 100 }], []],
    ["a step over it after one that is judged", [{ weight: 10 }, { weight: 100, ...unjudged }], []],
    ["steps up to it that nobody judges", [{ weight: 50, ...unjudged }], []],
    [
      "steps over it that nobody judges",
      [
        { weight: 50, ...unjudged },
        { weight: 60, ...unjudged },
        { weight: 100, ...unjudged },
      ],
      ["steps.1.weight", "steps.2.weight"],
    ],
    [
      "a step over it before the first that is judged",
      [{ weight: 80, ...unjudged }, { weight: 100 }],
      ["steps.0.weight"],
    ],
  ])("over %s", (_, steps, fields) => {
    expect(releaseFindings(limits(["weight", 5, 50]), spec(...steps)).map(({ field }) => field)).toEqual(fields);
  });

  test("says that it is about shares that are set by hand", () => {
    const found = rangeFindings(ruleOf(limits(["weight", null, 50]), "release-a-version"), "release-a-version", {
      ...form({ weight: 60 }),
    });
    expect(found.map(({ message }) => message)).toEqual([
      "Choose at most 50. More than that takes a release that is judged. The platform engineers set this limit.",
    ]);
    const [over] = releaseFindings(limits(["weight", null, 50]), spec({ weight: 100, ...unjudged }));
    expect(over?.message).toBe(
      "Step 1: more than 50 % takes a release that is judged. Let this step or one before it be judged. The platform engineers set this limit.",
    );
  });

  test("keeps no step of a release back once it has begun, also not with nothing", () => {
    const rule = ruleOf(forReleaseSteps(limits(["weight", 5, 50], ["mirror", 5, 20])), "release-a-version");
    const out = (more: object): string[] =>
      rangeFindings(rule, "release-a-version", form(more)).map(({ field }) => field);
    expect([out({ weight: 100 }), out({}), out({ mirror: 20 }), out({ mirror: 21 })]).toEqual([[], [], [], ["mirror"]]);
  });
});

test("copies and stickiness keep to their limits in each step", () => {
  const guarded = limits(["mirror", 5, 20], ["sticky.seconds", null, 60]);
  const wanted = rolloutSpec.parse({
    ...spec({ weight: 0, mirror: 100 }, { weight: 10 }, { weight: 100 }),
    sticky: { cookie: "version", seconds: 61 },
  });
  expect(releaseFindings(guarded, wanted).map(({ field, message }) => `${field}: ${message}`)).toEqual([
    "steps.0.mirror: Step 1: copy at most 20 %. The platform engineers set this limit.",
    "sticky.seconds: Choose at most 60. The platform engineers set this limit.",
  ]);
});
