import { createHash, createPrivateKey, createPublicKey, type KeyObject, randomUUID, sign, verify } from "node:crypto";
import * as z from "zod";
import type { KubeObject } from "../../api/meta.ts";
import { groups, serviceAccountUsername, type UserInfo } from "./user.ts";

/** Issuer of ServiceAccount tokens, and the audience of tokens for this API. */
export const issuer = "https://kubernetes.default.svc.cluster.local";

const named = z.object({ name: z.string().min(1).max(253), uid: z.string().min(1).max(128) });

const claimsSchema = z.object({
  iss: z.literal(issuer),
  sub: z.string(),
  aud: z.array(z.string()).min(1).max(32),
  exp: z.int(),
  nbf: z.int(),
  iat: z.int(),
  jti: z.string().max(128),
  "kubernetes.io": z.object({
    namespace: z.string().min(1).max(63),
    serviceaccount: named,
    pod: named.optional(),
    node: named.optional(),
    secret: named.optional(),
  }),
});
type TokenClaims = z.infer<typeof claimsSchema>;

/** What a token may be bound to. */
export interface Binding {
  readonly pod?: { readonly name: string; readonly uid: string };
  readonly node?: { readonly name: string; readonly uid: string };
  readonly secret?: { readonly name: string; readonly uid: string };
}

export interface ServiceAccountTokens {
  /** Signs a token. `expiresAt` in seconds since 1970. */
  issue(request: {
    readonly namespace: string;
    readonly serviceAccount: { readonly name: string; readonly uid: string };
    readonly audiences: readonly string[];
    readonly expiresAt: number;
    readonly binding: Binding;
  }): string;
  /**
   * Who a token stands for, and which of `audiences` it is good for. Undefined: forged, expired, for nobody here, or
   * what it is bound to is gone.
   */
  verify(
    token: string,
    audiences: readonly string[],
  ): { readonly user: UserInfo; readonly audiences: readonly string[] } | undefined;
  /** JSON Web Key Set of the public key. */
  readonly jwks: object;
}

/** Looks up objects that tokens are bound to. */
export type Lookup = (plural: string, namespace: string, name: string) => KubeObject | undefined;

export interface ServiceAccountTokenOptions {
  /** PEM of a P-256 private key. */
  readonly key: string;
  readonly lookup: Lookup;
  /** Seconds since 1970. */
  readonly now: () => number;
}

const tokenCharsMax = 8_192;

export function createServiceAccountTokens({ key, lookup, now }: ServiceAccountTokenOptions): ServiceAccountTokens {
  const privateKey = createPrivateKey(key);
  const publicKey = createPublicKey(privateKey);
  const kid = createHash("sha256")
    .update(publicKey.export({ type: "spki", format: "der" }))
    .digest("base64url");
  const header = encode({ alg: "ES256", kid });
  return {
    issue({ namespace, serviceAccount, audiences, expiresAt, binding }) {
      const issuedAt = now();
      const payload = encode({
        aud: audiences,
        exp: expiresAt,
        iat: issuedAt,
        iss: issuer,
        jti: randomUUID(),
        "kubernetes.io": { namespace, serviceaccount: serviceAccount, ...binding },
        nbf: issuedAt,
        sub: serviceAccountUsername(namespace, serviceAccount.name),
      });
      const signature = sign("sha256", Buffer.from(`${header}.${payload}`), {
        key: privateKey,
        dsaEncoding: "ieee-p1363",
      });
      return `${header}.${payload}.${signature.toString("base64url")}`;
    },
    verify(token, audiences) {
      const claims = token.length > tokenCharsMax ? undefined : readClaims(token, header, publicKey);
      if (claims === undefined || claims.exp <= now() || claims.nbf > now() + 1) {
        return undefined;
      }
      const shared = audiences.filter((audience) => claims.aud.includes(audience));
      const user = shared.length === 0 ? undefined : userOf(claims, lookup);
      return user === undefined ? undefined : { user, audiences: shared };
    },
    jwks: { keys: [{ ...publicKey.export({ format: "jwk" }), use: "sig", kid, alg: "ES256" }] },
  };
}

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");

/** Only our own header is accepted, so the algorithm is never the token's choice. */
function readClaims(token: string, header: string, publicKey: KeyObject): TokenClaims | undefined {
  const [first, payload, signature, ...more] = token.split(".");
  if (first !== header || payload === undefined || signature === undefined || more.length > 0) {
    return undefined;
  }
  const isSigned = verify(
    "sha256",
    Buffer.from(`${first}.${payload}`),
    { key: publicKey, dsaEncoding: "ieee-p1363" },
    Buffer.from(signature, "base64url"),
  );
  if (!isSigned) {
    return undefined;
  }
  try {
    return claimsSchema.safeParse(JSON.parse(Buffer.from(payload, "base64url").toString("utf8"))).data;
  } catch {
    return undefined;
  }
}

/** The user, as long as the ServiceAccount and the bound objects still are the ones that the token was made for. */
function userOf(claims: TokenClaims, lookup: Lookup): UserInfo | undefined {
  const { namespace, serviceaccount, pod, node, secret } = claims["kubernetes.io"];
  const isThere = (plural: string, ns: string, bound: { name: string; uid: string } | undefined): boolean =>
    bound === undefined || lookup(plural, ns, bound.name)?.metadata?.uid === bound.uid;
  if (
    !isThere("serviceaccounts", namespace, serviceaccount) ||
    !isThere("pods", namespace, pod) ||
    !isThere("secrets", namespace, secret) ||
    // A pod's node is told for information; only a token bound to the node itself ends with it.
    (pod === undefined && !isThere("nodes", "", node))
  ) {
    return undefined;
  }
  const extra: Record<string, readonly string[]> = {
    "authentication.kubernetes.io/credential-id": [`JTI=${claims.jti}`],
  };
  for (const [kind, bound] of Object.entries({ pod, node })) {
    if (bound !== undefined) {
      extra[`authentication.kubernetes.io/${kind}-name`] = [bound.name];
      extra[`authentication.kubernetes.io/${kind}-uid`] = [bound.uid];
    }
  }
  return {
    username: serviceAccountUsername(namespace, serviceaccount.name),
    uid: serviceaccount.uid,
    groups: [groups.serviceAccounts, `${groups.serviceAccounts}:${namespace}`, groups.authenticated],
    extra,
  };
}
