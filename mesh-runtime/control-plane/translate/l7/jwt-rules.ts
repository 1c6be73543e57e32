import type { L7JwtRule } from "../../../xds/proxy-config.ts";
import { keyOf } from "../input/lenient.ts";
import type { JwtRuleInput, RequestAuthenticationInput } from "../input/request-authentication.ts";
import type { MeshFacts, World } from "../input/world.ts";
import { actsOn, byAge, type PolicyTarget } from "./policy-target.ts";

/**
 * Where the keys of a rule are fetched: its `jwksUri`, or the issuer's discovery document (OpenID Connect Discovery 1.0,
 * section 4). `undefined`: they are inline.
 */
export function keySource({ inline, jwksUri, issuer }: JwtRuleInput): KeySource | undefined {
  if (inline) {
    return undefined;
  }
  return jwksUri !== ""
    ? { url: jwksUri, discovery: false }
    : { url: `${issuer.replace(/\/+$/, "")}/.well-known/openid-configuration`, discovery: true };
}

/** A URL under which `World.keySets` holds the keys. */
export interface KeySource {
  readonly url: string;
  /** The document at `url` names the URL of the keys. */
  readonly discovery: boolean;
}

/** All sources that RequestAuthentications name, with the longest wait that one allows, each once. */
export function keySources(world: World): readonly (KeySource & { readonly timeoutMs: number })[] {
  const found = new Map<string, KeySource & { readonly timeoutMs: number }>();
  for (const { rules } of world.requestAuthentications.values()) {
    for (const rule of rules) {
      const source = rule.closed ? undefined : keySource(rule);
      if (source !== undefined) {
        const timeoutMs = Math.max(rule.timeoutMs, found.get(source.url)?.timeoutMs ?? 0);
        found.set(source.url, { ...source, timeoutMs });
      }
    }
  }
  return [...found.values()].sort((a, b) => (a.url < b.url ? -1 : 1));
}

/** URLs of the sources that rules about these issuers name. */
export const sourcesOfIssuers = (world: World, issuers: ReadonlySet<string>): readonly string[] => [
  ...new Set(
    [...world.requestAuthentications.values()]
      .flatMap(({ rules }) => rules)
      .filter(({ issuer, closed }) => !closed && issuers.has(issuer))
      .flatMap((rule) => keySource(rule)?.url ?? []),
  ),
];

/** The RequestAuthentications that act on a target. */
const requestAuthenticationsOn = (
  target: PolicyTarget,
  world: World,
  facts: MeshFacts,
): readonly RequestAuthenticationInput[] =>
  [...world.requestAuthentications.values()].filter((policy) => actsOn(policy, target, facts)).sort(byAge);

/**
 * The token issuers that a target trusts. A rule whose keys are not known, or that holds something that is not
 * understood, is sent without keys: its tokens are refused, never passed unread.
 */
export function jwtRulesFor(target: PolicyTarget, world: World, facts: MeshFacts): readonly L7JwtRule[] {
  return requestAuthenticationsOn(target, world, facts).flatMap((policy) =>
    policy.rules
      .filter(({ issuer }) => issuer !== "")
      .map(
        (rule): L7JwtRule => ({
          policy: keyOf(policy),
          issuer: rule.issuer,
          audiences: rule.audiences,
          jwks: rule.closed ? "" : keysOf(rule, world),
          fromHeaders: rule.fromHeaders,
          fromParams: rule.fromParams,
          fromCookies: rule.fromCookies,
          forwardOriginalToken: rule.forwardOriginalToken,
          outputPayloadToHeader: rule.outputPayloadToHeader,
          outputClaimToHeaders: rule.outputClaimToHeaders,
        }),
      ),
  );
}

/** Key set of a rule as text; empty when none is known. */
export function keysOf(rule: JwtRuleInput, world: World): string {
  const source = keySource(rule);
  return source === undefined ? rule.jwks : (world.keySets.get(source.url) ?? "");
}
