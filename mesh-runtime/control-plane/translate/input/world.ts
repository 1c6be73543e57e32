import type { GatewayInput } from "./gateway.ts";
import type { HttpRouteInput } from "./http-route.ts";
import type { GatewayClassInput, NamespaceInput, NodeInput } from "./namespace.ts";
import type { PodInput } from "./pod.ts";
import type { AuthorizationPolicyInput, PeerAuthenticationInput } from "./policy.ts";
import type { ServiceInput } from "./service.ts";

/** Everything that the translation reads, by store key (`<namespace>/<name>` or `<name>`). */
export interface World {
  readonly namespaces: ReadonlyMap<string, NamespaceInput>;
  readonly nodes: ReadonlyMap<string, NodeInput>;
  readonly pods: ReadonlyMap<string, PodInput>;
  readonly services: ReadonlyMap<string, ServiceInput>;
  readonly authorizationPolicies: ReadonlyMap<string, AuthorizationPolicyInput>;
  readonly peerAuthentications: ReadonlyMap<string, PeerAuthenticationInput>;
  readonly gateways: ReadonlyMap<string, GatewayInput>;
  readonly gatewayClasses: ReadonlyMap<string, GatewayClassInput>;
  readonly httpRoutes: ReadonlyMap<string, HttpRouteInput>;
}

/** Facts about the mesh itself. */
export interface MeshFacts {
  readonly trustDomain: string;
  readonly clusterId: string;
  readonly rootNamespace: string;
}
