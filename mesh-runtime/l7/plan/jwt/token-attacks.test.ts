/** Attacks on token verification; each must end in 401, and none may end in an identity. */
import { expect, test } from "vitest";
import { forwarded, replied, rig, service } from "../planner-rig.suite.ts";
import {
  allKeys,
  bearer,
  claims,
  ec,
  hmacToken,
  jwks,
  jwtRule,
  nowSeconds,
  otherRsa,
  rsa,
  token,
  unsigned,
} from "./tokens.suite.ts";

const planner = (keys = allKeys) => rig(service({}, { jwtRules: [jwtRule({ jwks: keys })] }));

const pem = (key: typeof rsa) => {
  const der = Buffer.from(key.jwk["n"] as string, "base64url");
  return { modulus: der, text: JSON.stringify(key.jwk) };
};
const spki = (): string => {
  const { createPublicKey } = process.getBuiltinModule("node:crypto");
  return createPublicKey(rsa.privateKey).export({ type: "spki", format: "pem" }).toString();
};
const good = token(rsa);
const [header = "", payload = "", signature = ""] = good.split(".");
const forgedPayload = Buffer.from(JSON.stringify(claims({ sub: "root" }))).toString("base64url");
const attackerJwk = { ...otherRsa.jwk, kid: "rsa" };

test.each<[string, string, string]>([
  ["no signature, alg none", unsigned("none", "AA"), "Jwt header [alg] is not supported"],
  ["no signature, alg None", unsigned("None", "AA"), "Jwt header [alg] is not supported"],
  [
    "no signature at all",
    unsigned("none"),
    "Jwt is not in the form of Header.Payload.Signature with two dots and 3 sections",
  ],
  ["an empty alg", unsigned("", "AA"), "Jwt header [alg] is not supported"],
  ["HS256 with the public key as PEM", hmacToken(spki()), "Jwt header [alg] is not supported"],
  ["HS256 with the modulus", hmacToken(pem(rsa).modulus), "Jwt header [alg] is not supported"],
  ["HS256 with the JWK's text", hmacToken(pem(rsa).text), "Jwt header [alg] is not supported"],
  ["HS384 with an empty secret", hmacToken("", "HS384"), "Jwt header [alg] is not supported"],
  [
    "HS512 under the kid of an RSA key",
    hmacToken(spki(), "HS512", { kid: "rsa" }),
    "Jwt header [alg] is not supported",
  ],
  ["a key of one's own under a known kid", token(otherRsa, claims(), { kid: "rsa" }), "Jwt verification fails"],
  ["a key of one's own without kid", token(otherRsa, claims(), { kid: undefined }), "Jwt verification fails"],
  [
    "a key of one's own embedded",
    token(otherRsa, claims(), { kid: "rsa", jwk: attackerJwk }),
    "Jwt verification fails",
  ],
  [
    "a key of one's own by URL",
    token(otherRsa, claims(), { kid: "rsa", jku: "https://evil.test/jwks" }),
    "Jwt verification fails",
  ],
  [
    "a certificate of one's own",
    token(otherRsa, claims(), { kid: "rsa", x5c: ["AAAA"], x5u: "https://evil.test" }),
    "Jwt verification fails",
  ],
  ["an unknown kid", token(rsa, claims(), { kid: "nobody" }), "Jwks doesn't have key to match kid or alg from Jwt"],
  [
    "a kid that is a path",
    token(rsa, claims(), { kid: "../../dev/null" }),
    "Jwks doesn't have key to match kid or alg from Jwt",
  ],
  [
    "a kid that is a query",
    token(rsa, claims(), { kid: "' OR 1=1 --" }),
    "Jwks doesn't have key to match kid or alg from Jwt",
  ],
  [
    "a kid that is an object",
    token(rsa, claims(), { kid: { toString: "rsa" } }),
    "Jwt header [kid] field is not a string",
  ],
  [
    "the kid of a key of another kind",
    token(rsa, claims(), { kid: "ec" }),
    "Jwks doesn't have key to match kid or alg from Jwt",
  ],
  ["an RSA signature called ES256", token(rsa, claims(), { alg: "ES256", kid: "ec" }), "Jwt verification fails"],
  ["PS256 called RS256", token(rsa, claims(), { alg: "RS256" }, "PS256"), "Jwt verification fails"],
  ["RS512 called RS256", token(rsa, claims(), { alg: "RS256" }, "RS512"), "Jwt verification fails"],
  [
    "an all-zero ECDSA signature",
    `${token(ec).split(".").slice(0, 2).join(".")}.${Buffer.alloc(64).toString("base64url")}`,
    "Jwt verification fails",
  ],
  ["a critical extension", token(rsa, claims(), { crit: ["exp"], exp: 1 }), "Jwt verification fails"],
  ["a critical b64", token(rsa, claims(), { crit: ["b64"], b64: false }), "Jwt verification fails"],
  ["another payload", `${header}.${forgedPayload}.${signature}`, "Jwt verification fails"],
  ["a signature cut short", good.slice(0, -10), "Jwt verification fails"],
  [
    "two signatures",
    `${good}.${signature}`,
    "Jwt is not in the form of Header.Payload.Signature with two dots and 3 sections",
  ],
  ["padding", `${header}=.${payload}.${signature}`, "Jwt header is an invalid Base64url encoded"],
  ["white space inside", `${header} .${payload}.${signature}`, "Jwt header is an invalid Base64url encoded"],
  [
    "a comma and another token",
    `${good},${good}`,
    "Jwt is not in the form of Header.Payload.Signature with two dots and 3 sections",
  ],
  [
    "something huge",
    `${header}.${"A".repeat(20_000)}.${signature}`,
    "Jwt is not in the form of Header.Payload.Signature with two dots and 3 sections",
  ],
  ["a payload that is a list", token(rsa, []), "Jwt payload is an invalid JSON"],
  ["a payload that is null", token(rsa, null), "Jwt payload is an invalid JSON"],
  [
    "an issuer that is a list",
    token(rsa, claims({ iss: ["https://issuer.example"] })),
    "Jwt payload [iss] field is not a string",
  ],
  ["a subject that is an object", token(rsa, claims({ sub: {} })), "Jwt payload [sub] field is not a string"],
  [
    "an expiry that is text",
    token(rsa, claims({ exp: String(nowSeconds + 600) })),
    "Jwt payload [exp] field is not an integer",
  ],
  [
    "an expiry before time began",
    token(rsa, claims({ exp: -1 })),
    "Jwt payload [exp] field is not a positive 64 bit integer",
  ],
  [
    "an audience that is a number",
    token(rsa, claims({ aud: 1 })),
    "Jwt payload [aud] field is not a string or string list",
  ],
])("%s", async (_name, text, body) => {
  const plan = replied(await planner().ask({ headers: bearer(text) }));
  expect(plan.reply).toMatchObject({ status: 401, body });
  expect(plan.refusal).toMatchObject({ reason: "token-invalid", policy: "default/httpbin-jwt" });
  expect(plan.token).toBeUndefined();
});

test.each<[string, string]>([
  ["a shared secret", jwks({ kty: "oct", k: Buffer.from("secret").toString("base64url"), kid: "rsa" })],
  ["a key for encryption", jwks({ ...rsa.jwk, use: "enc" })],
  ["a key that may only sign", jwks({ ...rsa.jwk, key_ops: ["sign"] })],
  ["a key without a kind", jwks({ ...rsa.jwk, kty: undefined })],
  ["no list", '{"keys":{}}'],
  ["no JSON", "{"],
  ["nothing", ""],
])("a key set of %s refuses every token", async (_name, keys) => {
  const refuse = async (text: string) => replied(await planner(keys).ask({ headers: bearer(text) })).reply.body;
  expect(await refuse(good)).toBe("Jwks doesn't have any valid public key");
  expect(await refuse(hmacToken("secret"))).toBe("Jwt header [alg] is not supported");
});

test("a key that names its algorithm verifies no other", async () => {
  const named = planner(jwks({ ...rsa.jwk, alg: "RS256" }));
  expect(forwarded(await named.ask({ headers: bearer(good) })).token?.principal).toBe("https://issuer.example/alice");
  const ps = replied(await named.ask({ headers: bearer(token(rsa, claims(), {}, "PS256")) }));
  expect(ps.reply.body).toBe("Jwks doesn't have key to match kid or alg from Jwt");
});

test("a private key in a set by mistake verifies as its public half", async () => {
  const whole = { ...rsa.privateKey.export({ format: "jwk" }), kid: "rsa" };
  expect((await planner(jwks(whole)).ask({ headers: bearer(good) })).kind).toBe("forward");
});

test("a key that is too short or malformed verifies nothing, and the next one is tried", async () => {
  const broken = { kty: "RSA", n: "AQAB", e: "AQAB", kid: "rsa" };
  expect((await planner(jwks(broken, rsa.jwk)).ask({ headers: bearer(good) })).kind).toBe("forward");
  expect(replied(await planner(jwks(broken)).ask({ headers: bearer(good) })).reply.body).toBe("Jwt verification fails");
});
