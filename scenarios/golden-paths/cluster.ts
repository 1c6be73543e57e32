/** A small cluster as objects, which portal and control plane both read. Test code. */
import { worldOf } from "../../mesh-runtime/control-plane/translate/world.suite.ts";
import { buildInventory } from "../../server/inventory/build.ts";
import type { ClusterObjects } from "../../server/inventory/cluster-objects.ts";
import type { Inventory } from "../../server/inventory/model.ts";

export interface KubeLike {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec?: unknown;
  readonly status?: unknown;
}

const node = (name: string, region: string, zone: string): KubeLike => ({
  apiVersion: "v1",
  kind: "Node",
  metadata: { name, labels: { "topology.kubernetes.io/region": region, "topology.kubernetes.io/zone": zone } },
  status: { nodeInfo: { kubeletVersion: "v1.33.0-towpath" } },
});

const namespace = (name: string, waypoint: boolean): KubeLike => ({
  apiVersion: "v1",
  kind: "Namespace",
  metadata: {
    name,
    labels: {
      "kubernetes.io/metadata.name": name,
      "istio.io/dataplane-mode": "ambient",
      ...(waypoint ? { "istio.io/use-waypoint": "waypoint" } : {}),
    },
  },
});

let addresses = 0;
const address = (block: number): string => `10.${block}.0.${++addresses % 250}`;

const pod = (ns: string, app: string, version: string, on: string, labels = {}): KubeLike => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: {
    namespace: ns,
    name: `${app}-${version}`,
    labels: { app, version, ...labels },
    annotations: { "ambient.istio.io/redirection": "enabled" },
  },
  spec: { nodeName: on, serviceAccountName: app, containers: [{ name: "app", ports: [{ containerPort: 8080 }] }] },
  status: { phase: "Running", podIP: address(2), conditions: [{ type: "Ready", status: "True" }] },
});

type Port = {
  readonly name: string;
  readonly port: number;
  readonly targetPort?: number;
  readonly appProtocol?: string;
};
const service = (ns: string, name: string, ports: readonly Port[], bound: boolean): KubeLike => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: { namespace: ns, name },
  spec: {
    clusterIP: address(1),
    selector: { app: name },
    ports: ports.map((port) => ({ protocol: "TCP", targetPort: port.port, ...port })),
  },
  status: {
    conditions: bound
      ? [
          {
            type: "istio.io/WaypointBound",
            status: "True",
            reason: "WaypointAccepted",
            message: `Successfully attached to waypoint ${ns}/waypoint`,
          },
        ]
      : [],
  },
});

const http = [{ name: "http", port: 8080 }];

/** `shop` has a waypoint, `plain` has none. `orders` has two HTTP ports and another one. */
export const clusterObjects: readonly KubeLike[] = [
  {
    apiVersion: "gateway.networking.k8s.io/v1",
    kind: "GatewayClass",
    metadata: { name: "istio-waypoint" },
    spec: { controllerName: "istio.io/mesh-controller" },
  },
  {
    apiVersion: "gateway.networking.k8s.io/v1",
    kind: "GatewayClass",
    metadata: { name: "istio" },
    spec: { controllerName: "istio.io/gateway-controller" },
  },
  node("node-a", "r1", "r1-a"),
  node("node-b", "r1", "r1-b"),
  node("node-c", "r2", "r2-a"),
  namespace("shop", true),
  namespace("plain", false),
  namespace("istio-ingress", false),
  {
    apiVersion: "gateway.networking.k8s.io/v1",
    kind: "Gateway",
    metadata: { namespace: "istio-ingress", name: "ingress" },
    spec: { gatewayClassName: "istio", listeners: [] },
    status: {
      addresses: [{ type: "IPAddress", value: "10.1.9.8" }],
      conditions: [{ type: "Programmed", status: "True", message: "Resource programmed" }],
    },
  },
  {
    apiVersion: "gateway.networking.k8s.io/v1",
    kind: "Gateway",
    metadata: { namespace: "shop", name: "waypoint" },
    spec: { gatewayClassName: "istio-waypoint", listeners: [{ name: "mesh", port: 15_008, protocol: "HBONE" }] },
    status: {
      addresses: [{ type: "IPAddress", value: "10.1.9.9" }],
      conditions: [{ type: "Programmed", status: "True", message: "Resource programmed" }],
    },
  },
  {
    apiVersion: "v1",
    kind: "Service",
    metadata: {
      namespace: "shop",
      name: "waypoint",
      labels: {
        "gateway.istio.io/managed": "istio.io-mesh-controller",
        "gateway.networking.k8s.io/gateway-name": "waypoint",
        "gateway.networking.k8s.io/gateway-class-name": "istio-waypoint",
      },
    },
    spec: {
      clusterIP: "10.1.9.9",
      selector: { "gateway.networking.k8s.io/gateway-name": "waypoint" },
      ports: [{ name: "mesh", port: 15_008 }],
    },
  },
  service("shop", "history", http, true),
  pod("shop", "history", "v1", "node-a"),
  pod("shop", "history", "v2", "node-c"),
  service(
    "shop",
    "orders",
    [
      { name: "http", port: 80, targetPort: 8080 },
      { name: "grpc-admin", port: 9090 },
      { name: "tcp-events", port: 7000 },
    ],
    true,
  ),
  pod("shop", "orders", "v1", "node-a"),
  pod("shop", "orders", "v2", "node-b"),
  service("plain", "ledger", http, false),
  pod("plain", "ledger", "v1", "node-b"),
];

const of = <K extends keyof ClusterObjects>(objects: readonly KubeLike[], kind: string): ClusterObjects[K] =>
  objects.filter((object) => object.kind === kind) as unknown as ClusterObjects[K];

/** What the portal makes of them. */
export const inventoryOf = (objects: readonly KubeLike[]): Inventory =>
  buildInventory({
    namespaces: of<"namespaces">(objects, "Namespace"),
    nodes: of<"nodes">(objects, "Node"),
    pods: of<"pods">(objects, "Pod"),
    services: of<"services">(objects, "Service"),
    serviceAccounts: of<"serviceAccounts">(objects, "ServiceAccount"),
    serviceEntries: of<"serviceEntries">(objects, "ServiceEntry"),
    configMaps: of<"configMaps">(objects, "ConfigMap"),
    gateways: of<"gateways">(objects, "Gateway"),
    routes: of<"routes">(objects, "HTTPRoute"),
    grpcRoutes: of<"grpcRoutes">(objects, "GRPCRoute"),
    virtualServices: of<"virtualServices">(objects, "VirtualService"),
    destinationRules: of<"destinationRules">(objects, "DestinationRule"),
    rateLimitPolicies: of<"rateLimitPolicies">(objects, "RateLimitPolicy"),
    requestAuthentications: of<"requestAuthentications">(objects, "RequestAuthentication"),
    authorizationPolicies: of<"authorizationPolicies">(objects, "AuthorizationPolicy"),
    peerAuthentications: of<"peerAuthentications">(objects, "PeerAuthentication"),
  });

/** What the control plane makes of them. */
export { worldOf };
