import { exportJWK, type GenerateKeyPairResult, generateKeyPair, SignJWT, UnsecuredJWT } from "jose";

export const issuer = "testing@secure.istio.io";

/** A token as `sign` makes it; what is not said is as in Istio's demo token. */
export interface TokenWish {
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly issuer?: string;
  readonly audience?: string;
  /** Seconds from now. */
  readonly expires?: number;
  readonly notBefore?: number;
  readonly alg?: "RS256" | "ES256" | "EdDSA";
  /** A key that nobody knows, under the name of one that is known. */
  readonly forged?: boolean;
}

/** An issuer with a key for each algorithm. */
export class Issuer {
  readonly #pairs: ReadonlyMap<string, GenerateKeyPairResult>;
  /** The public keys, as JSON. */
  readonly keys: string;

  private constructor(pairs: ReadonlyMap<string, GenerateKeyPairResult>, keys: string) {
    this.#pairs = pairs;
    this.keys = keys;
  }

  static async create(name = "1"): Promise<Issuer> {
    const pairs = new Map<string, GenerateKeyPairResult>();
    const keys: object[] = [];
    for (const alg of ["RS256", "ES256", "EdDSA"]) {
      const pair = await generateKeyPair(alg);
      pairs.set(alg, pair);
      keys.push({ ...(await exportJWK(pair.publicKey)), kid: `${alg}-${name}`, alg, use: "sig" });
    }
    return new Issuer(pairs, JSON.stringify({ keys }));
  }

  async sign(wish: TokenWish = {}): Promise<string> {
    const { alg = "RS256", claims = {}, expires = 600 } = wish;
    const now = Math.floor(Date.now() / 1000);
    const known = JSON.parse(this.keys) as { keys: { kid: string; alg: string }[] };
    const pair = wish.forged ? await generateKeyPair(alg) : this.#pairs.get(alg);
    const token = new SignJWT({ sub: issuer, ...claims })
      .setProtectedHeader({ alg, kid: known.keys.find((key) => key.alg === alg)?.kid ?? "", typ: "JWT" })
      .setIssuer(wish.issuer ?? issuer)
      .setIssuedAt(now - 600)
      .setExpirationTime(now + expires);
    if (wish.audience !== undefined) {
      token.setAudience(wish.audience);
    }
    if (wish.notBefore !== undefined) {
      token.setNotBefore(now + wish.notBefore);
    }
    return await token.sign((pair as GenerateKeyPairResult).privateKey);
  }
}

/** A token without a signature. */
export const unsigned = (): string =>
  new UnsecuredJWT({ sub: issuer }).setIssuer(issuer).setExpirationTime("1h").encode();

/** A token signed by HMAC with the issuer's public key for a secret. */
export async function confused(keys: string): Promise<string> {
  const key = (JSON.parse(keys) as { keys: { kid: string }[] }).keys[0];
  return await new SignJWT({ sub: issuer })
    .setProtectedHeader({ alg: "HS256", kid: key?.kid ?? "" })
    .setIssuer(issuer)
    .setExpirationTime("1h")
    .sign(Buffer.from(JSON.stringify(key).padEnd(32)));
}
