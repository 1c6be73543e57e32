/** The client that the portal uses, against a running server: what kubectl does, where there is no kubectl. */

import { join } from "node:path";
import {
  AppsV1Api,
  CoreV1Api,
  CustomObjectsApi,
  KubeConfig,
  type KubernetesObject,
  KubernetesObjectApi,
  makeInformer,
  PatchStrategy,
  setHeaderOptions,
  Watch,
} from "@kubernetes/client-node";
import { afterAll, expect, test } from "vitest";
import { startServer } from "./running-server.suite.ts";

const server = await startServer();
afterAll(() => server[Symbol.asyncDispose]());
const config = new KubeConfig();
config.loadFromFile(join(server.home, "kubeconfig"));
const core = config.makeApiClient(CoreV1Api);
const serverSideApply = setHeaderOptions("Content-Type", PatchStrategy.ServerSideApply);

test("creates, lists with selectors, patches and deletes", async () => {
  await core.createNamespace({ body: { metadata: { name: "client", labels: { a: "b" } } } });
  const body = { metadata: { name: "c" }, data: { a: "1" } };
  const made = await core.createNamespacedConfigMap({ namespace: "client", body });
  expect(made.metadata?.creationTimestamp).toBeInstanceOf(Date);
  expect((await core.listNamespace({ labelSelector: "a=b" })).items.map(({ metadata }) => metadata?.name)).toEqual([
    "client",
  ]);
  const apps = config.makeApiClient(AppsV1Api);
  expect((await apps.listNamespacedDeployment({ namespace: "client" })).items).toEqual([]);
  await core.deleteNamespacedConfigMap({ name: "c", namespace: "client" });
  await expect(core.readNamespacedConfigMap({ name: "c", namespace: "client" })).rejects.toMatchObject({ code: 404 });
});

test("applies on the server, meets conflicts and forces them", async () => {
  const objects = KubernetesObjectApi.makeApiClient(config);
  const policy = (action: string) => ({
    apiVersion: "security.istio.io/v1",
    kind: "AuthorizationPolicy",
    metadata: { name: "p", namespace: "default" },
    spec: { action, rules: [{ from: [{ source: { namespaces: ["web"] } }] }] },
  });
  const apply = (action: string, manager: string, force = false) =>
    objects.patch(policy(action), undefined, undefined, manager, force, PatchStrategy.ServerSideApply);
  const created: KubernetesObject = await apply("ALLOW", "one");
  expect(created.metadata?.managedFields?.[0]).toMatchObject({ manager: "one", operation: "Apply" });
  await expect(apply("DENY", "two")).rejects.toMatchObject({ code: 409 });
  const forced = (await apply("DENY", "two", true)) as KubernetesObject & { spec?: { action?: string } };
  expect(forced.spec?.action).toBe("DENY");
  const custom = config.makeApiClient(CustomObjectsApi);
  const where = { group: "security.istio.io", version: "v1", namespace: "default", plural: "authorizationpolicies" };
  const dry = await custom.patchNamespacedCustomObject(
    { ...where, name: "p", body: policy("AUDIT"), fieldManager: "two", force: true, dryRun: "All" },
    serverSideApply,
  );
  expect(dry.spec.action).toBe("AUDIT");
  expect((await custom.getNamespacedCustomObject({ ...where, name: "p" })).spec.action).toBe("DENY");
});

test("watches raw and by informer", async () => {
  const seen: string[] = [];
  const watch = new Watch(config);
  const controller = await watch.watch(
    "/api/v1/namespaces/default/configmaps",
    { allowWatchBookmarks: true },
    (type, object) => seen.push(`${type} ${object.metadata.name}`),
    () => undefined,
  );
  const mirrored: string[] = [];
  const list = () => core.listNamespacedConfigMap({ namespace: "default" });
  const informer = makeInformer(config, "/api/v1/namespaces/default/configmaps", list);
  informer.on("add", ({ metadata }) => mirrored.push(`+${metadata?.name}`));
  informer.on("delete", ({ metadata }) => mirrored.push(`-${metadata?.name}`));
  informer.on("error", () => undefined);
  await informer.start();
  await core.createNamespacedConfigMap({ namespace: "default", body: { metadata: { name: "w" } } });
  await core.deleteNamespacedConfigMap({ namespace: "default", name: "w" });
  await expect.poll(() => seen).toEqual(["ADDED w", "DELETED w"]);
  await expect.poll(() => mirrored).toEqual(["+w", "-w"]);
  await informer.stop();
  controller.abort();
});
