import { describe, expect, it } from "vitest";
import { tokenScope } from "@/server/contracts/api-tokens.ts";
import { endWords, hintLines, lifetimes, scopeTexts } from "./token-words.ts";

const day = 86_400_000;

describe("the end of a token", () => {
  it.each([
    [30 * day - 1000, "ends in 30 days"],
    [18.4 * day, "ends in 18 days"],
    [day, "ends in 1 day"],
    [day - 1, "ends within a day"],
    [0, "ended"],
    [-day, "ended"],
  ])("with %d ms left it %s", (left, words) => {
    expect(endWords({ expired: false, expiresUnixMs: 1e12 + left }, 1e12)).toBe(words);
  });

  it("is what the portal says, whatever this clock says", () => {
    expect(endWords({ expired: true, expiresUnixMs: 1e12 + day }, 1e12)).toBe("ended");
  });
});

it("every scope says what it allows", () => {
  expect(Object.keys(scopeTexts).sort()).toEqual([...tokenScope.options].sort());
});

it("lifetimes are what the portal takes", () => {
  expect(lifetimes.every(({ days }) => days >= 1 && days <= 365)).toBe(true);
});

it("no line holds a secret: it is read from the environment", () => {
  const lines = hintLines("http://127.0.0.1:3000").map(({ command }) => command);
  expect(lines.filter((line) => line.includes("Bearer"))).toEqual([expect.stringContaining("Bearer $TOWPATH_TOKEN")]);
});
