/** Logs and exec, passed on to a node runner's socket that this test plays. */
import { mkdirSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { startServer } from "../running-server.suite.ts";

const server = await startServer();
const asked: string[] = [];
let node: Server;
const pods = "/api/v1/namespaces/default/pods";

beforeAll(async () => {
  const pod = (name: string, nodeName: string) => ({
    metadata: { name },
    spec: {
      nodeName,
      containers: [
        { name: "one", image: "i" },
        { name: "two", image: "i" },
      ],
    },
  });
  await server.call({ method: "POST", path: pods, body: pod("p", "node-a") });
  await server.call({ method: "POST", path: pods, body: pod("away", "node-b") });
  await server.call({
    method: "POST",
    path: pods,
    body: { ...pod("unbound", ""), spec: { containers: [{ name: "c", image: "i" }] } },
  });
  node = createServer((request, response) => {
    asked.push(request.url ?? "");
    response.writeHead(200, { "content-type": "text/plain" });
    response.write("first\n");
    response.end("last\n");
  });
  const sockets = new WebSocketServer({ server: node, handleProtocols: (offered) => [...offered][0] ?? false });
  sockets.on("connection", (socket, request) => {
    asked.push(request.url ?? "");
    socket.on("message", (data: Buffer) => {
      socket.send(Buffer.concat([Buffer.of(1), data.subarray(1)]));
      socket.send(Buffer.concat([Buffer.of(3), Buffer.from('{"status":"Success"}')]), () => socket.close(1000));
    });
  });
  mkdirSync(join(server.home, "run"), { recursive: true });
  await new Promise<void>((resolve) => node.listen(join(server.home, "run", "node-a.kubelet.sock"), resolve));
});

afterAll(async () => {
  node.closeAllConnections();
  node.close();
  await server[Symbol.asyncDispose]();
});

test("logs are the node's text, asked for with the client's options", async () => {
  const query = { container: "two", tailLines: "5", previous: "true", follow: "false", sinceSeconds: "9" };
  const { code, text, headers } = await server.call({ path: `${pods}/p/log`, query });
  expect([code, text, headers["content-type"]]).toEqual([200, "first\nlast\n", "text/plain"]);
  expect(asked.at(-1)).toBe("/logs/default/p/two?tailLines=5&sinceSeconds=9&previous=true");
});

test("the first container is meant when none is named; one that is not there is refused", async () => {
  await server.call({ path: `${pods}/p/log` });
  expect(asked.at(-1)).toBe("/logs/default/p/one?");
  expect((await server.call({ path: `${pods}/p/log`, query: { container: "three" } })).code).toBe(400);
  expect((await server.call({ path: `${pods}/nobody/log` })).code).toBe(404);
  expect((await server.call({ path: `${pods}/unbound/log` })).code).toBe(400);
  expect((await server.call({ path: `${pods}/away/log` })).code).toBe(502);
});

const exec = (path: string, token = server.admin.token) =>
  new WebSocket(`wss://127.0.0.1:${server.port}${path}`, ["v5.channel.k8s.io"], {
    ca: server.admin.certificateAuthority,
    headers: { authorization: `Bearer ${token}` },
  });

test("exec joins the client's WebSocket to the node's, both ways, in its subprotocol", async () => {
  const socket = exec(`${pods}/p/exec?command=echo&command=a%20b&stdin=true&stdout=true&tty=false`);
  const messages: Buffer[] = [];
  await new Promise<void>((resolve, reject) => {
    socket.on("open", () => socket.send(Buffer.concat([Buffer.of(0), Buffer.from("héllo")])));
    socket.on("message", (data: Buffer) => messages.push(data));
    socket.on("close", () => resolve());
    socket.on("error", reject);
  });
  expect(socket.protocol).toBe("v5.channel.k8s.io");
  expect(messages.map((message) => [message[0], message.subarray(1).toString()])).toEqual([
    [1, "héllo"],
    [3, '{"status":"Success"}'],
  ]);
  expect(asked.at(-1)).toBe("/exec/default/p/one?command=echo&command=a+b&stdin=true&stdout=true");
});

test.each([
  ["without a command", `${pods}/p/exec`, 400],
  ["into a pod that is not there", `${pods}/nobody/exec?command=a`, 404],
  ["on a node that is away", `${pods}/away/exec?command=a`, 502],
  ["of something else", "/api/v1/namespaces/default/services/p/exec?command=a", 404],
])("exec %s is refused before the handshake", async (_what, path, code) => {
  await expect(refusal(exec(path))).resolves.toBe(code);
});

test("exec needs the right to it", async () => {
  const { token } = await server.kubeconfig("control-plane");
  await expect(refusal(exec(`${pods}/p/exec?command=a`, token))).resolves.toBe(403);
  await expect(refusal(exec(`${pods}/p/exec?command=a`, "wrong"))).resolves.toBe(401);
});

const refusal = (socket: WebSocket): Promise<number | undefined> =>
  new Promise((resolve) => {
    socket.on("unexpected-response", (_request, answer) => resolve(answer.statusCode));
    socket.on("error", () => resolve(undefined));
  });
