import type { KubeObject } from "../mesh-runtime/api/meta.ts";
import { root } from "../supervisor/config.ts";

export const namespace = "bench";

const pod = (name: string, node: string, command: readonly string[], ports: readonly number[]): KubeObject =>
  ({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace, labels: { app: name } },
    spec: {
      nodeName: node,
      serviceAccountName: name,
      terminationGracePeriodSeconds: 1,
      containers: [
        {
          name,
          image: "local",
          command,
          ...(ports.length > 0 && { ports: ports.map((containerPort) => ({ containerPort })) }),
        },
      ],
    },
  }) as KubeObject;

const serviceAccount = (name: string): KubeObject => ({
  apiVersion: "v1",
  kind: "ServiceAccount",
  metadata: { name, namespace },
});

/** An idle client on node-a, and echo servers on both nodes behind a Service each. */
export const benchObjects: readonly KubeObject[] = [
  {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name: namespace, labels: { "istio.io/dataplane-mode": "ambient" } },
  },
  ...["client", "echo-a", "echo-b"].map(serviceAccount),
  ...["echo-a", "echo-b"].map(
    (name) =>
      ({
        apiVersion: "v1",
        kind: "Service",
        metadata: { name, namespace },
        spec: { selector: { app: name }, ports: [{ port: 8080, targetPort: 8080 }] },
      }) as KubeObject,
  ),
  {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "echo-waypoint", namespace, labels: { "istio.io/use-waypoint": "waypoint" } },
    spec: { selector: { app: "echo-b" }, ports: [{ name: "http", port: 8080, targetPort: 8080 }] },
  } as KubeObject,
  {
    apiVersion: "gateway.networking.k8s.io/v1",
    kind: "Gateway",
    metadata: { name: "waypoint", namespace, labels: { "istio.io/waypoint-for": "service" } },
    spec: {
      gatewayClassName: "istio-waypoint",
      listeners: [{ name: "mesh", port: 15008, protocol: "HBONE" }],
    },
  } as KubeObject,
  {
    apiVersion: "security.istio.io/v1",
    kind: "AuthorizationPolicy",
    metadata: { name: "echo-callers", namespace },
    spec: {
      targetRefs: [{ group: "", kind: "Service", name: "echo-waypoint" }],
      action: "ALLOW",
      rules: [
        {
          from: [{ source: { serviceAccounts: [`${namespace}/client`] } }],
          to: [{ operation: { methods: ["GET"], paths: ["/*"] } }],
        },
      ],
    },
  } as KubeObject,
  pod("client", "node-a", ["node", `${root}/demo/workloads/sleep.ts`], []),
  pod("echo-a", "node-a", ["node", `${root}/bench/echo-server.ts`], [8080]),
  pod("echo-b", "node-b", ["node", `${root}/bench/echo-server.ts`], [8080]),
];
