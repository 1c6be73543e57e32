/** Keys and tokens for tests, made with `node:crypto` alone so that the library under test does not judge itself. */
import { createHmac, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import type { L7JwtRule } from "../../../xds/proxy-config.ts";

export const nowMs = 1_000_000_000_000;
export const nowSeconds = nowMs / 1000;

export interface SigningKey {
  readonly alg: string;
  readonly privateKey: KeyObject;
  /** Public. */
  readonly jwk: Readonly<Record<string, unknown>>;
}

function signingKey(alg: string, kid: string): SigningKey {
  const { publicKey, privateKey } =
    alg === "EdDSA"
      ? generateKeyPairSync("ed25519")
      : alg.startsWith("ES")
        ? generateKeyPairSync("ec", { namedCurve: { ES256: "P-256", ES384: "P-384", ES512: "P-521" }[alg] ?? "" })
        : generateKeyPairSync("rsa", { modulusLength: 2048 });
  return { alg, privateKey, jwk: { ...publicKey.export({ format: "jwk" }), kid, use: "sig" } };
}

export const rsa = signingKey("RS256", "rsa");
export const otherRsa = signingKey("RS256", "other");
export const ec = signingKey("ES256", "ec");
export const ec384 = signingKey("ES384", "ec384");
export const ec521 = signingKey("ES512", "ec521");
export const ed = signingKey("EdDSA", "ed");

const base64url = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");

function signature(alg: string, key: KeyObject, data: Buffer): Buffer {
  const digest = `sha${alg.slice(2)}`;
  switch (alg.slice(0, 2)) {
    case "RS":
      return sign(digest, data, key);
    case "PS":
      return sign(digest, data, { key, padding: 6, saltLength: Number(alg.slice(2)) / 8 });
    case "ES":
      return sign(digest, data, { key, dsaEncoding: "ieee-p1363" });
    default:
      return sign(null, data, key);
  }
}

export const claims = (more: Readonly<Record<string, unknown>> = {}) => ({
  iss: "https://issuer.example",
  sub: "alice",
  aud: "httpbin",
  exp: nowSeconds + 600,
  ...more,
});

/** A token signed by a key. `header` replaces what the header would say. */
export function token(
  key: SigningKey,
  payload: unknown = claims(),
  header: Readonly<Record<string, unknown>> = {},
  alg: string = key.alg,
): string {
  const signed = `${base64url({ alg, kid: key.jwk["kid"], typ: "JWT", ...header })}.${base64url(payload)}`;
  return `${signed}.${signature(alg, key.privateKey, Buffer.from(signed)).toString("base64url")}`;
}

/** A token "signed" with a shared secret. */
export function hmacToken(
  secret: string | Buffer,
  alg = "HS256",
  header: Readonly<Record<string, unknown>> = {},
): string {
  const signed = `${base64url({ alg, ...header })}.${base64url(claims())}`;
  return `${signed}.${createHmac(`sha${alg.slice(2)}`, secret)
    .update(signed)
    .digest("base64url")}`;
}

export const unsigned = (alg: string, last = ""): string => `${base64url({ alg })}.${base64url(claims())}.${last}`;

export const jwks = (...keys: readonly Readonly<Record<string, unknown>>[]): string => JSON.stringify({ keys });

export const allKeys = jwks(rsa.jwk, ec.jwk, ec384.jwk, ec521.jwk, ed.jwk);

export const jwtRule = (more: Partial<L7JwtRule> = {}): L7JwtRule => ({
  policy: "default/httpbin-jwt",
  issuer: "https://issuer.example",
  audiences: [],
  jwks: allKeys,
  fromHeaders: [],
  fromParams: [],
  fromCookies: [],
  forwardOriginalToken: false,
  outputPayloadToHeader: "",
  outputClaimToHeaders: [],
  ...more,
});

export const bearer = (text: string) => ({ authorization: `Bearer ${text}` });
