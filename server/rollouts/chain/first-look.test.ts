import { expect, test } from "vitest";
import type { ChainCheck } from "@/server/contracts/rollouts.ts";
import { newMachine } from "../machine/state.ts";
import { testSpec } from "../test-rollouts.suite.ts";
import { looked, wantsLook } from "./first-look.ts";

const byHeader = [{ by: "header", name: "x-canary", value: "true" }];
const byCaller = [{ by: "caller", namespace: "default", serviceAccount: "sleep" }];
const chain = (state: ChainCheck["state"]): ChainCheck => ({
  ...{ state, checkedUnixMs: 1, hops: [], sentence: "web-api does not pass x-canary on: calls behind it get v1." },
});

test.each([
  ["once its header is in force", "header-canary", byHeader, "gate", null, true],
  ["before that", "header-canary", byHeader, "placing", null, false],
  ["once it was looked", "header-canary", byHeader, "gate", chain("passes"), false],
  ["where an identity leads to the new version", "header-canary", byCaller, "gate", null, false],
  ["where shares do", "progressive", byHeader, "soaking", null, false],
] as const)("a release is looked at by itself %s: %#", (_when, kind, match, phase, seen, expected) => {
  const spec = testSpec({ kind, match });
  expect(wantsLook({ spec, machine: { ...newMachine(spec, 0), phase, chain: seen } })).toBe(expected);
});

test("a header that is lost stands in the history, one that gets on does not", () => {
  const machine = newMachine(testSpec(), 0);
  expect(looked({ machine }, chain("lost")).events).toMatchObject([{ level: "warning", kind: "chain" }]);
  expect(looked({ machine }, chain("passes"))).toMatchObject({ events: [], machine: { chain: { state: "passes" } } });
});

test("what a person found out meanwhile stays", () => {
  const machine = { ...newMachine(testSpec(), 0), chain: chain("passes") };
  expect(looked({ machine }, chain("lost"))).toMatchObject({ events: [], machine: { chain: { state: "passes" } } });
});
