import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { UserInfo } from "./user.ts";

/** Random tokens of the mesh's own components; only their hashes are kept. */
export interface ComponentTokens {
  authenticate(token: string): UserInfo | undefined;
}

export interface ComponentCredential {
  readonly user: UserInfo;
  /** SHA-256 of the token, base64url. */
  readonly hash: string;
}

export const hashToken = (token: string): string => createHash("sha256").update(token).digest("base64url");

/** 256 random bits. */
export const createToken = (): string => randomBytes(32).toString("base64url");

/** Looks tokens up by hash, so that neither the table nor the time it takes gives a token away. */
export function createComponentTokens(credentials: readonly ComponentCredential[]): ComponentTokens {
  const byHash = credentials.map(({ hash, user }) => ({ hash: Buffer.from(hash, "base64url"), user }));
  return {
    authenticate(token) {
      const hash = createHash("sha256").update(token).digest();
      let found: UserInfo | undefined;
      for (const entry of byHash) {
        if (entry.hash.length === hash.length && timingSafeEqual(entry.hash, hash)) {
          found = entry.user;
        }
      }
      return found;
    },
  };
}
