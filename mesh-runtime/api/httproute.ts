/** gateway.networking.k8s.io/v1 HTTPRoute (experimental channel of Gateway API 1.4): schema and type. */
import type * as z from "zod";
import { durationMs } from "./gateway-api/duration.ts";
import { filters } from "./gateway-api/http-filter.ts";
import { matches } from "./gateway-api/http-match.ts";
import { parentRules, ruleRules, rulesRules } from "./gateway-api/http-rules.ts";
import {
  backendReferenceFields,
  duration,
  hasPortForService,
  hostname,
  objectName,
  parentReference,
  sectionName,
} from "./gateway-api/names.ts";
import { routeStatus } from "./gateway-api/route-status.ts";
import { sessionPersistence } from "./gateway-api/session-persistence.ts";
import { int, int32, list, oneOf, rules, struct } from "./schema/builders.ts";
import { object } from "./schema/object-meta.ts";

const backend = rules(
  struct(
    "v1.HTTPBackendRef",
    { name: objectName() },
    {
      ...backendReferenceFields,
      weight: int32({ default: 1, minimum: 0, maximum: 1_000_000 }).describe("Share of requests among the backends."),
      filters,
    },
  ),
  { message: "Must have port for Service reference", check: hasPortForService },
);

const timeouts = rules(
  struct(
    "v1.HTTPRouteTimeouts",
    {},
    {
      request: duration().describe("For the whole request, retries included."),
      backendRequest: duration().describe("For one try."),
    },
  ),
  {
    message: "backendRequest timeout cannot be longer than request timeout",
    check: (self) => {
      const request = self.request === undefined ? undefined : durationMs(self.request);
      const single = self.backendRequest === undefined ? undefined : durationMs(self.backendRequest);
      return request === undefined || single === undefined || request === 0 || single <= request;
    },
  },
);

const routeRule = rules(
  struct(
    "v1.HTTPRouteRule",
    {},
    {
      name: sectionName().describe("Name of the rule, unique within the route."),
      matches: matches.describe("The rule applies when one of these matches; all requests by default."),
      filters: filters.describe("Done to requests and responses on the way."),
      backendRefs: list(backend, { maxItems: 16 }).describe("Where requests go, by weight."),
      timeouts: timeouts.describe("Limits of time."),
      retry: struct(
        "v1.HTTPRouteRetry",
        {},
        {
          codes: list(int({ minimum: 400, maximum: 599 })).describe("Status codes to try again after."),
          attempts: int().describe("How often to try again; 0 is never."),
          backoff: duration().describe("Least time between tries."),
        },
      ).describe("When and how often to try again."),
      sessionPersistence: sessionPersistence.describe("Keeps a client at one backend."),
    },
  ),
  ...ruleRules,
);

const httpRouteSpec = struct(
  "v1.HTTPRouteSpec",
  {},
  {
    parentRefs: rules(list(parentReference, { maxItems: 32 }), ...parentRules).describe(
      "Gateways or Services that the route attaches to.",
    ),
    hostnames: list(hostname(), { maxItems: 16 }).describe("Hosts that the route serves; all by default."),
    rules: rules(
      list(routeRule, { maxItems: 16, default: [{ matches: [{ path: { type: "PathPrefix", value: "/" } }] }] }),
      ...rulesRules,
    ).describe("What to do with which requests."),
    useDefaultGateways: oneOf(["All", "None"]),
  },
);

export const httpRouteSchema = object(
  "HTTPRoute",
  "gateway.networking.k8s.io/v1",
  "v1.HTTPRoute",
  { spec: httpRouteSpec.describe("Which requests go where.") },
  {
    status: routeStatus("v1.HTTPRouteStatus"),
  },
);

export type HTTPRoute = z.infer<typeof httpRouteSchema>;
export type HTTPRouteRule = z.infer<typeof routeRule>;
export type ParentReference = z.infer<typeof parentReference>;
