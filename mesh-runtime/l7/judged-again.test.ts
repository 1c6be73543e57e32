import { once } from "node:events";
import { createServer } from "node:http";
import { createServer as createHttp2Server, type ServerHttp2Stream } from "node:http2";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import type { HttpAuthorization } from "../policy/http-model.ts";
import {
  call,
  closeOpened,
  dialRig,
  get,
  listener,
  opened,
  proxyConfig,
  type Rig,
  rule,
  startBackend,
  startRig,
  workload,
} from "./engine-rig.suite.ts";
import { http2Client } from "./http2-rig.suite.ts";

afterEach(closeOpened);

const policy = (action: "ALLOW" | "DENY", paths: readonly string[]): HttpAuthorization => ({
  name: "p",
  namespace: "default",
  action,
  dryRun: false,
  provider: "",
  rules: [{ from: [], to: [{ paths: paths.map((value) => ({ kind: "exact", value })) }], when: [] }],
});

const withPolicies = (...authorizations: HttpAuthorization[]) =>
  proxyConfig({ listeners: [listener([rule()], { authorizations })] });

async function startSockets(): Promise<number> {
  const http = createServer();
  const server = new WebSocketServer({ server: http });
  server.on("connection", (socket) => socket.on("message", (data) => socket.send(data)));
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  opened.push(http, {
    close: () => {
      for (const client of server.clients) {
        client.terminate();
      }
    },
  });
  return (http.address() as AddressInfo).port;
}

async function openSocket(rig: Rig, path: string): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${rig.port}${path}`);
  opened.push({ close: () => socket.terminate() });
  await once(socket, "open");
  return socket;
}

describe("what is under way when the configuration changes", () => {
  test("a WebSocket that would be refused now is cut, its neighbour on another path goes on", async () => {
    const rig = await startRig([workload("a", await startSockets())]);
    const [refused, allowed] = await Promise.all([openSocket(rig, "/refused"), openSocket(rig, "/allowed")]);
    const closed = once(refused, "close");
    const outcome = rig.nextOutcome();
    rig.engine.apply(withPolicies(policy("DENY", ["/refused"])));
    expect((await closed)[0]).toBe(1006);
    expect(await outcome).toMatchObject({ status: 101, flag: "RBAC_ACCESS_DENIED" });
    allowed.send("still here");
    expect(String((await once(allowed, "message"))[0])).toBe("still here");
  });

  test("an event stream that would be refused now is broken off, not ended", async () => {
    const { port } = await startBackend((_request, response) => response.writeHead(200).write("data: 1\n\n"));
    const rig = await startRig([workload("a", port)]);
    const socket = await dialRig(rig);
    socket.write(get("/events", ""));
    const [first] = (await once(socket, "data")) as [Buffer];
    let text = first.toString("latin1");
    socket.on("data", (data: Buffer) => {
      text += data.toString("latin1");
    });
    const closed = new Promise((resolve) => socket.once("close", resolve));
    rig.engine.apply(withPolicies(policy("ALLOW", ["/other"])));
    await closed;
    expect(text).toContain("HTTP/1.1 200");
    expect(text).not.toContain("\r\n0\r\n");
  });

  test("a stream of HTTP/2 that would be refused now is reset, its neighbour on the connection goes on", async () => {
    const server = createHttp2Server();
    server.on("stream", (stream: ServerHttp2Stream) => {
      stream.on("error", () => undefined);
      stream.respond({ ":status": 200, "content-type": "application/grpc" });
      stream.on("data", (data) => stream.write(data));
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    opened.push(server);
    const rig = await startRig([workload("a", (server.address() as AddressInfo).port)]);
    const session = http2Client(rig);
    const begin = async (path: string) => {
      const headers = { ":method": "POST", ":path": path, ":authority": "web", "content-type": "application/grpc" };
      const stream = session.request({ ...headers, te: "trailers" });
      await once(stream, "response");
      return stream;
    };
    const [refused, allowed] = [await begin("/s.S/Refused"), await begin("/s.S/Allowed")];
    const broken = once(refused, "error");
    rig.engine.apply(withPolicies(policy("DENY", ["/s.S/Refused"])));
    expect(((await broken)[0] as { code: string }).code).toBe("ERR_HTTP2_STREAM_ERROR");
    allowed.write(Buffer.from([0, 0, 0, 0, 1, 7]));
    expect([...((await once(allowed, "data"))[0] as Buffer)]).toEqual([0, 0, 0, 0, 1, 7]);
    session.destroy();
  });

  test("a request without an answer yet gets the refusal", async () => {
    const asked = Promise.withResolvers<void>();
    const { port } = await startBackend(() => asked.resolve());
    const rig = await startRig([workload("a", port)]);
    const answer = call(rig, { path: "/slow" });
    await asked.promise;
    rig.engine.apply(withPolicies(policy("DENY", ["/slow"])));
    expect((await answer).status).toBe(403);
  });

  test("a stream on a port that is no longer served is cut", async () => {
    const rig = await startRig([workload("a", await startSockets())]);
    const socket = await openSocket(rig, "/");
    const closed = once(socket, "close");
    rig.engine.apply(proxyConfig({ listeners: [] }));
    expect((await closed)[0]).toBe(1006);
  });
});
