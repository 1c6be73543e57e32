import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { normalizePath } from "./normalize-path.ts";
import type { PathNormalization } from "./path-normalization.ts";

const modes: readonly PathNormalization[] = ["NONE", "BASE", "MERGE_SLASHES", "DECODE_AND_MERGE_SLASHES"];
const pathOf = (target: string, mode?: PathNormalization): string | undefined => normalizePath(target, mode)?.path;

describe("BASE, which is the default", () => {
  test.each([
    ["/", "/"],
    ["/a/b", "/a/b"],
    ["/a/./b", "/a/b"],
    ["/a/../b", "/b"],
    ["/a/b/..", "/a/"],
    ["/a/b/.", "/a/b/"],
    ["/.", "/"],
    ["/..", "/"],
    ["/../../a", "/a"],
    ["/a/..", "/"],
    ["/a/../..", "/"],
    ["/.a/..b/...", "/.a/..b/..."],
    ["/a./b../c", "/a./b../c"],
    ["/a//b", "/a//b"],
    ["/a//../b", "/a/b"],
    ["//../a", "/a"],
    ["/public/./data/abc/../xyz", "/public/data/xyz"],
    ["/some\\data", "/some/data"],
    ["\\da", "/da"],
    ["/a\\..\\b", "/b"],
    ["/%61%62%63", "/abc"],
    ["/%2e%2e/a", "/a"],
    ["/a/%2E%2e/b", "/b"],
    ["/a/.%2e/b", "/b"],
    ["/a/%2e", "/a/"],
    ["/%7e%5f%2d%30%5A", "/~_-0Z"],
    ["/a;b=c/../d", "/d"],
    ["/a;/../d", "/d"],
  ])("%s becomes %s", (given, path) => {
    expect(normalizePath(given)).toEqual({ path, query: "" });
  });

  test.each([
    ["encoded slashes, in whatever case", "/a%2fb%2Fc"],
    ["encoded backslashes", "/a%5c..%5Cb"],
    ["what is encoded twice", "/%252e%252e/%252f"],
    ["escapes that are none", "/%zz%4"],
    ["other encoded characters", "/%20%01%7B%C3%A9%ff"],
    ["reserved characters", "/!$&'()*+,;=:@[]"],
    ["overlong-looking Latin-1", "/%c0b%e0%a0%80"],
  ])("keeps %s", (_what, path) => {
    expect(pathOf(path)).toBe(path);
  });

  test.each([
    ["/a b", "/a%20b"],
    ['/"<>^`{|}', "/%22%3C%3E%5E%60%7B%7C%7D"],
    ["/\u0001\u007f\u0080\u00ff", "/%01%7F%80%FF"],
    ["/%%32e", "/%252e"],
    ["/%%300", "/%2500"],
    ["/%2%66", "/%252f"],
    ["/%%32%65%%32%65/", "/%252e%252e/"],
  ])("encodes what a reader behind could take for something else: %j", (given, path) => {
    expect(pathOf(given)).toBe(path);
  });

  test.each(["", "a", "*", "http://a/", "%2fa", "/a#b", "/?#", "/\0", "/%00", "/a%00b", "/\u0100", "/\u2215a"])(
    "refuses %j",
    (given) => {
      expect(normalizePath(given)).toBeUndefined();
    },
  );

  test.each(["/%c0%ae", "/%C1%9c", "/%c0%AF/", "/%e0%80%ae", "/%E0%9f%bf", "/%f0%80%80%af", "/%F0%8f%bf%bf"])(
    "refuses the over-long UTF-8 of %s",
    (given) => {
      expect(normalizePath(given)).toBeUndefined();
    },
  );
});

describe("differently by mode", () => {
  const refused = undefined;
  test.each<
    [
      string,
      none: string | undefined,
      base: string | undefined,
      merged: string | undefined,
      decoded: string | undefined,
    ]
  >([
    ["/a/b", "/a/b", "/a/b", "/a/b", "/a/b"],
    ["/a//b///c//", "/a//b///c//", "/a//b///c//", "/a/b/c/", "/a/b/c/"],
    ["//", "//", "//", "/", "/"],
    ["/a/../b", "/a/../b", "/b", "/b", "/b"],
    ["/a\\b", "/a\\b", "/a/b", "/a/b", "/a/b"],
    ["/a/\\b", "/a/\\b", "/a//b", "/a/b", "/a/b"],
    ["/%61", "/%61", "/a", "/a", "/a"],
    ["/a%2fb", "/a%2fb", "/a%2fb", "/a%2fb", "/a/b"],
    ["/a%2Fb", "/a%2Fb", "/a%2Fb", "/a%2Fb", "/a/b"],
    ["/a%5cb", "/a%5cb", "/a%5cb", "/a%5cb", "/a/b"],
    ["/a%5Cb", "/a%5Cb", "/a%5Cb", "/a%5Cb", "/a/b"],
    ["/a%2f..%2fb", "/a%2f..%2fb", "/a%2f..%2fb", "/a%2f..%2fb", "/b"],
    ["/a%5c%2e%2e%2fb", "/a%5c%2e%2e%2fb", "/a%5c..%2fb", "/a%5c..%2fb", "/b"],
    ["/a/%2fb", "/a/%2fb", "/a/%2fb", "/a/%2fb", "/a/b"],
    ["/a%252fb", "/a%252fb", "/a%252fb", "/a%252fb", "/a%252fb"],
    ["/a%%32fb", "/a%%32fb", "/a%252fb", "/a%252fb", "/a%252fb"],
    ["/%c0%ae", "/%c0%ae", refused, refused, refused],
    ["/%00", "/%00", refused, refused, refused],
    ["%2fa", refused, refused, refused, "/a"],
    ["\\a", refused, "/a", "/a", "/a"],
    ["a", refused, refused, refused, refused],
    ["/a#", refused, refused, refused, refused],
    ["/\0", refused, refused, refused, refused],
  ])("%j", (given, ...paths) => {
    expect(modes.map((mode) => pathOf(given, mode))).toEqual(paths);
  });
});

test.each(modes)("the query stays as it is: %s", (mode) => {
  const query = "?c=/../d%2e\\//%2f?%00";
  expect(normalizePath(`/b${query}`, mode)).toEqual({ path: "/b", query });
});

const target = fc
  .array(
    fc.constantFrom(
      "/",
      "\\",
      ".",
      "..",
      "%2e",
      "%2E",
      "%5c",
      "%2f",
      "%25",
      "%61",
      "%",
      "%3",
      "2",
      "e",
      "a",
      ";",
      "//",
      "\u00e9",
    ),
  )
  .map((parts) => `/${parts.join("")}`);

test.each(modes)(
  "twice is the same as once: %s",
  (mode) => {
    fc.assert(
      fc.property(target, (given) => {
        const once = pathOf(given, mode);
        fc.pre(once !== undefined);
        expect(pathOf(once ?? "", mode)).toBe(once);
      }),
      { numRuns: 1_000 },
    );
  },
  60_000,
);

test.each(modes.slice(1))(
  "leaves nothing that another reader could resolve: %s",
  (mode) => {
    fc.assert(
      fc.property(target, (given) => {
        const path = pathOf(given, mode) ?? "/";
        expect(path).toMatch(/^\//);
        expect(path).not.toMatch(/\\|\/(\.|%2[eE])(\.|%2[eE])?(\/|$)/);
        if (mode !== "BASE") {
          expect(path).not.toContain("//");
        }
        if (mode === "DECODE_AND_MERGE_SLASHES") {
          expect(path).not.toMatch(/%2f|%5c/i);
        }
      }),
      { numRuns: 1_000 },
    );
  },
  60_000,
);

test("a path that needs no work is handed back as it is, whatever the mode", () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom("a", "B9", "x-y_z~", "a.b", "v1.2", "=;,", "a:b@c"), { minLength: 1 }),
      fc.constantFrom(...modes),
      (segments, mode) => {
        const path = `/${segments.join("/")}`;
        expect(normalizePath(path, mode)).toEqual({ path, query: "" });
      },
    ),
  );
});
