import { expect, test } from "vitest";
import { PlannerMemory } from "./planner-memory.ts";

test("a part is found again by its key while somebody holds it", () => {
  const memory = new PlannerMemory();
  const first = memory.part("a", () => ({ count: 1 }));
  expect(memory.part("a", () => ({ count: 2 }))).toBe(first);
  expect(memory.part("b", () => ({ count: 3 })).count).toBe(3);
  expect(memory.size).toBe(2);
});
