import { afterEach, expect, test, vi } from "vitest";
import type { Pod } from "../api/pod.ts";
import type { Running } from "../common/lifetime.ts";
import { createLog } from "../common/log.ts";
import { startNodeLife, toleratedMs } from "./node-life.ts";
import { resources } from "./resources.ts";
import { openWorld, type TestWorld } from "./world.suite.ts";
import { createWorld } from "./world.ts";

vi.setConfig({ testTimeout: 20_000 });
const wait = { timeout: 10_000, interval: 25 };
const open: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) {
    await close();
  }
});

test.each<[string, NonNullable<NonNullable<Pod["spec"]>["tolerations"]>, number]>([
  ["no toleration: at once", [], 0],
  [
    "the default of the API server",
    [{ key: "node.kubernetes.io/unreachable", operator: "Exists", effect: "NoExecute", tolerationSeconds: 300 }],
    300_000,
  ],
  ["for ever", [{ operator: "Exists" }], Number.POSITIVE_INFINITY],
  ["another taint does not count", [{ key: "gpu", operator: "Exists" }], 0],
  ["only against scheduling does not count", [{ operator: "Exists", effect: "NoSchedule" }], 0],
])("a pod on a lost node stays: %s", (_, tolerations, expected) => {
  expect(toleratedMs({ apiVersion: "v1", kind: "Pod", metadata: {}, spec: { containers: [], tolerations } })).toBe(
    expected,
  );
});

const begin = async (): Promise<{ world: TestWorld; life: Running }> => {
  const world = await openWorld();
  open.push(() => world.close());
  const local = createWorld(world.client, createLog("test"));
  const context = {
    client: world.client,
    world: local.world,
    log: createLog("test"),
    events: { record: () => undefined },
  };
  const life = startNodeLife(context, { graceMs: 1_500, checkMs: 50 });
  await local.start();
  open.push(async () => {
    local.close();
    await life.close();
  });
  return { world, life };
};

test("a silent node is NotReady with its pods; what does not tolerate it is ended; it comes back with a heartbeat", async () => {
  const { world } = await begin();
  const node = await world.addNode("node-a", "r1-a");
  const pod = (name: string, tolerationSeconds: number): Pod => ({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: "default" },
    spec: {
      nodeName: "node-a",
      containers: [{ name: "app", image: "x" }],
      tolerations: [
        { key: "node.kubernetes.io/unreachable", operator: "Exists", effect: "NoExecute", tolerationSeconds },
      ],
    },
  });
  world.playKubelet();
  await world.admin.create(resources.pods, pod("stays", 300));
  await world.admin.create(resources.pods, pod("goes", 0));
  const readiness = (name: string) =>
    world.pods.store.get({ namespace: "default", name })?.status?.conditions?.find(({ type }) => type === "Ready");
  await expect.poll(() => readiness("stays")?.status, wait).toBe("True");
  const ready = async () =>
    (await world.admin.get(resources.nodes, { name: "node-a" })).status?.conditions?.find(
      ({ type }) => type === "Ready",
    );
  expect(await ready()).toMatchObject({ status: "True" });

  node.stop();
  await expect.poll(ready, wait).toMatchObject({ status: "Unknown", reason: "NodeStatusUnknown" });
  await expect.poll(() => world.pods.store.get({ namespace: "default", name: "goes" }), wait).toBeUndefined();
  expect(world.pods.store.get({ namespace: "default", name: "stays" })?.metadata?.deletionTimestamp).toBeUndefined();
  await node.beat();
  expect(await ready()).toMatchObject({ status: "True" });
});

test("pods of a node that is gone are ended without it", async () => {
  const { world } = await begin();
  const node = await world.addNode("node-b", "r1-b");
  const spec = { nodeName: "node-b", containers: [{ name: "app", image: "x" }] };
  await world.admin.create(resources.pods, {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "p", namespace: "default" },
    spec,
  });
  await expect.poll(() => world.pods.store.size, wait).toBe(1);
  node.stop();
  await world.admin.delete(resources.nodes, { name: "node-b" });
  await expect.poll(() => world.pods.store.size, wait).toBe(0);
});
