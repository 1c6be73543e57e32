import { expect, test } from "vitest";
import { findCondition, withCondition } from "./conditions.ts";

const early = new Date("2026-01-01T00:00:00.123Z");
const late = new Date("2026-01-01T00:01:00Z");
const ready = { type: "Ready", status: "True", reason: "Fine", message: "" } as const;

test("a new condition is added with the time in seconds", () => {
  expect(withCondition(undefined, ready, early)).toEqual([{ ...ready, lastTransitionTime: "2026-01-01T00:00:00Z" }]);
});

test("the same condition leaves the list as it was", () => {
  const list = withCondition(undefined, ready, early);
  expect(withCondition(list, ready, late)).toBe(list);
});

test("another message keeps the time, another status takes a new one", () => {
  const list = withCondition(undefined, ready, early);
  const told = withCondition(list, { ...ready, message: "still" }, late);
  expect(findCondition(told, "Ready")?.lastTransitionTime).toBe("2026-01-01T00:00:00Z");
  const failed = withCondition(told, { ...ready, status: "False" }, late);
  expect(findCondition(failed, "Ready")?.lastTransitionTime).toBe("2026-01-01T00:01:00Z");
});

test("other conditions stay where they are", () => {
  const list = withCondition(withCondition(undefined, ready, early), { ...ready, type: "B" }, early);
  const next = withCondition(list, { ...ready, status: "Unknown" }, late);
  expect(next.map((condition) => condition.type)).toEqual(["Ready", "B"]);
  expect(next[1]).toBe(list[1]);
});
