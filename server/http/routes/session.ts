import { readSignInLink, redeemSignInLink } from "@/server/auth/sign-in-links.ts";
import { capabilitiesOf, type SignedIn } from "@/server/auth/signed-in.ts";
import { type Me, type SignInOffer, signInRequest } from "@/server/contracts/me.ts";
import { isPortalError } from "@/server/errors.ts";
import { endedCookie, sessionCookie } from "@/server/http/cookies.ts";
import { everyRole, publicRoute, type Route, route } from "@/server/http/route.ts";
import { json } from "@/server/http/router.ts";
import type { Portal } from "@/server/portal.ts";

const describePerson = ({ id, name, initials, persona }: SignedIn): Me["user"] => ({ id, name, initials, persona });

/** What a page shows of the person who is signed in. */
export function meOf({ config }: Portal, person: SignedIn): Me {
  return {
    user: describePerson(person),
    roles: [...person.roles],
    teams: [...person.teams],
    capabilities: capabilitiesOf(person),
    target: {
      kind: config.target,
      demo: config.demo,
      trustDomain: config.trustDomain,
      portalUrl: config.portalUrl,
      gatewayUrl: config.gatewayUrl,
      version: config.version,
    },
    sessionEndsUnixMs: person.sessionEndsUnixMs,
  };
}

export const sessionRoutes: readonly Route[] = [
  route("GET", "/api/v1/me", everyRole, { handle: ({ portal, person }) => meOf(portal, person) }),

  publicRoute("GET", "/api/v1/sign-in", {
    query: signInRequest,
    async handle({ portal, query }): Promise<SignInOffer> {
      const { person, expiresAt } = await readSignInLink(portal.db, query.token, new Date());
      return { user: describePerson(person), roles: [...person.roles], expiresUnixMs: expiresAt.getTime() };
    },
  }),

  publicRoute("POST", "/api/v1/sign-in", {
    body: signInRequest,
    async handle({ portal, body, address }) {
      const { person, token, expiresAt } = await redeemSignInLink(portal.db, body.token, new Date()).catch(
        async (error: unknown) => {
          if (isPortalError(error)) {
            const detail = error.userMessage;
            await portal.audit({
              actor: null,
              action: "sign-in",
              object: "one-time link",
              outcome: "refused",
              detail,
              address,
            });
          }
          throw error;
        },
      );
      await portal.audit({ actor: person, action: "sign-in", object: person.name, outcome: "done", address });
      return json(meOf(portal, person), { headers: { "set-cookie": sessionCookie(token, expiresAt, portal.config) } });
    },
  }),

  route("POST", "/api/v1/sign-out", everyRole, {
    async handle({ portal, person, sessionToken, address }) {
      await portal.sessions.close(sessionToken);
      await portal.audit({ actor: person, action: "sign-out", object: person.name, outcome: "done", address });
      return json(undefined, { headers: { "set-cookie": endedCookie(portal.config) } });
    },
  }),
];
