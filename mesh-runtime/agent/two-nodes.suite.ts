import { once } from "node:events";
import { type Agent, createServer, type IncomingMessage, type RequestListener, request } from "node:http";
import type { Server } from "node:net";
import { text } from "node:stream/consumers";
import { expect } from "vitest";
import type { TestAuthority } from "../hbone/test-authority.suite.ts";
import { listen, pod, service, TestMesh, type TestNode, testAddresses, workload } from "./test-node.suite.ts";

const at = testAddresses();
export interface World {
  readonly mesh: TestMesh;
  readonly a: TestNode;
  readonly b: TestNode;
  enrol(name: "client" | "server", captured?: boolean): Promise<void>;
}

export const clientAddress = at(10);
export const serverAddress = at(11);

/** `client` on node a calls `server` on node b. */
export async function twoNodes(
  authority: TestAuthority,
  closing: (() => unknown)[],
  application: RequestListener | Server,
): Promise<World> {
  const app = typeof application === "function" ? createServer(application) : application;
  const appPort = await listen(app);
  const mesh = new TestMesh(authority);
  const [a, b] = [mesh.node("a"), mesh.node("b")];
  closing.push(
    () => app.close(),
    () => mesh.close(),
  );
  await Promise.all([mesh.identity("client", "client"), mesh.identity("server", "server")]);
  mesh.workload(workload("client", clientAddress, { services: {} }));
  mesh.workload(workload("server", serverAddress));
  mesh.service(service("server"));
  const pods = { client: pod("client", clientAddress, 1), server: pod("server", serverAddress, appPort) };
  const nodes = { client: a, server: b };
  await a.put(pods.client);
  await b.put(pods.server);
  return {
    mesh,
    a,
    b,
    enrol: async (name, captured = true) => {
      const answer = await nodes[name].put({ ...pods[name], captured });
      expect(answer).toMatchObject({ type: "ack", captured });
      mesh.change(`Kubernetes//Pod/${name}/${name}`, { tunnelProtocol: captured ? "HBONE" : "NONE" });
    },
  };
}

export interface Answer {
  readonly status: number;
  readonly body: string;
  readonly message: IncomingMessage;
}

/** A request as clients send it when HTTP_PROXY is set. */
export async function call(
  url: string,
  options: { agent?: Agent; method?: string; body?: string | Buffer; headers?: Record<string, string> } = {},
): Promise<Answer> {
  const outgoing = request({
    host: clientAddress,
    port: 15001,
    path: url,
    method: options.method ?? "GET",
    agent: options.agent ?? false,
    headers: { host: new URL(url).host, ...options.headers },
  });
  outgoing.end(options.body);
  const [message] = (await once(outgoing, "response")) as [IncomingMessage];
  outgoing.on("error", () => undefined);
  return { status: message.statusCode ?? 0, body: await text(message), message };
}
