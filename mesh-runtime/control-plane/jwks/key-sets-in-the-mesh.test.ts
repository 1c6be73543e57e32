/** Key sets on the real way: API server, control plane, condition. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Condition, KubeObject } from "../../api/meta.ts";
import { createKubeClient, type KubeClient } from "../../kube-client/client.ts";
import { startInformer } from "../../kube-client/informer.ts";
import { loadKubeconfig } from "../../kube-client/kubeconfig.ts";
import type { ResourceRef } from "../../kube-client/resource.ts";
import { type ApiProcess, startApiProcess } from "../api-process.suite.ts";
import { type RunningControlPlane, startControlPlane } from "../control-plane.ts";
import { quiet } from "../plane.suite.ts";
import { resources } from "../world/resources.ts";

let api: ApiProcess;
let admin: KubeClient;
let plane: RunningControlPlane;
let issuer: Server;
let issuerPort: number;
let asked = 0;

beforeAll(async () => {
  issuer = createServer((_request, response) => {
    asked += 1;
    response.end('{"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qY","kid":"a"}]}');
  });
  await new Promise<void>((resolve) => issuer.listen(0, "127.0.0.1", resolve));
  issuerPort = (issuer.address() as AddressInfo).port;
  api = await startApiProcess();
  ({ admin } = api);
  const kubeconfig = await loadKubeconfig(join(api.folder, "credentials/control-plane.kubeconfig"));
  plane = await startControlPlane({
    config: {
      data: join(api.folder, "control-plane"),
      address: "127.0.0.1",
      trustDomain: "cluster.local",
      clusterId: "Kubernetes",
      publish: [],
      xdsPort: 0,
      monitoringPort: 0,
      certificateLifetimeSeconds: 3_600,
    },
    client: createKubeClient({ kubeconfig, component: "control-plane" }),
    log: quiet,
  });
  await plane.ready;
  await create(resources.namespaces, { metadata: { name: "shop", labels: { "istio.io/use-waypoint": "waypoint" } } });
  await create(resources.gateways, {
    metadata: { namespace: "shop", name: "waypoint" },
    spec: { gatewayClassName: "istio-waypoint", listeners: [{ name: "mesh", port: 15008, protocol: "HBONE" }] },
  });
  await serve("waypoint", "127.0.0.9", 15008, 15008);
  await serve("reviews", "127.0.0.8", 80, 8080);
  await serve("issuer", "127.0.0.1", 80, issuerPort);
}, 30_000);

afterAll(async () => {
  await plane?.close();
  await api?.close();
  issuer?.closeAllConnections();
  issuer?.close();
}, 20_000);

async function create<T extends KubeObject>(kind: ResourceRef<T>, object: object): Promise<T> {
  const { group, version, kind: name } = kind;
  const apiVersion = group === "" ? version : `${group}/${version}`;
  return await admin.create(kind, { apiVersion, kind: name, ...object } as unknown as T);
}

/** A Service with one ready pod. */
async function serve(name: string, ip: string, port: number, targetPort: number): Promise<void> {
  await create(resources.services, {
    metadata: { namespace: "shop", name },
    spec: { selector: { app: name }, ports: [{ name: "http", port, targetPort }] },
  });
  await create(resources.pods, {
    metadata: { namespace: "shop", name, labels: { app: name } },
    spec: { nodeName: "node", serviceAccountName: "default", containers: [{ name: "app", image: "towpath/sleep:v1" }] },
  });
  const status = { phase: "Running", podIP: ip, podIPs: [{ ip }], conditions: [{ type: "Ready", status: "True" }] };
  await admin.patch(
    resources.pods,
    { namespace: "shop", name },
    { type: "merge", body: { status }, subresource: "status" },
  );
}

/** Creates a RequestAuthentication and waits until its condition is what is expected. */
async function judged(name: string, jwksUri: string, expected: (condition: Condition) => boolean): Promise<Condition> {
  const reached = Promise.withResolvers<Condition>();
  const look = (object: KubeObject): void => {
    const { conditions } = (object as { status?: { conditions?: Condition[] } }).status ?? {};
    const effective = conditions?.find(({ type }) => type === "towpath.dev/Effective");
    if (object.metadata?.name === name && effective !== undefined && expected(effective)) {
      reached.resolve(effective);
    }
  };
  const informer = startInformer<KubeObject>(admin, {
    kind: resources.requestAuthentications as ResourceRef<KubeObject>,
    onAdd: look,
    onUpdate: look,
    onDelete: () => {},
    onProblem: reached.reject,
  });
  await create(resources.requestAuthentications, {
    metadata: { namespace: "shop", name },
    spec: { targetRefs: [{ group: "", kind: "Service", name: "reviews" }], jwtRules: [{ issuer: name, jwksUri }] },
  });
  try {
    return await reached.promise;
  } finally {
    informer.close();
  }
}

it("keys of an issuer inside of the mesh are fetched from its pod", async () => {
  const condition = await judged("inside", "http://issuer.shop/keys", ({ status }) => status === "True");
  expect(condition).toMatchObject({ reason: "Effective", message: expect.stringContaining("acts on shop/reviews") });
  expect(asked).toBe(1);
});

it("nothing is fetched from an address of this machine, and the condition says so", async () => {
  const before = asked;
  const condition = await judged(
    "aside",
    `http://127.0.0.1:${issuerPort}/keys`,
    ({ reason, message }) => reason === "JwksUnavailable" && message?.includes("not been fetched yet") === false,
  );
  expect(condition).toMatchObject({ status: "False", message: expect.stringContaining("this machine or its link") });
  expect(asked).toBe(before);
});
