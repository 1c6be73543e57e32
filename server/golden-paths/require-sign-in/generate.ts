import { claimNames } from "../access/claims.ts";
import { portTexts } from "../access/request-rules.ts";
import { serviceAccesses, servicePort } from "../access/service-access.ts";
import { targetsOf } from "../access/targets.ts";
import type { IntentOf } from "../intent.ts";
import { managed, type Rendered } from "../resource.ts";
import type { Surroundings } from "../surroundings.ts";

type SignIn = IntentOf<"require-sign-in">;

/**
 * `<service>-sign-in` verifies tokens; alone it would let requests without one through. `<service>-signed-in` refuses
 * those, and tokens without the claims. Refusing composes with whoever is let in: a rule that allows by claim would open a
 * second way in (`resources.md` §7).
 */
export const generateSignIn = (surroundings: Surroundings): Rendered[] =>
  serviceAccesses(surroundings).flatMap(({ ref, service, signIn }) => {
    if (signIn === undefined) {
      return [];
    }
    const targetRefs = targetsOf(ref, surroundings);
    const ports = portTexts(service?.ports.map(({ port }) => port) ?? [], servicePort);
    return [
      managed("RequestAuthentication", ref.namespace, `${ref.name}-sign-in`, [signIn], {
        targetRefs,
        jwtRules: [jwtRuleOf(signIn)],
      }),
      managed("AuthorizationPolicy", ref.namespace, `${ref.name}-signed-in`, [signIn], {
        targetRefs,
        action: "DENY",
        rules: refusalsOf(signIn, ports),
      }),
    ];
  });

function jwtRuleOf(signIn: SignIn): object {
  const { issuer, keys, audiences, claimHeaders, forwardToken } = signIn;
  return {
    issuer,
    ...(audiences.length === 0 ? {} : { audiences }),
    ...(keys.kind === "url" ? { jwksUri: keys.url } : { jwks: keys.jwks }),
    ...tokenPlaceOf(signIn),
    ...(claimHeaders.length === 0
      ? {}
      : { outputClaimToHeaders: claimHeaders.map(({ claim, header }) => ({ header, claim })) }),
    forwardOriginalToken: forwardToken,
  };
}

/** The Authorization header is where tokens are looked for when nothing is said. */
function tokenPlaceOf({ tokenFrom, tokenName }: SignIn): object {
  switch (tokenFrom) {
    case "authorization":
      return {};
    case "header":
      return { fromHeaders: [{ name: tokenName }] };
    case "query":
      return { fromParams: [tokenName] };
    case "cookie":
      return { fromCookies: [tokenName] };
  }
}

function refusalsOf({ issuer, claims, openPaths }: SignIn, ports: readonly string[]): object[] {
  const operation = {
    ...(ports.length === 0 ? {} : { ports }),
    ...(openPaths.length === 0 ? {} : { notPaths: [...new Set(openPaths)] }),
  };
  const to = Object.keys(operation).length === 0 ? {} : { to: [{ operation }] };
  return [
    { from: [{ source: { notRequestPrincipals: [`${issuer}/*`] } }], ...to },
    ...claims.map(({ claim, values }) => ({
      ...to,
      when: [{ key: `request.auth.claims${claimPath(claim)}`, notValues: [...new Set(values)] }],
    })),
  ];
}

const claimPath = (claim: string): string =>
  claimNames(claim)
    .map((name) => `[${name}]`)
    .join("");
