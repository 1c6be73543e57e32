/** A small company for tests: gateway → web-api → recommendation → purchase-history (v1, v2), and a client, sleep. */

import { buildInventory } from "./build.ts";
import type { ClusterObjects } from "./cluster-objects.ts";
import { gatewayNameLabel, redirectionAnnotation } from "./labels.ts";
import type { Inventory } from "./model.ts";
import type { RoutingObjects } from "./routing.ts";

export interface SampleOptions {
  /** Namespaces whose pods are captured. */
  readonly enrolled?: readonly string[];
  /** Namespace whose services are behind a waypoint of its own. */
  readonly waypoint?: string;
  /** On its Gateway. */
  readonly waypointAnnotations?: Readonly<Record<string, string>>;
  readonly authorizationPolicies?: ClusterObjects["authorizationPolicies"];
  readonly peerAuthentications?: ClusterObjects["peerAuthentications"];
  /** Routes and the like, added to those of the company. */
  readonly routing?: Partial<RoutingObjects>;
  /** Conditions on the services behind the waypoint, beside that they are bound. */
  readonly serviceConditions?: readonly object[];
}

const services = [
  { namespace: "web-api", name: "web-api", port: 8080, versions: ["v1"] },
  { namespace: "recommendation", name: "recommendation", port: 8080, versions: ["v1"] },
  { namespace: "purchase-history", name: "purchase-history", port: 8080, versions: ["v1", "v2"] },
  { namespace: "default", name: "sleep", port: 80, versions: ["v1"] },
  { namespace: "default", name: "httpbin", port: 8000, versions: ["v1"] },
];

type Pod = ClusterObjects["pods"][number];

function pod(
  namespace: string,
  workload: string,
  serviceAccount: string,
  labels: Record<string, string>,
  ip: string,
  port: number,
  captured: boolean,
): Pod {
  return {
    metadata: {
      name: `${workload}-1`,
      namespace,
      labels,
      annotations: captured ? { [redirectionAnnotation]: "enabled" } : {},
      ownerReferences: [
        { apiVersion: "apps/v1", kind: "ReplicaSet", name: `${workload}-abcde`, uid: workload, controller: true },
      ],
    },
    spec: {
      serviceAccountName: serviceAccount,
      nodeName: "node-a",
      containers: [{ name: "main", ports: [{ name: "http", containerPort: port }] }],
    },
    status: { phase: "Running", podIP: ip, conditions: [{ type: "Ready", status: "True" }] },
  } as Pod;
}

const boundCondition = (namespace: string) => ({
  type: "istio.io/WaypointBound",
  status: "True",
  reason: "WaypointAccepted",
  message: `Successfully attached to waypoint ${namespace}/waypoint`,
});

export function sampleInventory(options: SampleOptions = {}): Inventory {
  const enrolled = options.enrolled ?? [];
  const namespaces = ["istio-system", "istio-ingress", ...new Set(services.map(({ namespace }) => namespace))];
  const pods = services.flatMap(({ namespace, name, port, versions }, index) =>
    versions.map((version, replica) =>
      pod(
        namespace,
        versions.length === 1 ? name : `${name}-${version}`,
        name,
        { app: name, version },
        `10.0.${index}.${replica + 1}`,
        // The one service whose port and pod port differ.
        port === 80 ? 8080 : port,
        enrolled.includes(namespace),
      ),
    ),
  );
  const behind = options.waypoint;
  const waypointLabels = {
    [gatewayNameLabel]: "waypoint",
    "gateway.networking.k8s.io/gateway-class-name": "istio-waypoint",
  };
  const gatewayLabels = { [gatewayNameLabel]: "ingress" };
  return buildInventory({
    namespaces: namespaces.map((name) => ({
      metadata: { name, labels: enrolled.includes(name) ? { "istio.io/dataplane-mode": "ambient" } : {} },
    })) as unknown as ClusterObjects["namespaces"],
    nodes: [{ metadata: { name: "node-a" } }] as unknown as ClusterObjects["nodes"],
    pods: [
      ...pods,
      ...(behind === undefined ? [] : [pod(behind, "waypoint", "waypoint", waypointLabels, "10.0.8.1", 15008, false)]),
      pod("istio-ingress", "ingress-istio", "ingress-istio", gatewayLabels, "10.0.9.1", 8080, false),
    ],
    services: [
      ...services.map(({ namespace, name, port }) => ({
        metadata: { namespace, name },
        spec: { selector: { app: name }, ports: [{ name: "http", port, targetPort: port === 80 ? 8080 : port }] },
        status: {
          conditions: namespace === behind ? [boundCondition(namespace), ...(options.serviceConditions ?? [])] : [],
        },
      })),
      ...(behind === undefined
        ? []
        : [
            {
              metadata: { namespace: behind, name: "waypoint", labels: waypointLabels },
              spec: {
                selector: { [gatewayNameLabel]: "waypoint" },
                ports: [{ name: "mesh", port: 15008, targetPort: 15008 }],
              },
            },
          ]),
      {
        metadata: { namespace: "istio-ingress", name: "ingress-istio", labels: gatewayLabels },
        spec: { selector: gatewayLabels, ports: [{ name: "http", port: 80, targetPort: 8080 }] },
      },
    ] as unknown as ClusterObjects["services"],
    serviceAccounts: services.map(({ namespace, name }) => ({
      metadata: { namespace, name },
    })) as unknown as ClusterObjects["serviceAccounts"],
    gateways: [
      ...(behind === undefined
        ? []
        : [
            {
              metadata: { namespace: behind, name: "waypoint", annotations: options.waypointAnnotations ?? {} },
              spec: { gatewayClassName: "istio-waypoint", listeners: [] },
              status: { conditions: [{ type: "Programmed", status: "True", message: "Resource programmed" }] },
            },
          ]),
      { metadata: { namespace: "istio-ingress", name: "ingress" }, spec: { gatewayClassName: "istio", listeners: [] } },
    ] as unknown as ClusterObjects["gateways"],
    grpcRoutes: options.routing?.grpcRoutes ?? [],
    virtualServices: options.routing?.virtualServices ?? [],
    destinationRules: options.routing?.destinationRules ?? [],
    rateLimitPolicies: options.routing?.rateLimitPolicies ?? [],
    requestAuthentications: options.routing?.requestAuthentications ?? [],
    routes: [
      ...(options.routing?.routes ?? []),
      {
        metadata: { namespace: "istio-ingress", name: "web-api" },
        spec: { hostnames: ["istioinaction.io"], parentRefs: [{ name: "ingress" }] },
      },
    ] as unknown as ClusterObjects["routes"],
    authorizationPolicies: options.authorizationPolicies ?? [],
    peerAuthentications: options.peerAuthentications ?? [],
    serviceEntries: [],
    configMaps: [],
  });
}
