import { describe, expect, test } from "vitest";
import {
  codesOf,
  fillHistory,
  history,
  nowUnixMs,
  type Situation,
  seen,
} from "../service-routes/sample-service.suite.ts";

const web = { namespace: "web-api", name: "web-api" };
const calls = seen([{ from: web, to: history, requests: 100 }]);
const abort = { percent: 100, status: 503 };
const onlyWith = { header: "x-fault", value: "true" };

describe("faults", () => {
  test.each<[string, Record<string, unknown>, Situation, string[]]>([
    ["only with a header", { abort, onlyWith }, { traffic: calls }, []],
    ["real callers are hit", { abort }, { traffic: calls }, ["warning side-effects onlyWith"]],
    ["nobody was seen calling", { abort }, {}, ["info side-effects onlyWith"]],
    ["the end is over", { abort, onlyWith, until: nowUnixMs }, {}, ["error ends-in-the-past until"]],
    ["the end is to come", { abort, onlyWith, until: nowUnixMs + 1 }, {}, []],
    [
      "hardly any request is hit",
      { onlyWith, delay: { percent: 0.5, time: "1s" }, abort: { percent: 0.9, status: 500 } },
      { traffic: calls },
      ["info percent-does-nothing delay.percent", "info percent-does-nothing abort.percent"],
    ],
    ["no delay at all", { onlyWith, delay: { percent: 1, time: "0ms" } }, {}, ["error out-of-range delay.time"]],
    [
      "the host is no header",
      { abort, onlyWith: { header: "host", value: "x" } },
      {},
      ["error value-never-matches onlyWith.header"],
    ],
    [
      "a value that never arrives",
      { abort, onlyWith: { header: "x-a", value: "ü" } },
      {},
      ["error value-never-matches onlyWith.value"],
    ],
    [
      "spaces around a value",
      { abort, onlyWith: { header: "x-a", value: "a " } },
      {},
      ["error value-never-matches onlyWith.value"],
    ],
    ["spaces inside a value", { abort, onlyWith: { header: "x-a", value: "a b" } }, {}, []],
  ])("%s", (_what, values, situation, expected) => {
    expect(codesOf(fillHistory("test-with-faults", values, situation))).toEqual(expected);
  });

  test("who lets every call of everybody fail types the service's name", () => {
    expect(fillHistory("test-with-faults", { abort }).confirmWord).toBe("purchase-history");
    expect(fillHistory("test-with-faults", { abort, onlyWith }).confirmWord).toBe("");
    expect(fillHistory("test-with-faults", { abort, enabled: false }).confirmWord).toBe("");
  });

  test("the end is told", () => {
    const { sentence } = fillHistory("test-with-faults", { abort, until: Date.UTC(2026, 10, 23, 8) });
    expect(sentence).toContain("2026-11-23 08:00 UTC");
  });
});
