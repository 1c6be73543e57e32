/**
 * towpath.dev/v1alpha1 RateLimitPolicy: schema and type. A policy attachment of our own, since Istio has no resource for
 * rate limits. Every proxy pod counts for itself.
 */
import type * as z from "zod";
import { durationMs } from "./gateway-api/duration.ts";
import { allDistinct } from "./gateway-api/gateway-rules.ts";
import { httpRouteMatch } from "./gateway-api/http-match.ts";
import { group, headerNamePattern, objectName } from "./gateway-api/names.ts";
import { int, keyed, list, oneOf, rules, str, struct } from "./schema/builders.ts";
import { gatewayCondition, object } from "./schema/object-meta.ts";

/** Longest interval of a limit, in milliseconds. */
const maxIntervalMs = 24 * 3_600_000;
const maxRequests = 1_000_000_000;

const headerName = new RegExp(headerNamePattern);

const groupOfKind = { Service: "", Gateway: "gateway.networking.k8s.io" } as const;

const targetReference = rules(
  struct(
    "v1alpha1.TargetReference",
    { kind: oneOf(["Service", "Gateway"]).describe("Service or Gateway."), name: objectName() },
    { group: group("").describe("Empty for a Service, gateway.networking.k8s.io for a Gateway.") },
  ),
  {
    message: 'the group of a Service is "", that of a Gateway is "gateway.networking.k8s.io"',
    check: (self) => (self.group ?? "") === groupOfKind[self.kind],
  },
);

const count = () => int({ minimum: 1, maximum: maxRequests });

const override = struct(
  "v1alpha1.RateLimitOverride",
  {
    value: str({ minLength: 1, maxLength: 1024 }).describe(
      "An identity as `<namespace>/<service account>`, or a value of the header.",
    ),
    requests: count().describe("Requests per interval."),
  },
  { burst: count().describe("Requests at once; as many as requests by default.") },
);

const limit = rules(
  struct(
    "v1alpha1.RateLimit",
    {
      requests: count().describe("Requests per interval."),
      interval: rules(str({ maxLength: 32 }), {
        message: "must be a duration from 1ms to 24h, such as 500ms, 1s or 1h30m",
        check: (self) => {
          const ms = durationMs(self);
          return ms !== undefined && ms >= 1 && ms <= maxIntervalMs;
        },
      }).describe("Time in which `requests` are allowed, 1ms to 24h."),
    },
    {
      name: rules(str({ minLength: 1, maxLength: 63 }), {
        message: "must consist of lower case letters, digits and '-', with a letter or digit at both ends",
        check: (self) => /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(self),
      }).describe("Name of the limit, unique within the policy; told in metrics and logs."),
      burst: count().describe("Requests at once; as many as requests by default."),
      per: oneOf(["Total", "Identity", "Header"], { default: "Total" }).describe(
        "What is counted apart: nothing, each caller, or each value of a header.",
      ),
      header: rules(str({ minLength: 1, maxLength: 256 }), {
        message: "must be the name of a header, such as x-api-key",
        check: (self) => headerName.test(self),
      }).describe("The header whose values are counted apart; requests without it are counted together."),
      matches: list(httpRouteMatch, { maxItems: 8 }).describe("Requests that count; all by default."),
      overrides: keyed(override, ["value"], { maxItems: 64 }).describe("Other limits for single callers or values."),
    },
  ),
  {
    message: "header must be set when per is Header: name the header whose values are counted apart",
    check: (self) => self.per !== "Header" || self.header !== undefined,
  },
  {
    message: "header must not be set unless per is Header",
    check: (self) => self.per === "Header" || self.header === undefined,
  },
  {
    message: "overrides need per to be Identity or Header: a total has nobody to single out",
    check: (self) => (self.per ?? "Total") !== "Total" || (self.overrides?.length ?? 0) === 0,
  },
  {
    message: "the value of an override per Identity must be <namespace>/<service account>",
    check: (self) =>
      self.per !== "Identity" ||
      (self.overrides ?? []).every((entry) => /^[a-z0-9][-a-z0-9]*\/[a-z0-9][-.a-z0-9]*$/.test(entry.value)),
  },
);

const rateLimitPolicySpec = struct(
  "v1alpha1.RateLimitPolicySpec",
  {
    targetRefs: rules(list(targetReference, { minItems: 1, maxItems: 16 }), {
      message: "a target must not be named twice",
      check: (self) => allDistinct(self, (target) => `${target.kind}/${target.name}`),
    }).describe("Services or Gateways of this namespace; a Service is limited at its waypoint."),
    limits: rules(list(limit, { minItems: 1, maxItems: 16 }), {
      message: "names of limits must be unique within the policy",
      check: (self) =>
        allDistinct(
          self.filter((entry) => entry.name !== undefined),
          (entry) => entry.name ?? "",
        ),
    }).describe("A request must be within all of them."),
  },
  {},
);

export const rateLimitPolicySchema = object(
  "RateLimitPolicy",
  "towpath.dev/v1alpha1",
  "v1alpha1.RateLimitPolicy",
  { spec: rateLimitPolicySpec.describe("How many requests pass.") },
  {
    status: struct(
      "v1alpha1.RateLimitPolicyStatus",
      {},
      { conditions: keyed(gatewayCondition, ["type"], { maxItems: 8 }) },
    ).describe("What the control plane says."),
  },
);

export type RateLimitPolicy = z.infer<typeof rateLimitPolicySchema>;
export type RateLimit = z.infer<typeof limit>;
export type RateLimitTarget = z.infer<typeof targetReference>;
