import fc from "fast-check";
import { expect, it } from "vitest";
import { readState, requestOf, type WhatIfState, whatIfHref } from "./what-if-state.ts";

const text = fc.string({ maxLength: 20 });
const pairs = fc.array(fc.tuple(text, text), { maxLength: 4 });
const states: fc.Arbitrary<WhatIfState> = fc.record({
  from: text,
  host: text,
  to: text,
  port: text,
  method: fc.constantFrom("GET", "POST"),
  path: fc.string({ minLength: 1 }),
  headers: pairs,
  token: fc.option(fc.record({ issuer: text, subject: text, claims: pairs }), { nil: null }),
});

it("a question survives its address", () => {
  fc.assert(
    fc.property(states, (state) => {
      const address = new URL(whatIfHref(state), "http://portal");
      expect(readState(address.searchParams)).toEqual(state);
    }),
  );
});

it("an address that was mangled asks what is left of it", () => {
  const state = readState(new URLSearchParams("from=default/sleep&headers=[[&token=7"));
  expect(state).toMatchObject({ from: "default/sleep", headers: [], token: null, method: "GET", path: "/" });
});

const whole = readState(new URLSearchParams("from=default/sleep&to=default/httpbin&port=8000"));

it("asks with identity, plain text, and from outside", () => {
  expect(requestOf(whole)).toMatchObject({
    request: { caller: { kind: "identity", namespace: "default", serviceAccount: "sleep" }, port: 8000, token: null },
  });
  expect(requestOf({ ...whole, from: "plain" })).toMatchObject({ request: { caller: { kind: "plain" } } });
  expect(requestOf({ ...whole, from: "outside:istio-ingress/ingress", host: "istioinaction.io" })).toMatchObject({
    request: {
      caller: {
        kind: "outside",
        gateway: { namespace: "istio-ingress", name: "ingress" },
        host: "istioinaction.io",
      },
    },
  });
});

it("takes claims as JSON where they are some, and leaves unnamed rows out", () => {
  const token = {
    issuer: "me",
    subject: "s",
    claims: [
      ["groups", '["admin"]'],
      ["team", "web"],
      ["", "x"],
    ],
  } as const;
  const headers = [
    ["", "1"],
    ["X-Test-Me", "1"],
  ] as const;
  expect(requestOf({ ...whole, token, headers })).toMatchObject({
    request: {
      token: { claims: { groups: ["admin"], team: "web" } },
      headers: [{ name: "x-test-me", value: "1" }],
    },
  });
});

it.each([
  [{ from: "" }, "from"],
  [{ to: "" }, "to"],
  [{ port: "" }, "port"],
  [{ path: "headers" }, "path"],
  [{ headers: [["a b", ""]] as const }, "headers"],
])("says what is missing of %j", (part, field) => {
  expect(requestOf({ ...whole, ...part })).toMatchObject({ problems: { [field]: expect.any(String) } });
});
