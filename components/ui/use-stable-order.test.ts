import { expect, it } from "vitest";
import { inStableOrder } from "./use-stable-order.ts";

const self = (row: string) => row;

it("keeps rows where they first stood, however the answer is sorted", () => {
  const places = new Map<string, number>();
  expect(inStableOrder(["b", "a", "c"], self, "end", places)).toEqual(["b", "a", "c"]);
  expect(inStableOrder(["a", "c", "b"], self, "end", places)).toEqual(["b", "a", "c"]);
});

it.each([
  ["end", ["b", "a", "y", "x"]],
  ["start", ["y", "x", "b", "a"]],
] as const)("lets new rows join at the %s, in the order they came in", (joinAt, order) => {
  const places = new Map<string, number>();
  inStableOrder(["b", "a"], self, joinAt, places);
  expect(inStableOrder(["y", "a", "x", "b"], self, joinAt, places)).toEqual(order);
});

it("gives a row that went and came back its old place", () => {
  const places = new Map<string, number>();
  inStableOrder(["b", "a"], self, "end", places);
  inStableOrder(["a"], self, "end", places);
  expect(inStableOrder(["a", "b"], self, "end", places)).toEqual(["b", "a"]);
});
