/** Watches and the client that follows them, against a running server. */
import type { IncomingMessage } from "node:http";
import { request } from "node:https";
import { afterAll, describe, expect, test } from "vitest";
import type { ConfigMap } from "../api/configmap.ts";
import { startInformer } from "../kube-client/informer.ts";
import type { ResourceRef } from "../kube-client/resource.ts";
import { startServer } from "./running-server.suite.ts";

const server = await startServer();
afterAll(() => server[Symbol.asyncDispose]());

const configMaps: ResourceRef<ConfigMap> = {
  group: "",
  version: "v1",
  kind: "ConfigMap",
  plural: "configmaps",
  namespaced: true,
};
const client = await server.client("control-plane");
let count = 0;

/** A namespace for each test. */
async function namespace(): Promise<string> {
  const name = `watch-${++count}`;
  await server.call({ method: "POST", path: "/api/v1/namespaces", body: { metadata: { name } } });
  return name;
}

const put = (ns: string, name: string, data: Record<string, string> = {}) =>
  client.create(configMaps, { apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace: ns }, data });

const events = async (ns: string, query: Record<string, string>) =>
  (
    await server.call({
      path: `/api/v1/namespaces/${ns}/configmaps`,
      query: { watch: "true", timeoutSeconds: "1", ...query },
    })
  ).text
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line));

describe("watch", () => {
  test("initial events end with a bookmark that says so", async () => {
    const ns = await namespace();
    await put(ns, "a");
    const seen = await events(ns, {
      sendInitialEvents: "true",
      resourceVersionMatch: "NotOlderThan",
      allowWatchBookmarks: "true",
    });
    expect(seen.map(({ type }) => type)).toEqual(["ADDED", "BOOKMARK"]);
    expect(seen[1].object.metadata.annotations).toEqual({ "k8s.io/initial-events-end": "true" });
  });

  test("tables give the columns once", async () => {
    const ns = await namespace();
    await put(ns, "a");
    await put(ns, "b");
    const { text } = await server.call({
      path: `/api/v1/namespaces/${ns}/configmaps`,
      query: { watch: "true", timeoutSeconds: "1" },
      accept: "application/json;as=Table;v=v1;g=meta.k8s.io",
    });
    const [first, second] = text
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line).object);
    expect(first.columnDefinitions[0].name).toBe("Name");
    expect(second.columnDefinitions).toBeNull();
    expect(second.rows[0].cells[0]).toBe("b");
  });

  test("a watcher that does not read is cut off; the server goes on", { timeout: 30_000 }, async () => {
    const ns = await namespace();
    await put(ns, "big", { text: "x" });
    const stalled = await new Promise<IncomingMessage>((resolve, reject) => {
      request(
        {
          port: server.port,
          host: "127.0.0.1",
          path: `/api/v1/namespaces/${ns}/configmaps?watch=true`,
          ca: server.admin.certificateAuthority,
          headers: { authorization: `Bearer ${server.admin.token}` },
        },
        resolve,
      )
        .on("error", reject)
        .end();
    });
    stalled.pause();
    const text = "y".repeat(900_000);
    const writes = 20;
    for (let i = 0; i < writes; i++) {
      const body = { data: { text: `${i}${text}` } };
      await client.patch(configMaps, { namespace: ns, name: "big" }, { type: "merge", body });
    }
    expect((await server.call({ path: "/livez" })).code).toBe(200);
    let lines = 0;
    stalled.on("data", (chunk: Buffer) => {
      lines += chunk.filter((byte) => byte === 10).length;
    });
    stalled.on("error", () => undefined);
    const closed = new Promise((resolve) => stalled.on("close", resolve));
    stalled.resume();
    await closed;
    expect(lines).toBeLessThan(writes);
    await server.call({ method: "DELETE", path: `/api/v1/namespaces/${ns}/configmaps/big` });
  });
});

describe("informer", () => {
  test("mirrors what is there, what comes, changes and goes", async () => {
    const ns = await namespace();
    await put(ns, "before");
    const seen: string[] = [];
    const informer = startInformer(client, {
      kind: configMaps,
      namespace: ns,
      onAdd: (object) => seen.push(`+${object.metadata.name}`),
      onUpdate: (object, previous) =>
        seen.push(`~${object.metadata.name} ${previous.data?.["v"]}→${object.data?.["v"]}`),
      onDelete: (object) => seen.push(`-${object.metadata.name}`),
      onSynced: () => seen.push("synced"),
    });
    await informer.synced;
    await put(ns, "after", { v: "1" });
    await client.patch(configMaps, { namespace: ns, name: "after" }, { type: "merge", body: { data: { v: "2" } } });
    await client.delete(configMaps, { namespace: ns, name: "before" });
    await expect.poll(() => seen).toEqual(["+before", "synced", "+after", "~after 1→2", "-before"]);
    expect(informer.store.get({ namespace: ns, name: "after" })?.data).toEqual({ v: "2" });
    expect(informer.store.size).toBe(1);
    informer.close();
  });

  test("finds again what happened while the server was away, without repeating the rest", async () => {
    const ns = await namespace();
    await put(ns, "stays");
    await put(ns, "goes");
    const seen: string[] = [];
    const informer = startInformer(client, {
      kind: configMaps,
      namespace: ns,
      onAdd: (object) => seen.push(`+${object.metadata.name}`),
      onUpdate: (object) => seen.push(`~${object.metadata.name}`),
      onDelete: (object) => seen.push(`-${object.metadata.name}`),
    });
    await informer.synced;
    seen.length = 0;
    await server.restart();
    await server.call({ method: "DELETE", path: `/api/v1/namespaces/${ns}/configmaps/goes` });
    await server.call({
      method: "POST",
      path: `/api/v1/namespaces/${ns}/configmaps`,
      body: { metadata: { name: "new" } },
    });
    await expect.poll(() => [...seen].sort()).toEqual(["+new", "-goes"]);
    informer.close();
  });

  test("survives handlers that throw, and tells of it", async () => {
    const ns = await namespace();
    const problems: string[] = [];
    const informer = startInformer(client, {
      kind: configMaps,
      namespace: ns,
      onAdd: () => {
        throw new Error("handler");
      },
      onProblem: (error) => {
        problems.push(String(error));
        throw new Error("reporter");
      },
    });
    await informer.synced;
    await put(ns, "a");
    await put(ns, "b");
    await expect.poll(() => [informer.store.size, problems.length]).toEqual([2, 2]);
    informer.close();
  });

  test("closed before it could synchronize, it still resolves", async () => {
    const unreachable = await server.client("portal");
    unreachable.close();
    const informer = startInformer(unreachable, { kind: configMaps });
    informer.close();
    await expect(informer.synced).resolves.toBeUndefined();
  });
});

describe("kube client", () => {
  test("tells failures by code", async () => {
    const ns = await namespace();
    const key = { namespace: ns, name: "a" };
    const code = (promise: Promise<unknown>) =>
      promise.then(
        () => "fine",
        (error) => error.code,
      );
    expect(await code(client.get(configMaps, key))).toBe("notFound");
    const made = await put(ns, "a");
    expect(await code(put(ns, "a"))).toBe("alreadyExists");
    await client.update(configMaps, { ...made, data: { a: "1" } });
    expect(await code(client.update(configMaps, { ...made, data: { a: "2" } }))).toBe("conflict");
    expect(await code(put(ns, "X_"))).toBe("invalid");
    expect(await code(client.get(configMaps, { namespace: ns, name: "" }))).toBe("invalid");
    const node = await server.client("node-a");
    expect(await code(node.create(configMaps, { ...made, metadata: key }))).toBe("forbidden");
    node.close();
    expect(await code(node.get(configMaps, key))).toBe("closed");
  });

  test("lists page by page", async () => {
    const ns = await namespace();
    for (let i = 0; i < 12; i++) {
      await put(ns, `p${String(i).padStart(2, "0")}`);
    }
    const list = await client.list(configMaps, { namespace: ns });
    expect(list.items.map(({ metadata }) => metadata.name)).toHaveLength(12);
    expect(list.items[0]).toMatchObject({ apiVersion: "v1", kind: "ConfigMap" });
  });

  test("applies, forces, patches and asks for tokens", async () => {
    const ns = await namespace();
    const key = { namespace: ns, name: "applied" };
    const apply = (fieldManager: string, a: string, force = false) =>
      client.patch(configMaps, key, { type: "apply", body: { data: { a } }, force }, { fieldManager });
    await apply("one", "1");
    await expect(apply("two", "2")).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining(".data.a"),
    });
    expect((await apply("two", "2", true)).data).toEqual({ a: "2" });
    const patched = await client.patch(configMaps, key, {
      type: "json",
      body: [{ op: "add", path: "/data/b", value: "3" }],
    });
    expect(patched.data).toEqual({ a: "2", b: "3" });
    const options = { audiences: ["x"], expirationSeconds: 600 };
    const grant = await client.createToken({ namespace: ns, name: "default" }, options);
    expect(grant.expiresAt.getTime()).toBeGreaterThan(Date.now() + 500_000);
    expect(await client.reviewToken(grant.token, ["x"])).toMatchObject({
      authenticated: true,
      username: `system:serviceaccount:${ns}:default`,
    });
    expect((await client.reviewToken("nonsense", ["x"])).authenticated).toBe(false);
  });
});
