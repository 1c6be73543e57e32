/** A request that somebody asks about, as the places on its way see it. Pure. */
import { type NormalizedPath, normalizePath, type RequestAttributes } from "@/mesh-runtime/policy/index.ts";
import type { WhatIfRequest } from "@/server/contracts/what-if.ts";
import { gatewayObject } from "@/server/golden-paths/expose-to-the-outside/listeners.ts";
import { clientIdentityAnnotation } from "@/server/golden-paths/release-a-version/told-callers.ts";
import { clientCertHeader } from "@/server/golden-paths/service-routes/released.ts";
import type { tokenRulesOf } from "@/server/impact/token-rules.ts";
import type { Inventory, InventoryGateway } from "@/server/inventory/model.ts";
import type { RoutedRequest } from "@/server/routes-taken/conditions.ts";

type Token = NonNullable<RequestAttributes["token"]>;
type TokenRules = ReturnType<typeof tokenRulesOf>;

/** What a place makes of the token: refused with a reason, or verified (undefined: none is read there). */
export type TokenOutcome = { readonly refusal: string } | { readonly token: Token | undefined };

/** Query and normalized path; undefined when every proxy refuses it. */
export const pathOf = ({ path }: Pick<WhatIfRequest, "path">): NormalizedPath | undefined => normalizePath(path);

const texts = (value: unknown): string[] =>
  typeof value === "string" ? [value] : Array.isArray(value) ? value.filter((one) => typeof one === "string") : [];

/** The token that is asked about, taken as validly signed, against the rules of a place. */
export function tokenAt(rules: TokenRules, { token }: Pick<WhatIfRequest, "token">): TokenOutcome {
  if (token === null || rules.length === 0) {
    return { token: undefined };
  }
  const own = rules.filter(({ issuer }) => issuer === token.issuer);
  if (own.length === 0) {
    return { refusal: `tokens of ${token.issuer || "no issuer"} are not accepted here: 401` };
  }
  const audiences = texts(token.claims["aud"]);
  // Of several rules about one issuer any may accept, as in Istio's filter.
  const isFor = (wanted: readonly string[]): boolean =>
    wanted.length === 0 || wanted.some((one) => audiences.includes(one));
  if (!own.some((rule) => isFor(rule.audiences ?? []))) {
    const wanted = [...new Set(own.flatMap((rule) => rule.audiences ?? []))];
    return { refusal: `the token is for ${audiences.join(", ") || "nobody"}, not for ${wanted.join(", ")}: 403` };
  }
  return {
    token: {
      principal: `${token.issuer}/${token.subject}`,
      audiences,
      presenter: texts(token.claims["azp"])[0] ?? "",
      claims: { ...token.claims, iss: token.issuer, sub: token.subject },
    },
  };
}

/**
 * Value of a header, repeated ones joined; headers that rules write from claims are the token's alone, whatever the caller
 * sends.
 */
export function headerOf(
  { headers }: Pick<WhatIfRequest, "headers">,
  rules: TokenRules,
  token: Token | undefined,
): (name: string) => string | undefined {
  const written = new Map(
    rules.flatMap(({ outputClaimToHeaders }) =>
      (outputClaimToHeaders ?? []).map(({ header, claim }) => [header.toLowerCase(), claim] as const),
    ),
  );
  return (name) => {
    const claim = written.get(name);
    if (claim !== undefined) {
      const value = token?.claims[claim];
      return value === undefined ? undefined : typeof value === "string" ? value : JSON.stringify(value);
    }
    const values = headers.filter((one) => one.name === name).map(({ value }) => value);
    return values.length === 0 ? undefined : values.join(",");
  };
}

/**
 * What a waypoint reads: whoever calls cannot write `x-forwarded-client-cert` there, which the waypoint fills in when its
 * Gateway asks for it, or takes away.
 */
export function headerAtWaypoint(
  header: (name: string) => string | undefined,
  principal: string | undefined,
  waypoint: Pick<InventoryGateway, "namespace" | "name">,
  { objects }: Inventory,
): (name: string) => string | undefined {
  const annotations = gatewayObject({ objects }, waypoint)?.metadata?.annotations;
  const told =
    annotations?.[clientIdentityAnnotation] !== "true" || principal === undefined
      ? undefined
      : `By=spiffe://${principal.split("/")[0]}/ns/${waypoint.namespace}/sa/${waypoint.name};URI=spiffe://${principal}`;
  return (name) => (name === clientCertHeader ? told : header(name));
}

/** The same request for routes. */
export const routedOf = (
  request: Pick<WhatIfRequest, "method">,
  { path, query }: NormalizedPath,
  more: Pick<RoutedRequest, "authority" | "port" | "sourceNamespace" | "header">,
): RoutedRequest => ({ method: request.method, path, query, ...more });
