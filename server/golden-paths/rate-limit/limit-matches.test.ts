import { describe, expect, test } from "vitest";
import { requestRule } from "@/server/contracts/golden-paths/parts.ts";
import { limitMatches, pathTest } from "./limit-matches.ts";

const rule = (of: Record<string, unknown>) => limitMatches(requestRule.parse(of));
const root = { type: "PathPrefix", value: "/" };

describe("requests that a limit counts", () => {
  test.each<[string, Record<string, unknown>, object[]]>([
    ["everything", {}, []],
    ["a method", { methods: ["GET"] }, [{ method: "GET", path: root }]],
    ["a path", { paths: ["/a"] }, [{ path: { type: "Exact", value: "/a" } }]],
    ["a beginning", { paths: ["/a*"] }, [{ path: { type: "RegularExpression", value: "/a.*" } }]],
    ["an end", { paths: ["*.js"] }, [{ path: { type: "RegularExpression", value: ".*\\.js" } }]],
    [
      "a path that Gateway API does not take literally",
      { paths: ["/a//b"] },
      [{ path: { type: "RegularExpression", value: "/a//b" } }],
    ],
    [
      "a header that is there",
      { headers: [{ name: "x-a", match: "present" }] },
      [{ path: root, headers: [{ name: "x-a", type: "RegularExpression", value: ".*" }] }],
    ],
    [
      "a header with a value, or one of several",
      {
        headers: [
          { name: "x-a", match: "value", values: ["1"] },
          { name: "x-b", match: "value", values: ["a.b", "c*"] },
        ],
      },
      [
        {
          path: root,
          headers: [
            { name: "x-a", type: "Exact", value: "1" },
            { name: "x-b", type: "RegularExpression", value: "a\\.b|c.*" },
          ],
        },
      ],
    ],
    [
      "more paths than there is room for become one expression",
      { methods: ["GET", "POST", "PUT"], paths: ["/a", "/b", "/c*"] },
      ["GET", "POST", "PUT"].map((method) => ({
        method,
        path: { type: "RegularExpression", value: "/a|/b|/c.*" },
      })),
    ],
  ])("%s", (_what, of, expected) => {
    expect(rule(of)).toEqual({ matches: expected, unsayable: [] });
  });

  test("never more than eight matches, whatever is asked for", () => {
    const methods = ["GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"];
    expect(rule({ methods, paths: ["/a", "/b"] })).toMatchObject({ unsayable: ["methods"] });
    expect(rule({ methods: methods.slice(1), paths: ["/a", "/b"] })).toMatchObject({ unsayable: [] });
    expect(rule({ methods, paths: ["/a", "/b"] }).matches).toHaveLength(8);
  });

  test("paths that do not fit are said, and none is cut", () => {
    const paths = Array.from({ length: 20 }, (_, index) => `/${"x".repeat(100)}/${index}`);
    expect(rule({ paths })).toEqual({ matches: [{ path: root }], unsayable: ["paths"] });
  });
});

test.each([
  ["/items/{*}/price", "/items/7/price", true],
  ["/items/{*}/price", "/items/7/8/price", false],
  ["/files/{**}", "/files/a/b", true],
  ["/a.c", "/abc", false],
  ["/a*", "/ab/c", true],
  ["*/end", "/x/end", true],
])("%s takes %s: %s", (pattern, path, expected) => {
  expect(pathTest([pattern])(path)).toBe(expected);
});
