/** The resources that the control plane reads and whose status it writes. */
import type { AuthorizationPolicy } from "../../api/authorizationpolicy.ts";
import type { ConfigMap } from "../../api/configmap.ts";
import type { DestinationRule } from "../../api/destinationrule.ts";
import type { Gateway } from "../../api/gateway.ts";
import type { GatewayClass } from "../../api/gatewayclass.ts";
import type { GRPCRoute } from "../../api/grpcroute.ts";
import type { HTTPRoute } from "../../api/httproute.ts";
import type { IstioTelemetry } from "../../api/istio-telemetry.ts";
import type { KubeObject } from "../../api/meta.ts";
import type { Namespace } from "../../api/namespace.ts";
import type { Node } from "../../api/node.ts";
import type { PeerAuthentication } from "../../api/peerauthentication.ts";
import type { Pod } from "../../api/pod.ts";
import type { RateLimitPolicy } from "../../api/ratelimitpolicy.ts";
import type { ReferenceGrant } from "../../api/referencegrant.ts";
import type { RequestAuthentication } from "../../api/requestauthentication.ts";
import type { Secret } from "../../api/secret.ts";
import type { Service } from "../../api/service.ts";
import type { ServiceEntry } from "../../api/serviceentry.ts";
import type { VirtualService } from "../../api/virtualservice.ts";
import type { ResourceRef } from "../../kube-client/resource.ts";

const of =
  (group: string, version: string) =>
  <T extends KubeObject>(kind: string, plural: string, namespaced = true): ResourceRef<T> => ({
    group,
    version,
    kind,
    plural,
    namespaced,
  });

const core = of("", "v1");
const security = of("security.istio.io", "v1");
const networking = of("networking.istio.io", "v1");
const gatewayApi = of("gateway.networking.k8s.io", "v1");

export const resources = {
  namespaces: core<Namespace>("Namespace", "namespaces", false),
  nodes: core<Node>("Node", "nodes", false),
  pods: core<Pod>("Pod", "pods"),
  services: core<Service>("Service", "services"),
  configMaps: core<ConfigMap>("ConfigMap", "configmaps"),
  secrets: core<Secret>("Secret", "secrets"),
  authorizationPolicies: security<AuthorizationPolicy>("AuthorizationPolicy", "authorizationpolicies"),
  peerAuthentications: security<PeerAuthentication>("PeerAuthentication", "peerauthentications"),
  requestAuthentications: security<RequestAuthentication>("RequestAuthentication", "requestauthentications"),
  destinationRules: networking<DestinationRule>("DestinationRule", "destinationrules"),
  virtualServices: networking<VirtualService>("VirtualService", "virtualservices"),
  serviceEntries: networking<ServiceEntry>("ServiceEntry", "serviceentries"),
  telemetries: of("telemetry.istio.io", "v1")<IstioTelemetry>("Telemetry", "telemetries"),
  gateways: gatewayApi<Gateway>("Gateway", "gateways"),
  gatewayClasses: gatewayApi<GatewayClass>("GatewayClass", "gatewayclasses", false),
  httpRoutes: gatewayApi<HTTPRoute>("HTTPRoute", "httproutes"),
  grpcRoutes: gatewayApi<GRPCRoute>("GRPCRoute", "grpcroutes"),
  referenceGrants: of("gateway.networking.k8s.io", "v1beta1")<ReferenceGrant>("ReferenceGrant", "referencegrants"),
  rateLimitPolicies: of("towpath.dev", "v1alpha1")<RateLimitPolicy>("RateLimitPolicy", "ratelimitpolicies"),
} as const;

export type ResourceName = keyof typeof resources;
