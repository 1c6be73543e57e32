import { describe, expect, it } from "vitest";
import { methodsOf, suggestPatterns, suggestPrefixes } from "./seen-words.ts";

describe("what was seen", () => {
  const seen = {
    methods: [{ name: "POST", requests: 9 }],
    paths: [
      { method: "GET", path: "/history/{customer}", requests: 100, errors: 2, p99Ms: 40 },
      { method: "HEAD", path: "/history/{customer}", requests: 10, errors: 0, p99Ms: 20 },
      { method: "GET", path: "/health", requests: 500, errors: 0, p99Ms: 0 },
    ],
    headers: [],
    claims: [],
    issuers: [],
    requestsPerSecond: 1,
    p99Ms: 40,
  };

  it("puts the methods that were seen first", () => {
    expect(methodsOf(seen, ["REPORT"])).toEqual(["POST", "GET", "HEAD", "PUT", "PATCH", "DELETE", "REPORT"]);
  });

  it("offers paths as patterns that the contract takes, the most frequent first", () => {
    expect(suggestPatterns(seen)).toEqual([
      { value: "/health", detail: "GET 500" },
      { value: "/history/{*}", detail: "GET, HEAD 110, 1.82\u00a0% errors, p99 40\u00a0ms" },
    ]);
    expect(suggestPrefixes(seen).map(({ value }) => value)).toEqual(["/health", "/history"]);
  });
});
