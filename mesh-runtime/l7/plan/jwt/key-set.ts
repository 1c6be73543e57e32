import { type Algorithm, algorithms } from "./algorithms.ts";
import type { ParsedToken } from "./parse-token.ts";
import { importPublicKey, type PublicJwk, type VerifyKey, verifySignature } from "./signature.ts";
import type { TokenFailure } from "./token-failure.ts";

const keysMax = 128;

/** One key of a set. */
interface SetKey {
  /** Empty: unnamed. */
  readonly kid: string;
  /** Empty: any that its kind allows. */
  readonly alg: string;
  readonly jwk: PublicJwk;
  readonly imported: Map<Algorithm, Promise<VerifyKey | undefined>>;
}

/** A JSON Web Key Set (RFC 7517 §5). Only public keys for signatures are taken from it. */
export class KeySet {
  readonly #keys: readonly SetKey[];

  /** Text of the set; what cannot be read has no keys. */
  constructor(jwks: string) {
    this.#keys = parseKeys(jwks);
  }

  get size(): number {
    return this.#keys.length;
  }

  /** Whether a token names a key that is not here: its issuer may have a newer set. */
  lacks({ kid }: Pick<ParsedToken, "kid">): boolean {
    return kid !== "" && this.#keys.length > 0 && this.#keys.every((key) => key.kid !== kid);
  }

  /** Checks a signature as Envoy chooses keys (jwt_verify_lib, `verify.cc`): by `kid` and `alg` where both sides have them. */
  async verify(token: ParsedToken): Promise<TokenFailure | undefined> {
    if (this.#keys.length === 0) {
      return "noKeys";
    }
    const { kty, crv } = algorithms[token.algorithm];
    const fitting = this.#keys.filter(
      ({ kid, alg, jwk }) =>
        (token.kid === "" || kid === "" || kid === token.kid) &&
        (alg === "" || alg === token.algorithm) &&
        jwk.kty === kty &&
        (jwk.kty === "RSA" || jwk.crv === crv),
    );
    for (const key of fitting) {
      const imported = await importFor(key, token.algorithm);
      if (imported !== undefined && (await verifySignature(token.text, imported, token.algorithm))) {
        return undefined;
      }
    }
    return fitting.length === 0 ? "noMatchingKey" : "signature";
  }
}

function importFor(key: SetKey, algorithm: Algorithm): Promise<VerifyKey | undefined> {
  let imported = key.imported.get(algorithm);
  if (imported === undefined) {
    imported = importPublicKey(key.jwk, algorithm);
    key.imported.set(algorithm, imported);
  }
  return imported;
}

function parseKeys(jwks: string): SetKey[] {
  let set: unknown;
  try {
    set = JSON.parse(jwks);
  } catch {
    return [];
  }
  const keys = typeof set === "object" && set !== null && "keys" in set ? set.keys : undefined;
  return Array.isArray(keys) ? keys.slice(0, keysMax).flatMap(parseKey) : [];
}

/** The public part of a key for signatures; nothing for any other. */
function parseKey(value: unknown): SetKey[] {
  if (typeof value !== "object" || value === null) {
    return [];
  }
  const key: Readonly<Record<string, unknown>> = { ...value };
  const text = (name: string): string => {
    const given = key[name];
    return typeof given === "string" ? given : "";
  };
  const operations = key["key_ops"];
  const forSignatures =
    (key["use"] === undefined || key["use"] === "sig") &&
    (operations === undefined || (Array.isArray(operations) && operations.includes("verify")));
  const jwk = publicPart(text);
  return forSignatures && jwk !== undefined ? [{ kid: text("kid"), alg: text("alg"), jwk, imported: new Map() }] : [];
}

function publicPart(text: (name: string) => string): PublicJwk | undefined {
  switch (text("kty")) {
    case "RSA":
      return { kty: "RSA", n: text("n"), e: text("e") };
    case "EC":
      return { kty: "EC", crv: text("crv"), x: text("x"), y: text("y") };
    case "OKP":
      return { kty: "OKP", crv: text("crv"), x: text("x") };
    default:
      return undefined;
  }
}
