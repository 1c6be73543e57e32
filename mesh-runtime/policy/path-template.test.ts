import { describe, expect, test } from "vitest";
import { isPathTemplate, parsePathTemplate } from "./path-template.ts";

describe("templates as istio.io documents them", () => {
  test.each<[string, readonly string[], readonly string[]]>([
    ["/foo/{*}", ["/foo/bar", "/foo/%2F"], ["/foo/bar/baz", "/foo/", "/foo", "/foo//", "/x/bar"]],
    ["/foo/{**}", ["/foo/", "/foo/bar", "/foo/bar/baz", "/foo//"], ["/foo", "/foobar", "/x/foo/"]],
    ["/foo/{**}/", ["/foo/bar/", "/foo/bar/baz/", "/foo//"], ["/foo/bar", "/foo/"]],
    ["/foo/{*}/bar/{**}", ["/foo/buzz/bar/", "/foo/buzz/bar/baz"], ["/foo/bar/baz", "/foo/buzz/bar", "/foo//bar/"]],
    ["/{**}", ["/", "/a", "/a/b/"], [""]],
    ["/{*}", ["/a"], ["/", "/a/"]],
    ["/{**}/end", ["/a/end", "/a/b/end", "//end"], ["/end", "/a/end/b"]],
    ["/a/{*}/{*}/b", ["/a/1/2/b"], ["/a/1/b", "/a/1/2/3/b"]],
    ["/a/{**}/b/c", ["/a/x/b/c", "/a/b/c/b/c"], ["/a/x/b", "/a/b/c", "/a/x/y/c"]],
  ])("%s", (text, matching, others) => {
    const template = parsePathTemplate(text);
    expect(matching.map((path) => [path, template?.matches(path, false)])).toEqual(
      matching.map((path) => [path, true]),
    );
    expect(others.map((path) => [path, template?.matches(path, true)])).toEqual(others.map((path) => [path, false]));
  });

  test.each([
    "/*/baz/{*}",
    "/**/baz/{*}",
    "/{**}/foo/{*}",
    "/foo/{*}.txt",
    "/a{*}",
    "{*}",
    "x/{*}",
    "/{**}/{**}",
    "/{x}/{*}",
    "/{*}/x*",
    "/a}/{*}",
  ])("%s is none", (text) => {
    expect(parsePathTemplate(text)).toBeUndefined();
  });

  test("what stands before and behind the operators is compared as it is", () => {
    const template = parsePathTemplate("/=/{**}/=");
    expect([template?.matches("/=/a/=", false), template?.matches("/=/=/=", false)]).toEqual([true, false]);
  });

  test("what has no operator is no template", () => {
    expect(["/a", "/a*", "/{x}", "/{*}", "/{**}"].map(isPathTemplate)).toEqual([false, false, false, true, true]);
    expect(parsePathTemplate("/a")).toBeUndefined();
  });

  test.each([
    ["/a/x=1", "/a/{*}"],
    ["/a/*", "/a/{*}"],
    ["/a/x=1/y", "/a/{**}"],
    ["/a/\u00e9/b", "/a/{**}/b"],
  ])("an operator takes %s only where that is stricter (Envoy's never does)", (path, text) => {
    const template = parsePathTemplate(text);
    expect([template?.matches(path, false), template?.matches(path, true)]).toEqual([false, true]);
  });

  test.each([
    ["/{*}", "/"],
    ["/a/b/{*}/c/{**}", "/a/b/"],
    ["/{**}/b", "/"],
  ])("what matches %s begins with %s", (text, head) => {
    expect(parsePathTemplate(text)?.head).toBe(head);
  });
});
