import { describe, expect, it } from "vitest";
import { isPattern, isSubstitution, readNamedMatches, readStringMatch } from "./string-match.ts";
import { readFields } from "./unsupported.ts";

describe("expressions that a proxy can match", () => {
  it.each(["", "a+", "^/v[12]/.*$", "foo\\-bar", "a{1,1000}", "(a|b)*c", "(?i)abc", "(?:a)?", '\\"', "[^\\d-]"])(
    "%s",
    (pattern) => {
      expect(isPattern(pattern)).toBe(true);
    },
  );

  it.each([
    ["(", "is not closed"],
    ["(?=a)", "looks ahead"],
    ["(?<!a)b", "looks behind"],
    ["(a)\\1", "refers back"],
    ["a**", "repeats a repetition"],
    ["a{1001}", "repeats too often"],
    ["(a{500}){500}", "grows too large"],
    ["\\p{L}", "is of Unicode classes"],
    ["x".repeat(1_025), "is too long"],
  ])("not %s, which %s", (pattern) => {
    expect(isPattern(pattern)).toBe(false);
  });
});

describe("substitutions", () => {
  it.each([
    ["/\\1", "(a)", true],
    ["/\\0", "a", true],
    ["/\\\\", "a", true],
    ["/plain", "a", true],
    ["/\\2", "(a)", false],
    ["/\\x", "(a)", false],
    ["/\\", "(a)", false],
  ])("%s for %s: %s", (substitution, pattern, usable) => {
    expect(isSubstitution(substitution, pattern)).toBe(usable);
  });
});

describe("StringMatch", () => {
  const read = (value: unknown, ignoreCase = false) => {
    const unsupported: string[] = [];
    return { match: readStringMatch(readFields(value, unsupported, "uri"), ignoreCase), unsupported };
  };

  it.each([
    [{ exact: "a" }, { type: "Exact", value: "a", ignoreCase: false }, []],
    [{ exact: "" }, { type: "Exact", value: "", ignoreCase: false }, []],
    [{ prefix: "/a" }, { type: "Prefix", value: "/a", ignoreCase: false }, []],
    [{ regex: "a.*" }, { type: "RegularExpression", value: "a.*", ignoreCase: false }, []],
    [{ regex: "*" }, { type: "Present", value: "", ignoreCase: false }, []],
    [{}, { type: "Present", value: "", ignoreCase: false }, []],
    [{ regex: "(" }, { type: "RegularExpression", value: "(", ignoreCase: false }, ["uri.regex (cannot be compiled)"]],
    [{ suffix: "a" }, { type: "Present", value: "", ignoreCase: false }, ["uri.suffix"]],
    [{ exact: 7 }, { type: "Exact", value: "", ignoreCase: false }, ["uri.exact"]],
    ["text", { type: "Present", value: "", ignoreCase: false }, ["uri"]],
  ])("%j", (value, match, unsupported) => {
    expect(read(value)).toEqual({ match, unsupported });
  });

  it("ignores case of texts alone, as Istio's ignoreUriCase", () => {
    expect(read({ prefix: "/A" }, true).match.ignoreCase).toBe(true);
    expect(read({ regex: "/A" }, true).match.ignoreCase).toBe(false);
  });

  it("names headers in lower case and query parameters as they are", () => {
    const unsupported: string[] = [];
    const reader = readFields({ headers: { "X-A": { exact: "b" }, "@request.auth.claims.sub": {} } }, unsupported, "m");
    const lower = readNamedMatches(reader, "headers", unsupported, { negated: true, lowerCase: true });
    expect(lower.map(({ name, negated }) => [name, negated])).toEqual([
      ["@request.auth.claims.sub", true],
      ["x-a", true],
    ]);
    expect(unsupported).toEqual([expect.stringContaining("m.headers[@request.auth.claims.sub]")]);
    const [parameter] = readNamedMatches(readFields({ q: { A: {} } }, [], "m"), "q", [], {
      negated: false,
      lowerCase: false,
    });
    expect(parameter?.name).toBe("A");
  });
});
