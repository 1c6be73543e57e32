import { describe, expect, test } from "vitest";
import type { Structural } from "../../api/schema/structural.ts";
import { JsonPatchError, jsonPatch } from "./json-patch.ts";
import { mergePatch } from "./merge-patch.ts";
import { strategicMerge } from "./strategic-merge.ts";

describe("merge patch (RFC 7396, appendix A)", () => {
  test.each([
    [{ a: "b" }, { a: "c" }, { a: "c" }],
    [{ a: "b" }, { b: "c" }, { a: "b", b: "c" }],
    [{ a: "b" }, { a: null }, {}],
    [{ a: "b", b: "c" }, { a: null }, { b: "c" }],
    [{ a: ["b"] }, { a: "c" }, { a: "c" }],
    [{ a: "c" }, { a: ["b"] }, { a: ["b"] }],
    [{ a: { b: "c" } }, { a: { b: "d", c: null } }, { a: { b: "d" } }],
    [{ a: [{ b: "c" }] }, { a: [1] }, { a: [1] }],
    [
      ["a", "b"],
      ["c", "d"],
      ["c", "d"],
    ],
    [{ a: "b" }, ["c"], ["c"]],
    [{ a: "foo" }, null, null],
    [{ a: "foo" }, "bar", "bar"],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [[1, 2], { a: "b", c: null }, { a: "b" }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ])("%j with %j is %j", (target, patch, result) => {
    const before = JSON.stringify(target);
    expect(mergePatch(target, patch)).toEqual(result);
    expect(JSON.stringify(target)).toBe(before);
  });
});

describe("JSON patch (RFC 6902)", () => {
  const target = { a: 1, list: ["x", "y"], "s/l~sh": { deep: true } };
  test.each([
    ["adds a key", [{ op: "add", path: "/b", value: 2 }], { ...target, b: 2 }],
    ["adds into a list", [{ op: "add", path: "/list/1", value: "z" }], { ...target, list: ["x", "z", "y"] }],
    ["appends to a list", [{ op: "add", path: "/list/-", value: "z" }], { ...target, list: ["x", "y", "z"] }],
    ["replaces", [{ op: "replace", path: "/list/0", value: "z" }], { ...target, list: ["z", "y"] }],
    ["removes from a list", [{ op: "remove", path: "/list/0" }], { ...target, list: ["y"] }],
    ["unescapes ~1 and ~0", [{ op: "remove", path: "/s~1l~0sh/deep" }], { ...target, "s/l~sh": {} }],
    ["moves", [{ op: "move", from: "/a", path: "/c" }], { list: target.list, "s/l~sh": { deep: true }, c: 1 }],
    ["copies", [{ op: "copy", from: "/list", path: "/c" }], { ...target, c: ["x", "y"] }],
    ["tests whatever the order of keys", [{ op: "test", path: "/s~1l~0sh", value: { deep: true } }], target],
    ["replaces the whole", [{ op: "replace", path: "", value: 7 }], 7],
    [
      "sets an odd key as data",
      [{ op: "add", path: "/__proto__", value: {} }],
      JSON.parse(`{"__proto__":{},${JSON.stringify(target).slice(1)}`),
    ],
  ])("%s", (_name, operations, result) => {
    expect(jsonPatch(target, operations)).toEqual(result);
    expect(target.list).toEqual(["x", "y"]);
  });

  test.each([
    ["a failed test", [{ op: "test", path: "/a", value: 2 }]],
    ["removing what is not there", [{ op: "remove", path: "/zz" }]],
    ["an index behind the end", [{ op: "add", path: "/list/3", value: 1 }]],
    ["an index with a leading zero", [{ op: "replace", path: "/list/01", value: 1 }]],
    ["a path into a scalar", [{ op: "add", path: "/a/b", value: 1 }]],
    ["moving into itself", [{ op: "move", from: "/s~1l~0sh", path: "/s~1l~0sh/deep/x" }]],
    ["an unknown operation", [{ op: "frob", path: "/a" }]],
    ["add without a value", [{ op: "add", path: "/a" }]],
    ["no pointer", [{ op: "remove", path: "a" }]],
    ["no object", [null]],
  ])("refuses %s", (_name, operations) => {
    expect(() => jsonPatch(target, operations)).toThrow(JsonPatchError);
  });
});

describe("JSON patch from an enemy", () => {
  const copies = (count: number, path: (n: number) => string) =>
    Array.from({ length: count }, (_, n) => ({ op: "copy", from: "", path: path(n) }));
  test.each([
    ["doubles the document with every copy", copies(60, (n) => `/c${n}`)],
    ["nests the document in itself", copies(200, () => "/c").flatMap((copy) => [copy, { op: "remove", path: "/a" }])],
    [
      "grows one level with every operation",
      Array.from({ length: 2_000 }, (_, n) => ({ op: "add", path: "/d".repeat(n + 1), value: {} })),
    ],
  ])("that %s is refused", (_what, operations) => {
    expect(() => jsonPatch({ a: "x".repeat(100) }, operations)).toThrow(JsonPatchError);
  });
});

describe("strategic merge patch", () => {
  const merged = { "x-kubernetes-patch-merge-key": "name", "x-kubernetes-patch-strategy": "merge" } as const;
  const schema: Structural = {
    type: "object",
    properties: {
      items: { type: "array", items: { type: "object", properties: {} }, ...merged },
      words: { type: "array", items: { type: "string" }, "x-kubernetes-patch-strategy": "merge" },
      plain: { type: "array", items: { type: "object" } },
      map: { type: "object", additionalProperties: { type: "string" } },
    },
  };
  const target = {
    items: [
      { name: "a", v: 1 },
      { name: "b", v: 2 },
    ],
    words: ["x", "y"],
    plain: [{ name: "a" }],
    map: { k: "v", l: "w" },
  };
  test.each([
    [
      "merges an item by its key",
      { items: [{ name: "b", w: 3 }] },
      {
        items: [
          { name: "a", v: 1 },
          { name: "b", v: 2, w: 3 },
        ],
      },
    ],
    [
      "puts new items in front",
      { items: [{ name: "c" }] },
      { items: [{ name: "c" }, { name: "a", v: 1 }, { name: "b", v: 2 }] },
    ],
    ["deletes an item", { items: [{ name: "a", $patch: "delete" }] }, { items: [{ name: "b", v: 2 }] }],
    ["replaces a list", { items: [{ $patch: "replace" }, { name: "z" }] }, { items: [{ name: "z" }] }],
    [
      "orders a list",
      { "$setElementOrder/items": [{ name: "b" }, { name: "a" }] },
      {
        items: [
          { name: "b", v: 2 },
          { name: "a", v: 1 },
        ],
      },
    ],
    ["adds a word once", { words: ["y", "z"] }, { words: ["z", "x", "y"] }],
    ["deletes words", { "$deleteFromPrimitiveList/words": ["x"] }, { words: ["y"] }],
    ["replaces a list without a key", { plain: [{ name: "q" }] }, { plain: [{ name: "q" }] }],
    ["merges maps", { map: { k: null, m: "n" } }, { map: { l: "w", m: "n" } }],
    ["keeps only named keys", { map: { $retainKeys: ["l"], l: "w" } }, { map: { l: "w" } }],
    ["replaces a map", { map: { $patch: "replace", z: "1" } }, { map: { z: "1" } }],
  ])("%s", (_name, patch, change) => {
    const result = strategicMerge(schema, target, patch) as Record<string, unknown>;
    const words = result["words"] as string[];
    expect({ ...result, words: [...words].sort() }).toEqual({
      ...target,
      ...change,
      words: [...((change as { words?: string[] }).words ?? target.words)].sort(),
    });
  });

  test("an item without its key is refused", () => {
    expect(() => strategicMerge(schema, target, { items: [{ v: 1 }] })).toThrow("does not contain declared merge key");
  });
});
