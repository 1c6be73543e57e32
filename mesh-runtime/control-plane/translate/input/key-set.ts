import { fields, items, text } from "./lenient.ts";

/** The public keys of a JSON Web Key Set, or why there are none. */
export type PublicKeySet = { readonly jwks: string } | { readonly problem: string };

const textMax = 512 * 1_024;
const keysMax = 100;
const memberMax = 8_192;

/** Members of a public key that verify signatures, by type (RFC 7518 section 6, RFC 8037 section 2). */
const publicMembers: Readonly<Record<string, readonly string[]>> = {
  RSA: ["n", "e"],
  EC: ["crv", "x", "y"],
  OKP: ["crv", "x"],
};

/**
 * Reads a JSON Web Key Set (RFC 7517) and keeps what verifies signatures: public keys, and of them only public members.
 * Private and symmetric keys are left out as a whole. Whoever publishes a private key must not have tokens accepted by
 * it, and a symmetric one in a public document is known to everybody. The text is the same for the same keys.
 */
export function publicKeySet(source: string): PublicKeySet {
  if (source.length > textMax) {
    return { problem: `the key set is longer than ${textMax} characters` };
  }
  let document: unknown;
  try {
    document = JSON.parse(source);
  } catch {
    return { problem: "the key set is no JSON" };
  }
  const keys = fields(document)["keys"];
  if (!Array.isArray(keys)) {
    return { problem: "it is no JSON Web Key Set: the list keys is missing" };
  }
  if (keys.length > keysMax) {
    return { problem: `the key set holds more than ${keysMax} keys` };
  }
  const usable = items(keys)
    .map((key) => publicKey(fields(key)))
    .filter((key) => key !== undefined);
  return usable.length === 0
    ? { problem: "the key set holds no public key for signatures (RSA, EC or Ed25519)" }
    : { jwks: JSON.stringify({ keys: usable }) };
}

function publicKey(key: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> | undefined {
  const kty = text(key["kty"]);
  const members = Object.hasOwn(publicMembers, kty) ? publicMembers[kty] : undefined;
  const alg = text(key["alg"]);
  const use = text(key["use"], "sig");
  if (members === undefined || ["d", "p", "q", "dp", "dq", "qi", "k", "oth"].some((name) => Object.hasOwn(key, name))) {
    return undefined;
  }
  if (use !== "sig" || /^(none|HS\d+)$/i.test(alg)) {
    return undefined;
  }
  const named = ["kid", "alg", "use"].filter((name) => text(key[name]) !== "");
  const kept = ["kty", ...members, ...named];
  const entries = kept.map((name): [string, string] => [name, text(key[name])]);
  return entries.every(([, value]) => value !== "" && value.length <= memberMax)
    ? Object.fromEntries(entries)
    : undefined;
}
