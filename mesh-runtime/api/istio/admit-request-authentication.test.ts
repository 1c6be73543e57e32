import { describe, expect, test } from "vitest";
import { requestAuthenticationKind } from "../kinds/requestauthentication.ts";
import { verdictOf } from "./verdict.suite.ts";

const rule = (fields: object) => verdictOf(requestAuthenticationKind, { jwtRules: [fields] });
const jwks = (keys: unknown) => rule({ issuer: "a", jwks: typeof keys === "string" ? keys : JSON.stringify(keys) });
const rsa = { kty: "RSA", n: "AQAB", e: "AQAB" };
const ec = { kty: "EC", crv: "P-256", x: "AA", y: "AA" };
const ed = { kty: "OKP", crv: "Ed25519", x: "AA" };

describe("a RequestAuthentication may have", () => {
  test.each([
    ["keys inline", jwks({ keys: [rsa, ec, ed] })],
    ["no keys in a set", jwks({ keys: [] })],
    ["a single key", jwks(rsa)],
    ["an issuer without keys, which are found by its metadata", rule({ issuer: "https://a.example" })],
    ["keys by URL, by the old name", rule({ jwks_uri: "https://a.example/jwks" })],
    ["claims whose text is a list", rule({ issuer: "a", spaceDelimitedClaims: ["roles"] })],
  ])("%s", (_what, said) => {
    expect(said).toEqual({ refusal: "", warnings: [] });
  });
});

describe("a RequestAuthentication may not have", () => {
  const parse = "jwks parse error: failed to unmarshal JWK set: ";
  test.each([
    ["an empty issuer", rule({ issuer: "" }), "spec.jwtRules[0].issuer"],
    ["neither issuer nor URL", rule({ jwks: JSON.stringify(rsa) }), "issuer or jwksUri must be non-empty string"],
    [
      "keys inline and by URL",
      rule({ issuer: "a", jwks: "{}", jwksUri: "https://a.example" }),
      "only one of jwks or jwksUri can be set",
    ],
    ["half a set", jwks('{"keys":['), `${parse}unexpected end of JSON input`],
    ["a list", jwks([]), parse],
    ["keys that are no list", jwks({ keys: {} }), parse],
    ["an unknown type of key", jwks({ keys: [{ kty: "X" }] }), "invalid key type from JSON (X)"],
    [
      "a type that every object has",
      jwks({ keys: [{ kty: "constructor" }] }),
      "invalid key type from JSON (constructor)",
    ],
    ["an RSA key without a modulus", jwks({ keys: [{ kty: "RSA", e: "AQAB" }] }), "required field n is missing"],
    [
      "an EC key without a point",
      jwks({ keys: [{ kty: "EC", crv: "P-256", x: "AA" }] }),
      "required field y is missing",
    ],
    ["a URL that is none", rule({ issuer: "a", jwksUri: "https://" }), 'parse "https://"'],
    [
      "a scheme that is none",
      rule({ issuer: "a", jwksUri: "a.example/jwks" }),
      "url must have scheme http:// or https://",
    ],
    ["microseconds", rule({ issuer: "a", timeout: "1500us" }), "only durations to ms precision are supported"],
    [
      "an HTTPRoute as its target",
      verdictOf(requestAuthenticationKind, {
        targetRefs: [{ group: "gateway.networking.k8s.io", kind: "HTTPRoute", name: "a" }],
      }),
      "but was gateway.networking.k8s.io/HTTPRoute",
    ],
  ])("%s", (_what, said, text) => {
    expect(said.refusal).toContain(text);
  });
});

test("keys that must stay private are warned of", () => {
  const said = jwks({ keys: [rsa, { ...rsa, d: "AA" }, { kty: "oct", k: "AA" }] });
  expect(said.warnings.map((text) => text.slice(0, 22))).toEqual(["jwks key at index 1 co", "jwks key at index 2 co"]);
});
