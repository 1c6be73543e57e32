import { describe, expect, it } from "vitest";
import { pathMatch, pathPatternOf } from "./path-match.ts";

describe("paths", () => {
  it.each([
    ["/api", "is", "/api"],
    ["/api*", "begins", "/api"],
    ["/api/*", "begins", "/api/"],
    ["*.png", "ends", ".png"],
    ["/users/{*}", "is", "/users/{*}"],
    ["/users/{*}/{**}", "is", "/users/{*}/{**}"],
    ["", "is", ""],
  ] as const)("%s reads “%s %s”, and is written the same again", (pattern, kind, text) => {
    expect(pathMatch(pattern)).toEqual({ kind, text });
    expect(pathPatternOf({ kind, text })).toBe(pattern);
  });
});
