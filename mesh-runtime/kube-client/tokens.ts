import { KubeError } from "./error.ts";
import type { Transport } from "./transport.ts";

export interface NamespacedKey {
  readonly namespace: string;
  readonly name: string;
}

export interface TokenRequestOptions {
  readonly audiences: readonly string[];
  /** At least 600. */
  readonly expirationSeconds: number;
  /** The token ends with this object. */
  readonly boundObjectRef?: {
    readonly kind: "Pod" | "Node" | "Secret";
    readonly apiVersion: string;
    readonly name: string;
    readonly uid: string;
  };
}

export interface TokenGrant {
  readonly token: string;
  readonly expiresAt: Date;
}

/** What TokenReview said. */
export type TokenVerdict =
  | {
      readonly authenticated: true;
      /** `system:serviceaccount:<namespace>:<name>` for ServiceAccounts. */
      readonly username: string;
      readonly uid: string;
      readonly groups: readonly string[];
      /** Such as `authentication.kubernetes.io/node-name`, `…/pod-name`, `…/pod-uid`. */
      readonly extra: Readonly<Record<string, readonly string[]>>;
      readonly audiences: readonly string[];
    }
  | { readonly authenticated: false; readonly error: string };

interface TokenReviewStatus {
  readonly authenticated?: boolean;
  readonly error?: string;
  readonly audiences?: string[];
  readonly user?: { username?: string; uid?: string; groups?: string[]; extra?: Record<string, string[]> };
}

export function tokenCalls(transport: Transport) {
  return {
    async createToken(key: NamespacedKey, options: TokenRequestOptions): Promise<TokenGrant> {
      const answer = (await transport.json({
        method: "POST",
        path: `/api/v1/namespaces/${encodeURIComponent(key.namespace)}/serviceaccounts/${encodeURIComponent(key.name)}/token`,
        body: { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec: options },
      })) as { status?: { token?: string; expirationTimestamp?: string } };
      const { token, expirationTimestamp } = answer.status ?? {};
      if (token === undefined || expirationTimestamp === undefined) {
        throw new KubeError("badAnswer", "TokenRequest answered without a token");
      }
      return { token, expiresAt: new Date(expirationTimestamp) };
    },
    async reviewToken(token: string, audiences?: readonly string[]): Promise<TokenVerdict> {
      const answer = (await transport.json({
        method: "POST",
        path: "/apis/authentication.k8s.io/v1/tokenreviews",
        body: { apiVersion: "authentication.k8s.io/v1", kind: "TokenReview", spec: { token, audiences } },
      })) as { status?: TokenReviewStatus };
      const status = answer.status ?? {};
      if (status.authenticated !== true || status.user?.username === undefined) {
        return { authenticated: false, error: status.error ?? "the token is not valid" };
      }
      return {
        authenticated: true,
        username: status.user.username,
        uid: status.user.uid ?? "",
        groups: status.user.groups ?? [],
        extra: status.user.extra ?? {},
        audiences: status.audiences ?? [],
      };
    },
  };
}
