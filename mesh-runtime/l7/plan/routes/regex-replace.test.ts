import fc from "fast-check";
import { expect, test } from "vitest";
import { compileReplace } from "./regex-replace.ts";

test.each([
  ["^/service/([^/]+)(/.*)$", "\\2/instance/\\1", "/service/foo/v1/api", "/v1/api/instance/foo"],
  ["one", "two", "/xxx/one/yyy/one/zzz", "/xxx/two/yyy/two/zzz"],
  ["^(.*?)one(.*)$", "\\1two\\2", "/xxx/one/yyy/one/zzz", "/xxx/two/yyy/one/zzz"],
  ["(?i)/xxx/", "/yyy/", "/aaa/XxX/bbb", "/aaa/yyy/bbb"],
  ["(a)|(b)", "<\\1\\2>", "ab", "<a><b>"],
  ["a|ab", "x", "ab", "xb"],
  ["b*", "-", "abc", "-a-c-"],
  ["/v1", "\\0\\\\", "/v1/v1", "/v1\\/v1\\"],
  ["x", "y", "", ""],
])("%j by %j makes %j to %j", (pattern, substitution, text, expected) => {
  expect(compileReplace(pattern, substitution)?.(text)).toBe(expected);
});

test.each([
  ["(", "x"],
  ["a", "\\1"],
  ["a", "\\"],
  ["a", "\\x"],
])("%j by %j is refused", (pattern, substitution) => {
  expect(compileReplace(pattern, substitution)).toBeUndefined();
});

test("agrees with the language's own engine", () => {
  const atom = fc.constantFrom("a", "b", ".", "[ab]", "(a|b)", "(ab)", "/");
  const piece = fc.tuple(atom, fc.constantFrom("", "+", "?", "+?", "{2}")).map((parts) => parts.join(""));
  const sources = fc
    .array(fc.array(piece, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 2 })
    .map((choices) => choices.map((parts) => parts.join("")).join("|"));
  const text = fc.array(fc.constantFrom("a", "b", "c", "/"), { maxLength: 8 }).map((parts) => parts.join(""));
  fc.assert(
    fc.property(sources, text, (source, given) => {
      // Empty matches are counted differently: RE2 takes none right behind another match.
      fc.pre(!new RegExp(`^(?:${source})$`).test(""));
      expect(compileReplace(source, "<\\0>")?.(given)).toBe(given.replace(new RegExp(source, "g"), "<$&>"));
    }),
    { numRuns: 2000 },
  );
});
