import { describe, expect, test } from "vitest";
import { headerValueProblem } from "./header-format.ts";
import { fqdnProblem, hostsOverlap, isSubsetHost, labelProblems, wildcardDomainProblem } from "./names.ts";

describe("hosts", () => {
  test.each([
    ["a.b", "a.b", true],
    ["a.b", "A.b", false],
    ["*.b", "a.b", true],
    ["a.b", "*.b", true],
    ["*.b", "b", false],
    ["*", "a", true],
    ["*", "*.b", true],
    ["*.a.b", "*.b", true],
    ["*.a.b", "*.c.b", false],
    ["*a.b", "*.a.b", true],
  ])("%s and %s overlap: %s", (a, b, overlap) => {
    expect([hostsOverlap(a, b), hostsOverlap(b, a)]).toEqual([overlap, overlap]);
  });

  test.each([
    ["a.b", "*.b", true],
    ["*.b", "a.b", false],
    ["*.a.b", "*.b", true],
    ["*.b", "*.a.b", false],
    ["*.a", "*.x.a", false],
    ["*a", "*.a", false],
    ["*", "*", true],
  ])("%s is within %s: %s", (inner, outer, within) => {
    expect(isSubsetHost(inner, outer)).toBe(within);
  });

  test.each([
    ["a", true, true],
    ["A-1.b", true, true],
    ["a.b.", true, true],
    ["*.b", false, true],
    ["*-a.b", false, true],
    ["*", false, true],
    ["a.*", false, false],
    ["a..b", false, false],
    ["a_b", false, false],
    ["-a", false, false],
    ["10.0.0.1", false, false],
    ["", false, false],
    [`${"a".repeat(64)}.b`, false, false],
  ])("%j is a name: %s, a name with stars: %s", (name, plain, starred) => {
    expect([fqdnProblem(name) === undefined, wildcardDomainProblem(name) === undefined]).toEqual([plain, starred]);
  });
});

test.each([
  [{ app: "a" }, 0],
  [{ "a.example/b": "" }, 0],
  [{ a: "b c" }, 1],
  [{ "a/b/c": "d" }, 1],
  [{ [`${"a".repeat(64)}`]: "b" }, 1],
  [{ [`${"a.".repeat(127)}a/b`]: "c" }, 1],
])("%j has %i problems as labels", (labels, count) => {
  expect(labelProblems(labels)).toHaveLength(count);
});

describe("a header's value", () => {
  test.each([
    "",
    "a b\tc",
    "100%%",
    "%%(",
    "%START_TIME%",
    "a %REQ(X-A?X-B)% b",
    '%UPSTREAM_METADATA(["a", "b"])%',
    '%DYNAMIC_METADATA(["a\\"b"])%',
  ])("%s is taken", (value) => {
    expect(headerValueProblem(value)).toBeUndefined();
  });

  test.each([
    ["50%", "Un-escaped %"],
    ["%A", "Un-terminated variable expression"],
    ["%A(", "Un-terminated variable expression"],
    ["%A(b)c%", "Expecting '%' or whitespace after"],
    ['%A(["b" "c"])%', "Expecting ',', ']', or whitespace"],
    ["%A([b])%", "Expecting '\"'"],
    ['%A(["b"]c)%', "Expecting ')' or whitespace"],
    ["%A(b\\", "Un-terminated backslash"],
    ["a\u0000", "is invalid"],
    ["a\nb", "is invalid"],
  ])("%j is refused", (value, text) => {
    expect(headerValueProblem(value)).toContain(text);
  });
});
