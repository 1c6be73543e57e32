import { expect, test } from "vitest";
import type { SampleOptions } from "@/server/inventory/sample.suite.ts";
import { codesOf, filled } from "../access/filled-in.suite.ts";

const strictMesh: SampleOptions = {
  peerAuthentications: [
    { metadata: { name: "default", namespace: "istio-system" }, spec: { mtls: { mode: "STRICT" } } },
  ],
};
const openTo = (scope: "mesh" | "namespaces", sample: SampleOptions = {}) =>
  filled("require-mtls", { scope, namespaces: scope === "mesh" ? [] : ["web-api"], required: false }, { sample });

test("plain text stays refused in a namespace while the mesh requires mutual TLS, which is told with the form that changes it", () => {
  const form = openTo("namespaces", strictMesh);
  expect(codesOf(form)).toEqual(["warning mesh-rule-remains"]);
  expect(form.findings[0]?.path).toMatchObject({ slug: "require-mtls", values: { scope: "mesh", required: false } });
});

test("and is not told where the mesh requires none, nor of the rule of the mesh itself", () => {
  expect(codesOf(openTo("namespaces"))).toEqual([]);
  expect(codesOf(openTo("mesh", strictMesh))).toEqual([]);
});
