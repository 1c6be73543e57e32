import { describe, expect, test } from "vitest";
import { openApiIndex, openApiV3 } from "./openapi.ts";
import { groupVersions, kinds } from "./registry.ts";
import type { JsonObject } from "./schema/json.ts";

interface Operation {
  parameters: { name: string }[];
  "x-kubernetes-group-version-kind": { kind: string };
}

describe.each(groupVersions().map((gv) => [`${gv.group}/${gv.version}`, gv] as const))("%s", (_name, gv) => {
  const document = openApiV3(gv, kinds);
  const text = JSON.stringify(document);

  test("every reference leads to a component", () => {
    const names = [...text.matchAll(/#\/components\/schemas\/([^"]+)/g)].map(([, name]) => name ?? "");
    expect(names.length).toBeGreaterThan(0);
    expect(names.filter((name) => !(name in document.components.schemas))).toEqual([]);
  });

  test("every kind can be patched with dry run and field validation", () => {
    for (const kind of kinds.filter((k) => k.group === gv.group && k.served.includes(gv.version))) {
      const patches = Object.values(document.paths)
        .flatMap((path) => (path["patch"] ? [path["patch"] as Operation] : []))
        .filter((op) => op["x-kubernetes-group-version-kind"].kind === kind.kind);
      expect(patches.length).toBeGreaterThan(0);
      for (const op of patches) {
        const names = op.parameters.map((parameter) => parameter.name);
        expect(names).toEqual(expect.arrayContaining(["dryRun", "fieldValidation", "force"]));
      }
    }
  });

  test("nothing of ours is published", () => {
    expect(text).not.toMatch(/"(goType|validations)"/);
  });
});

test("lists of built-in kinds say how a patch merges them", () => {
  const { schemas } = openApiV3({ group: "", version: "v1" }, kinds).components;
  const properties = schemas["io.k8s.api.core.v1.PodSpec"]?.["properties"] as Record<string, JsonObject>;
  expect(properties["containers"]).toMatchObject({
    "x-kubernetes-patch-merge-key": "name",
    "x-kubernetes-patch-strategy": "merge",
    "x-kubernetes-list-map-keys": ["name"],
  });
});

test("the index names a document per group and version", () => {
  const { paths } = openApiIndex(groupVersions(), () => "a b");
  expect(paths["api/v1"]?.serverRelativeURL).toBe("/openapi/v3/api/v1?hash=a%20b");
  expect(Object.keys(paths)).toContain("apis/security.istio.io/v1beta1");
});
