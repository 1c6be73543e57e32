import { expect, test } from "vitest";
import { admit } from "../admission.ts";
import { secretKind } from "./secret.ts";

const create = (type: string, data: Record<string, string>, stringData: Record<string, string> = {}) => {
  const object = { metadata: { name: "x" }, type, data, stringData };
  const result = admit({ kind: secretKind, operation: "create", object, namespace: "web" });
  return result.ok ? [] : (result.status.details?.causes ?? []).map(({ reason, field }) => `${reason} ${field}`);
};

test.each([
  ["both", { "tls.crt": "YQ==", "tls.key": "YQ==" }, []],
  ["no key", { "tls.crt": "YQ==" }, ["FieldValueRequired data[tls.key]"]],
  ["no certificate", { "tls.key": "YQ==" }, ["FieldValueRequired data[tls.crt]"]],
  ["neither", {}, ["FieldValueRequired data[tls.crt]", "FieldValueRequired data[tls.key]"]],
  ["more than both", { "tls.crt": "YQ==", "tls.key": "YQ==", "ca.crt": "YQ==" }, []],
])("a kubernetes.io/tls Secret with %s", (_what, data, causes) => {
  expect(create("kubernetes.io/tls", data)).toEqual(causes);
});

test("texts count as data", () => {
  expect(create("kubernetes.io/tls", { "tls.crt": "YQ==" }, { "tls.key": "a" })).toEqual([]);
});

test("an Opaque Secret may hold anything", () => {
  expect(create("Opaque", { "tls.crt": "YQ==" })).toEqual([]);
});
