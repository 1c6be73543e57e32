import { describe, expect, test } from "vitest";
import { durationMs } from "@/mesh-runtime/api/gateway-api/duration.ts";
import { pathForms } from "@/server/contracts/golden-paths/forms.ts";
import { guardrails, pathRule } from "@/server/contracts/guardrails.ts";
import { freezeOf, rangeFindings } from "./rules.ts";

const retries = (more: object = {}) =>
  pathForms.retries.parse({ service: { namespace: "web-api", name: "web-api" }, ...more });
const rule = (field: string, min: number | null, max: number | null) =>
  pathRule.parse({ slug: "retries", ranges: [{ field, min, max }] });

describe("a range", () => {
  test.each([
    ["a number above", "attempts", 0, 2, { attempts: 3 }, ["attempts"]],
    ["a number below", "attempts", 2, null, { attempts: 1 }, ["attempts"]],
    ["a number on the limit", "attempts", 3, 3, { attempts: 3 }, []],
    ["a duration above", "backoff", null, 25, { backoff: "26ms" }, ["backoff"]],
    ["a duration of several units", "backoff", null, 90_000, { backoff: "1m30s" }, []],
    ["a duration that is not set", "perTry", 100, null, { perTry: null }, []],
    ["entries of a list", "codes", 500, 599, { codes: [503, 429] }, ["codes.1"]],
    ["a field that there is not", "nothing.at.all", 1, 1, {}, []],
    ["a name of every object", "constructor.name", 1, 1, {}, []],
    ["a rule that is taken back", "attempts", 0, 2, { attempts: 9, enabled: false }, []],
  ] as const)("meets %s", (_what, field, min, max, more, found) => {
    expect(rangeFindings(rule(field, min, max), "retries", retries(more)).map((one) => one.field)).toEqual(found);
  });

  test("reaches into lists of objects", () => {
    const timeouts = pathForms.timeouts.parse({
      service: { namespace: "web-api", name: "web-api" },
      request: "1s",
      paths: [
        { path: "/slow", request: "20s" },
        { path: "/fast", request: "2s" },
      ],
    });
    const limit = pathRule.parse({ slug: "timeouts", ranges: [{ field: "paths.request", min: null, max: 10_000 }] });
    expect(rangeFindings(limit, "timeouts", timeouts)).toMatchObject([
      { code: "out-of-range", level: "error", field: "paths.0.request" },
    ]);
  });
});

test.each([
  ["250ms", 250],
  ["1h2m3s4ms", 3_723_004],
  ["5", undefined],
  ["1.5s", undefined],
  ["", undefined],
] as const)("the duration %j is %s ms", (text, ms) => {
  expect(durationMs(text)).toBe(ms);
});

describe("a freeze", () => {
  const freeze = (namespaces: string[]) =>
    guardrails.parse({
      paths: [],
      freezes: [{ id: "a", title: "A", namespaces, startUnixMs: 100, endUnixMs: 200 }],
      approvalHours: 1,
    });
  test.each([
    [[], ["web-api"], 150, true],
    [["web-api"], ["web-api", "default"], 150, true],
    [["web-api"], ["default"], 150, false],
    [["web-api"], ["istio-system"], 150, true],
    [[], ["web-api"], 99, false],
    [[], ["web-api"], 100, true],
    [[], ["web-api"], 200, false],
  ])("of %j holds for %j at %i: %s", (namespaces, touched, now, holds) => {
    expect(freezeOf(freeze(namespaces), touched, now) !== undefined).toBe(holds);
  });
});
