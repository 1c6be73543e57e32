import { endToken, listTokens, makeToken } from "@/server/auth/api-tokens.ts";
import { type TokenList, tokenRequest } from "@/server/contracts/api-tokens.ts";
import { everyRole, proposers, type Route, route } from "@/server/http/route.ts";
import { json } from "@/server/http/router.ts";

/** Tokens are made and ended by people; a token cannot make another. */
export const tokenRoutes: readonly Route[] = [
  route("GET", "/api/v1/tokens", everyRole, {
    async handle({ portal, person }): Promise<TokenList> {
      return { tokens: await listTokens(portal.db, person, new Date()) };
    },
  }),

  route("POST", "/api/v1/tokens", proposers, {
    body: tokenRequest,
    async handle({ portal, person, body, address }) {
      const made = await makeToken(portal.db, person, body, new Date(), portal.audit, address);
      return json(made, { status: 201 });
    },
  }),

  route("DELETE", "/api/v1/tokens/:id", everyRole, {
    async handle({ portal, person, params, address }) {
      await endToken(portal.db, person, params["id"] ?? "", new Date(), portal.audit, address);
    },
  }),
];
