import { expect, test } from "vitest";
import { regexProblem } from "./regex.ts";

test.each([
  "/api/v[0-9]+/.*",
  "(?i)^bearer .+$",
  "(?i:a)b(?P<name>c)(?:d)",
  "[]a]+|[^]]|[[:alpha:]]\\]",
  "\\Qa(b\\E+",
  "a{2,3}?",
  "^*a",
  "\\pL\\x{10FFFF}\\z",
])("%s is taken", (source) => {
  expect(regexProblem(source, "uri")).toBeUndefined();
});

test.each([
  ["", "should not be empty"],
  ["[a", "missing closing ]"],
  ["(a", "missing closing )"],
  ["a)", "unexpected )"],
  ["*a", "missing argument to repetition operator: `*`"],
  ["a|*", "missing argument to repetition operator: `*`"],
  ["a**", "invalid nested repetition operator: `**`"],
  ["(?!a)", "invalid or unsupported Perl syntax: `(?!`"],
  ["(?<=a)b", "invalid or unsupported Perl syntax: `(?<=`"],
  ["(a)\\1", "invalid escape sequence: `\\1`"],
  ["a\\", "trailing backslash"],
  ["é".repeat(600), "regex is too large"],
])("%s is refused", (source, text) => {
  expect(regexProblem(source, "uri")).toContain(text);
});

test("long expressions are judged at once", () => {
  for (const part of ["[[:a", "(", "\\Q", "a**", "[^]"]) {
    regexProblem(part.repeat(Math.floor(1024 / part.length)), "uri");
  }
});
