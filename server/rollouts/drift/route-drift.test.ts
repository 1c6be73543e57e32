import { afterAll, beforeAll, expect, test } from "vitest";
import { peter } from "@/server/changes/test-changes.suite.ts";
import type { Owner } from "../ports.ts";
import { allToStable, service, shares, TestRelease } from "../traffic/test-release.suite.ts";

let release: TestRelease;
let owner: Owner;
beforeAll(async () => {
  release = await TestRelease.start();
  owner = await release.begin(peter);
  await release.placed(owner, shares(10));
}, 60_000);
afterAll(() => release.close(), 60_000);

const route = { apiVersion: "gateway.networking.k8s.io/v1", kind: "HTTPRoute", ...service };
const rewrite = async (from: string, to: string): Promise<void> => {
  const live = JSON.stringify(await release.company.cluster.read(route));
  expect(live).toContain(from);
  const { spec } = JSON.parse(live.replaceAll(from, to)) as { spec: object };
  await release.company.patch("HTTPRoute", service.namespace, service.name, { spec });
};
const gone = async (ref: typeof route): Promise<void> => {
  await release.company.cluster.remove(ref);
  const kind = ref.kind as "HTTPRoute" | "Service";
  await release.company.seen(() => release.company.cluster.get(kind, ref.namespace, ref.name) === undefined);
};
const drift = () => release.traffic.drift(service);

test("nothing is told of what the portal wrote itself", async () => {
  expect(await drift()).toEqual([]);
});

test("an edit is told with who did it and what it says, until it is taken back", async () => {
  await rewrite('"weight":10}', '"weight":90}');
  expect(await drift()).toEqual([
    {
      resource: route,
      manager: "kubectl-edit",
      words: "share of purchase-history-v1 was 90 %, is 50 % and share of purchase-history-v2 was 10 %, is 50 %",
    },
  ]);
  await rewrite('-v2","port":80,"group":"","weight":90}', '-v2","port":80,"group":"","weight":10}');
  expect(await drift()).toEqual([]);
});

test("an object that was removed is told, and the Services of versions too", async () => {
  await gone(route);
  await gone({ ...route, apiVersion: "v1", kind: "Service", name: "purchase-history-v2" });
  const found = await drift();
  expect(found.map(({ resource, words }) => `${resource.kind} ${resource.name} ${words}`).sort()).toEqual([
    "HTTPRoute purchase-history it was removed",
    "Service purchase-history-v2 it was removed",
  ]);
  expect(await release.placed({ ...owner, overwrite: true }, shares(10))).toEqual({ state: "placed" });
  expect(await drift()).toEqual([]);
});

test("a route that somebody adds beside ours is told", async () => {
  const added = { namespace: service.namespace, name: "mine" };
  await release.company.create("HTTPRoute", "gateway.networking.k8s.io/v1", {
    metadata: added,
    spec: {
      parentRefs: [{ group: "", kind: "Service", name: service.name, port: 80 }],
      rules: [{ backendRefs: [{ name: "purchase-history-v2", port: 80 }] }],
    },
  });
  await release.company.seen(() => release.company.cluster.get("HTTPRoute", added.namespace, "mine") !== undefined);
  expect(await drift()).toMatchObject([{ resource: added, words: expect.stringContaining("was added") }]);
  await gone({ ...route, name: "mine" });
  expect(await drift()).toEqual([]);
});

test("what is on its way is no drift", async () => {
  release.acknowledging = false;
  await release.traffic.place(owner, shares(50));
  expect(await drift()).toEqual([]);
  await release.traffic.placeNow(owner, allToStable);
  expect(await drift()).toEqual([]);
  release.acknowledging = true;
  expect(await release.placed(owner, allToStable)).toEqual({ state: "placed" });
  expect(await drift()).toEqual([]);
});

test("another program under the name of a version is seen, another number of pods or the same begun again is not", async () => {
  const { templateOf } = release.traffic;
  const edit = (body: object) => release.company.patch("Deployment", service.namespace, "purchase-history-v1", body);
  const first = templateOf(service, "v1");
  expect(first).toMatchObject({ images: ["towpath/purchase-history:v1"], resource: { name: "purchase-history-v1" } });
  const restartedAt = { "kubectl.kubernetes.io/restartedAt": "2026-01-01T00:00:00Z" };
  await edit({ spec: { replicas: 7, template: { metadata: { annotations: restartedAt } } } });
  expect(templateOf(service, "v1")?.hash).toBe(first?.hash);
  await edit({ spec: { template: { spec: { terminationGracePeriodSeconds: 5 } } } });
  const second = templateOf(service, "v1");
  expect([second?.manager, second?.images]).toEqual(["kubectl-edit", first?.images]);
  expect(second?.hash).not.toBe(first?.hash);
  // Pods without a Deployment are nothing to compare.
  expect(templateOf(service, "v2")).toBeUndefined();
});

test("asking costs little while nothing moves", async () => {
  await drift();
  const began = performance.now();
  for (let round = 0; round < 50; round++) {
    await drift();
  }
  // A few reads of the database, no rendering: far below the second between two questions even on a busy machine.
  expect((performance.now() - began) / 50).toBeLessThan(100);
});
