import { expect, it } from "vitest";
import type { Guardrails } from "@/server/contracts/guardrails.ts";
import { draftProblem, freezeState, ruleOf, setWords, withDefault, withRange, withRule } from "./draft.ts";
import { fromLocalInput, toLocalInput } from "./zoned-time.ts";

const nothing: Guardrails = { paths: [], freezes: [], approvalHours: 72 };

it("keeps a rule that says something, and leaves out one that says nothing", () => {
  const kept = withRule(nothing, { ...ruleOf(nothing, "retries"), who: "platform" });
  expect(kept.paths).toMatchObject([{ slug: "retries", who: "platform" }]);
  expect(withRule(kept, { ...ruleOf(kept, "retries"), who: "owners" }).paths).toEqual([]);
});

it("takes a limit away with its last side, and a default with its value", () => {
  const rule = withRange(withRange(ruleOf(nothing, "retries"), "attempts", "min", 1), "attempts", "max", 5);
  expect(rule.ranges).toEqual([{ field: "attempts", min: 1, max: 5 }]);
  expect(withRange(withRange(rule, "attempts", "min", null), "attempts", "max", null).ranges).toEqual([]);
  expect(setWords(withDefault(rule, "attempts", 2))).toBe("1 default, 1 limit");
  expect(withDefault(withDefault(rule, "attempts", 2), "attempts", undefined).defaults).toEqual({});
});

it.each([
  [{ freezes: [{ id: "a", title: " ", namespaces: [], startUnixMs: 1, endUnixMs: 2 }] }, /Say why/],
  [{ freezes: [{ id: "a", title: "x", namespaces: [], startUnixMs: 2, endUnixMs: 2 }] }, /ends before/],
  [
    { paths: [{ ...ruleOf(nothing, "retries"), ranges: [{ field: "attempts", min: 4, max: 3 }] }] },
    /“Retries”: the least is above/,
  ],
])("says why it cannot be saved: %j", (part, words) => {
  expect(draftProblem({ ...nothing, ...part })).toMatch(words);
});

it("a window holds from its start, and not at its end", () => {
  const window = { id: "a", title: "x", namespaces: [], startUnixMs: 10, endUnixMs: 20 };
  expect([9, 10, 19, 20].map((now) => freezeState(window, now))).toEqual(["to come", "now", "now", "over"]);
});

it("a time survives the field for date and time to the minute", () => {
  const ms = Date.UTC(2026, 11, 24, 8, 30);
  expect(fromLocalInput(toLocalInput(ms))).toBe(ms);
  expect(fromLocalInput("2026-12-")).toBeNull();
});
