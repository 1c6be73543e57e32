import { describe, expect, test } from "vitest";
import type { L7Locality } from "../../xds/proxy-config.ts";
import { matchesLocality } from "./locality-preference.ts";
import { spread } from "./spread.ts";
import { home, pod } from "./upstream-rig.suite.ts";

/** `name@region/zone/subzone`, with `!` ejected, with `-` not ready, with `#node`. */
function member(text: string) {
  const [, name = "", at = "", node = "node-a"] = /^[!-]?([^@]+)@([^#]*)#?(.*)$/.exec(text) ?? [];
  const workload = pod(name, { at, node, status: text.startsWith("-") ? "UNHEALTHY" : "HEALTHY" });
  return {
    name,
    ejected: text.startsWith("!"),
    endpoint: { healthy: workload.status === "HEALTHY", locality: workload.locality, workload },
  };
}

const divide = (members: string[], locality: L7Locality, at = home("r1/z1"), panic = 0) =>
  spread(members.map(member), locality, at, panic).map(
    ({ share, members: part }) => `${Math.round(share)}: ${part.map(({ name }) => name).join(" ")}`,
  );

const failover: L7Locality = { kind: "failover", regions: [] };

describe("failover", () => {
  test.each([
    ["home alone while it is well", ["a@r1/z1", "b@r1/z2", "c@r2/z1"], ["100: a"]],
    ["the subzone before the zone", ["a@r1/z1/s2", "b@r1/z1"], ["100: b"]],
    ["the zone next", ["!a@r1/z1", "b@r1/z1/s2", "c@r1/z2"], ["100: b"]],
    ["the region next", ["!a@r1/z1", "b@r1/z2", "c@r2/z1"], ["100: b"]],
    ["the rest last", ["!a@r1/z1", "-b@r1/z2", "c@r2/z1"], ["100: c"]],
    ["half of home down: 70 percent stay", ["a@r1/z1", "!b@r1/z1", "c@r1/z2"], ["70: a", "30: c"]],
    ["pods that are not ready count as down", ["a@r1/z1", "-b@r1/z1", "c@r1/z2"], ["70: a", "30: c"]],
    ["a zone of that name in another region is far", ["a@r2/z1", "b@r1/z2"], ["100: b"]],
    ["nobody left", ["!a@r1/z1", "-b@r2/z1"], []],
    ["nobody at all", [], []],
  ])("%s", (_name, members, expected) => {
    expect(divide(members, failover)).toEqual(expected);
  });

  test("pods that are not ready do not count where panic could use them", () => {
    expect(divide(["a@r1/z1", "-b@r1/z1", "c@r1/z2"], failover, home("r1/z1"), 50)).toEqual(["100: a"]);
  });

  test("the region that home fails over to comes before the others", () => {
    const regions = [{ from: "r1", to: "r3" }];
    expect(divide(["!a@r1/z1", "b@r2/z1", "c@r3/z1"], { kind: "failover", regions })).toEqual(["100: c"]);
    expect(divide(["!a@r1/z1", "b@r2/z1", "!c@r3/z1"], { kind: "failover", regions })).toEqual(["100: b"]);
    expect(divide(["b@r2/z1", "c@r3/z1"], { kind: "failover", regions }, home("r9/z1"))).toEqual(["100: b c"]);
  });
});

describe("distribute", () => {
  const pinned: L7Locality = {
    kind: "distribute",
    shares: [
      { from: "r1/*", to: [{ locality: "r1/*", weight: 100 }] },
      { from: "r2/*", to: [{ locality: "r2/*", weight: 100 }] },
    ],
  };
  test.each([
    ["only home's region", ["a@r1/z1", "b@r1/z2", "c@r2/z1"], ["100: a b"]],
    ["unwell ones cost no share when there is no other", ["a@r1/z1", "!b@r1/z2", "!d@r1/z3", "c@r2/z1"], ["47: a"]],
    ["nobody at home: nobody", ["!a@r1/z1", "-b@r1/z2", "c@r2/z1"], []],
    ["home is empty: nobody", ["c@r2/z1"], []],
  ])("pinned: %s", (_name, members, expected) => {
    expect(divide(members, pinned)).toEqual(expected);
  });

  test("a home that no share names is not restricted, as in Istio", () => {
    expect(divide(["a@r1/z1", "c@r2/z1"], pinned, home("r3/z1"))).toEqual(["100: a c"]);
  });

  const split: L7Locality = {
    kind: "distribute",
    shares: [
      {
        from: "r1/z1/*",
        to: [
          { locality: "r1/z1/*", weight: 80 },
          { locality: "r1/z2/*", weight: 20 },
          { locality: "r2", weight: 0 },
        ],
      },
    ],
  };
  test.each([
    ["as written", ["a@r1/z1", "b@r1/z2", "c@r2/z1", "d@r1/z3"], ["80: a", "20: b"]],
    ["one half gone: 0.7 of its weight", ["a@r1/z1", "!e@r1/z1", "b@r1/z2"], ["56: a", "20: b"]],
    ["one all gone: the other has it all", ["!a@r1/z1", "b@r1/z2"], ["20: b"]],
    ["weight 0 is nothing", ["c@r2/z1"], []],
  ])("shares: %s", (_name, members, expected) => {
    expect(divide(members, split)).toEqual(expected);
  });

  test("a place belongs to the first share that names it", () => {
    const to = [
      { locality: "r1/z1", weight: 50 },
      { locality: "*", weight: 50 },
    ];
    expect(divide(["a@r1/z1", "b@r2/z1"], { kind: "distribute", shares: [{ from: "*", to }] })).toEqual([
      "50: a",
      "50: b",
    ]);
  });
});

describe("scopes", () => {
  const near = (strict: boolean): L7Locality => ({ kind: "scopes", scopes: ["REGION", "ZONE", "NODE"], strict });
  test.each([
    ["the same node first", ["a@r1/z1#node-a", "b@r1/z1#node-b", "c@r1/z2#node-c"], ["100: a"]],
    ["then the zone", ["!a@r1/z1#node-a", "b@r1/z1#node-b", "c@r1/z2#node-c"], ["100: b"]],
    ["then the region", ["-a@r1/z1#node-a", "c@r1/z2#node-c", "d@r2/z1#node-d"], ["100: c"]],
    ["then any", ["d@r2/z1#node-a"], ["100: d"]],
  ])("%s", (_name, members, expected) => {
    expect(divide(members, near(false))).toEqual(expected);
  });

  test("strict never leaves, not even for nobody", () => {
    expect(divide(["a@r1/z1#node-a", "b@r1/z1#node-b"], near(true))).toEqual(["100: a"]);
    expect(divide(["!a@r1/z1#node-a", "b@r1/z1#node-b"], near(true))).toEqual([]);
  });
});

describe("panic", () => {
  test("uses the ejected too, and never one that is not ready", () => {
    expect(divide(["a@r1/z1", "!b@r1/z1", "!c@r1/z1", "-d@r1/z1"], { kind: "none" }, home("r1/z1"), 50)).toEqual([
      "100: a b c",
    ]);
    expect(divide(["a@r1/z1", "b@r1/z1", "!c@r1/z1"], { kind: "none" }, home("r1/z1"), 50)).toEqual(["100: a b"]);
    expect(divide(["!a@r1/z1", "!b@r1/z1"], { kind: "none" }, home("r1/z1"), 0)).toEqual([]);
    expect(divide(["-a@r1/z1"], { kind: "none" }, home("r1/z1"), 50)).toEqual([]);
  });

  test("stays within hard shares", () => {
    const shares = [{ from: "*", to: [{ locality: "r1", weight: 100 }] }];
    expect(divide(["!a@r1/z1", "c@r2/z1"], { kind: "distribute", shares }, home("r1/z1"), 50)).toEqual(["100: a"]);
  });
});

test.each([
  ["r1", "r1/z1/s1", true],
  ["r1/*", "r1/z1/s1", true],
  ["r1/z1", "r1/z1/s1", true],
  ["r1/z1/*", "r1/z1", true],
  ["r1/z1/s1", "r1/z1/s1", true],
  ["r1/z1/s2", "r1/z1/s1", false],
  ["r1/z2/*", "r1/z1/s1", false],
  ["r2/*", "r1/z1", false],
  ["*", "r1/z1", true],
  ["eu-*", "eu-west/a", true],
  ["eu-*", "us-west/a", false],
  ["r1/z*", "r1/z9", true],
  ["r", "r1/z1", false],
  ["", "r1/z1", false],
])("pattern %s, place %s: %s", (pattern, place, expected) => {
  expect(matchesLocality(pattern, home(place))).toBe(expected);
});
