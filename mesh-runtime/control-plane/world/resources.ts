/** The resources that the control plane reads and whose status it writes. */
import type { AuthorizationPolicy } from "../../api/authorizationpolicy.ts";
import type { Gateway } from "../../api/gateway.ts";
import type { GatewayClass } from "../../api/gatewayclass.ts";
import type { HTTPRoute } from "../../api/httproute.ts";
import type { Namespace } from "../../api/namespace.ts";
import type { Node } from "../../api/node.ts";
import type { PeerAuthentication } from "../../api/peerauthentication.ts";
import type { Pod } from "../../api/pod.ts";
import type { Service } from "../../api/service.ts";
import type { ResourceRef } from "../../kube-client/resource.ts";

const core = { group: "", version: "v1" } as const;
const security = { group: "security.istio.io", version: "v1" } as const;
const gatewayApi = { group: "gateway.networking.k8s.io", version: "v1" } as const;

export const resources = {
  namespaces: { ...core, kind: "Namespace", plural: "namespaces", namespaced: false } as ResourceRef<Namespace>,
  nodes: { ...core, kind: "Node", plural: "nodes", namespaced: false } as ResourceRef<Node>,
  pods: { ...core, kind: "Pod", plural: "pods", namespaced: true } as ResourceRef<Pod>,
  services: { ...core, kind: "Service", plural: "services", namespaced: true } as ResourceRef<Service>,
  authorizationPolicies: {
    ...security,
    kind: "AuthorizationPolicy",
    plural: "authorizationpolicies",
    namespaced: true,
  } as ResourceRef<AuthorizationPolicy>,
  peerAuthentications: {
    ...security,
    kind: "PeerAuthentication",
    plural: "peerauthentications",
    namespaced: true,
  } as ResourceRef<PeerAuthentication>,
  gateways: { ...gatewayApi, kind: "Gateway", plural: "gateways", namespaced: true } as ResourceRef<Gateway>,
  gatewayClasses: {
    ...gatewayApi,
    kind: "GatewayClass",
    plural: "gatewayclasses",
    namespaced: false,
  } as ResourceRef<GatewayClass>,
  httpRoutes: { ...gatewayApi, kind: "HTTPRoute", plural: "httproutes", namespaced: true } as ResourceRef<HTTPRoute>,
} as const;

export type ResourceName = keyof typeof resources;
