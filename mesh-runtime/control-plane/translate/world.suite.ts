/** Worlds for tests, out of API objects, as the watches would build them. Test code. */
import { readDestinationRule } from "./input/destination-rule.ts";
import { readGateway } from "./input/gateway.ts";
import { readGrpcRoute } from "./input/grpc-route.ts";
import { readHttpRoute } from "./input/http-route.ts";
import { fields, keyOf, readMeta, text } from "./input/lenient.ts";
import { defaultMeshConfig, readMeshConfig } from "./input/mesh-config.ts";
import { readGatewayClass, readNamespace, readNode } from "./input/namespace.ts";
import { readPod } from "./input/pod.ts";
import { readAuthorizationPolicy, readPeerAuthentication } from "./input/policy.ts";
import { readRateLimitPolicy } from "./input/rate-limit-policy.ts";
import { readReferenceGrant } from "./input/reference-grant.ts";
import { readRequestAuthentication } from "./input/request-authentication.ts";
import { readSecret } from "./input/secret.ts";
import { readService } from "./input/service.ts";
import { readServiceEntry } from "./input/service-entry.ts";
import { readTelemetry } from "./input/telemetry.ts";
import { readVirtualService } from "./input/virtual-service.ts";
import type { MeshFacts, World } from "./input/world.ts";

export const facts: MeshFacts = {
  trustDomain: "cluster.local",
  clusterId: "Kubernetes",
  rootNamespace: "istio-system",
};

/** A world out of API objects. Readers see each object once; unchanged objects keep their inputs between calls. */
export function worldOf(objects: readonly unknown[]): World {
  const read = <T extends object>(kind: string, reader: (object: unknown) => T): ReadonlyMap<string, T> =>
    new Map(
      objects
        .filter((object) => text(fields(object)["kind"]) === kind)
        .map((object) => [keyOf(readMeta(object)), remembered(object, reader)]),
    );
  return {
    namespaces: read("Namespace", readNamespace),
    nodes: read("Node", readNode),
    pods: read("Pod", readPod),
    services: read("Service", readService),
    serviceEntries: read("ServiceEntry", readServiceEntry),
    authorizationPolicies: read("AuthorizationPolicy", readAuthorizationPolicy),
    peerAuthentications: read("PeerAuthentication", readPeerAuthentication),
    requestAuthentications: read("RequestAuthentication", readRequestAuthentication),
    gateways: read("Gateway", readGateway),
    gatewayClasses: read("GatewayClass", readGatewayClass),
    httpRoutes: read("HTTPRoute", readHttpRoute),
    grpcRoutes: read("GRPCRoute", readGrpcRoute),
    referenceGrants: read("ReferenceGrant", readReferenceGrant),
    destinationRules: read("DestinationRule", readDestinationRule),
    virtualServices: read("VirtualService", readVirtualService),
    telemetries: read("Telemetry", readTelemetry),
    rateLimitPolicies: read("RateLimitPolicy", readRateLimitPolicy),
    secrets: read("Secret", readSecret),
    meshConfig: read("ConfigMap", readMeshConfig).get("istio-system/istio") ?? defaultMeshConfig,
    keySets: new Map(),
    keyProblems: new Map(),
  };
}

const known = new WeakMap<object, object>();

function remembered<T extends object>(object: unknown, reader: (object: unknown) => T): T {
  const key = object as object;
  const input = (known.get(key) as T | undefined) ?? reader(object);
  known.set(key, input);
  return input;
}
