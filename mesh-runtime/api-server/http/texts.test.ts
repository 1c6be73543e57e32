import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { scanJson } from "./json-scan.ts";
import { parseResourcePath } from "./request.ts";
import { readYaml, YamlError } from "./yaml.ts";

describe("JSON scan", () => {
  test.each([
    ['{"a":1,"b":{"a":2}}', []],
    ['{"a":1,"a":2}', ["a"]],
    ['{"a":{"b":[{"c":1},{"c":1,"c":2}]}}', ["a.b[1].c"]],
    ['{"a":"{\\"a\\":1,","a":2}', ["a"]],
    ['{"\\u0061":1,"a":2}', ["a"]],
    ['["a","a"]', []],
  ])("%s has the duplicates %j", (text, duplicates) => {
    expect(scanJson(text).duplicates).toEqual(duplicates);
  });

  test("tells nesting and keys that would change prototypes", () => {
    expect(scanJson("[".repeat(101) + "]".repeat(101)).isTooDeep).toBe(true);
    expect(scanJson("[".repeat(99) + "]".repeat(99)).isTooDeep).toBe(false);
    expect(scanJson('{"a":{"__pr\\u006fto__":1}}').hasUnsafeKey).toBe(true);
    expect(scanJson('{"a":"__proto__"}').hasUnsafeKey).toBe(false);
  });

  test("never finds anything in what JSON.stringify writes", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
        const scan = scanJson(JSON.stringify(value));
        return scan.duplicates.length === 0 && !scan.isTooDeep;
      }),
    );
  });
});

describe("YAML 1.1", () => {
  test.each([
    ["a: on", { a: true }],
    ["a: y\nb: n\nc: No", { a: true, b: false, c: false }],
    ['a: "on"', { a: "on" }],
    ["a: 0100", { a: 64 }],
    ["a: 8_0", { a: 80 }],
    ["a: 1:30", { a: "1:30" }],
    ["a: 2001-01-01", { a: "2001-01-01" }],
    ["1: a\ntrue: b", { "1": "a", true: "b" }],
    ["a: 1\n---\nb: 2", { a: 1 }],
    ["a: &x {b: 1}\nc: *x", { a: { b: 1 }, c: { b: 1 } }],
    ["", null],
  ])("%j is read as %j", async (text, value) => {
    expect((await readYaml(text)).value).toEqual(value);
  });

  test("a key given twice is told with its line; the last counts", async () => {
    expect(await readYaml("a:\n  b: 1\n  b: 2\n")).toEqual({
      value: { a: { b: 2 } },
      duplicates: ['line 3: key "b" already set in map'],
    });
  });

  test.each([
    ["a tab as indentation", "a:\n\tb: 1"],
    ["an unknown alias", "a: *nobody"],
    [
      "aliases that grow",
      `a: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c,*c]`,
    ],
    ["a prototype", "a: {__proto__: 1}"],
    ["too much nesting", `a: ${"[".repeat(150)}${"]".repeat(150)}`],
    ["that opens lists without end", "[".repeat(200_000)],
    ["of more anchors than it can need", Array.from({ length: 2_000 }, (_, n) => `k${n}: &b${n} v`).join("\n")],
    ["of more tokens than can be read in a second", "k: v\n".repeat(200_000)],
  ])("refuses %s", async (_name, text) => {
    await expect(readYaml(text)).rejects.toThrow(YamlError);
  });
});

describe("paths", () => {
  const path = (text: string) => {
    const parsed = parseResourcePath(text);
    return parsed && [parsed.group, parsed.version, parsed.namespace, parsed.plural, parsed.name, parsed.subresource];
  };
  test.each([
    ["/api/v1/pods", ["", "v1", undefined, "pods", undefined, undefined]],
    ["/api/v1/namespaces", ["", "v1", undefined, "namespaces", undefined, undefined]],
    ["/api/v1/namespaces/web", ["", "v1", undefined, "namespaces", "web", undefined]],
    ["/api/v1/namespaces/web/status", ["", "v1", undefined, "namespaces", "web", "status"]],
    ["/api/v1/namespaces/web/pods", ["", "v1", "web", "pods", undefined, undefined]],
    ["/api/v1/namespaces/web/pods/a/log", ["", "v1", "web", "pods", "a", "log"]],
    ["/apis/apps/v1/namespaces/web/deployments/a", ["apps", "v1", "web", "deployments", "a", undefined]],
    ["/apis/a.b/v1/things/x%2Fy", ["a.b", "v1", undefined, "things", "x/y", undefined]],
  ])("%s", (text, parsed) => {
    expect(path(text)).toEqual(parsed);
  });

  test.each([
    "/",
    "/api",
    "/api/v1",
    "/apis/apps/v1",
    "/other/v1/pods",
    "/api/v1//pods",
    "/api/v1/pods/%zz",
    "/api/v1/namespaces/a/b/c/d/e",
  ])("%s names no object", (text) => {
    expect(path(text)).toBeUndefined();
  });
});
