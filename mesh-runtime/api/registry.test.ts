import { describe, expect, test } from "vitest";
import { kindByGvk, kindByPath, kinds } from "./registry.ts";
import type { Structural } from "./schema/structural.ts";

/** Every node of a schema. */
function nodes(schema: Structural): Structural[] {
  const inner = [
    ...Object.values(schema.properties ?? {}),
    ...(schema.items ? [schema.items] : []),
    ...(schema.additionalProperties ? [schema.additionalProperties] : []),
  ];
  return [schema, ...inner.flatMap(nodes)];
}

test("every kind is found by its path and by its name, at each served version", () => {
  for (const kind of kinds) {
    for (const version of kind.served) {
      expect(kindByPath(kind.group, version, kind.plural)).toBe(kind);
      expect(kindByGvk({ group: kind.group, version, kind: kind.kind })).toBe(kind);
    }
  }
  expect(kindByPath("", "v2", "pods")).toBeUndefined();
});

test("short names are nobody else's", () => {
  const words = kinds.flatMap((kind) => [...new Set([kind.plural, kind.singular, ...kind.shortNames])]);
  expect(new Set(words).size).toBe(words.length);
});

describe.each(kinds.map((kind) => [kind.kind, kind] as const))("%s", (_name, kind) => {
  test("keys of keyed lists are fields of their entries", () => {
    for (const node of nodes(kind.schema)) {
      const open = node.items?.["x-kubernetes-preserve-unknown-fields"] === true;
      for (const key of open ? [] : (node["x-kubernetes-list-map-keys"] ?? [])) {
        expect(Object.keys(node.items?.properties ?? {})).toContain(key);
      }
    }
  });

  test("patterns compile and defaults are of their type", () => {
    for (const node of nodes(kind.schema)) {
      if (node.pattern !== undefined) {
        expect(() => new RegExp(node.pattern ?? "")).not.toThrow();
      }
      if (node.type === "string" && node.default !== undefined) {
        expect(typeof node.default).toBe("string");
      }
    }
  });

  test("has a row for an object that says nothing", () => {
    const sent = { metadata: {}, spec: {}, involvedObject: {} };
    const object = kind.prepare(kind.defaults(sent), undefined, {});
    const now = new Date(0);
    const cells = kind.columns.map((column) => column.cell(object, now));
    expect(cells).toHaveLength(kind.columns.length);
  });
});
