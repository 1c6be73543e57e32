/**
 * Signature algorithms of tokens with the only kind of key that each may be checked with. There is no HMAC and no `none`:
 * a public key can never be taken for a shared secret.
 */
export const algorithms = {
  RS256: { kty: "RSA", crv: undefined },
  RS384: { kty: "RSA", crv: undefined },
  RS512: { kty: "RSA", crv: undefined },
  PS256: { kty: "RSA", crv: undefined },
  PS384: { kty: "RSA", crv: undefined },
  PS512: { kty: "RSA", crv: undefined },
  ES256: { kty: "EC", crv: "P-256" },
  ES384: { kty: "EC", crv: "P-384" },
  ES512: { kty: "EC", crv: "P-521" },
  EdDSA: { kty: "OKP", crv: "Ed25519" },
} as const;

export type Algorithm = keyof typeof algorithms;

export const isAlgorithm = (name: string): name is Algorithm => Object.hasOwn(algorithms, name);
