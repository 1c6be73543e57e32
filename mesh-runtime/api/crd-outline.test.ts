import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { outlineOf } from "./crd-outline.suite.ts";
import { kinds } from "./registry.ts";

const directory = new URL("testdata/crd/", import.meta.url);
const outlines = readdirSync(directory).map((file) => [file.replace(/\.txt$/, ""), file] as const);

test.each(outlines)("the spec of a %s has the fields, limits and rules of the original", (singular, file) => {
  const { schema } = kinds.find((kind) => kind.singular === singular) ?? {};
  const spec = schema?.properties?.["spec"];
  const ours = spec === undefined ? [] : outlineOf(spec, "spec", schema?.required?.includes("spec") ?? false);
  expect(ours).toEqual(readFileSync(new URL(file, directory), "utf8").trimEnd().split("\n"));
});
