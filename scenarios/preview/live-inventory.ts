/** The inventory as the portal would have it, read once over the API. Test code. */
import type { KubeObject } from "../../mesh-runtime/api/meta.ts";
import type { ResourceRef } from "../../mesh-runtime/kube-client/resource.ts";
import { buildInventory } from "../../server/inventory/build.ts";
import type { ClusterObjects } from "../../server/inventory/cluster-objects.ts";
import type { Inventory } from "../../server/inventory/model.ts";
import { refOf, type TestMesh } from "../mesh.ts";

const kinds = {
  namespaces: ["v1", "Namespace"],
  nodes: ["v1", "Node"],
  pods: ["v1", "Pod"],
  services: ["v1", "Service"],
  serviceAccounts: ["v1", "ServiceAccount"],
  configMaps: ["v1", "ConfigMap"],
  gateways: ["gateway.networking.k8s.io/v1", "Gateway"],
  routes: ["gateway.networking.k8s.io/v1", "HTTPRoute"],
  grpcRoutes: ["gateway.networking.k8s.io/v1", "GRPCRoute"],
  virtualServices: ["networking.istio.io/v1", "VirtualService"],
  destinationRules: ["networking.istio.io/v1", "DestinationRule"],
  serviceEntries: ["networking.istio.io/v1", "ServiceEntry"],
  rateLimitPolicies: ["towpath.dev/v1alpha1", "RateLimitPolicy"],
  requestAuthentications: ["security.istio.io/v1", "RequestAuthentication"],
  authorizationPolicies: ["security.istio.io/v1", "AuthorizationPolicy"],
  peerAuthentications: ["security.istio.io/v1", "PeerAuthentication"],
} as const satisfies Partial<Record<keyof ClusterObjects, readonly [string, string]>>;

export async function readInventory(mesh: TestMesh): Promise<Inventory> {
  const lists = await Promise.all(
    Object.entries(kinds).map(async ([name, [apiVersion, kind]]) => {
      const { items } = await mesh.client.list(refOf({ apiVersion, kind }) as ResourceRef<KubeObject>, {});
      return [name, items] as const;
    }),
  );
  // Each list holds objects of its own kind.
  return buildInventory(Object.fromEntries(lists) as unknown as ClusterObjects);
}
