import { describe, expect, it } from "vitest";
import { publicKeySet } from "./key-set.ts";

const rsa = { kty: "RSA", n: "0vx7", e: "AQAB", kid: "a", alg: "RS256", use: "sig" };
const ec = { kty: "EC", crv: "P-256", x: "f83O", y: "x_FE" };
const ed = { kty: "OKP", crv: "Ed25519", x: "11qY" };

describe("public keys of a key set", () => {
  it.each([
    ["all kinds of public keys are kept", [rsa, ec, ed], [rsa, ec, ed]],
    ["a private key is left out as a whole", [{ ...ec, d: "secret" }, rsa], [rsa]],
    ["RSA primes give a private key away", [{ ...rsa, p: "1" }, ec], [ec]],
    ["a symmetric key is left out", [{ kty: "oct", k: "c2VjcmV0" }, ed], [ed]],
    ["a key with symmetric material beside is left out", [{ ...rsa, k: "x" }, ed], [ed]],
    ["a key for encryption is left out", [{ ...rsa, use: "enc" }, ed], [ed]],
    ["a key for HMAC or for nothing is left out", [{ ...rsa, alg: "HS256" }, { ...rsa, alg: "none" }, ed], [ed]],
    ["members that are not needed are left out", [{ ...ed, x5u: "http://evil", ext: true }], [ed]],
    ["a key that lacks a member is left out", [{ kty: "RSA", n: "0vx7" }, ed], [ed]],
    ["a type that nobody knows is left out", [{ kty: "__proto__" }, { kty: 7 }, null, "x", ed], [ed]],
  ])("%s", (_what, keys, kept) => {
    expect(publicKeySet(JSON.stringify({ keys }))).toEqual({ jwks: JSON.stringify({ keys: kept.map(ordered) }) });
  });

  it.each([
    ["no JSON", "<html>", "no JSON"],
    ["no set", JSON.stringify(rsa), "list keys"],
    ["no key that can be used", JSON.stringify({ keys: [{ kty: "oct", k: "x" }] }), "no public key"],
    ["no key at all", '{"keys":[]}', "no public key"],
    ["too many keys", JSON.stringify({ keys: Array.from({ length: 101 }, () => ed) }), "more than 100"],
    ["too long", `"${"x".repeat(600_000)}"`, "longer than"],
  ])("%s is a problem", (_what, source, problem) => {
    expect(publicKeySet(source)).toEqual({ problem: expect.stringContaining(problem) });
  });
});

/** Members in the order in which they are written out. */
function ordered(key: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const names = ["kty", "n", "e", "crv", "x", "y", "kid", "alg", "use"].filter((name) => key[name] !== undefined);
  return Object.fromEntries(names.map((name) => [name, key[name] ?? ""]));
}
