import { expect, test } from "vitest";
import { isRequestId, isTraceparent, newTraceparent, traceIdOf } from "./trace-context.ts";

const trace = "0af7651916cd43dd8448eb211c80319c";
const span = "b7ad6b7169203331";

test.each([
  [`00-${trace}-${span}-01`, true],
  [`cc-${trace}-${span}-01-more`, true],
  [`ff-${trace}-${span}-01`, false],
  [`00-${"0".repeat(32)}-${span}-01`, false],
  [`00-${trace}-${"0".repeat(16)}-01`, false],
  [`00-${trace.toUpperCase()}-${span}-01`, false],
  [`00-${trace}-${span}-01x`, false],
  [`00-${trace}-${span}`, false],
  [`00-${trace}-${span}-01,00-${trace}-${span}-01`, false],
])("%s is valid: %s", (value, valid) => {
  expect(isTraceparent(value)).toBe(valid);
});

test("new ones are valid and differ, beyond one filling of the pool", () => {
  const made = Array.from({ length: 1_000 }, newTraceparent);
  expect(made.every(isTraceparent)).toBe(true);
  expect(new Set(made.map(traceIdOf)).size).toBe(1_000);
});

test.each([
  ["8e6c3cf2-2f44-4a0e-9a1e-f4a3c2a4a111", true],
  ["", false],
  ["a b", false],
  ["x".repeat(129), false],
])("request id %j is kept: %s", (value, kept) => {
  expect(isRequestId(value)).toBe(kept);
});
