/** Waypoints from their Gateway to the receipts of their proxies, against the real API server and over real sockets. */
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { Condition, KubeObject } from "../api/meta.ts";
import { createKubeClient, type KubeClient } from "../kube-client/client.ts";
import { loadKubeconfig } from "../kube-client/kubeconfig.ts";
import type { ResourceRef } from "../kube-client/resource.ts";
import { startXdsClient, subscribeTo } from "../xds/client.ts";
import { addressType, type MeshAddress, proxyConfigType } from "../xds/codec.ts";
import type { ProxyConfig } from "../xds/proxy-config.ts";
import { type ApiProcess, startApiProcess } from "./api-process.suite.ts";
import { type RunningControlPlane, startControlPlane } from "./control-plane.ts";
import { quiet } from "./plane.suite.ts";
import { type ResourceName, resources } from "./world/resources.ts";

vi.setConfig({ testTimeout: 20_000 });
const wait = { timeout: 10_000, interval: 20 };
const namespace = "shop";
let api: ApiProcess;
let admin: KubeClient;
let plane: RunningControlPlane;
const open: { close(): Promise<void> }[] = [];

beforeAll(async () => {
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
  await create("nodes", { name: "node-a" });
  await create("namespaces", { name: namespace, labels: { "istio.io/use-waypoint": "waypoint" } });
}, 30_000);

afterAll(async () => {
  for (const part of open.reverse()) {
    await part.close();
  }
  await plane?.close();
  await api?.close();
}, 20_000);

async function create(resource: ResourceName, metadata: object, more: object = {}): Promise<void> {
  const kind = resources[resource] as ResourceRef<KubeObject>;
  const apiVersion = kind.group === "" ? kind.version : `${kind.group}/${kind.version}`;
  await admin.create(kind, { apiVersion, kind: kind.kind, metadata, ...more } as KubeObject);
}

async function runPod(name: string, ip: string, labels: Record<string, string>, serviceAccount: string): Promise<void> {
  const annotations = { "ambient.istio.io/redirection": "enabled" };
  await create(
    "pods",
    { name, namespace, labels, annotations },
    {
      spec: {
        nodeName: "node-a",
        serviceAccountName: serviceAccount,
        containers: [{ name: "app", image: "towpath/sleep:v1" }],
      },
    },
  );
  const conditions = [{ type: "Ready", status: "True" }];
  const body = { status: { phase: "Running", podIP: ip, podIPs: [{ ip }], conditions } };
  await admin.patch(resources.pods, { namespace, name }, { type: "merge", body, subresource: "status" });
}

async function conditionsOf(resource: ResourceName, name: string): Promise<readonly Condition[]> {
  const kind = resources[resource] as ResourceRef<KubeObject>;
  const { status } = (await admin.get(kind, { namespace, name })) as {
    status?: { conditions?: Condition[]; parents?: { conditions: Condition[] }[] };
  };
  return status?.conditions ?? status?.parents?.[0]?.conditions ?? [];
}
const condition = async (resource: ResourceName, name: string, type: string) =>
  (await conditionsOf(resource, name)).find((one) => one.type === type);

/** A replica of the waypoint that confirms whatever it is told. */
async function startProxy(pod: string) {
  const { metadata } = await admin.get(resources.pods, { namespace, name: pod });
  const { token } = await admin.createToken(
    { namespace, name: "waypoint" },
    {
      audiences: ["istio-ca"],
      expirationSeconds: 3_600,
      boundObjectRef: { kind: "Pod", apiVersion: "v1", name: pod, uid: metadata?.uid ?? "" },
    },
  );
  const addresses = new Map<string, MeshAddress>();
  let config: ProxyConfig | undefined;
  const client = startXdsClient({
    address: `127.0.0.1:${plane.xdsPort}`,
    rootCertificateFile: plane.rootCertificateFile,
    tokenProvider: () => token,
    node: { id: `router~127.0.0.1~${pod}.${namespace}~${namespace}.svc.cluster.local`, metadata: {} },
    subscriptions: [
      subscribeTo(addressType, "*", ({ upserted }) => {
        for (const { name, value } of upserted) {
          addresses.set(name, value);
        }
        return undefined;
      }),
      subscribeTo(proxyConfigType, [`${namespace}/waypoint`], ({ upserted }) => {
        config = upserted[0]?.value ?? config;
        return undefined;
      }),
    ],
    log: quiet,
  });
  open.push(client);
  await client.synced;
  return { addresses, config: () => config };
}

const toService = { targetRefs: [{ group: "", kind: "Service", name: "app" }] };

describe("waypoints", () => {
  it("says on everything that needs it that the waypoint is not there", async () => {
    const ports = [{ name: "http", port: 80 }];
    await create("services", { name: "app", namespace }, { spec: { selector: { app: "app" }, ports } });
    await runPod("app-1", "127.24.1.10", { app: "app" }, "default");
    await create("authorizationPolicies", { name: "allow", namespace }, { spec: { ...toService, rules: [{}] } });
    const backendRefs = [{ name: "app", port: 80 }];
    const parentRefs = [{ group: "", kind: "Service", name: "app" }];
    await create("httpRoutes", { name: "http", namespace }, { spec: { parentRefs, rules: [{ backendRefs }] } });
    await create("grpcRoutes", { name: "grpc", namespace }, { spec: { parentRefs, rules: [{ backendRefs }] } });
    const limits = [{ requests: 10, interval: "1s" }];
    await create("rateLimitPolicies", { name: "limit", namespace }, { spec: { ...toService, limits } });
    const trafficPolicy = { outlierDetection: { consecutive5xxErrors: 5 } };
    await create("destinationRules", { name: "breaker", namespace }, { spec: { host: "app", trafficPolicy } });
    const jwtRules = [{ issuer: "https://issuer.example", jwks: '{"keys":[]}' }];
    await create("requestAuthentications", { name: "jwt", namespace }, { spec: { ...toService, jwtRules } });

    await expect
      .poll(() => condition("services", "app", "istio.io/WaypointBound"), wait)
      .toMatchObject({
        status: "False",
        reason: "WaypointIsNotReady",
        message: 'waypoint "shop/waypoint" is not ready',
      });
    expect(await condition("services", "app", "istio.io/WaypointBound")).not.toHaveProperty("observedGeneration");
    await expect
      .poll(() => condition("authorizationPolicies", "allow", "WaypointAccepted"), wait)
      .toMatchObject({ status: "False", reason: "AncestorNotBound", observedGeneration: "1" });
    for (const [resource, name] of [
      ["httpRoutes", "http"],
      ["grpcRoutes", "grpc"],
      ["rateLimitPolicies", "limit"],
      ["destinationRules", "breaker"],
      ["requestAuthentications", "jwt"],
    ] as const) {
      await expect
        .poll(() => condition(resource, name, "towpath.dev/Effective"), wait)
        .toMatchObject({ status: "False", reason: "NoWaypoint" });
      expect(await condition(resource, name, "towpath.dev/Enforced")).toBeUndefined();
    }
    expect((await conditionsOf("httpRoutes", "http")).map(({ type }) => type)).toContain("ResolvedWaypoints");
    expect((await conditionsOf("grpcRoutes", "grpc")).map(({ type }) => type)).not.toContain("ResolvedWaypoints");
  });

  it("binds with the first ready pod, and the proxies' word comes from every replica", async () => {
    const listeners = [{ name: "mesh", port: 15008, protocol: "HBONE" }];
    await create(
      "gateways",
      { name: "waypoint", namespace },
      { spec: { gatewayClassName: "istio-waypoint", listeners } },
    );
    const managed = { "gateway.istio.io/managed": "istio.io-mesh-controller" };
    const selector = { "gateway.networking.k8s.io/gateway-name": "waypoint" };
    const spec = { selector, ports: [{ name: "mesh", port: 15008 }] };
    await create("services", { name: "waypoint", namespace, labels: managed }, { spec });
    const account = { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "waypoint", namespace } };
    const accounts = { group: "", version: "v1", kind: "ServiceAccount", plural: "serviceaccounts", namespaced: true };
    await admin.create(accounts, account);
    await expect
      .poll(() => condition("gateways", "waypoint", "Programmed"), wait)
      .toMatchObject({ status: "False", reason: "AddressNotAssigned" });
    expect(await condition("services", "waypoint", "istio.io/WaypointBound")).toBeUndefined();

    await runPod("waypoint-1", "127.24.1.20", { ...managed, ...selector }, "waypoint");
    await runPod("waypoint-2", "127.24.1.21", { ...managed, ...selector }, "waypoint");
    await expect
      .poll(() => condition("services", "app", "istio.io/WaypointBound"), wait)
      .toMatchObject({ status: "True", message: "Successfully attached to waypoint shop/waypoint" });
    await expect
      .poll(() => condition("authorizationPolicies", "allow", "WaypointAccepted"), wait)
      .toMatchObject({ status: "True", reason: "Accepted", message: "bound to shop/waypoint" });
    expect(await condition("services", "app", "towpath.dev/WaypointEnforced")).toMatchObject({
      status: "False",
      reason: "Bypassable",
    });
    await expect
      .poll(() => condition("httpRoutes", "http", "towpath.dev/Enforced"), wait)
      .toMatchObject({ status: "Unknown", reason: "WaitingForProxies" });

    const first = await startProxy("waypoint-1");
    await startProxy("waypoint-2");
    for (const [resource, name] of [
      ["authorizationPolicies", "allow"],
      ["httpRoutes", "http"],
      ["grpcRoutes", "grpc"],
      ["rateLimitPolicies", "limit"],
      ["destinationRules", "breaker"],
      ["requestAuthentications", "jwt"],
      ["gateways", "waypoint"],
    ] as const) {
      await expect
        .poll(() => condition(resource, name, "towpath.dev/Enforced"), wait)
        .toMatchObject({ status: "True", reason: "AllProxiesInSync" });
    }
    const body = { spec: { rules: [{ to: [{ operation: { methods: ["GET"] } }] }] } };
    await admin.patch(resources.authorizationPolicies, { namespace, name: "allow" }, { type: "merge", body });
    await expect
      .poll(() => condition("authorizationPolicies", "allow", "towpath.dev/Enforced"), wait)
      .toMatchObject({ observedGeneration: "2", message: expect.stringMatching(/^enforced on 2 of 2 proxies after/) });
    expect(first.config()?.services.map(({ service }) => service)).toEqual(["shop/app.shop.svc.cluster.local"]);
    expect(first.config()?.services[0]).toMatchObject({
      authorizations: [{ name: "allow" }],
      jwtRules: [{ policy: "shop/jwt" }],
      rateLimits: [{ policy: "shop/limit" }],
    });
    expect(first.addresses.get("shop/app.shop.svc.cluster.local")).toMatchObject({
      service: { waypoint: { hostname: "waypoint.shop.svc.cluster.local", port: 15008 } },
    });
  });

  it("is closed by a guard, and says so", async () => {
    const rules = [{ from: [{ source: { serviceAccounts: ["shop/waypoint"] } }] }];
    const spec = { selector: { matchLabels: { app: "app" } }, rules };
    await create("authorizationPolicies", { name: "guard", namespace }, { spec });
    await expect
      .poll(() => condition("services", "app", "towpath.dev/WaypointEnforced"), wait)
      .toMatchObject({ status: "True", reason: "GuardedByPolicy", message: "guarded by shop/guard" });
  });

  it("takes its conditions back when nothing names it any more", async () => {
    const body = { metadata: { labels: { "istio.io/use-waypoint": null } } };
    await admin.patch(resources.namespaces, { name: namespace }, { type: "merge", body });
    await expect.poll(() => conditionsOf("services", "app"), wait).toEqual([]);
    await expect
      .poll(() => condition("authorizationPolicies", "allow", "WaypointAccepted"), wait)
      .toMatchObject({ status: "False", reason: "AncestorNotBound" });
    await expect.poll(() => condition("httpRoutes", "http", "towpath.dev/Enforced"), wait).toBeUndefined();
  });
});
