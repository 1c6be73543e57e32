import { expect, test } from "vitest";
import { compileAuthorization, targetRefsOf } from "./compile-authorization.ts";
import type { AuthorizationPolicyResource } from "./resource.ts";

type Spec = NonNullable<AuthorizationPolicyResource["spec"]>;
const compile = (spec: Spec, metadata: AuthorizationPolicyResource["metadata"] = { name: "p", namespace: "web" }) =>
  compileAuthorization({ metadata, spec });
const groups = (spec: Spec) => compile(spec).authorization?.groups;

test("without a list of authorizers none is known", () => {
  const { http, unknownProvider } = compile({ action: "CUSTOM", provider: { name: "opa" }, rules: [{}] });
  expect([http?.action, unknownProvider]).toEqual(["DENY", "opa"]);
});

test("only CUSTOM has an authorizer that can be unknown", () => {
  const { http, unknownProvider } = compileAuthorization(
    { metadata: { name: "p", namespace: "web" }, spec: { action: "LATER", rules: [{}] } },
    "istio-system",
    () => true,
  );
  expect([http?.action, http?.provider, unknownProvider]).toEqual(["DENY", "", undefined]);
});

test("what cannot be read widens AUDIT and CUSTOM, and loses ALLOW", () => {
  const rules = [{ from: [{ source: { ipBlocks: ["nonsense"] } }] }];
  const compiled = (action: string) => compile({ action, provider: { name: "x" }, rules }).http?.rules;
  expect(["ALLOW", "DENY", "AUDIT", "CUSTOM"].map((action) => compiled(action)?.length)).toEqual([0, 1, 1, 1]);
});

test("a layer 4 policy has no notes; found attributes are named once and in order", () => {
  expect(compile({ rules: [{ to: [{ operation: { ports: ["80"] } }] }] }).notes).toEqual([]);
  const rules = [
    { to: [{ operation: { paths: ["/"], methods: ["GET"], hosts: ["a"] } }] },
    { to: [{ operation: { hosts: ["b"] } }] },
  ];
  expect(compile({ rules }).notes[0]?.message).toContain("(found: hosts, methods, paths)");
});

test("a header's value is no port at layer 4", () => {
  const when = [{ key: "request.headers[x]", values: ["80"] }];
  expect(groups({ action: "DENY", rules: [{ when }] })).toEqual([{ rules: [] }]);
});

test("empty lists ask for nothing", () => {
  expect(groups({ rules: [{ from: [], to: [], when: [] }] })).toEqual([{ rules: [] }]);
  expect(groups({ rules: [{ from: [{}], to: [{ operation: { ports: ["80"] } }] }] })).toEqual([
    { rules: [{ matches: [{ destinationPorts: [80] }] }] },
  ]);
  expect(groups({ rules: [{ from: [{ source: { namespaces: [], principals: ["a"] } }] }] })).toEqual([
    { rules: [{ matches: [{ principals: [{ kind: "exact", value: "a" }] }] }] },
  ]);
});

test.each([
  ["0", 0],
  ["65535", 65_535],
  ["65536", undefined],
  ["80x", undefined],
  ["x80", undefined],
  ["", undefined],
  ["-1", undefined],
  ["100000", undefined],
])("the port %j", (text, port) => {
  expect(groups({ rules: [{ to: [{ operation: { ports: [text] } }] }] })).toEqual(
    port === undefined ? [] : [{ rules: [{ matches: [{ destinationPorts: [port] }] }] }],
  );
});

test("a policy has the name and namespace that kubectl would give it", () => {
  expect(compile({}, {}).authorization).toMatchObject({ name: "", namespace: "default" });
});

test("an empty list of targets is none, and the older field stands in for it", () => {
  const targetRef = { kind: "Service", name: "a" };
  const metadata = {};
  expect(targetRefsOf({ metadata, spec: { targetRefs: [] } })).toEqual([]);
  expect(targetRefsOf({ metadata, spec: { targetRefs: [], targetRef } })).toEqual([targetRef]);
  expect(targetRefsOf({ metadata })).toEqual([]);
});
