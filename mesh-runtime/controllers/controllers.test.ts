import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { Deployment } from "../api/deployment.ts";
import type { Gateway } from "../api/gateway.ts";
import type { Pod } from "../api/pod.ts";
import type { Service } from "../api/service.ts";
import type { Running } from "../common/lifetime.ts";
import { createLog } from "../common/log.ts";
import { resources } from "./resources.ts";
import { startControllers } from "./start.ts";
import { openWorld, type TestWorld } from "./world.suite.ts";

vi.setConfig({ testTimeout: 20_000, hookTimeout: 20_000 });
const wait = { timeout: 10_000, interval: 25 };
let world: TestWorld;
let controllers: Running;

const start = async (): Promise<void> => {
  controllers = await startControllers({
    client: world.client,
    log: createLog("test"),
    trustDomain: "cluster.local",
    clusterId: "Kubernetes",
    publish: [{ namespace: "edge", gateway: "ingress", listenerPort: 80, hostPort: 8080 }],
  });
};

beforeAll(async () => {
  world = await openWorld();
  await world.addNode("node-a", "r1-a");
  await world.addNode("node-b", "r1-b");
  world.playKubelet();
  await start();
});
afterAll(async () => {
  await controllers.close();
  await world.close();
});

const namespace = async (name: string): Promise<void> => {
  await world.admin.create(resources.namespaces, { apiVersion: "v1", kind: "Namespace", metadata: { name } });
};
const aDeployment = (name: string, namespaceName: string, replicas: number): Deployment => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name, namespace: namespaceName },
  spec: {
    replicas,
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: { containers: [{ name: "app", image: "towpath/sleep" }] },
    },
  },
});
const podsOf = (namespaceName: string): Pod[] =>
  world.pods.store.list().filter(({ metadata }) => metadata?.namespace === namespaceName);
const live = (namespaceName: string): Pod[] =>
  podsOf(namespaceName).filter(({ metadata }) => metadata?.deletionTimestamp === undefined);
const statusOf = async (name: string, namespaceName: string) =>
  (await world.admin.get(resources.deployments, { namespace: namespaceName, name })).status;

describe("deployments", () => {
  test("makes the pods, spreads them over the zones, and says that they are available", async () => {
    await namespace("one");
    await world.admin.create(resources.deployments, aDeployment("web", "one", 4));
    await expect.poll(() => statusOf("web", "one"), wait).toMatchObject({ readyReplicas: 4, availableReplicas: 4 });
    expect(podsOf("one")).toHaveLength(4);
    expect(
      podsOf("one")
        .map(({ spec }) => spec?.nodeName)
        .sort(),
    ).toEqual(["node-a", "node-a", "node-b", "node-b"]);
    expect(podsOf("one")[0]?.metadata?.name).toMatch(/^web-[a-z0-9]{9}-[a-z0-9]{5}$/);
    expect(podsOf("one")[0]?.metadata?.ownerReferences?.[0]).toMatchObject({ kind: "Deployment", name: "web" });
  });

  test("makes a deleted pod again", async () => {
    const [victim] = podsOf("one");
    await world.admin.delete(resources.pods, victim!.metadata!);
    const uids = (): (string | undefined)[] => live("one").map(({ metadata }) => metadata?.uid);
    await expect.poll(uids, wait).not.toContain(victim?.metadata?.uid);
    await expect.poll(() => uids().length, wait).toBe(4);
  });

  test("rolls a new template out without ever having too few or too many pods", async () => {
    const before = new Set(live("one").map(({ metadata }) => metadata?.uid));
    let most = 0;
    let fewestReady = 4;
    const watch = setInterval(() => {
      const now = live("one");
      const isReady = (pod: Pod) =>
        pod.status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True");
      most = Math.max(most, now.length);
      fewestReady = Math.min(fewestReady, now.filter(isReady).length);
    }, 1);
    const annotations = { "kubectl.kubernetes.io/restartedAt": "2026-01-01T00:00:00Z" };
    const body = { spec: { template: { metadata: { annotations } } } };
    await world.admin.patch(resources.deployments, { namespace: "one", name: "web" }, { type: "merge", body });
    await expect.poll(() => live("one").filter(({ metadata }) => before.has(metadata?.uid)).length, wait).toBe(0);
    await expect
      .poll(() => statusOf("web", "one"), wait)
      .toMatchObject({ updatedReplicas: 4, availableReplicas: 4, replicas: 4 });
    clearInterval(watch);
    expect(most).toBeLessThanOrEqual(5);
    expect(fewestReady).toBeGreaterThanOrEqual(3);
    expect(await statusOf("web", "one")).toMatchObject({ observedGeneration: 2 });
  });

  test("scales down to what is wished", async () => {
    const body = { spec: { replicas: 1 } };
    await world.admin.patch(resources.deployments, { namespace: "one", name: "web" }, { type: "merge", body });
    await expect.poll(() => podsOf("one").length, wait).toBe(1);
  });

  test("makes nothing twice when the controllers start again", async () => {
    const before = podsOf("one").map(({ metadata }) => metadata?.uid);
    await controllers.close();
    await start();
    await world.admin.create(resources.deployments, aDeployment("other", "one", 1));
    await expect.poll(() => statusOf("other", "one"), wait).toMatchObject({ availableReplicas: 1 });
    expect(podsOf("one").map(({ metadata }) => metadata?.uid)).toEqual(expect.arrayContaining(before));
    expect(podsOf("one")).toHaveLength(2);
  });
});

describe("scheduler", () => {
  test("says why a pod fits nowhere, and binds it as soon as it does", async () => {
    await namespace("two");
    const pod: Pod = {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "picky", namespace: "two" },
      spec: { containers: [{ name: "app", image: "x" }], nodeSelector: { disk: "fast" } },
    };
    await world.admin.create(resources.pods, pod);
    const find = () => podsOf("two")[0];
    await expect
      .poll(() => find()?.status?.conditions?.find(({ type }) => type === "PodScheduled"), wait)
      .toMatchObject({ status: "False", reason: "Unschedulable", message: expect.stringContaining("0/2 nodes") });
    const body = { metadata: { labels: { disk: "fast" } } };
    await world.admin.patch(resources.nodes, { name: "node-b" }, { type: "merge", body });
    await expect.poll(() => find()?.spec?.nodeName, wait).toBe("node-b");
  });
});

describe("gateways", () => {
  const gateway: Gateway = {
    apiVersion: "gateway.networking.k8s.io/v1",
    kind: "Gateway",
    metadata: { name: "ingress", namespace: "edge" },
    spec: { gatewayClassName: "istio", listeners: [{ name: "http", port: 80, protocol: "HTTP" }] },
  };
  const key = { namespace: "edge", name: "ingress-istio" };

  test("stands behind a Gateway with account, service and pods, published on the host", async () => {
    await namespace("edge");
    await world.admin.create(resources.gateways, gateway);
    await expect
      .poll(() => live("edge")[0]?.spec?.containers[0]?.ports?.[0], wait)
      .toMatchObject({
        containerPort: 8080,
        hostIP: "127.0.0.1",
        hostPort: 8080,
      });
    await expect
      .poll(async () => (await world.admin.get(resources.services, key)).status?.loadBalancer?.ingress, wait)
      .toMatchObject([{ ip: "127.0.0.1" }]);
    await world.admin.get(resources.serviceAccounts, key);
  });

  test("puts back what others change, and makes again what others delete", async () => {
    const labels = { "gateway.istio.io/managed": "somebody" };
    await world.admin.patch(resources.services, key, { type: "merge", body: { metadata: { labels } } });
    await expect
      .poll(async () => (await world.admin.get(resources.services, key)).metadata?.labels, wait)
      .toMatchObject({ "gateway.istio.io/managed": "istio.io-gateway-controller" });
    const { metadata } = await world.admin.get(resources.deployments, key);
    await world.admin.delete(resources.deployments, key);
    await expect
      .poll(
        () =>
          world.admin.get(resources.deployments, key).then(
            (now) => now.metadata?.uid !== metadata?.uid,
            () => false,
          ),
        wait,
      )
      .toBe(true);
  });

  test("stands behind a waypoint under its own name, and leaves its replicas to whoever scales it", async () => {
    const key = { namespace: "edge", name: "waypoint" };
    const spec = {
      gatewayClassName: "istio-waypoint",
      listeners: [{ name: "mesh", port: 15008, protocol: "HBONE" }],
    };
    await world.admin.create(resources.gateways, { ...gateway, metadata: key, spec });
    await expect
      .poll(() => statusOf("waypoint", "edge").catch(() => undefined), wait)
      .toMatchObject({ readyReplicas: 1 });
    await world.admin.patch(resources.deployments, key, { type: "merge", body: { spec: { replicas: 2 } } });
    await expect.poll(() => statusOf("waypoint", "edge"), wait).toMatchObject({ readyReplicas: 2 });
    const labels = { "istio.io/waypoint-for": "all" };
    await world.admin.patch(resources.gateways, key, { type: "merge", body: { metadata: { labels } } });
    await expect
      .poll(async () => (await world.admin.get(resources.deployments, key)).metadata?.labels, wait)
      .toMatchObject(labels);
    expect((await world.admin.get(resources.deployments, key)).spec?.replicas).toBe(2);
    await world.admin.delete(resources.gateways, key);
  });

  test("takes over no Service or account that belongs to somebody else", async () => {
    const key = { namespace: "edge", name: "taken" };
    const service: Service = { apiVersion: "v1", kind: "Service", metadata: key, spec: { ports: [{ port: 80 }] } };
    await world.admin.create(resources.services, service);
    const spec = {
      gatewayClassName: "istio-waypoint",
      listeners: [{ name: "mesh", port: 15008, protocol: "HBONE" }],
    };
    await world.admin.create(resources.gateways, { ...gateway, metadata: key, spec });
    await world.admin.create(resources.gateways, { ...gateway, metadata: { ...key, name: "after" } });
    const names = async () =>
      (await world.admin.list(resources.deployments, { namespace: "edge" })).items.map((one) => one.metadata?.name);
    await expect.poll(names, wait).toContain("after-istio");
    expect(await names()).not.toContain("taken");
    await world.admin.delete(resources.gateways, key);
    await world.admin.delete(resources.gateways, { ...key, name: "after" });
    await world.admin.delete(resources.services, key);
  });

  test("leaves gateways of others alone", async () => {
    const other = { ...gateway.spec!, gatewayClassName: "nginx" };
    await world.admin.create(resources.gateways, {
      ...gateway,
      metadata: { name: "foreign", namespace: "edge" },
      spec: other,
    });
    await world.admin.create(resources.gateways, { ...gateway, metadata: { name: "second", namespace: "edge" } });
    const names = async () =>
      (await world.admin.list(resources.deployments, { namespace: "edge" })).items.map((one) => one.metadata?.name);
    await expect.poll(names, wait).toContain("second-istio");
    expect(await names()).not.toContain("foreign-nginx");
    expect(await names()).not.toContain("foreign-istio");
  });

  test("takes everything along when the Gateway goes", async () => {
    await world.admin.delete(resources.gateways, { namespace: "edge", name: "ingress" });
    const left = () => world.admin.list(resources.services, { namespace: "edge" });
    await expect
      .poll(async () => (await left()).items.map((one) => one.metadata?.name), wait)
      .toEqual(["second-istio"]);
    await expect
      .poll(() => live("edge").filter((pod) => pod.metadata?.name?.startsWith("ingress")).length, wait)
      .toBe(0);
  });
});

test("every namespace gets its default ServiceAccount", async () => {
  await namespace("three");
  const key = { namespace: "three", name: "default" };
  await expect
    .poll(
      () =>
        world.admin.get(resources.serviceAccounts, key).then(
          (one) => one.metadata?.name,
          () => undefined,
        ),
      wait,
    )
    .toBe("default");
});
