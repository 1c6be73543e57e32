/** A request and shorthands for tests of layer 7 policies. */
import { evaluateL7 } from "./evaluate-l7.ts";
import type { HttpAuthorization, HttpRule, VerifiedToken } from "./http-model.ts";
import { prepareHttpPolicies } from "./prepare-http.ts";
import type { RequestAttributes } from "./request-attributes.ts";

export const exact = (value: string) => ({ kind: "exact", value }) as const;
export const prefix = (value: string) => ({ kind: "prefix", value }) as const;
export const suffix = (value: string) => ({ kind: "suffix", value }) as const;
export const presence = { kind: "presence" } as const;

const headers: Readonly<Record<string, string>> = { "x-a": "1,2", "x-empty": "" };

/** GET Shop.Example.com:8080/api/users/7/orders at port 80, from shop/cart. */
export const requestWith = (more: Partial<RequestAttributes> = {}): RequestAttributes => ({
  sourcePrincipal: "cluster.local/ns/shop/sa/cart",
  sourceIp: "10.0.1.5",
  remoteIp: "203.0.113.9",
  destinationIp: "10.0.2.7",
  destinationPort: 80,
  method: "GET",
  host: "Shop.Example.com:8080",
  path: "/api/users/7/orders",
  header: (name) => headers[name],
  ...more,
});

/** A policy with one rule. */
export const policyWith = (
  action: HttpAuthorization["action"],
  rule: Partial<HttpRule>,
  more: Partial<HttpAuthorization> = {},
): HttpAuthorization => ({
  name: "p",
  namespace: "default",
  action,
  dryRun: false,
  provider: "",
  rules: [{ from: [], to: [], when: [], ...rule }],
  ...more,
});

export const decisionOf = (action: "ALLOW" | "DENY", rule: Partial<HttpRule>, request = requestWith()) =>
  evaluateL7(prepareHttpPolicies([policyWith(action, rule)]), request);

/** Of the issuer `https://issuer.example`, with these claims besides. */
export function tokenWith(claims: Readonly<Record<string, unknown>>): VerifiedToken {
  const all = { iss: "https://issuer.example", sub: "alice", ...claims };
  const { aud, azp } = claims;
  return {
    principal: `${all.iss}/${all.sub}`,
    audiences: Array.isArray(aud) ? aud : typeof aud === "string" ? [aud] : [],
    presenter: typeof azp === "string" ? azp : "",
    claims: all,
  };
}
