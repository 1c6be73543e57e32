/** gateway.networking.k8s.io/v1 GRPCRoute (experimental channel of Gateway API 1.4): schema and type. */
import type * as z from "zod";
import { extensionRef, headerModifier, mirror, onceRule, typeRules } from "./gateway-api/http-filter.ts";
import { valueMatch } from "./gateway-api/http-match.ts";
import { parentRules, rulesRules } from "./gateway-api/http-rules.ts";
import {
  backendReferenceFields,
  hasPortForService,
  hostname,
  objectName,
  parentReference,
  sectionName,
} from "./gateway-api/names.ts";
import { routeStatus } from "./gateway-api/route-status.ts";
import { sessionPersistence } from "./gateway-api/session-persistence.ts";
import { int32, keyed, list, oneOf, rules, str, struct } from "./schema/builders.ts";
import { object } from "./schema/object-meta.ts";

const anyFilter = struct(
  "v1.GRPCRouteFilter",
  { type: oneOf(["ResponseHeaderModifier", "RequestHeaderModifier", "RequestMirror", "ExtensionRef"]) },
  {
    requestHeaderModifier: headerModifier.describe("Changes headers of requests."),
    responseHeaderModifier: headerModifier.describe("Changes headers of responses."),
    requestMirror: mirror.describe("Sends a copy to another back end, whose answer is ignored."),
    extensionRef,
  },
);

/** A filter of a GRPCRoute. */
export type GrpcFilter = z.infer<typeof anyFilter>;

const filters = rules(
  list(
    rules(
      anyFilter,
      ...typeRules<GrpcFilter>({
        RequestHeaderModifier: "requestHeaderModifier",
        ResponseHeaderModifier: "responseHeaderModifier",
        RequestMirror: "requestMirror",
        ExtensionRef: "extensionRef",
      }),
    ),
    { maxItems: 16 },
  ),
  onceRule("RequestHeaderModifier"),
  onceRule("ResponseHeaderModifier"),
);

const backend = rules(
  struct(
    "v1.GRPCBackendRef",
    { name: objectName() },
    {
      ...backendReferenceFields,
      weight: int32({ default: 1, minimum: 0, maximum: 1_000_000 }).describe("Share of calls among the backends."),
      filters,
    },
  ),
  { message: "Must have port for Service reference", check: hasPortForService },
);

const exact = (self: { type?: string | undefined }) => self.type === undefined || self.type === "Exact";

const methodMatch = rules(
  struct(
    "v1.GRPCMethodMatch",
    {},
    {
      type: oneOf(["Exact", "RegularExpression"], { default: "Exact" }),
      service: str({ maxLength: 1024 }).describe("Full name of the service."),
      method: str({ maxLength: 1024 }).describe("Name of the method; all by default."),
    },
  ),
  {
    message: "One or both of 'service' or 'method' must be specified",
    check: (self) => self.type === undefined || self.service !== undefined || self.method !== undefined,
  },
  {
    message: "service must only contain valid characters (matching ^(?i)\\.?[a-z_][a-z_0-9]*(\\.[a-z_][a-z_0-9]*)*$)",
    check: (self) =>
      !exact(self) || self.service === undefined || /^\.?[a-z_][a-z_0-9]*(\.[a-z_][a-z_0-9]*)*$/i.test(self.service),
  },
  {
    message: "method must only contain valid characters (matching ^[A-Za-z_][A-Za-z_0-9]*$)",
    check: (self) => !exact(self) || self.method === undefined || /^[A-Za-z_][A-Za-z_0-9]*$/.test(self.method),
  },
);

const match = struct(
  "v1.GRPCRouteMatch",
  {},
  {
    method: methodMatch.describe("Service and method; all by default."),
    headers: keyed(valueMatch("v1.GRPCHeaderMatch", 4096), ["name"], { maxItems: 16 }).describe("All must match."),
  },
);

const routeRule = struct(
  "v1.GRPCRouteRule",
  {},
  {
    name: sectionName().describe("Name of the rule, unique within the route."),
    matches: list(match, { maxItems: 64 }).describe(
      "The rule applies when one of these matches; all calls by default.",
    ),
    filters: filters.describe("Done to calls on the way."),
    backendRefs: list(backend, { maxItems: 16 }).describe("Where calls go, by weight."),
    sessionPersistence: sessionPersistence.describe("Keeps a client at one backend."),
  },
);

const grpcRouteSpec = struct(
  "v1.GRPCRouteSpec",
  {},
  {
    parentRefs: rules(list(parentReference, { maxItems: 32 }), ...parentRules).describe(
      "Gateways or Services that the route attaches to.",
    ),
    hostnames: list(hostname(), { maxItems: 16 }).describe("Hosts that the route serves; all by default."),
    rules: rules(list(routeRule, { maxItems: 16 }), ...rulesRules).describe("What to do with which calls."),
    useDefaultGateways: oneOf(["All", "None"]),
  },
);

export const grpcRouteSchema = object(
  "GRPCRoute",
  "gateway.networking.k8s.io/v1",
  "v1.GRPCRoute",
  { spec: grpcRouteSpec.describe("Which calls go where.") },
  { status: routeStatus("v1.GRPCRouteStatus") },
);

export type GRPCRoute = z.infer<typeof grpcRouteSchema>;
export type GRPCRouteRule = z.infer<typeof routeRule>;
export type GrpcRouteMatch = z.infer<typeof match>;
