import type { KubeObject } from "../../mesh-runtime/api/meta.ts";
import type { ResourceRef } from "../../mesh-runtime/kube-client/resource.ts";
import { root } from "../../supervisor/config.ts";
import { conditionsOf, manifests } from "../manifests.ts";
import { refOf, TestMesh } from "../mesh.ts";
import { namespace, podCaptured, podReady, podRef, serviceAccount, type WithConditions } from "../workloads.ts";

/** A pod of a program of this repository, with all ports it serves. */
export const programPod = (
  at: string,
  name: string,
  labels: Readonly<Record<string, string>>,
  command: readonly string[],
  ports: readonly number[],
): KubeObject =>
  ({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: at, labels },
    spec: {
      nodeName: "node-a",
      serviceAccountName: name,
      terminationGracePeriodSeconds: 1,
      containers: [{ name, image: "local", command, ports: ports.map((containerPort) => ({ containerPort })) }],
    },
  }) as KubeObject;

const echoPorts = [3000, 3001, 7070, 9090];

/** The back end `name` with a ServiceAccount of its own and a Service of its name. */
export const echo = (at: string, name: string, version: string): readonly KubeObject[] => [
  serviceAccount(at, name),
  programPod(at, name, { app: "echo", version }, ["node", `${root}/scenarios/backends/echo.ts`, name], echoPorts),
  echoService(at, name, { app: "echo", version }),
];

/** A Service of back ends with all their protocols. */
export const echoService = (at: string, name: string, selector: Readonly<Record<string, string>>): KubeObject =>
  ({
    apiVersion: "v1",
    kind: "Service",
    metadata: { name, namespace: at },
    spec: {
      selector,
      ports: [
        { name: "http", port: 80, targetPort: 3000, appProtocol: "http" },
        { name: "http-alt", port: 8080, targetPort: 3000, appProtocol: "http" },
        { name: "h2c", port: 8081, targetPort: 3001, appProtocol: "kubernetes.io/h2c" },
        { name: "ws", port: 8082, targetPort: 3000, appProtocol: "kubernetes.io/ws" },
        { name: "grpc", port: 7070, targetPort: 7070 },
        { name: "tcp", port: 9090, targetPort: 9090 },
      ],
    },
  }) as KubeObject;

/** A pod to send requests from. */
export const client = (at: string, name: string): readonly KubeObject[] => [
  serviceAccount(at, name),
  programPod(at, name, { app: name }, ["node", `${root}/demo/workloads/sleep.ts`], []),
];

/** A mesh with these namespaces in it and these objects running in them. */
export async function startPlace(namespaces: readonly string[], objects: readonly KubeObject[]): Promise<TestMesh> {
  const mesh = await TestMesh.start();
  await mesh.apply(...namespaces.map((name) => namespace(name, true)), namespace("istio-ingress", false), ...objects);
  for (const { kind, metadata } of objects) {
    if (kind === "Pod") {
      await podReady(mesh, metadata?.namespace ?? "", metadata?.name ?? "");
      await podCaptured(mesh, metadata?.namespace ?? "", metadata?.name ?? "");
    }
  }
  return mesh;
}

export const gatewayRef = refOf({
  apiVersion: "gateway.networking.k8s.io/v1",
  kind: "Gateway",
}) as ResourceRef<WithConditions>;

/** Makes Gateways, waits until all are programmed, and tells each one's address. */
export async function openGateways(mesh: TestMesh, text: string): Promise<ReadonlyMap<string, string>> {
  const objects = manifests(text);
  await mesh.apply(...objects);
  const addresses = new Map<string, string>();
  for (const { metadata } of objects.filter(({ kind }) => kind === "Gateway")) {
    const { name = "", namespace: at = "" } = metadata ?? {};
    await mesh.until(gatewayRef, { namespace: at, name }, (object) =>
      conditionsOf(object).some(({ type, status }) => type === "Programmed" && status === "True"),
    );
    addresses.set(name, await gatewayAddress(mesh, at, name));
  }
  return addresses;
}

/** The address of a Gateway's first pod. */
export async function gatewayAddress(mesh: TestMesh, at: string, name: string): Promise<string> {
  const { items } = await mesh.client.list(podRef, {
    namespace: at,
    labelSelector: `gateway.networking.k8s.io/gateway-name=${name}`,
  });
  return items[0]?.status?.podIP ?? "";
}
