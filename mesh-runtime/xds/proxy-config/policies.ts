/** What stands in front of a listener, service or workload ⇄ wire. */
import type { MessageInitShape } from "@bufbuild/protobuf";
import {
  type JwtRuleSchema,
  LimitPer,
  type RateLimitSchema,
  type JwtRule as WireJwtRule,
  type RateLimit as WireRateLimit,
} from "../gen/l7-security_pb.js";
import type { PoliciesSchema, Policies as WirePolicies } from "../gen/proxy-config_pb.js";
import { httpAuthorizationFromWire, httpAuthorizationToWire } from "../http-authorization-wire.ts";
import type { L7JwtRule, L7Policies, L7RateLimit } from "../proxy-config.ts";
import { closedEnum } from "./closed-enum.ts";
import { documentMax, entriesMax, filledText, list, milliseconds, text, texts, time } from "./limits.ts";
import { routeMatchFromWire, routeMatchToWire } from "./value-match.ts";

const limitScopes = closedEnum({
  Total: LimitPer.TOTAL,
  Identity: LimitPer.IDENTITY,
  Header: LimitPer.HEADER,
});

/** The policies of one place. */
export const policiesToWire = (value: L7Policies): MessageInitShape<typeof PoliciesSchema> => ({
  authorizations: value.authorizations.map(httpAuthorizationToWire),
  jwtRules: value.jwtRules.map(jwtRuleToWire),
  rateLimits: value.rateLimits.map(rateLimitToWire),
});

/** And back; throws `MalformedResource`. */
export const policiesFromWire = (wire: WirePolicies): L7Policies => ({
  authorizations: list(wire.authorizations, "authorizations", httpAuthorizationFromWire, entriesMax),
  jwtRules: list(wire.jwtRules, "token rules", jwtRuleFromWire),
  rateLimits: list(wire.rateLimits, "rate limits", rateLimitFromWire),
});

const jwtRuleToWire = (rule: L7JwtRule): MessageInitShape<typeof JwtRuleSchema> => ({
  ...rule,
  audiences: [...rule.audiences],
  fromHeaders: [...rule.fromHeaders],
  fromParams: [...rule.fromParams],
  fromCookies: [...rule.fromCookies],
  outputClaimToHeaders: [...rule.outputClaimToHeaders],
});

const jwtRuleFromWire = (wire: WireJwtRule): L7JwtRule => ({
  policy: filledText(wire.policy, "token rule"),
  issuer: filledText(wire.issuer, `issuer of ${wire.policy}`),
  audiences: texts(wire.audiences, `audiences of ${wire.policy}`),
  jwks: text(wire.jwks, `keys of ${wire.policy}`, documentMax),
  fromHeaders: list(wire.fromHeaders, "token headers", ({ name, prefix }) => ({
    name: filledText(name, "token header"),
    prefix: text(prefix, "token prefix"),
  })),
  fromParams: texts(wire.fromParams, "token parameters"),
  fromCookies: texts(wire.fromCookies, "token cookies"),
  forwardOriginalToken: wire.forwardOriginalToken,
  outputPayloadToHeader: text(wire.outputPayloadToHeader, "payload header"),
  outputClaimToHeaders: list(wire.outputClaimToHeaders, "claim headers", ({ header, claim }) => ({
    header: filledText(header, "claim header"),
    claim: filledText(claim, "claim"),
  })),
});

const rateLimitToWire = ({ policy, limits }: L7RateLimit): MessageInitShape<typeof RateLimitSchema> => ({
  policy,
  limits: limits.map((limit) => ({
    ...limit,
    periodMs: milliseconds(limit.periodMs),
    per: limitScopes.toWire(limit.per),
    matches: limit.matches.map(routeMatchToWire),
    overrides: [...limit.overrides],
  })),
});

const rateLimitFromWire = ({ policy, limits }: WireRateLimit): L7RateLimit => ({
  policy: filledText(policy, "rate limit policy"),
  limits: list(limits, `limits of ${policy}`, (limit) => ({
    name: text(limit.name, "limit name"),
    requests: limit.requests,
    periodMs: time(limit.periodMs, `period of ${policy}`),
    burst: limit.burst,
    per: limitScopes.fromWire(limit.per, `per of ${policy}`),
    header: text(limit.header, "limit header"),
    matches: list(limit.matches, "limit matches", routeMatchFromWire),
    overrides: list(limit.overrides, "limit overrides", ({ value, requests, burst }) => ({
      value: filledText(value, "limit override"),
      requests,
      burst,
    })),
  })),
});
