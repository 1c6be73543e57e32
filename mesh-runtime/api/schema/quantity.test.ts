import * as fc from "fast-check";
import { expect, test } from "vitest";
import { canonicalQuantity, formatQuantity, parseQuantity } from "./quantity.ts";

test.each([
  ["0.50", "500m"],
  ["1024Mi", "1Gi"],
  ["100m", "100m"],
  ["0", "0"],
  ["1000m", "1"],
  ["1500Mi", "1500Mi"],
  ["0.5Gi", "512Mi"],
  ["512", "512"],
  ["1Ki", "1Ki"],
  ["0.1Ki", "102400m"],
  ["1e3", "1e3"],
  ["12E", "12E"],
  ["2000k", "2M"],
  ["-1", "-1"],
  [".5", "500m"],
  ["0.1n", "1n"],
])("%s is stored as %s", (text, stored) => {
  expect(canonicalQuantity(text)).toBe(stored);
});

test.each(["", "64MB5", "abc", "1 Gi", "1..2", "--1", "1Gii", "e3", "9".repeat(41)])("%j is no quantity", (text) => {
  expect(parseQuantity(text)).toBeUndefined();
});

test("the stored form means the same amount and is stored as itself", () => {
  const suffix = fc.constantFrom("", "n", "u", "m", "k", "M", "G", "Ki", "Mi", "Gi", "e2", "E3");
  return fc.assert(
    fc.property(fc.integer({ min: -100_000, max: 100_000 }), suffix, (amount, unit) => {
      const quantity = parseQuantity(`${amount}${unit}`);
      const stored = quantity === undefined ? "" : formatQuantity(quantity);
      expect(parseQuantity(stored)?.nanos).toBe(quantity?.nanos);
      expect(canonicalQuantity(stored)).toBe(stored);
    }),
  );
});
