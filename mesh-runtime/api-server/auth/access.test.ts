/** Who may do what, asked of a running server with the components' own credentials. */
import { createPrivateKey, sign } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startServer } from "../running-server.suite.ts";

const server = await startServer();
afterAll(() => server[Symbol.asyncDispose]());

const tokens: Record<string, string> = {};
const pods = "/api/v1/namespaces/web/pods";
const accounts = "/api/v1/namespaces/web/serviceaccounts";
const uids: Record<string, string> = {};

const call = (as: string, method: string, path: string, body?: unknown, more = {}) =>
  server.call({ method, path, ...(body === undefined ? {} : { body }), token: tokens[as] ?? as, ...more });

const codeOf = async (as: string, method: string, path: string, body?: unknown, more = {}): Promise<number> =>
  (await call(as, method, path, body, more)).code;

const pod = (name: string, nodeName: string, serviceAccountName = "default") => ({
  metadata: { name },
  spec: { nodeName, serviceAccountName, containers: [{ name: "c", image: "i" }] },
});

beforeAll(async () => {
  for (const component of ["admin", "control-plane", "portal", "node-a", "node-b"]) {
    tokens[component] = (await server.kubeconfig(component)).token;
  }
  await call("admin", "POST", "/api/v1/namespaces", { metadata: { name: "web" } });
  await call("admin", "POST", accounts, { metadata: { name: "app" } });
  const secrets = "/api/v1/namespaces/web/secrets";
  const pair = { "tls.crt": "YQ==", "tls.key": "Yg==" };
  await call("admin", "POST", secrets, { metadata: { name: "cert" }, type: "kubernetes.io/tls", data: pair });
  await call("admin", "POST", secrets, { metadata: { name: "password" }, data: { password: "aHVudGVyMg==" } });
  await call("admin", "POST", "/api/v1/namespaces/istio-system/configmaps", { metadata: { name: "istio" } });
  for (const node of ["node-a", "node-b"]) {
    uids[node] = (await call(node, "POST", "/api/v1/nodes", { metadata: { name: node } })).json.metadata.uid;
    const made = await call("admin", "POST", pods, pod(`on-${node}`, node, "app"));
    uids[`on-${node}`] = made.json.metadata.uid;
  }
  tokens["account"] = (await call("admin", "POST", `${accounts}/app/token`, { spec: {} })).json.status.token;
});

const port = { name: "http", port: 80 };
const rateLimit = {
  metadata: { name: "r" },
  spec: { targetRefs: [{ kind: "Service", name: "s" }], limits: [{ requests: 1, interval: "1s" }] },
};

const merge = { contentType: "application/merge-patch+json" };
const label = { metadata: { labels: { a: "b" } } };

describe("nodes", () => {
  test.each([
    ["reads its pods", "GET", pods, undefined, 200],
    ["writes its own Node", "PATCH", "/api/v1/nodes/node-a", label, 200],
    ["writes another Node", "PATCH", "/api/v1/nodes/node-b", label, 403],
    ["makes a Node of another name", "POST", "/api/v1/nodes", { metadata: { name: "node-z" } }, 403],
    ["writes the status of its pod", "PATCH", `${pods}/on-node-a/status`, { status: { phase: "Running" } }, 200],
    ["annotates its pod", "PATCH", `${pods}/on-node-a`, { metadata: { annotations: { a: "b" } } }, 200],
    ["writes the status of another's pod", "PATCH", `${pods}/on-node-b/status`, { status: { phase: "Failed" } }, 403],
    ["makes a pod", "POST", pods, pod("own", "node-a"), 403],
    ["deletes another's pod", "DELETE", `${pods}/on-node-b`, undefined, 403],
    ["reads secrets", "GET", "/api/v1/namespaces/web/secrets", undefined, 403],
    ["reads policies", "GET", "/apis/security.istio.io/v1/authorizationpolicies", undefined, 403],
    [
      "writes an Event",
      "POST",
      "/api/v1/namespaces/web/events",
      { metadata: { name: "e", namespace: "web" }, involvedObject: { namespace: "web" } },
      201,
    ],
    ["reviews tokens", "POST", "/apis/authentication.k8s.io/v1/tokenreviews", { spec: { token: "x" } }, 403],
    ["runs commands", "POST", `${pods}/on-node-a/exec`, undefined, 403],
  ])("node-a %s: %s %s", async (_what, method, path, body, code) => {
    const answer = await call("node-a", method, path, body, method === "PATCH" ? merge : {});
    expect([answer.code, answer.json?.message]).toEqual([code, code === 403 ? expect.any(String) : undefined]);
  });

  const bound = (kind: string, name: string) => ({
    spec: { audiences: ["istio-ca"], boundObjectRef: { kind, apiVersion: "v1", name, uid: uids[name] } },
  });

  test("gets tokens for its own pods' accounts bound to the pod, and for the agent bound to itself", async () => {
    expect(await codeOf("node-a", "POST", `${accounts}/app/token`, bound("Pod", "on-node-a"))).toBe(201);
    expect(await codeOf("node-a", "POST", `${accounts}/app/token`, bound("Pod", "on-node-b"))).toBe(403);
    expect(await codeOf("node-a", "POST", `${accounts}/default/token`, bound("Pod", "on-node-a"))).toBe(403);
    expect(await codeOf("node-a", "POST", `${accounts}/app/token`, { spec: {} })).toBe(403);
    const agent = "/api/v1/namespaces/istio-system/serviceaccounts/ztunnel/token";
    expect(await codeOf("node-a", "POST", agent, bound("Node", "node-a"))).toBe(201);
    expect(await codeOf("node-a", "POST", agent, bound("Node", "node-b"))).toBe(403);
    const istiod = "/api/v1/namespaces/istio-system/serviceaccounts/istiod/token";
    expect(await codeOf("node-a", "POST", istiod, bound("Node", "node-a"))).toBe(403);
  });

  test("may not rebind its pod, nor take another's by naming itself", async () => {
    const binding = { target: { name: "node-a" } };
    expect(await codeOf("node-a", "POST", `${pods}/on-node-b/binding`, binding)).toBe(403);
  });
});

describe("other components", () => {
  test.each([
    ["portal", "GET", "/api/v1/pods", undefined, 200],
    ["portal", "GET", "/api/v1/secrets", undefined, 403],
    [
      "portal",
      "POST",
      "/apis/security.istio.io/v1/namespaces/web/authorizationpolicies",
      { metadata: { name: "p" } },
      201,
    ],
    ["portal", "PATCH", "/api/v1/namespaces/web", label, 200],
    ["portal", "PATCH", "/api/v1/nodes/node-a", label, 403],
    ["portal", "POST", `${accounts}/app/token`, { spec: {} }, 403],
    ["portal", "POST", "/apis/authentication.k8s.io/v1/tokenreviews", { spec: { token: "x" } }, 201],
    ["portal", "GET", "/api/v1/namespaces/web/secrets/cert", undefined, 403],
    ["portal", "GET", "/apis/networking.istio.io/v1/virtualservices", undefined, 200],
    ["portal", "GET", "/apis/telemetry.istio.io/v1/telemetries", undefined, 200],
    ["portal", "GET", "/apis/gateway.networking.k8s.io/v1/grpcroutes", undefined, 200],
    ["portal", "GET", "/apis/gateway.networking.k8s.io/v1beta1/referencegrants", undefined, 200],
    [
      "portal",
      "POST",
      "/apis/networking.istio.io/v1/namespaces/web/destinationrules",
      { metadata: { name: "d" }, spec: { host: "web" } },
      201,
    ],
    ["portal", "POST", "/apis/towpath.dev/v1alpha1/namespaces/web/ratelimitpolicies", rateLimit, 201],
    ["portal", "POST", "/api/v1/namespaces/web/services", { metadata: { name: "s" }, spec: { ports: [port] } }, 201],
    ["portal", "PATCH", "/api/v1/namespaces/web/services/s", label, 200],
    ["control-plane", "GET", "/api/v1/namespaces/istio-system/configmaps/istio", undefined, 200],
    ["control-plane", "GET", "/apis/towpath.dev/v1alpha1/ratelimitpolicies", undefined, 200],
    [
      "control-plane",
      "PATCH",
      "/apis/networking.istio.io/v1/namespaces/web/destinationrules/d/status",
      { status: { conditions: [] } },
      200,
    ],
    [
      "control-plane",
      "PATCH",
      "/apis/towpath.dev/v1alpha1/namespaces/web/ratelimitpolicies/r/status",
      { status: { conditions: [] } },
      200,
    ],
    ["control-plane", "POST", "/api/v1/namespaces/web/secrets", { metadata: { name: "n" } }, 403],
    ["node-a", "GET", "/apis/networking.istio.io/v1/virtualservices", undefined, 403],
    ["node-a", "GET", "/apis/towpath.dev/v1alpha1/ratelimitpolicies", undefined, 403],
    ["account", "GET", "/apis/networking.istio.io/v1/destinationrules", undefined, 403],
    ["control-plane", "GET", "/api/v1/secrets", undefined, 200],
    ["control-plane", "POST", pods, pod("made", "node-a"), 201],
    ["control-plane", "POST", "/apis/authentication.k8s.io/v1/tokenreviews", { spec: { token: "x" } }, 201],
    ["control-plane", "GET", `${pods}/on-node-a/exec`, undefined, 403],
    ["account", "GET", "/apis", undefined, 200],
    ["account", "GET", "/api/v1/pods", undefined, 403],
    [
      "account",
      "POST",
      "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
      { spec: { resourceAttributes: { verb: "get", resource: "pods" } } },
      201,
    ],
  ])("%s: %s %s", async (who, method, path, body, code) => {
    expect(await codeOf(who, method, path, body, method === "PATCH" ? merge : {})).toBe(code);
  });

  test("the control plane sees certificates and no other Secret", async () => {
    const secrets = "/api/v1/namespaces/web/secrets";
    const names = async (path: string, who = "control-plane") =>
      (await call(who, "GET", path)).json.items.map((item: { metadata: { name: string } }) => item.metadata.name);
    expect(await names(secrets, "admin")).toEqual(["cert", "password"]);
    expect(await names(secrets)).toEqual(["cert"]);
    expect(await names("/api/v1/secrets")).toEqual(["cert"]);
    expect(await codeOf("control-plane", "GET", `${secrets}/cert`)).toBe(200);
    const refused = await call("control-plane", "GET", `${secrets}/password`);
    expect([refused.code, JSON.stringify(refused.json)]).toEqual([403, expect.not.stringContaining("aHVudGVyMg")]);
    const watched = await call("control-plane", "GET", "/api/v1/secrets", undefined, {
      query: { watch: "true", timeoutSeconds: "1" },
    });
    expect(watched.text).toContain("cert");
    expect(watched.text).not.toContain("password");
  });

  test("a review tells what a user may do", async () => {
    const ask = async (who: string, resource: string) =>
      (
        await call(who, "POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", {
          spec: { resourceAttributes: { verb: "create", resource, namespace: "web" } },
        })
      ).json.status.allowed;
    expect(await ask("admin", "pods")).toBe(true);
    expect(await ask("account", "pods")).toBe(false);
  });

  test("whoami tells name, groups and bindings", async () => {
    const { json } = await call("account", "POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", {});
    expect(json.status.userInfo).toMatchObject({
      username: "system:serviceaccount:web:app",
      groups: ["system:serviceaccounts", "system:serviceaccounts:web", "system:authenticated"],
    });
  });
});

describe("tokens", () => {
  const review = async (token: string, audiences?: string[]) =>
    (await call("control-plane", "POST", "/apis/authentication.k8s.io/v1/tokenreviews", { spec: { token, audiences } }))
      .json.status;
  const issue = async (spec: object, account = "app"): Promise<string> =>
    (await call("admin", "POST", `${accounts}/${account}/token`, { spec })).json.status.token;

  test("a review names the account, the audiences and what the token is bound to", async () => {
    const boundObjectRef = { kind: "Pod", apiVersion: "v1", name: "on-node-a", uid: uids["on-node-a"] };
    const status = await review(await issue({ audiences: ["istio-ca", "other"], boundObjectRef }), ["istio-ca"]);
    expect(status).toMatchObject({ authenticated: true, audiences: ["istio-ca"] });
    expect(status.user.extra).toMatchObject({
      "authentication.kubernetes.io/pod-name": ["on-node-a"],
      "authentication.kubernetes.io/pod-uid": [uids["on-node-a"]],
      "authentication.kubernetes.io/node-name": ["node-a"],
    });
  });

  test("a token for another audience opens nothing here", async () => {
    const token = await issue({ audiences: ["istio-ca"] });
    expect(await codeOf(token, "GET", "/apis")).toBe(401);
    expect((await review(token)).authenticated).toBeUndefined();
    expect((await review(token, ["wrong"])).authenticated).toBeUndefined();
  });

  test("a token ends with the pod or the account that it is bound to", async () => {
    await call("admin", "POST", pods, pod("short", "node-a", "app"));
    const made = (await call("admin", "GET", `${pods}/short`)).json.metadata;
    const token = await issue({ boundObjectRef: { kind: "Pod", apiVersion: "v1", name: "short", uid: made.uid } });
    expect(await codeOf(token, "GET", "/apis")).toBe(200);
    await call("admin", "DELETE", `${pods}/short`, { gracePeriodSeconds: 0 });
    await call("admin", "POST", pods, pod("short", "node-a", "app"));
    expect(await codeOf(token, "GET", "/apis")).toBe(401);
    await call("admin", "POST", accounts, { metadata: { name: "temporary" } });
    const second = await issue({}, "temporary");
    await call("admin", "DELETE", `${accounts}/temporary`);
    await call("admin", "POST", accounts, { metadata: { name: "temporary" } });
    expect(await codeOf(second, "GET", "/apis")).toBe(401);
  });

  test("forged tokens are refused: another key, changed claims, no algorithm, another header", async () => {
    const token = await issue({});
    const [header = "", payload = "", signature = ""] = token.split(".");
    const claims = JSON.parse(Buffer.from(payload, "base64url").toString());
    const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const changed = encode({ ...claims, sub: "system:serviceaccount:kube-system:admin" });
    const key = createPrivateKey(readFileSync(join(server.home, "api", "serving.key")));
    const resign = (head: string, body: string) =>
      `${head}.${body}.${sign("sha256", Buffer.from(`${head}.${body}`), { key, dsaEncoding: "ieee-p1363" }).toString("base64url")}`;
    const forged = [
      `${header}.${changed}.${signature}`,
      resign(header, payload),
      `${encode({ alg: "none" })}.${payload}.`,
      resign(encode({ alg: "ES256", kid: "x" }), payload),
      `${header}.${payload}`,
      `${token}.x`,
    ];
    for (const one of forged) {
      expect(await codeOf(one, "GET", "/apis")).toBe(401);
    }
  });

  test("requests that make no sense are refused", async () => {
    const path = `${accounts}/app/token`;
    expect(await codeOf("admin", "POST", path, { spec: { expirationSeconds: 10 } })).toBe(422);
    expect(await codeOf("admin", "POST", path, { spec: { audiences: "x" } })).toBe(400);
    expect(await codeOf("admin", "POST", path, { spec: { boundObjectRef: { kind: "Job", name: "x" } } })).toBe(400);
    expect(await codeOf("admin", "POST", path, { spec: { boundObjectRef: { kind: "Pod", name: "nobody" } } })).toBe(
      404,
    );
    const stale = { kind: "Pod", name: "on-node-a", uid: "other" };
    expect(await codeOf("admin", "POST", path, { spec: { boundObjectRef: stale } })).toBe(409);
    expect(await codeOf("admin", "POST", `${accounts}/nobody/token`, { spec: {} })).toBe(404);
  });

  test("secrets lie in files of their owner, and no token lies in the server's data", () => {
    for (const file of [
      "kubeconfig",
      "credentials/node-a.kubeconfig",
      "api/service-account.key",
      "api/serving.key",
      "api/ca.key",
      "api/token-hashes.json",
    ]) {
      expect([file, statSync(join(server.home, file)).mode & 0o777]).toEqual([file, 0o600]);
    }
    expect(statSync(join(server.home, "api")).mode & 0o777).toBe(0o700);
    const hashes = readFileSync(join(server.home, "api", "token-hashes.json"), "utf8");
    expect(Object.values(tokens).some((token) => hashes.includes(token))).toBe(false);
  });
});
