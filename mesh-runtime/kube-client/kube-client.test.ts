/** The client against a server that this test plays: what a good server never does. */

import { generateKeyPairSync } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createCertificateAuthority, createRoot } from "../identity/certificate-authority.ts";
import { createBackoff } from "./backoff.ts";
import { createKubeClient, type KubeClient } from "./client.ts";
import { startInformer } from "./informer.ts";
import { loadKubeconfig, parseKubeconfig } from "./kubeconfig.ts";
import { type ResourceRef, resourcePath } from "./resource.ts";

const pods: ResourceRef = { group: "", version: "v1", kind: "Pod", plural: "pods", namespaced: true };
let server: Server;
let client: KubeClient;
let answer: (request: IncomingMessage, response: ServerResponse) => void = () => undefined;
let certificateAuthority: string;
let port: number;

const kubeconfig = () => ({
  server: `https://127.0.0.1:${port}`,
  certificateAuthority,
  token: "secret",
  namespace: "default",
});

beforeAll(async () => {
  const root = createRoot("test");
  certificateAuthority = root.certificatePem;
  const pair = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  const issued = createCertificateAuthority(root).issueServer(
    pair.publicKey,
    { dns: [], ips: ["127.0.0.1"] },
    3_600_000,
  );
  const key = pair.privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  server = createServer({ key, cert: issued.chain.join("") }, (request, response) => answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  ({ port } = server.address() as AddressInfo);
  client = createKubeClient({
    kubeconfig: kubeconfig(),
    component: "test",
    limits: { requestTimeoutMs: 300, answerBytesMax: 2_000 },
  });
});
afterAll(() => {
  client.close();
  server.closeAllConnections();
  server.close();
});

const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => "fine",
    (error) => error.code,
  );
const get = () => client.get(pods, { namespace: "a", name: "b" });
const json = (response: ServerResponse, code: number, value: unknown) => {
  response.writeHead(code, { "content-type": "application/json" });
  response.end(JSON.stringify(value));
};

describe("answers that no good server gives", () => {
  test.each<[string, string, (response: ServerResponse) => void]>([
    ["no JSON", "badAnswer", (response) => response.end("<html>")],
    ["too much", "tooLarge", (response) => response.end(JSON.stringify("x".repeat(5_000)))],
    ["nothing at all", "timeout", () => undefined],
    ["a body that does not end", "timeout", (response) => response.write("{")],
    ["a cut connection", "unreachable", (response) => response.destroy()],
    ["a refusal without a Status", "unavailable", (response) => response.writeHead(503).end("busy")],
    ["410", "expired", (response) => json(response, 410, { reason: "Expired", message: "too old" })],
    ["429", "unavailable", (response) => json(response, 429, {})],
    ["422", "invalid", (response) => json(response, 422, { reason: "Invalid" })],
    ["409 on create", "alreadyExists", (response) => json(response, 409, { reason: "AlreadyExists" })],
  ])("%s: %s", async (_what, code, reply) => {
    answer = (_request, response) => reply(response);
    expect(await codeOf(get())).toBe(code);
  });

  test("a server of another CA gets no token", async () => {
    let asked = 0;
    answer = () => asked++;
    const other = createKubeClient({
      kubeconfig: { ...kubeconfig(), certificateAuthority: createRoot("other").certificatePem },
      component: "test",
    });
    expect(await codeOf(other.get(pods, { namespace: "a", name: "b" }))).toBe("unreachable");
    expect(asked).toBe(0);
    other.close();
  });
});

test("an informer backs off while lists fail, lists again after 410, and outlives nonsense in a watch", async () => {
  let lists = 0;
  let watches = 0;
  answer = (request, response) => {
    if (!request.url?.includes("watch=true")) {
      lists++;
      if (lists <= 2) {
        json(response, 500, {});
      } else {
        json(response, 200, {
          metadata: { resourceVersion: String(lists) },
          items: [{ metadata: { name: "a", namespace: "n", resourceVersion: "1" } }],
        });
      }
      return;
    }
    watches++;
    response.writeHead(200);
    if (watches === 1) {
      response.end('{"type":"ERROR","object":{"code":410,"reason":"Expired"}}\n');
    } else if (watches === 2) {
      response.end("nonsense\n");
    } else {
      const object = { metadata: { name: "b", namespace: "n", resourceVersion: "9" } };
      response.write(`${JSON.stringify({ type: "ADDED", object })}\n`);
    }
  };
  const problems: unknown[] = [];
  const added: (string | undefined)[] = [];
  const informer = startInformer(client, {
    kind: pods,
    onAdd: ({ metadata }) => added.push(metadata?.name),
    onProblem: (problem) => problems.push(problem),
  });
  await informer.synced;
  await expect.poll(() => added, { timeout: 5_000 }).toEqual(["a", "b"]);
  // Two failed lists, one watch of nonsense; 410 is no problem, it is how a watch begins anew.
  expect(problems).toHaveLength(3);
  expect(lists).toBe(4);
  informer.close();
});

describe("kubeconfig", () => {
  const text = (token: string) => `
current-context: c
clusters: [{name: k, cluster: {server: "https://h:1/", certificate-authority-data: ${Buffer.from("pem").toString("base64")}}}]
contexts: [{name: c, context: {cluster: k, user: u, namespace: n}}]
users: [{name: u, user: {${token}}}]
`;
  test("gives server, authority, token and namespace of the current context", async () => {
    expect(await parseKubeconfig(text("token: t"))).toEqual({
      server: "https://h:1",
      certificateAuthority: "pem",
      token: "t",
      namespace: "n",
    });
  });

  test.each([
    ["no token", text("")],
    ["no YAML", "a: [b"],
    ["plain HTTP", text("token: t").replace("https", "http")],
    ["a context that is not there", text("token: t").replace("current-context: c", "current-context: d")],
    ["nothing", ""],
  ])("refuses %s", async (_what, file) => {
    expect(await codeOf(parseKubeconfig(file))).toBe("badKubeconfig");
  });

  test("a missing file is named", async () => {
    await expect(loadKubeconfig("/nowhere/kubeconfig")).rejects.toMatchObject({
      code: "badKubeconfig",
      message: expect.stringContaining("/nowhere/kubeconfig"),
    });
  });
});

test("paths: core and groups, collections, objects and subresources", () => {
  const route = { group: "g.io", version: "v1", kind: "Route", plural: "routes", namespaced: true };
  const node = { ...pods, kind: "Node", plural: "nodes", namespaced: false };
  expect(resourcePath(pods)).toBe("/api/v1/pods");
  expect(resourcePath(pods, { namespace: "a" })).toBe("/api/v1/namespaces/a/pods");
  expect(resourcePath(route, { namespace: "a", name: "b/c", subresource: "status" })).toBe(
    "/apis/g.io/v1/namespaces/a/routes/b%2Fc/status",
  );
  expect(resourcePath(node, { namespace: "ignored", name: "n" })).toBe("/api/v1/nodes/n");
});

test("pauses grow, are scattered, and end at once when the signal fires", async () => {
  const backoff = createBackoff({ firstMs: 60_000 });
  const controller = new AbortController();
  const waiting = backoff.wait(controller.signal);
  controller.abort();
  await waiting;
});
