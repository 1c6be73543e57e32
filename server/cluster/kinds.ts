import type { AuthorizationPolicy } from "@/mesh-runtime/api/authorizationpolicy.ts";
import type { Gateway } from "@/mesh-runtime/api/gateway.ts";
import type { HTTPRoute } from "@/mesh-runtime/api/httproute.ts";
import type { Namespace } from "@/mesh-runtime/api/namespace.ts";
import type { Node } from "@/mesh-runtime/api/node.ts";
import type { PeerAuthentication } from "@/mesh-runtime/api/peerauthentication.ts";
import type { Pod } from "@/mesh-runtime/api/pod.ts";
import type { Service } from "@/mesh-runtime/api/service.ts";
import type { ServiceAccount } from "@/mesh-runtime/api/serviceaccount.ts";

/** The kinds that the portal reads, and as what. */
export interface WatchedKinds {
  Namespace: Namespace;
  Node: Node;
  Pod: Pod;
  Service: Service;
  ServiceAccount: ServiceAccount;
  Gateway: Gateway;
  HTTPRoute: HTTPRoute;
  AuthorizationPolicy: AuthorizationPolicy;
  PeerAuthentication: PeerAuthentication;
}
export type WatchedKind = keyof WatchedKinds;

interface KindPath {
  readonly apiVersion: string;
  readonly plural: string;
  readonly namespaced: boolean;
}

const security = "security.istio.io/v1";
const gateway = "gateway.networking.k8s.io/v1";

export const watchedKinds: Readonly<Record<WatchedKind, KindPath>> = {
  Namespace: { apiVersion: "v1", plural: "namespaces", namespaced: false },
  Node: { apiVersion: "v1", plural: "nodes", namespaced: false },
  Pod: { apiVersion: "v1", plural: "pods", namespaced: true },
  Service: { apiVersion: "v1", plural: "services", namespaced: true },
  ServiceAccount: { apiVersion: "v1", plural: "serviceaccounts", namespaced: true },
  Gateway: { apiVersion: gateway, plural: "gateways", namespaced: true },
  HTTPRoute: { apiVersion: gateway, plural: "httproutes", namespaced: true },
  AuthorizationPolicy: { apiVersion: security, plural: "authorizationpolicies", namespaced: true },
  PeerAuthentication: { apiVersion: security, plural: "peerauthentications", namespaced: true },
};

export const kindNames = Object.keys(watchedKinds) as readonly WatchedKind[];

/** `/api/v1/…` or `/apis/<group>/<version>/…`; without `name` it is the list. */
export function resourcePath(kind: WatchedKind, namespace: string, name?: string): string {
  const { apiVersion, plural, namespaced } = watchedKinds[kind];
  const base = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const scope = namespaced && namespace !== "" ? `/namespaces/${encodeURIComponent(namespace)}` : "";
  return `${base}${scope}/${plural}${name === undefined ? "" : `/${encodeURIComponent(name)}`}`;
}
