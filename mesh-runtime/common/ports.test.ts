import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { ports } from "./ports.ts";

test("ARCHITECTURE.md names every port, and no other", () => {
  const text = readFileSync(new URL("../../ARCHITECTURE.md", import.meta.url), "utf8");
  const named = new Set(text.match(/\b150\d\d\b/g)?.map(Number));
  expect([...named].sort()).toEqual(Object.values(ports).sort());
});
