/** The server through its own door: HTTPS, tokens, objects, watches, limits. */
import { connect } from "node:tls";
import { afterAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { startServer } from "./running-server.suite.ts";

const server = await startServer();
afterAll(() => server[Symbol.asyncDispose]());

const configMaps = "/api/v1/namespaces/default/configmaps";
const configMap = (name: string, data = {}) => ({ apiVersion: "v1", kind: "ConfigMap", metadata: { name }, data });
const post = (path: string, body: unknown, more = {}) => server.call({ method: "POST", path, body, ...more });

describe("the door", () => {
  test.each(["/livez", "/readyz", "/healthz", "/version"])("%s is open to all", async (path) => {
    expect((await server.call({ path, token: null })).code).toBe(200);
  });

  test.each(["/api", "/apis", "/openapi/v3", "/api/v1/namespaces", "/nowhere"])(
    "%s is refused to the anonymous",
    async (path) => {
      const { code, json } = await server.call({ path, token: null });
      expect([code, json.reason]).toEqual([403, "Forbidden"]);
    },
  );

  test.each(["wrong", "a.b.c", ""])("a bad token (%j) is 401, even on open paths", async (token) => {
    expect((await server.call({ path: "/version", token })).code).toBe(401);
  });

  test("an unknown path and an unknown kind are 404, an unknown method 405", async () => {
    expect((await server.call({ path: "/nowhere" })).code).toBe(404);
    expect((await server.call({ path: "/api/v1/gadgets" })).code).toBe(404);
    expect((await server.call({ path: "/api/v1/namespaces/default/namespaces" })).code).toBe(404);
    expect((await server.call({ path: "/api/v1/pods/x" })).code).toBe(404);
    expect((await server.call({ path: "/api/v1/nodes", method: "PUT", body: {} })).code).toBe(405);
    expect((await post("/api/v1/configmaps", configMap("x"))).code).toBe(405);
  });

  test("only acceptable forms are answered", async () => {
    expect((await server.call({ path: configMaps, accept: "application/vnd.kubernetes.protobuf" })).code).toBe(406);
    const first = "application/vnd.kubernetes.protobuf,application/json";
    expect((await server.call({ path: configMaps, accept: first })).code).toBe(200);
  });
});

test("headers without end are refused", async () => {
  const { code } = await server.call({ path: "/livez", userAgent: "x".repeat(40_000) });
  expect(code).toBe(431);
});

describe("bodies", () => {
  test.each([
    ["no JSON", "{", 400],
    ["a list", "[]", 400],
    ["a text", '"x"', 400],
    ["nothing", "", 400],
    ["another kind", { apiVersion: "v1", kind: "Secret", metadata: { name: "x" } }, 400],
    ["a foreign version", { apiVersion: "v7", kind: "ConfigMap", metadata: { name: "x" } }, 400],
    ["metadata that is no object", { apiVersion: "v1", kind: "ConfigMap", metadata: [] }, 400],
    ["another namespace", { ...configMap("x"), metadata: { name: "x", namespace: "other" } }, 400],
    ["no name", { ...configMap("x"), metadata: {} }, 422],
    ["a bad name", configMap("X_"), 422],
    ["nesting without end", `{"data":${"[".repeat(5_000)}${"]".repeat(5_000)}}`, 400],
    ["a prototype", '{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"x","labels":{"__proto__":"y"}}}', 400],
  ])("%s is refused with a Status", async (_name, body, code) => {
    const answer = await post(configMaps, body);
    expect([answer.code, answer.json?.kind]).toEqual([code, "Status"]);
  });

  test("more than 3 MiB is 413, bytes that are no UTF-8 are 400", async () => {
    expect((await post(configMaps, configMap("big", { a: "x".repeat(3 << 20) }))).code).toBe(413);
    const raw = await post(configMaps, Buffer.from([0x7b, 0xff, 0x7d]));
    expect(raw.code).toBe(400);
  });

  test("unknown and repeated fields: refused when strict, warned of by default, else ignored", async () => {
    const text = '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"dup"},"data":{"a":"1","a":"2"},"foo":1}';
    const query = (fieldValidation: string) => ({ query: { fieldValidation, dryRun: "All" } });
    const strict = await post(configMaps, text, query("Strict"));
    expect(strict.json.message).toContain('strict decoding error: duplicate field "data.a", unknown field "foo"');
    const warned = await post(configMaps, text, query("Warn"));
    expect(warned.headers.warning).toContain('unknown field \\"foo\\"');
    expect((await post(configMaps, text, query("Ignore"))).headers.warning).toBeUndefined();
    expect((await post(configMaps, text, query("Maybe"))).code).toBe(422);
  });

  test.each([
    ["name: on", 400],
    ['name: "on"', 201],
    ["name: y", 400],
    ["name: a\n\tb: c", 400],
    ["name: x\n---\napiVersion: v1\nkind: Pod", 201],
  ])("YAML 1.1: metadata with %j is %s", async (metadata, code) => {
    const body = `apiVersion: v1\nkind: Namespace\nmetadata:\n  ${metadata}\n`;
    const sent = { contentType: "application/yaml", query: { dryRun: "All" } };
    expect((await post("/api/v1/namespaces", body, sent)).code).toBe(code);
  });

  test.each(["text/plain", "application/cbor", "image/png"])("%s is 415", async (contentType) => {
    expect((await post(configMaps, "x", { contentType })).code).toBe(415);
  });

  test("broken HTTP and broken protobuf end in a refusal", async () => {
    const contentType = "application/vnd.kubernetes.protobuf";
    expect((await post(configMaps, "k8s\0\x0a\xff\xff", { contentType })).code).toBe(400);
    const text = await new Promise<string>((resolve) => {
      const socket = connect({ port: server.port, host: "127.0.0.1", ca: server.admin.certificateAuthority });
      let seen = "";
      socket.on("data", (chunk) => {
        seen += chunk.toString();
      });
      socket.on("close", () => resolve(seen));
      socket.write("NONSENSE\r\n\r\n");
    });
    expect(text).toContain("400");
    expect((await server.call({ path: "/livez" })).code).toBe(200);
  });
});

describe("objects", () => {
  test("are stamped with what the server keeps", async () => {
    const { code, json } = await post(configMaps, configMap("stamped", { a: "1" }));
    expect(code).toBe(201);
    expect(json.metadata).toMatchObject({ namespace: "default", uid: expect.stringMatching(/^[0-9a-f-]{36}$/) });
    expect(Date.parse(json.metadata.creationTimestamp)).toBeLessThanOrEqual(Date.now());
  });

  test("need a namespace that is there and does not end", async () => {
    const missing = await post("/api/v1/namespaces/nowhere/configmaps", configMap("x"));
    expect([missing.code, missing.json.message]).toEqual([404, 'namespaces "nowhere" not found']);
    await post("/api/v1/namespaces", {
      kind: "Namespace",
      metadata: { name: "ending", finalizers: ["example.com/x"] },
    });
    await server.call({ method: "DELETE", path: "/api/v1/namespaces/ending" });
    const ending = await post("/api/v1/namespaces/ending/configmaps", configMap("x"));
    expect([ending.code, ending.json.reason]).toEqual([403, "Forbidden"]);
    expect(ending.json.details.causes[0].reason).toBe("NamespaceTerminating");
  });

  test("a namespace has its name as a label and a ServiceAccount at once", async () => {
    const { json } = await post("/api/v1/namespaces", { kind: "Namespace", metadata: { name: "fresh" } });
    expect(json.metadata.labels).toEqual({ "kubernetes.io/metadata.name": "fresh" });
    expect((await server.call({ path: "/api/v1/namespaces/fresh/serviceaccounts/default" })).code).toBe(200);
  });

  test("Services get distinct addresses and node ports; a taken or foreign one is refused", async () => {
    const services = "/api/v1/namespaces/default/services";
    const service = (name: string, spec = {}) => ({ metadata: { name }, spec: { ports: [{ port: 80 }], ...spec } });
    const one = (await post(services, service("one", { type: "NodePort" }))).json.spec;
    const two = (await post(services, service("two", { type: "NodePort" }))).json.spec;
    expect(one.clusterIP).toMatch(/^10\.96\./);
    expect(two.clusterIP).not.toBe(one.clusterIP);
    expect(two.ports[0].nodePort).not.toBe(one.ports[0].nodePort);
    expect((await post(services, service("three", { clusterIP: one.clusterIP }))).code).toBe(422);
    expect((await post(services, service("four", { clusterIP: "192.168.0.1" }))).code).toBe(422);
    expect((await post(services, service("none", { clusterIP: "None" }))).json.spec.clusterIP).toBe("None");
  });

  test("tables carry the columns of kubectl, with metadata or the whole object", async () => {
    const accept = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";
    const { json } = await server.call({ path: "/api/v1/namespaces", accept });
    expect(json.columnDefinitions.map((column: { name: string }) => column.name)).toEqual(["Name", "Status", "Age"]);
    expect(json.rows[0].cells.slice(0, 2)).toEqual(["default", "Active"]);
    expect(json.rows[0].object.kind).toBe("PartialObjectMetadata");
    const whole = await server.call({ path: "/api/v1/namespaces/default", accept, query: { includeObject: "Object" } });
    expect(whole.json.rows[0].object.kind).toBe("Namespace");
  });

  test("scale is read, replaced and patched, and owned apart", async () => {
    const deployments = "/apis/apps/v1/namespaces/default/deployments";
    const template = {
      metadata: { labels: { a: "b" } },
      spec: { containers: [{ name: "c", image: "towpath/sleep:v1" }] },
    };
    await post(deployments, {
      metadata: { name: "d" },
      spec: { replicas: 1, selector: { matchLabels: { a: "b" } }, template },
    });
    const path = `${deployments}/d/scale`;
    const { json } = await server.call({ path });
    expect([json.kind, json.spec.replicas, json.status.selector]).toEqual(["Scale", 1, "a=b"]);
    expect((await server.call({ method: "PUT", path, body: { ...json, spec: { replicas: 3 } } })).json.spec).toEqual({
      replicas: 3,
    });
    expect((await server.call({ method: "PUT", path, body: { ...json, spec: { replicas: 4 } } })).code).toBe(409);
    expect((await server.call({ method: "PUT", path, body: { spec: { replicas: -1 } } })).code).toBe(422);
    const contentType = "application/merge-patch+json";
    await server.call({
      method: "PATCH",
      path,
      contentType,
      body: { spec: { replicas: 5 } },
      query: { fieldManager: "scaler" },
    });
    const after = (await server.call({ path: `${deployments}/d` })).json;
    expect(after.spec.replicas).toBe(5);
    expect(after.metadata.generation).toBe(3);
    expect(after.metadata.managedFields).toContainEqual(
      expect.objectContaining({
        manager: "scaler",
        subresource: "scale",
        fieldsV1: { "f:spec": { "f:replicas": {} } },
      }),
    );
  });
});

describe("deletion", () => {
  const pods = "/api/v1/namespaces/default/pods";
  const pod = (name: string, spec = {}) => ({
    metadata: { name },
    spec: { containers: [{ name: "c", image: "i" }], ...spec },
  });

  test("a pod on a node gets its grace period; its node ends it", async () => {
    await post(pods, pod("graceful", { nodeName: "node-a", terminationGracePeriodSeconds: 7 }));
    const { json } = await server.call({ method: "DELETE", path: `${pods}/graceful` });
    expect(json.metadata).toMatchObject({ deletionGracePeriodSeconds: 7, deletionTimestamp: expect.any(String) });
    expect((await server.call({ path: `${pods}/graceful` })).code).toBe(200);
    await server.call({ method: "DELETE", path: `${pods}/graceful`, body: { gracePeriodSeconds: 0 } });
    expect((await server.call({ path: `${pods}/graceful` })).code).toBe(404);
  });

  test("a pod that no node runs goes at once", async () => {
    await post(pods, pod("unbound"));
    await server.call({ method: "DELETE", path: `${pods}/unbound` });
    expect((await server.call({ path: `${pods}/unbound` })).code).toBe(404);
  });

  test("an eviction ends a pod as a deletion does", async () => {
    await post(pods, pod("drained", { nodeName: "node-a" }));
    const evict = (name: string, deleteOptions: object) =>
      post(`${pods}/${name}/eviction`, {
        apiVersion: "policy/v1",
        kind: "Eviction",
        metadata: { name },
        deleteOptions,
      });
    expect((await evict("drained", { gracePeriodSeconds: "x" })).code).toBe(400);
    expect((await evict("drained", { gracePeriodSeconds: 3 })).code).toBe(201);
    expect((await server.call({ path: `${pods}/drained` })).json.metadata.deletionGracePeriodSeconds).toBe(3);
    expect((await evict("nobody", {})).code).toBe(404);
  });

  test.each(["default", "kube-system", "istio-system"])("the namespace %s stays", async (name) => {
    const { code, json } = await server.call({ method: "DELETE", path: `/api/v1/namespaces/${name}` });
    expect([code, json.message]).toEqual([403, expect.stringContaining("may not be deleted")]);
  });

  test("a namespace goes when its content is gone, whatever holds the content", async () => {
    await post("/api/v1/namespaces", { metadata: { name: "full" } });
    const held = { ...configMap("held"), metadata: { name: "held", finalizers: ["example.com/hold"] } };
    await post("/api/v1/namespaces/full/configmaps", held);
    await server.call({ method: "DELETE", path: "/api/v1/namespaces/full" });
    const { json } = await server.call({ path: "/api/v1/namespaces/full" });
    expect(json.status.phase).toBe("Terminating");
    await server.call({
      method: "PATCH",
      path: "/api/v1/namespaces/full/configmaps/held",
      contentType: "application/merge-patch+json",
      body: { metadata: { finalizers: null } },
    });
    await expect.poll(async () => (await server.call({ path: "/api/v1/namespaces/full" })).code).toBe(404);
  });

  const owned = (name: string, uid: string, more = {}) => ({
    ...configMap(name),
    metadata: { name, ownerReferences: [{ apiVersion: "v1", kind: "ConfigMap", name: "owner", uid, ...more }] },
  });
  const makeOwner = async () => (await post(configMaps, configMap("owner"))).json.metadata.uid as string;

  test("what only a deleted object owned is collected; orphans stay", async () => {
    await post(configMaps, owned("child", await makeOwner()));
    await server.call({ method: "DELETE", path: `${configMaps}/owner` });
    await expect.poll(async () => (await server.call({ path: `${configMaps}/child` })).code).toBe(404);
    await post(configMaps, owned("orphan", await makeOwner()));
    await server.call({ method: "DELETE", path: `${configMaps}/owner`, query: { propagationPolicy: "Orphan" } });
    await expect.poll(async () => (await server.call({ path: `${configMaps}/owner` })).code).toBe(404);
    expect((await server.call({ path: `${configMaps}/orphan` })).json.metadata.ownerReferences).toBeUndefined();
  });

  test("in the foreground the owner waits for its dependents", async () => {
    const child = owned("blocking", await makeOwner(), { blockOwnerDeletion: true });
    await post(configMaps, { ...child, metadata: { ...child.metadata, finalizers: ["example.com/hold"] } });
    await server.call({ method: "DELETE", path: `${configMaps}/owner`, query: { propagationPolicy: "Foreground" } });
    await expect
      .poll(async () => (await server.call({ path: `${configMaps}/blocking` })).json.metadata.deletionTimestamp)
      .toBeTypeOf("string");
    expect((await server.call({ path: `${configMaps}/owner` })).code).toBe(200);
    await server.call({
      method: "PATCH",
      path: `${configMaps}/blocking`,
      contentType: "application/merge-patch+json",
      body: { metadata: { finalizers: null } },
    });
    await expect.poll(async () => (await server.call({ path: `${configMaps}/owner` })).code).toBe(404);
  });

  test("a dependent whose owner was never there is collected", async () => {
    await post(configMaps, owned("lost", "00000000-0000-0000-0000-000000000000"));
    await expect.poll(async () => (await server.call({ path: `${configMaps}/lost` })).code).toBe(404);
  });
});

describe("over a restart", () => {
  test("objects, addresses, kubeconfigs and tokens stay", async () => {
    await post(configMaps, configMap("kept", { a: "1" }));
    const before = await server.kubeconfig("node-a");
    const account = "/api/v1/namespaces/default/serviceaccounts/default/token";
    const { token } = (await post(account, { spec: {} })).json.status;
    await server.restart();
    expect((await server.call({ path: `${configMaps}/kept` })).json.data).toEqual({ a: "1" });
    expect(await server.kubeconfig("node-a")).toEqual(before);
    expect((await server.call({ path: "/api/v1/nodes", token: before.token })).code).toBe(200);
    expect((await server.call({ path: "/apis", token })).code).toBe(200);
  });

  test("the kubeconfig is plain YAML with one context", async () => {
    const { readFileSync } = await import("node:fs");
    const file = parse(readFileSync(`${server.home}/kubeconfig`, "utf8"));
    expect(file.contexts).toHaveLength(1);
    expect(file.clusters[0].cluster.server).toBe(`https://127.0.0.1:${server.port}`);
  });
});
