import { describe, expect, test } from "vitest";
import type { HttpCondition, VerifiedToken } from "./http-model.ts";
import { parseStringMatch } from "./match-string.ts";
import { decisionOf, requestWith, tokenWith } from "./test-request.suite.ts";
import { claimPath } from "./token-checks.ts";

const holds = (key: string, value: string, token?: VerifiedToken): boolean => {
  const condition: HttpCondition = { key, values: [parseStringMatch(value)] };
  const negated: HttpCondition = { key, notValues: [parseStringMatch(value)] };
  const ask = (when: HttpCondition) => decisionOf("ALLOW", { when: [when] }, requestWith({ token })).allowed;
  expect(ask(negated)).toBe(!ask(condition));
  return ask(condition);
};
const token = tokenWith({});

describe("request.auth.principal and requestPrincipals", () => {
  test.each<[value: string, iss: string, sub: unknown, boolean]>([
    ["https://issuer.example/alice", "https://issuer.example", "alice", true],
    ["https://issuer.example/bob", "https://issuer.example", "alice", false],
    ["https://issuer.example/*", "https://issuer.example", "alice", true],
    ["https://issuer.example/al*", "https://issuer.example", "alice", true],
    ["https://issuer.example/b*", "https://issuer.example", "alice", false],
    ["https://issuer.example*", "https://issuer.example", "alice", false],
    ["https://*", "https://issuer.example", "alice", false],
    ["*", "https://issuer.example", "alice", true],
    ["*", "https://issuer.example", "", false],
    ["*", "", "alice", false],
    ["*/alice", "https://issuer.example", "alice", true],
    ["*/alice", "https://issuer.example", "malice", false],
    ["*/alice", "", "alice", false],
    [".example/alice", "https://issuer.example", "alice", false],
    ["*.example/alice", "https://issuer.example", "alice", true],
    ["*.other/alice", "https://issuer.example", "alice", false],
    ["*lice", "https://issuer.example", "alice", true],
    ["*lice", "", "alice", false],
    ["iss*", "issuer", "alice", true],
    ["iss*", "issuer", "", false],
    ["iss*", "other", "alice", false],
    ["iss*", "ixx", "alice", false],
    ["issuer/al*", "issuer", "axx", false],
    ["*", "issuer", 7, false],
    ["issuer", "issuer", "alice", false],
    ["issuer", "issuer", "", true],
    ["issuer/", "issuer", "", true],
    ["issuer/*", "issuer", "", false],
    ["https://i/x/alice", "https://i", "x/alice", false],
    ["https://i/x/alice", "https://i/x", "alice", true],
    ["https://issuer.example/7", "https://issuer.example", 7, false],
  ])("%s for issuer %j and subject %j: %s", (value, iss, sub, wanted) => {
    const given = tokenWith({ iss, sub });
    expect(holds("request.auth.principal", value, given)).toBe(wanted);
    const from = (source: object) => decisionOf("ALLOW", { from: [source] }, requestWith({ token: given })).allowed;
    expect(from({ requestPrincipals: [parseStringMatch(value)] })).toBe(wanted);
    expect(from({ notRequestPrincipals: [parseStringMatch(value)] })).toBe(!wanted);
  });
  test("a token with an issuer and without a subject has no principal", () => {
    const given = { ...token, claims: { iss: "https://issuer.example" } };
    expect(holds("request.auth.principal", "*", given)).toBe(false);
  });
  test("a token with a subject and without an issuer has no principal", () => {
    const given = { ...token, principal: "https://issuer.example/alice", claims: { sub: "alice" } };
    expect(holds("request.auth.principal", "*", given)).toBe(false);
  });
  test("names that every object has are no claims", () => {
    const claims: Record<string, unknown> = Object.create({ iss: "a", sub: "b" });
    expect(holds("request.auth.principal", "a/b", { ...token, principal: "", claims })).toBe(false);
  });
  test("a token that is given by its principal alone is split at the last slash", () => {
    const given = { ...token, claims: {}, principal: "https://i/alice" };
    expect(holds("request.auth.principal", "https://i/*", given)).toBe(true);
    expect(holds("request.auth.principal", "https://i/alice", given)).toBe(true);
    expect(holds("request.auth.principal", "*", { ...given, principal: "alice" })).toBe(false);
    expect(holds("request.auth.principal", "*/alice", { ...given, principal: "i/alice" })).toBe(true);
  });
  test("without a token there is none", () => {
    expect(holds("request.auth.principal", "*")).toBe(false);
  });
});

describe("request.auth.audiences and request.auth.presenter", () => {
  test.each<[string, string, Record<string, unknown>, boolean]>([
    ["audiences", "httpbin", { aud: ["a", "httpbin"] }, true],
    ["audiences", "http*", { aud: "httpbin" }, true],
    ["audiences", "*", { aud: ["a"] }, true],
    ["audiences", "*", { aud: [] }, false],
    ["audiences", "*", { aud: [""] }, false],
    ["audiences", "b", { aud: ["a"] }, false],
    ["presenter", "app", { azp: "app" }, true],
    ["presenter", "*", { azp: "app" }, true],
    ["presenter", "*", {}, false],
    ["presenter", "a*", { azp: "b" }, false],
  ])("%s %j of %j: %s", (name, value, claims, wanted) => {
    expect(holds(`request.auth.${name}`, value, tokenWith(claims))).toBe(wanted);
  });
});

describe("request.auth.claims", () => {
  test.each<[path: string, value: string, claims: Record<string, unknown>, boolean]>([
    ["[groups]", "staff", { groups: "staff" }, true],
    ["[groups]", "staff", { groups: ["x", "staff"] }, true],
    ["[groups]", "st*", { groups: ["x", "staff"] }, true],
    ["[groups]", "*", { groups: [] }, false],
    ["[groups]", "*", {}, false],
    ["[groups]", "staff", { groups: "x staff" }, false],
    ["[groups]", "*", { groups: { staff: true } }, false],
    ["[groups]", "*", { groups: null }, false],
    ["[level]", "7", { level: 7 }, false],
    ["[level]", "7", { level: [7, "7"] }, true],
    ["[level]", "*", { level: [7] }, false],
    ["[nested][0]", "a", { nested: "abc" }, false],
    ["[scope][a]", "x", { scope: { a: "x y" } }, false],
    ["[admin]", "true", { admin: true }, false],
    ["[iss]", "https://issuer.example", {}, true],
    ["[nested][groups]", "staff", { nested: { groups: ["staff"] } }, true],
    ["[nested][a][b]", "c", { nested: { a: { b: "c" } } }, true],
    ["[nested][a]", "*", { nested: "a" }, false],
    ["[nested][a]", "*", { nested: null }, false],
    ["[nested][0]", "*", { nested: ["a"] }, false],
    ["[nested][length]", "*", { nested: ["a"] }, false],
    ["[constructor][name]", "*", {}, false],
    ["[https://x.example/roles]", "r", { "https://x.example/roles": ["r"] }, true],
    ["[odd[name]", "r", { "odd[name": "r" }, true],
    ["[scope]", "read", { scope: "read write" }, true],
    ["[scope]", "read write", { scope: "read write" }, false],
    ["[scope]", "*", { scope: "  " }, false],
    ["[scope]", "read", { scope: ["read"] }, true],
    ["[permission]", "write", { permission: "read  write" }, true],
    ["[nested][scope]", "read", { nested: { scope: "read write" } }, false],
  ])("%s %j of %j: %s", (path, value, claims, wanted) => {
    expect(holds(`request.auth.claims${path}`, value, tokenWith(claims))).toBe(wanted);
  });
  test.each<[string, readonly string[] | undefined]>([
    ["[a]", ["a"]],
    ["[a][b]", ["a", "b"]],
    ["[]", [""]],
    ["[a[b]", ["a[b"]],
    ["[a]b]", ["a]b"]],
    ["", undefined],
    ["x[a]", undefined],
    ["[a]x", undefined],
    ["[a]x]", ["a]x"]],
    ["[", undefined],
    ["a]", undefined],
    ["[a", undefined],
    [".a", undefined],
  ])("the path of %j is %j", (text, path) => {
    expect(claimPath(text)).toEqual(path);
  });
});
