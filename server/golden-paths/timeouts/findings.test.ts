import { describe, expect, test } from "vitest";
import { codesOf, fillHistory, intentFor, type Situation, seen } from "../service-routes/sample-service.suite.ts";

describe("timeouts", () => {
  test.each<[string, Record<string, unknown>, Situation, string[]]>([
    [
      "long enough for everything that was seen",
      { request: "1s" },
      { traffic: seen([], { "GET /": { p99Ms: 900 } }) },
      [],
    ],
    [
      "shorter than the slowest calls",
      { request: "1s" },
      { traffic: seen([], { "GET /": { p99Ms: 1_100 } }) },
      ["warning timeout-below-p99 request"],
    ],
    [
      "shorter than the slowest calls where single paths are not known",
      { request: "1s" },
      { traffic: seen([], {}, 1_100) },
      ["warning timeout-below-p99 request"],
    ],
    [
      "a slow path has a time of its own",
      { request: "1s", paths: [{ path: "/reports", request: "10s" }] },
      { traffic: seen([], { "GET /reports/1": { p99Ms: 5_000 }, "GET /reportsx": { p99Ms: 10 } }, 5_000) },
      [],
    ],
    [
      "a path's own time is too short, and the longer path is meant",
      {
        request: "9s",
        paths: [
          { path: "/a", request: "1s" },
          { path: "/a/b", request: "2s" },
        ],
      },
      { traffic: seen([], { "GET /a/b/c": { p99Ms: 3_000 } }) },
      ["warning timeout-below-p99 paths.1.request"],
    ],
    [
      "the same path twice, with or without a slash",
      {
        request: "1s",
        paths: [
          { path: "/a", request: "1s" },
          { path: "/a/", request: "2s" },
        ],
      },
      {},
      ["error rule-unreachable paths.1.path"],
    ],
    [
      "a path that is everything",
      { request: "1s", paths: [{ path: "/", request: "2s" }] },
      {},
      ["warning rule-shadowed paths.0.path"],
    ],
    [
      "too short for the tries, in general and on a path",
      { request: "3s", paths: [{ path: "/a", request: "2s" }] },
      { intents: [intentFor("retries", { perTry: "1s" })] },
      ["warning timeout-below-retries request", "warning timeout-below-retries paths.0.request"],
    ],
    ["longer than a day", { request: "25h" }, {}, ["error out-of-range request"]],
    ["no time at all", { request: "0s" }, {}, ["error out-of-range request"]],
  ])("%s", (_what, values, situation, expected) => {
    expect(codesOf(fillHistory("timeouts", values, situation))).toEqual(expected);
  });

  test("repairs name a time that is enough", () => {
    const paths = [{ path: "/a", request: "100ms" }];
    const { findings } = fillHistory(
      "timeouts",
      { request: "1s", paths },
      { traffic: seen([], { "GET /a": { p99Ms: 300 }, "GET /b": { p99Ms: 2_000 } }) },
    );
    expect(findings.map(({ repair }) => repair?.values)).toEqual([
      { request: "3s" },
      { paths: [{ path: "/a", request: "500ms" }] },
    ]);
  });
});
