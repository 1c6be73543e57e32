/** The adapter of `jose`: public keys and signatures of tokens. Nothing else imports it. */
import type { CryptoKey } from "jose";
import type { Algorithm } from "./algorithms.ts";

// Loaded with the first key: most proxies check no tokens, and the whole library costs each a megabyte.
const jose = () => Promise.all([import("jose/key/import"), import("jose/jws/compact/verify")]);

/** A public key, without anything private that a set may carry by mistake. */
export type PublicJwk =
  | { readonly kty: "RSA"; readonly n: string; readonly e: string }
  | { readonly kty: "EC"; readonly crv: string; readonly x: string; readonly y: string }
  | { readonly kty: "OKP"; readonly crv: string; readonly x: string };

/** A key that verifies with one algorithm and does nothing else. */
export interface VerifyKey {
  readonly key: CryptoKey;
}

/** `undefined` when the key is malformed. */
export async function importPublicKey(jwk: PublicJwk, algorithm: Algorithm): Promise<VerifyKey | undefined> {
  try {
    const [{ importJWK }] = await jose();
    const key = await importJWK({ ...jwk }, algorithm);
    return key instanceof Uint8Array ? undefined : { key };
  } catch {
    return undefined;
  }
}

/** Whether the token's signature is of this key and algorithm. */
export async function verifySignature(token: string, { key }: VerifyKey, algorithm: Algorithm): Promise<boolean> {
  try {
    const [, { compactVerify }] = await jose();
    await compactVerify(token, key, { algorithms: [algorithm] });
    return true;
  } catch {
    return false;
  }
}
