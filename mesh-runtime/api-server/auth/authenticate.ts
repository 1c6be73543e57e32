import type { ComponentTokens } from "./component-tokens.ts";
import { issuer, type ServiceAccountTokens } from "./service-account-tokens.ts";
import { anonymous, type UserInfo } from "./user.ts";

/** Tells who sends a request from its `Authorization` header. */
export type Authenticate = (authorization: string | undefined) => UserInfo | undefined;

/**
 * Without a header the sender is anonymous; with one that does not hold the answer is undefined (401): a wrong token
 * never falls back to anonymous.
 */
export function createAuthenticate(components: ComponentTokens, accounts: ServiceAccountTokens): Authenticate {
  return (authorization) => {
    if (authorization === undefined) {
      return anonymous;
    }
    const token = /^Bearer +([A-Za-z0-9._~+/-]+=*)$/i.exec(authorization)?.[1];
    if (token === undefined) {
      return undefined;
    }
    return components.authenticate(token) ?? accounts.verify(token, [issuer])?.user;
  };
}
