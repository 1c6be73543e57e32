import { describe, expect, test } from "vitest";
import { passOn, type RouteCondition } from "./route-plan.ts";
import { history } from "./sample-service.suite.ts";
import { isUnder, joinConditions, splitRules, trimPath } from "./split-rules.ts";

const header = (name: string, value: string) => ({ headers: [[{ name, value }]] });
const pattern = (name: string, value: string) => ({ headers: [[{ name, value, isPattern: true as const }]] });
const anyOf = (...names: string[]) => ({ headers: names.map((name) => [{ name, value: "1" }]) });

describe("requests that fit two conditions", () => {
  test.each<[string, RouteCondition, RouteCondition, RouteCondition | undefined]>([
    ["everything and something", {}, { pathPrefix: "/a" }, { pathPrefix: "/a" }],
    ["the longer path of two", { pathPrefix: "/a" }, { pathPrefix: "/a/b" }, { pathPrefix: "/a/b" }],
    ["paths of which none is in the other", { pathPrefix: "/a" }, { pathPrefix: "/ab" }, undefined],
    ["methods that both name", { methods: ["GET", "PUT"] }, { methods: ["PUT", "POST"] }, { methods: ["PUT"] }],
    ["no method in common", { methods: ["GET"] }, { methods: ["POST"] }, undefined],
    [
      "both headers",
      header("a", "1"),
      header("b", "2"),
      {
        headers: [
          [
            { name: "a", value: "1" },
            { name: "b", value: "2" },
          ],
        ],
      },
    ],
    ["the same header twice", header("a", "1"), header("a", "1"), header("a", "1")],
    ["two values of one header", header("a", "1"), header("a", "2"), undefined],
    ["a value that an expression matches", header("a", "x1"), pattern("a", "x[0-9]"), header("a", "x1")],
    ["a value that it does not match as a whole", pattern("a", "x[0-9]"), header("a", "x12"), undefined],
    ["two expressions for one header", pattern("a", "x.*"), pattern("a", ".*y"), undefined],
    [
      "one of several headers, and another",
      anyOf("a", "b"),
      header("c", "1"),
      {
        headers: [
          [
            { name: "a", value: "1" },
            { name: "c", value: "1" },
          ],
          [
            { name: "b", value: "1" },
            { name: "c", value: "1" },
          ],
        ],
      },
    ],
    [
      "one of several headers, and one of them with another value",
      anyOf("a", "b"),
      header("a", "2"),
      {
        headers: [
          [
            { name: "b", value: "1" },
            { name: "a", value: "2" },
          ],
        ],
      },
    ],
    [
      "all kinds at once",
      { pathPrefix: "/a", methods: ["GET"] },
      header("a", "1"),
      { pathPrefix: "/a", methods: ["GET"], headers: [[{ name: "a", value: "1" }]] },
    ],
  ])("%s", (_what, one, other, expected) => {
    expect(joinConditions(one, other)).toEqual(expected);
  });
});

test("every combination of cases has a rule of its own, the closest first", () => {
  const time = (timeout: string) => () => ({ timeout });
  const paths = [
    { name: "a", when: { pathPrefix: "/a" }, change: time("1s") },
    { name: "b", when: { pathPrefix: "/b" }, change: time("2s") },
  ];
  const safe = { name: "safe", when: { methods: ["GET"] }, change: () => ({ mirrors: [] }) };
  const rules = splitRules(splitRules([passOn(history)], paths), [safe]);
  expect(rules.map(({ name, timeout }) => [name, timeout])).toEqual([
    ["a-safe", "1s"],
    ["a", "1s"],
    ["b-safe", "2s"],
    ["b", "2s"],
    ["safe", undefined],
    ["all", undefined],
  ]);
});

test("a case that can never meet a rule makes none", () => {
  const only = (name: string, pathPrefix: string) => [{ name, when: { pathPrefix }, change: () => ({}) }];
  const rules = splitRules(splitRules([passOn(history)], only("a", "/a")), only("b", "/b"));
  expect(rules.map(({ name }) => name)).toEqual(["a", "b", "all"]);
});

test.each([
  ["/a", "/a", true],
  ["/a/b", "/a", true],
  ["/ab", "/a", false],
  ["/x", "/", true],
])("%s is under %s: %s", (path, prefix, expected) => {
  expect(isUnder(path, prefix)).toBe(expected);
});

test.each([
  ["/a/", "/a"],
  ["/a//", "/a"],
  ["/", "/"],
  ["/a", "/a"],
])("%s is written %s", (path, expected) => {
  expect(trimPath(path)).toBe(expected);
});
