import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import type { Deployment } from "@/mesh-runtime/api/deployment.ts";
import { TestChanges } from "@/server/changes/test-changes.suite.ts";
import type { Owner, WorkloadPort } from "../ports.ts";
import { deploymentOf, purchaseHistoryPods } from "../traffic/test-versions.suite.ts";
import { createWorkloads, stoppedAnnotation } from "./workloads.ts";

let company: TestChanges;
let workloads: WorkloadPort;
beforeAll(async () => {
  company = await TestChanges.start();
  await purchaseHistoryPods(company);
  workloads = createWorkloads(company.deps);
}, 60_000);
afterAll(() => company.close(), 60_000);

const service = { namespace: "purchase-history", name: "purchase-history" };
const owner: Owner = { rolloutId: "one", service, by: null, reason: "" };
const image = { image: "towpath/purchase-history:v9", command: [], replicas: 3 };
const read = async (name: string): Promise<Deployment | undefined> =>
  (await company.cluster.read({
    ...{ apiVersion: "apps/v1", kind: "Deployment", namespace: service.namespace, name },
  })) as Deployment | undefined;

describe("a version that is started", () => {
  test("is the stable version's Deployment but for program, number and version", async () => {
    await workloads.start(owner, "v1", "v9", image);
    const [made, model] = [await read("purchase-history-v9"), await read("purchase-history-v1")];
    const [container] = made?.spec?.template.spec?.containers ?? [];
    expect(made?.spec).toMatchObject({
      replicas: 3,
      selector: { matchLabels: { app: "purchase-history", version: "v9" } },
      template: { metadata: { labels: { app: "purchase-history", version: "v9" } } },
    });
    expect(container).toEqual({ ...model?.spec?.template.spec?.containers[0], image: image.image });
    expect(made?.metadata?.annotations).toMatchObject({ "towpath.dev/release": "one" });
    const version = made?.metadata?.resourceVersion;
    await workloads.start(owner, "v1", "v9", image);
    expect((await read("purchase-history-v9"))?.metadata?.resourceVersion).toBe(version);
  });

  test("has by default as many pods as the stable version", async () => {
    const yaml = parse(await workloads.manifest(service, "v1", "v7", { ...image, replicas: null })) as Deployment;
    expect([yaml.spec?.replicas, (await read("purchase-history-v1"))?.spec?.replicas]).toEqual([2, 2]);
  });

  test("with a command runs this and not the former arguments", async () => {
    const start = { image: "", command: ["node", "server.js"], replicas: 1 };
    const yaml = parse(await workloads.manifest(service, "v1", "v7", start)) as Deployment;
    const [container] = yaml.spec?.template.spec?.containers ?? [];
    expect(container).toMatchObject({ image: "towpath/purchase-history:v1", command: ["node", "server.js"] });
    expect(container?.args).toBeUndefined();
  });

  test("is shown without the values of secrets", async () => {
    const yaml = await workloads.manifest(service, "v1", "v9", image);
    expect(yaml).not.toContain("do-not-show-me");
    expect(yaml).toContain("DB_PASSWORD");
    expect(yaml).toContain("debug");
    const applied = await read("purchase-history-v9");
    expect(JSON.stringify(applied)).toContain("do-not-show-me");
  });

  test("is another program than the one that runs", async () => {
    const same = { image: "", command: [], replicas: 1 };
    await expect(workloads.manifest(service, "v1", "v5", same)).rejects.toMatchObject({ code: "invalid-input" });
  });

  test("needs a model", async () => {
    await expect(workloads.start(owner, "v0", "v5", image)).rejects.toMatchObject({ code: "not-found" });
  });

  test("takes no other Deployment's place, nor is it taken back by another release", async () => {
    await company.create("Deployment", "apps/v1", deploymentOf("v3"));
    await expect(workloads.start(owner, "v1", "v3", image)).rejects.toMatchObject({ code: "conflict" });
    const another = { ...owner, rolloutId: "another" };
    await expect(workloads.start(another, "v1", "v9", image)).rejects.toMatchObject({ code: "conflict" });
    await workloads.remove(owner, "v3");
    await workloads.remove(another, "v9");
    expect(await read("purchase-history-v3")).toBeDefined();
    expect(await read("purchase-history-v9")).toBeDefined();
    await workloads.remove(owner, "v9");
    await workloads.remove(owner, "v9");
    expect(await read("purchase-history-v9")).toBeUndefined();
  });

  test("that somebody put another one in the place of stays when it is taken back", async () => {
    await workloads.start(owner, "v1", "v8", image);
    const { cluster } = company;
    const replaced: typeof cluster = {
      ...cluster,
      async remove(ref, options) {
        await cluster.remove(ref);
        await company.create("Deployment", "apps/v1", deploymentOf("v8"));
        await cluster.remove(ref, options);
      },
    };
    const late = createWorkloads({ ...company.deps, cluster: replaced });
    await expect(late.remove(owner, "v8")).rejects.toMatchObject({ code: "conflict" });
    expect(await read("purchase-history-v8")).toBeDefined();
    await late.remove(owner, "v8");
    expect(await read("purchase-history-v8")).toBeDefined();
  });

  test("that the API refuses leaves nothing", async () => {
    const start = { image: "x", command: [], replicas: 1 };
    await expect(workloads.start(owner, "v1", "not_a_label!", start)).rejects.toMatchObject({
      code: "refused-by-cluster",
    });
  });
});

test("a version that is stopped gets its pods back, as many as it had", async () => {
  await workloads.stop(owner, "v1");
  await workloads.stop(owner, "v1");
  const stopped = await read("purchase-history-v1");
  expect(stopped?.spec?.replicas).toBe(0);
  expect(stopped?.metadata?.annotations?.[stoppedAnnotation]).toBe("2");
  await workloads.resume({ ...owner, rolloutId: "undo" }, "v1");
  await workloads.resume(owner, "v1");
  const resumed = await read("purchase-history-v1");
  expect(resumed?.spec?.replicas).toBe(2);
  expect(resumed?.metadata?.annotations?.[stoppedAnnotation]).toBeUndefined();
});

test("pods are told by version", () => {
  expect(workloads.pods(service, "v2")).toEqual([
    { name: "purchase-history-v2-0", ready: true, node: "node-a", restarts: 0, phase: "Running" },
  ]);
  expect(workloads.pods(service, "v8")).toEqual([]);
});
