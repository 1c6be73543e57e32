import type { DestinationRuleInput } from "./destination-rule.ts";
import type { GatewayInput } from "./gateway.ts";

import type { MeshConfigInput } from "./mesh-config.ts";
import type { GatewayClassInput, NamespaceInput, NodeInput } from "./namespace.ts";
import type { PodInput } from "./pod.ts";
import type { AuthorizationPolicyInput, PeerAuthenticationInput } from "./policy.ts";
import type { RateLimitPolicyInput } from "./rate-limit-policy.ts";
import type { ReferenceGrantInput } from "./reference-grant.ts";
import type { RequestAuthenticationInput } from "./request-authentication.ts";
import type { RouteInput } from "./route.ts";
import type { SecretInput } from "./secret.ts";
import type { ServiceInput } from "./service.ts";
import type { ServiceEntryInput } from "./service-entry.ts";
import type { TelemetryInput } from "./telemetry.ts";
import type { VirtualServiceInput } from "./virtual-service.ts";

/** Everything that the translation reads, by store key (`<namespace>/<name>` or `<name>`). */
export interface World {
  readonly namespaces: ReadonlyMap<string, NamespaceInput>;
  readonly nodes: ReadonlyMap<string, NodeInput>;
  readonly pods: ReadonlyMap<string, PodInput>;
  readonly services: ReadonlyMap<string, ServiceInput>;
  readonly serviceEntries: ReadonlyMap<string, ServiceEntryInput>;
  readonly authorizationPolicies: ReadonlyMap<string, AuthorizationPolicyInput>;
  readonly peerAuthentications: ReadonlyMap<string, PeerAuthenticationInput>;
  readonly requestAuthentications: ReadonlyMap<string, RequestAuthenticationInput>;
  readonly gateways: ReadonlyMap<string, GatewayInput>;
  readonly gatewayClasses: ReadonlyMap<string, GatewayClassInput>;
  readonly httpRoutes: ReadonlyMap<string, RouteInput>;
  readonly grpcRoutes: ReadonlyMap<string, RouteInput>;
  readonly referenceGrants: ReadonlyMap<string, ReferenceGrantInput>;
  readonly destinationRules: ReadonlyMap<string, DestinationRuleInput>;
  readonly virtualServices: ReadonlyMap<string, VirtualServiceInput>;
  readonly telemetries: ReadonlyMap<string, TelemetryInput>;
  readonly rateLimitPolicies: ReadonlyMap<string, RateLimitPolicyInput>;
  /** Secrets of type `kubernetes.io/tls`. */
  readonly secrets: ReadonlyMap<string, SecretInput>;
  /** The mesh's own configuration: ConfigMap `istio` of the root namespace; its defaults when there is none. */
  readonly meshConfig: MeshConfigInput;
  /** Key sets fetched by the control plane, by `jwksUri`; see `control-plane/jwks`. */
  readonly keySets: ReadonlyMap<string, string>;
  /** Why a key set could not be fetched, by the same URLs. */
  readonly keyProblems: ReadonlyMap<string, string>;
}

/** Facts about the mesh itself. */
export interface MeshFacts {
  readonly trustDomain: string;
  readonly clusterId: string;
  readonly rootNamespace: string;
}
