import fc from "fast-check";
import { expect, test } from "vitest";
import { compileRegex } from "./linear-regex.ts";

test.each([
  ["", "", true],
  ["", "a", false],
  ["abc", "abc", true],
  ["abc", "abcd", false],
  ["a|bc|", "bc", true],
  ["a|bc|", "", true],
  ["/v[0-9]+/.*", "/v12/x", true],
  ["/(?:a|b)*", "/abab", true],
  ["^/a$", "/a", true],
  ["a.c", "a\nc", false],
  ["[^/]+", "a/b", false],
  ["[]a-]+", "]-a", true],
  ["\\d{2,3}", "123", true],
  ["\\d{2,3}", "1", false],
  ["a{0}b", "b", true],
  ["a{2,}", "aaaa", true],
  ["[\\d.]+", "1.2", true],
  ["\\w+\\s\\w+", "a b", true],
  ["a+?", "aaa", true],
  ["(a*)*", "aaaa", true],
  ["a{", "a{", true],
])("%j on %j is %s", (source, text, expected) => {
  expect(compileRegex(source)?.matches(text)).toBe(expected);
});

test.each([
  ["/A", "/a", true, true],
  ["/[a-c]x", "/BX", true, true],
  ["/A", "/a", false, false],
  ["(?i)/A", "/a", false, true],
  ["/[^a]", "/A", true, false],
  ["/[^a]", "/b", true, true],
  ["/[^a]", "/A", false, true],
])("%j on %j, case ignored %s, is %s", (source, text, ignoreCase, expected) => {
  expect(compileRegex(source, ignoreCase)?.matches(text)).toBe(expected);
});

test.each([
  "(",
  ")",
  "*a",
  "a**",
  "[a",
  "a{3,2}",
  "a{1001}",
  "(?=a)",
  "(?<n>a)",
  "(?s)a",
  "\\1",
  "\\b",
  "\\p{L}",
  "[b-a]",
  "a\\",
  "(a{1000}){1000}",
  "a".repeat(1025),
])("%j is refused", (source) => {
  expect(compileRegex(source)).toBeUndefined();
});

test("what makes a backtracking engine hang is matched in linear time", () => {
  const evil = compileRegex("(a+)+(a+)+(a|a)*b");
  const text = "a".repeat(16_000);
  const startedMs = performance.now();
  expect(evil?.matches(text)).toBe(false);
  expect(performance.now() - startedMs).toBeLessThan(1_000);
});

test("agrees with the language's own engine", () => {
  const atom = fc.constantFrom("a", "b", ".", "[ab]", "[^a]", "\\d", "(a|b)", "(?:ab)", "(a|)", "/");
  const piece = fc.tuple(atom, fc.constantFrom("", "*", "+", "?", "{2}", "{1,2}")).map((parts) => parts.join(""));
  const source = fc
    .array(fc.array(piece, { maxLength: 4 }), { minLength: 1, maxLength: 3 })
    .map((choices) => choices.map((parts) => parts.join("")).join("|"));
  const text = fc.array(fc.constantFrom("a", "b", "1", "/"), { maxLength: 8 }).map((parts) => parts.join(""));
  fc.assert(
    fc.property(source, text, (expression, given) => {
      expect(compileRegex(expression)?.matches(given)).toBe(new RegExp(`^(?:${expression})$`).test(given));
    }),
    { numRuns: 2000 },
  );
});
