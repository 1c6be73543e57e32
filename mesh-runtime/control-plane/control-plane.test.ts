/** The control plane against the real API server, as a process of its own, and proxies over real sockets. */
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Condition, KubeObject } from "../api/meta.ts";
import { requestCertificate } from "../identity/certificate-request.ts";
import { createKubeClient, type KubeClient } from "../kube-client/client.ts";
import { loadKubeconfig } from "../kube-client/kubeconfig.ts";
import type { ResourceRef } from "../kube-client/resource.ts";
import { type Rejection, startXdsClient, subscribeTo } from "../xds/client.ts";
import { addressType, authorizationType, type MeshAddress } from "../xds/codec.ts";
import { type ApiProcess, eventsUntilReady, startApiProcess, startMain } from "./api-process.suite.ts";
import { type RunningControlPlane, startControlPlane } from "./control-plane.ts";
import { quiet } from "./plane.suite.ts";
import { resources } from "./world/resources.ts";

let api: ApiProcess;
let admin: KubeClient;
let plane: RunningControlPlane;
const open: { close(): Promise<void> }[] = [];

beforeAll(async () => {
  api = await startApiProcess();
  ({ admin } = api);
  plane = await start();
  await create(resources.nodes, { metadata: { name: "node-a", labels: { "topology.kubernetes.io/zone": "r1-a" } } });
  await create(resources.nodes, { metadata: { name: "node-b" } });
  await create(resources.namespaces, { metadata: { name: "web-api" } });
}, 30_000);

afterAll(async () => {
  for (const part of open.reverse()) {
    await part.close();
  }
  await plane?.close();
  await api?.close();
}, 20_000);

async function start(): Promise<RunningControlPlane> {
  const kubeconfig = await loadKubeconfig(join(api.folder, "credentials/control-plane.kubeconfig"));
  const started = await startControlPlane({
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
  await started.ready;
  return started;
}

async function create<T extends KubeObject>(kind: ResourceRef<T>, object: object): Promise<T> {
  const { group, version, kind: name } = kind;
  const apiVersion = group === "" ? version : `${group}/${version}`;
  return await admin.create(kind, { apiVersion, kind: name, ...object } as unknown as T);
}

/** A pod bound to a node with an address, ready, and captured. */
async function runPod(namespace: string, name: string, ip: string, node: string, captured = true): Promise<void> {
  await create(resources.pods, {
    metadata: {
      name,
      namespace,
      labels: { app: name },
      ...(captured ? { annotations: { "ambient.istio.io/redirection": "enabled" } } : {}),
    },
    spec: { nodeName: node, serviceAccountName: "default", containers: [{ name: "app", image: "towpath/sleep:v1" }] },
  });
  await admin.patch(
    resources.pods,
    { namespace, name },
    {
      type: "merge",
      body: {
        status: { phase: "Running", podIP: ip, podIPs: [{ ip }], conditions: [{ type: "Ready", status: "True" }] },
      },
      subresource: "status",
    },
  );
}

async function agentToken(node: string): Promise<string> {
  const { metadata } = await admin.get(resources.nodes, { name: node });
  const { token } = await admin.createToken(
    { namespace: "istio-system", name: "ztunnel" },
    {
      audiences: ["istio-ca"],
      expirationSeconds: 3_600,
      boundObjectRef: { kind: "Node", apiVersion: "v1", name: node, uid: metadata?.uid ?? "" },
    },
  );
  return token;
}

const endpoint = (token: string) => ({
  address: `127.0.0.1:${plane.xdsPort}`,
  rootCertificateFile: plane.rootCertificateFile,
  tokenProvider: () => token,
});

/** An agent that holds what it is told; `refuse` names policies that it does not take. */
async function startAgent(node: string, refuse: readonly string[] = []) {
  const addresses = new Map<string, MeshAddress>();
  const policies = new Set<string>();
  const client = startXdsClient({
    ...endpoint(await agentToken(node)),
    node: {
      id: `ztunnel~127.0.0.1~ztunnel-${node}.istio-system~istio-system.svc.cluster.local`,
      metadata: { NODE_NAME: node },
    },
    subscriptions: [
      subscribeTo(addressType, "*", ({ upserted, removed }) => {
        for (const name of removed) {
          addresses.delete(name);
        }
        for (const { name, value } of upserted) {
          addresses.set(name, value);
        }
        return undefined;
      }),
      subscribeTo(authorizationType, "*", ({ upserted, removed }): Rejection[] => {
        for (const name of removed) {
          policies.delete(name);
        }
        for (const { name } of upserted) {
          policies.add(name);
        }
        return refuse
          .filter((name) => upserted.some((entry) => entry.name === name))
          .map((name) => ({ name, error: "cannot be used here" }));
      }),
    ],
    log: quiet,
  });
  open.push(client);
  await client.synced;
  return { client, addresses, policies };
}

async function conditions(kind: ResourceRef, key: { namespace?: string; name: string }): Promise<readonly Condition[]> {
  const object = (await admin.get(kind, key)) as { status?: { conditions?: Condition[] } };
  return object.status?.conditions ?? [];
}
const enforced = async (kind: ResourceRef, key: { namespace?: string; name: string }) =>
  (await conditions(kind, key)).find(({ type }) => type === "towpath.dev/Enforced");

describe("control plane", { timeout: 60_000 }, () => {
  it("issues certificates for the pods of the caller's node and for no others", async () => {
    await runPod("web-api", "web-api", "127.24.1.10", "node-a");
    const identity = { trustDomain: "cluster.local", namespace: "web-api", serviceAccount: "default" };
    const signal = new AbortController().signal;
    const certificate = await requestCertificate(endpoint(await agentToken("node-a")), identity, {
      impersonate: true,
      signal,
    });
    expect(certificate.info.spiffeId).toBe("spiffe://cluster.local/ns/web-api/sa/default");
    expect(certificate.roots.join("")).toBe(await readFile(plane.rootCertificateFile, "utf8"));
    await expect(
      requestCertificate(endpoint(await agentToken("node-b")), identity, { impersonate: true, signal }),
    ).rejects.toThrow(/no pod of web-api\/default is bound to node node-b/);
  });

  it("tells agents of pods, and says on a policy when all of them enforce it", async () => {
    const a = await startAgent("node-a");
    const b = await startAgent("node-b");
    expect(a.addresses.get("Kubernetes//Pod/web-api/web-api")).toMatchObject({
      workload: { tunnelProtocol: "HBONE", status: "HEALTHY", locality: { zone: "r1-a" } },
    });
    const key = { namespace: "web-api", name: "deny-all" };
    await create(resources.authorizationPolicies, { metadata: key, spec: {} });
    await expect
      .poll(() => enforced(resources.authorizationPolicies, key))
      .toMatchObject({
        status: "True",
        reason: "AllProxiesInSync",
        observedGeneration: "1",
        message: expect.stringMatching(/^enforced on 2 of 2 proxies after \d+ ms$/),
      });
    expect(await conditions(resources.authorizationPolicies, key)).toMatchObject([
      {
        type: "ZtunnelAccepted",
        status: "True",
        reason: "Accepted",
        message: "attached to ztunnel",
        observedGeneration: "1",
      },
      {},
    ]);
    expect(b.policies).toContain("web-api/deny-all");
  });

  it("says which proxy refuses a policy, and heals when the policy is replaced", async () => {
    await startAgent("node-b", ["web-api/odd"]);
    const key = { namespace: "web-api", name: "odd" };
    await create(resources.authorizationPolicies, {
      metadata: key,
      spec: { action: "DENY", rules: [{ from: [{ source: { namespaces: ["x"] } }] }] },
    });
    await expect
      .poll(() => enforced(resources.authorizationPolicies, key))
      .toMatchObject({
        status: "False",
        reason: "Rejected",
        message: "rejected by ztunnel-node-b.istio-system: web-api/odd: cannot be used here",
      });
    await open.pop()?.close();
    await admin.delete(resources.authorizationPolicies, key);
  });

  it("says on an enrolled namespace when its pods are captured and every proxy knows it", async () => {
    await create(resources.namespaces, {
      metadata: { name: "joins", labels: { "istio.io/dataplane-mode": "ambient" } },
    });
    await runPod("joins", "one", "127.24.1.11", "node-a");
    await runPod("joins", "two", "127.24.2.11", "node-b", false);
    await expect
      .poll(() => enforced(resources.namespaces, { name: "joins" }))
      .toMatchObject({
        status: "Unknown",
        reason: "WaitingForProxies",
        message: "1 of 2 pods are captured",
      });
    await admin.patch(
      resources.pods,
      { namespace: "joins", name: "two" },
      { type: "merge", body: { metadata: { annotations: { "ambient.istio.io/redirection": "enabled" } } } },
    );
    await expect.poll(() => enforced(resources.namespaces, { name: "joins" })).toMatchObject({ status: "True" });
    await admin.patch(
      resources.namespaces,
      { name: "joins" },
      { type: "merge", body: { metadata: { labels: { "istio.io/dataplane-mode": null } } } },
    );
    await expect.poll(() => enforced(resources.namespaces, { name: "joins" })).toBeUndefined();
  });

  it("writes a Gateway's and a route's conditions and heals them without a new write", async () => {
    await create(resources.gateways, {
      metadata: { name: "ingress", namespace: "web-api" },
      spec: { gatewayClassName: "istio", listeners: [{ name: "http", port: 80, protocol: "HTTP" }] },
    });
    await create(resources.httpRoutes, {
      metadata: { name: "route", namespace: "web-api" },
      spec: { parentRefs: [{ name: "ingress" }], rules: [{ backendRefs: [{ name: "web-api", port: 8080 }] }] },
    });
    const route = async () =>
      (await admin.get(resources.httpRoutes, { namespace: "web-api", name: "route" })).status?.parents?.[0];
    await expect.poll(route).toMatchObject({
      controllerName: "istio.io/gateway-controller",
      conditions: expect.arrayContaining([
        expect.objectContaining({ type: "Accepted", status: "True" }),
        expect.objectContaining({ type: "ResolvedRefs", status: "False", reason: "BackendNotFound" }),
      ]),
    });
    await expect
      .poll(() => conditions(resources.gateways, { namespace: "web-api", name: "ingress" }))
      .toEqual(
        expect.arrayContaining([
          expect.objectContaining({ type: "Accepted", status: "True", observedGeneration: 1 }),
          expect.objectContaining({ type: "Programmed", status: "False", reason: "AddressNotAssigned" }),
        ]),
      );
    await create(resources.services, {
      metadata: { name: "web-api", namespace: "web-api" },
      spec: { selector: { app: "web-api" }, ports: [{ port: 8080 }] },
    });
    await expect.poll(route).toMatchObject({
      conditions: expect.arrayContaining([expect.objectContaining({ type: "ResolvedRefs", status: "True" })]),
    });
  });

  it("goes on where it was when the API server was killed and is back", async () => {
    const key = { namespace: "web-api", name: "after-the-crash" };
    await api.kill();
    expect((await fetch(`http://127.0.0.1:${plane.monitoringPort}/ready`)).status).toBe(200);
    await api.restart();
    await expect
      .poll(() => create(resources.authorizationPolicies, { metadata: key, spec: {} }).catch(() => undefined))
      .toBeDefined();
    await expect
      .poll(() => enforced(resources.authorizationPolicies, key), { timeout: 10_000 })
      .toMatchObject({ status: "True" });
  });

  it("runs as a process that says where it listens and ends when its parent does", async () => {
    const child = startMain("./main.ts", {
      kubeconfig: join(api.folder, "credentials/control-plane.kubeconfig"),
      data: join(api.folder, "other-control-plane"),
      address: "127.0.0.1",
      publish: "istio-ingress/ingress:80=8080",
      "xds-port": "0",
      "monitoring-port": "0",
    });
    expect(await eventsUntilReady(child)).toMatchObject([
      { event: "listen", name: "xds", address: "127.0.0.1" },
      { event: "listen", name: "control-plane-monitoring" },
      { event: "ready" },
    ]);
    child.stdin?.end();
    expect(await once(child, "exit")).toEqual([0, null]);
  });

  it("says what is wrong with its flags", async () => {
    const child = startMain("./main.ts", { data: "x", address: "localhost" });
    expect(await eventsUntilReady(child)).toMatchObject([{ event: "fatal", code: "control-plane-start" }]);
  });

  it("keeps its root, its receipts and the objects' versions over a restart", async () => {
    const root = await readFile(plane.rootCertificateFile, "utf8");
    const key = { namespace: "web-api", name: "deny-all" };
    const before = await admin.get(resources.authorizationPolicies, key);
    await plane.close();
    plane = await start();
    expect(await readFile(plane.rootCertificateFile, "utf8")).toBe(root);
    const { client } = await startAgent("node-a");
    await expect.poll(() => client.status().connected).toBe(true);
    // Whatever would be written about the old policy is written before this one's receipt.
    const later = { namespace: "web-api", name: "later" };
    await create(resources.authorizationPolicies, { metadata: later, spec: {} });
    await expect.poll(() => enforced(resources.authorizationPolicies, later)).toMatchObject({ status: "True" });
    const after = await admin.get(resources.authorizationPolicies, key);
    expect(after.metadata?.resourceVersion).toBe(before.metadata?.resourceVersion);
    expect(await (await fetch(`http://127.0.0.1:${plane.monitoringPort}/debug/syncz`)).json()).toMatchObject({
      proxies: [
        {
          proxy: expect.stringContaining("node-a"),
          node: "node-a",
          types: { [authorizationType.typeUrl]: { state: "SYNCED" } },
        },
      ],
    });
  });
});
