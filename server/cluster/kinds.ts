import type { AuthorizationPolicy } from "@/mesh-runtime/api/authorizationpolicy.ts";
import type { ConfigMap } from "@/mesh-runtime/api/configmap.ts";
import type { Deployment } from "@/mesh-runtime/api/deployment.ts";
import type { DestinationRule } from "@/mesh-runtime/api/destinationrule.ts";
import type { Gateway } from "@/mesh-runtime/api/gateway.ts";
import type { GRPCRoute } from "@/mesh-runtime/api/grpcroute.ts";
import type { HTTPRoute } from "@/mesh-runtime/api/httproute.ts";
import type { IstioTelemetry } from "@/mesh-runtime/api/istio-telemetry.ts";
import type { Namespace } from "@/mesh-runtime/api/namespace.ts";
import type { Node } from "@/mesh-runtime/api/node.ts";
import type { PeerAuthentication } from "@/mesh-runtime/api/peerauthentication.ts";
import type { Pod } from "@/mesh-runtime/api/pod.ts";
import type { RateLimitPolicy } from "@/mesh-runtime/api/ratelimitpolicy.ts";
import type { RequestAuthentication } from "@/mesh-runtime/api/requestauthentication.ts";
import type { Service } from "@/mesh-runtime/api/service.ts";
import type { ServiceAccount } from "@/mesh-runtime/api/serviceaccount.ts";
import type { ServiceEntry } from "@/mesh-runtime/api/serviceentry.ts";
import type { VirtualService } from "@/mesh-runtime/api/virtualservice.ts";

/** The kinds that the portal reads, and as what. */
export interface WatchedKinds {
  Namespace: Namespace;
  Node: Node;
  Pod: Pod;
  Deployment: Deployment;
  Service: Service;
  ServiceAccount: ServiceAccount;
  Gateway: Gateway;
  HTTPRoute: HTTPRoute;
  AuthorizationPolicy: AuthorizationPolicy;
  PeerAuthentication: PeerAuthentication;
  GRPCRoute: GRPCRoute;
  RequestAuthentication: RequestAuthentication;
  VirtualService: VirtualService;
  DestinationRule: DestinationRule;
  RateLimitPolicy: RateLimitPolicy;
  ServiceEntry: ServiceEntry;
  ConfigMap: ConfigMap;
  Telemetry: IstioTelemetry;
}
export type WatchedKind = keyof WatchedKinds;

interface KindPath {
  readonly apiVersion: string;
  readonly plural: string;
  readonly namespaced: boolean;
  /** A cluster may do without the kind, or not let the portal read it: then there are none. */
  readonly optional?: boolean;
  /** Only objects of this namespace are read. */
  readonly within?: string;
}

const security = "security.istio.io/v1";
const gateway = "gateway.networking.k8s.io/v1";
const networking = "networking.istio.io/v1";

export const watchedKinds: Readonly<Record<WatchedKind, KindPath>> = {
  Namespace: { apiVersion: "v1", plural: "namespaces", namespaced: false },
  Node: { apiVersion: "v1", plural: "nodes", namespaced: false },
  Pod: { apiVersion: "v1", plural: "pods", namespaced: true },
  /** Of waypoints: how many pods they have. */
  Deployment: { apiVersion: "apps/v1", plural: "deployments", namespaced: true },
  Service: { apiVersion: "v1", plural: "services", namespaced: true },
  ServiceAccount: { apiVersion: "v1", plural: "serviceaccounts", namespaced: true },
  Gateway: { apiVersion: gateway, plural: "gateways", namespaced: true },
  HTTPRoute: { apiVersion: gateway, plural: "httproutes", namespaced: true },
  AuthorizationPolicy: { apiVersion: security, plural: "authorizationpolicies", namespaced: true },
  PeerAuthentication: { apiVersion: security, plural: "peerauthentications", namespaced: true },
  Telemetry: { apiVersion: "telemetry.istio.io/v1", plural: "telemetries", namespaced: true, optional: true },
  GRPCRoute: { apiVersion: gateway, plural: "grpcroutes", namespaced: true, optional: true },
  RequestAuthentication: {
    apiVersion: security,
    plural: "requestauthentications",
    namespaced: true,
    optional: true,
  },
  VirtualService: { apiVersion: networking, plural: "virtualservices", namespaced: true, optional: true },
  DestinationRule: { apiVersion: networking, plural: "destinationrules", namespaced: true, optional: true },
  RateLimitPolicy: {
    apiVersion: "towpath.dev/v1alpha1",
    plural: "ratelimitpolicies",
    namespaced: true,
    optional: true,
  },
  ServiceEntry: { apiVersion: networking, plural: "serviceentries", namespaced: true, optional: true },
  /** The mesh's own settings; those of applications are none of the portal's business. */
  ConfigMap: { apiVersion: "v1", plural: "configmaps", namespaced: true, optional: true, within: "istio-system" },
};

export const kindNames = Object.keys(watchedKinds) as readonly WatchedKind[];

/** `/api/v1/…` or `/apis/<group>/<version>/…`; without `name` it is the list. */
export function resourcePath(kind: WatchedKind, namespace: string, name?: string): string {
  const { apiVersion, plural, namespaced } = watchedKinds[kind];
  const base = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const scope = namespaced && namespace !== "" ? `/namespaces/${encodeURIComponent(namespace)}` : "";
  return `${base}${scope}/${plural}${name === undefined ? "" : `/${encodeURIComponent(name)}`}`;
}
