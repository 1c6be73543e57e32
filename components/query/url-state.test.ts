import { expect, it } from "vitest";
import { withParameters } from "./url-state.ts";

it("changes only what was asked and keeps the rest of the address", () => {
  expect(withParameters("/graph", "?window=1m&edge=a~b", { edge: "c~d" })).toBe("/graph?window=1m&edge=c%7Ed");
});

it("drops a parameter that became empty", () => {
  expect(withParameters("/graph", "?find=x", { find: "" })).toBe("/graph");
  expect(withParameters("/graph", "?find=x", { find: null })).toBe("/graph");
});
