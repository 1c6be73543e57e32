import { createHash } from "node:crypto";
import { type Metadata, status } from "@grpc/grpc-js";
import { isKubeError } from "../../kube-client/error.ts";
import type { TokenVerdict } from "../../kube-client/tokens.ts";
import type { Caller } from "./caller.ts";

export type AuthenticationErrorCode = "no-token" | "invalid-token" | "not-a-service-account" | "unavailable";

/** Why a caller is not known. `grpcStatus` is the answer on the wire; the message holds no secret. */
export class AuthenticationError extends Error {
  override readonly name = "AuthenticationError";
  readonly code: AuthenticationErrorCode;
  constructor(code: AuthenticationErrorCode, message: string) {
    super(message);
    this.code = code;
  }
  get grpcStatus(): status {
    return this.code === "unavailable" ? status.UNAVAILABLE : status.UNAUTHENTICATED;
  }
}

/** Audience that a token for this port must have, as Istio's. */
const tokenAudience = "istio-ca";

/** Longest token that is looked at, in characters. */
const tokenMax = 16_384;
/** A verdict is trusted this long; so long a deleted pod's token may still work. */
const cacheMs = 10_000;
const cacheMax = 1_000;

export interface TokenAuthenticator {
  /** The caller behind a call's metadata; throws `AuthenticationError`. */
  authenticate(metadata: Metadata): Promise<Caller>;
}

/** Asks the API server (TokenReview) whom a bearer token stands for; good answers are kept for a few seconds. */
export function createTokenAuthenticator(
  reviewToken: (token: string, audiences: readonly string[]) => Promise<TokenVerdict>,
  { now = Date.now }: { now?: () => number } = {},
): TokenAuthenticator {
  const cache = new Map<string, { caller: Caller; untilMs: number }>();
  return {
    async authenticate(metadata) {
      const token = bearerToken(metadata);
      const digest = createHash("sha256").update(token).digest("base64");
      const known = cache.get(digest);
      if (known !== undefined && known.untilMs > now()) {
        return known.caller;
      }
      cache.delete(digest);
      const caller = callerOf(await review(reviewToken, token));
      if (cache.size >= cacheMax) {
        cache.clear();
      }
      cache.set(digest, { caller, untilMs: now() + cacheMs });
      return caller;
    },
  };
}

function bearerToken(metadata: Metadata): string {
  const values = metadata.get("authorization");
  const [value] = values;
  const token = typeof value === "string" ? /^Bearer ([A-Za-z0-9._~+/=-]+)$/i.exec(value)?.[1] : undefined;
  if (token === undefined || values.length !== 1 || token.length > tokenMax) {
    throw new AuthenticationError("no-token", "a bearer token is required (metadata authorization)");
  }
  return token;
}

async function review(
  reviewToken: (token: string, audiences: readonly string[]) => Promise<TokenVerdict>,
  token: string,
): Promise<Extract<TokenVerdict, { authenticated: true }>> {
  let verdict: TokenVerdict;
  try {
    verdict = await reviewToken(token, [tokenAudience]);
  } catch (error) {
    const reason = isKubeError(error) ? error.code : "failed";
    throw new AuthenticationError("unavailable", `the token could not be reviewed (${reason})`);
  }
  if (!verdict.authenticated) {
    throw new AuthenticationError("invalid-token", "the token is not valid");
  }
  // An API server that ignores audiences answers without them; such a token is not meant for us.
  if (!verdict.audiences.includes(tokenAudience)) {
    throw new AuthenticationError("invalid-token", `the token is not for the audience ${tokenAudience}`);
  }
  return verdict;
}

function callerOf({ username, extra }: Extract<TokenVerdict, { authenticated: true }>): Caller {
  const [system, kind, namespace, serviceAccount, ...rest] = username.split(":");
  if (system !== "system" || kind !== "serviceaccount" || !namespace || !serviceAccount || rest.length > 0) {
    throw new AuthenticationError("not-a-service-account", "the token is not a ServiceAccount's");
  }
  return {
    namespace,
    serviceAccount,
    node: extra["authentication.kubernetes.io/node-name"]?.[0],
    pod: extra["authentication.kubernetes.io/pod-name"]?.[0],
  };
}
