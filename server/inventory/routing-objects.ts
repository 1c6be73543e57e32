/** Kinds that route, limit and protect calls, as they are read. */
import type { DestinationRule } from "@/mesh-runtime/api/destinationrule.ts";
import type { GRPCRoute } from "@/mesh-runtime/api/grpcroute.ts";
import type { HTTPRoute } from "@/mesh-runtime/api/httproute.ts";
import type { RateLimitPolicy } from "@/mesh-runtime/api/ratelimitpolicy.ts";
import type { RequestAuthentication } from "@/mesh-runtime/api/requestauthentication.ts";
import type { VirtualService } from "@/mesh-runtime/api/virtualservice.ts";

/** The objects that are read; a kind that the cluster does not have is an empty list. */
export interface RoutingObjects {
  readonly routes: readonly HTTPRoute[];
  readonly grpcRoutes: readonly GRPCRoute[];
  readonly virtualServices: readonly VirtualService[];
  readonly destinationRules: readonly DestinationRule[];
  readonly rateLimitPolicies: readonly RateLimitPolicy[];
  readonly requestAuthentications: readonly RequestAuthentication[];
}
