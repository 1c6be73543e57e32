import { once } from "node:events";
import { Agent, createServer, type IncomingMessage, type RequestListener, request } from "node:http";
import { connect, createServer as createTcpServer, type Server, type Socket } from "node:net";
import { buffer, text } from "node:stream/consumers";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { TestAuthority } from "../hbone/test-authority.suite.ts";
import { allow, strict } from "./test-node.suite.ts";
import { call, clientAddress, serverAddress, twoNodes, type World } from "./two-nodes.suite.ts";

let authority: TestAuthority;
const closing: (() => unknown)[] = [];

beforeAll(async () => {
  authority = await TestAuthority.create();
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) {
    await close();
  }
});

const world = (application: RequestListener | Server): Promise<World> => twoNodes(authority, closing, application);

const hello: RequestListener = (incoming, response) => {
  response.end(`hello from ${incoming.headers.host} ${incoming.url}`);
};

const url = "http://server.server/x?y=1";

describe("a request through the mesh", () => {
  test("goes in plain text when nobody is enrolled, and says so", async () => {
    const { a, b } = await world(hello);
    expect(await call(url)).toMatchObject({ status: 200, body: "hello from server.server /x?y=1" });
    expect(a.take().requests[0]).toMatchObject({
      responseCode: 200,
      count: 1,
      labels: {
        reporter: "source",
        source_workload: "client",
        destination_workload: "server",
        destination_service: "server.server.svc.cluster.local",
        connection_security_policy: "none",
      },
    });
    expect(b.take().connections[0]).toMatchObject({
      opened: 1,
      labels: { reporter: "destination", source_workload: "client", connection_security_policy: "none" },
    });
  });

  test("goes by mutual TLS when both are enrolled; both sides name both identities", async () => {
    const { a, b, enrol } = await world(hello);
    await enrol("server");
    await enrol("client");
    expect((await call(url)).status).toBe(200);
    const labels = {
      source_principal: "spiffe://cluster.local/ns/client/sa/client",
      destination_principal: "spiffe://cluster.local/ns/server/sa/server",
      source_workload: "client",
      connection_security_policy: "mutual_tls",
    };
    expect(a.take().requests[0]?.labels).toMatchObject(labels);
    expect(b.take().connections[0]?.labels).toMatchObject(labels);
    expect(a.pool.connections()[0]).toMatchObject({ tlsVersion: "TLSv1.3", localAddress: clientAddress });
  });

  test.each<{
    client: boolean;
    server: boolean;
    policies: "none" | "strict" | "allow" | "other";
    status: number;
    reason?: string;
  }>([
    { client: false, server: false, policies: "strict", status: 200 },
    { client: false, server: false, policies: "other", status: 200 },
    { client: true, server: false, policies: "strict", status: 200 },
    { client: false, server: true, policies: "none", status: 200 },
    { client: false, server: true, policies: "strict", status: 503, reason: "plain-text-under-strict" },
    { client: false, server: true, policies: "allow", status: 503, reason: "no-allow-policy-matched" },
    { client: true, server: true, policies: "strict", status: 200 },
    { client: true, server: true, policies: "allow", status: 200 },
    { client: true, server: true, policies: "other", status: 503, reason: "no-allow-policy-matched" },
  ])("client enrolled $client, server enrolled $server, policy $policies: $status $reason", async (row) => {
    const { mesh, b, enrol } = await world(hello);
    if (row.client) {
      await enrol("client");
    }
    if (row.server) {
      await enrol("server");
    }
    if (row.policies === "strict") {
      mesh.policy(strict);
    } else if (row.policies !== "none") {
      const who = row.policies === "allow" ? "client" : "other";
      mesh.policy(allow("server", `cluster.local/ns/${who}/sa/${who}`));
    }
    const { status, body } = await call(url);
    expect(status).toBe(row.status);
    expect(b.take().denials.map(({ reason }) => reason)).toEqual(row.reason === undefined ? [] : [row.reason]);
    if (status !== 200) {
      expect(body).not.toMatch(/allow|istio_converted/);
    }
  });

  test("explains a refusal at the hop that decided, and tells the caller nothing of it", async () => {
    const { mesh, a, b, enrol } = await world(hello);
    await enrol("server");
    await enrol("client");
    mesh.policy(allow("server", "cluster.local/ns/other/sa/other"));
    const { body } = await call(url);
    expect(body).toBe("upstream connect error: connection closed due to policy rejection\n");
    expect(b.take().denials[0]).toMatchObject({
      reason: "no-allow-policy-matched",
      policy: "server/allow",
      attribute: "source.principal",
      destinationPort: 8080,
      destinationPod: "server",
      sourcePod: "client",
      sourceIp: clientAddress,
      labels: { source_principal: "spiffe://cluster.local/ns/client/sa/client" },
    });
    expect(a.take().requests[0]).toMatchObject({ responseCode: 503, responseFlags: "DENY" });
  });

  test("routes each request of one connection by its own target, and reuses the way to the server", async () => {
    const sockets = new Set<unknown>();
    const { enrol } = await world((incoming, response) => {
      sockets.add(incoming.socket);
      hello(incoming, response);
    });
    await enrol("server");
    await enrol("client");
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    closing.push(() => agent.destroy());
    for (const name of ["server.server", "server.server.svc", "SERVER.server.svc.cluster.local", "server.server:80"]) {
      expect((await call(`http://${name}/`, { agent })).status).toBe(200);
    }
    expect((await call("http://nobody.server/", { agent })).status).toBe(502);
    expect((await call("http://server.server:81/", { agent })).status).toBe(502);
    expect((await call("http://127.0.0.1:2/", { agent })).status).toBe(403);
    expect((await call("http://localhost:2/", { agent })).status).toBe(403);
    expect((await call(`http://${serverAddress}:15001/`, { agent })).status).toBe(502);
    expect((await call(`http://${serverAddress}:8080/`, { agent })).status).toBe(200);
    expect(sockets.size).toBe(1);
  });

  test("bodies, trailers, HEAD and early answers pass unchanged", async () => {
    const { enrol } = await world((incoming, response) => {
      if (incoming.method === "HEAD") {
        response.setHeader("content-length", "1234").end();
        return;
      }
      response.setHeader("trailer", "x-sum");
      incoming.pipe(response, { end: false });
      incoming.on("end", () => {
        response.addTrailers({ "x-sum": "42" });
        response.end();
      });
    });
    await enrol("server");
    await enrol("client");
    const echoed = await call(url, { method: "POST", body: "x".repeat(100_000) });
    expect(echoed.body).toHaveLength(100_000);
    expect(echoed.message.trailers).toEqual({ "x-sum": "42" });
    const chunked = await call(url, { method: "POST", body: "abc", headers: { "transfer-encoding": "chunked" } });
    expect(chunked.body).toBe("abc");
    const head = await call(url, { method: "HEAD" });
    expect(head.message.headers["content-length"]).toBe("1234");
  });

  test("drops what is meant for a proxy", async () => {
    const { enrol } = await world((incoming, response) => void response.end(JSON.stringify(incoming.headers)));
    await enrol("server");
    await enrol("client");
    const { body } = await call(url, {
      headers: { "proxy-authorization": "x", proxy: "http://evil", "proxy-x": "1", keep: "y" },
    });
    expect(Object.keys(JSON.parse(body) as object).sort()).toEqual(["host", "keep"]);
  });

  test("100-continue comes from the server", async () => {
    const { enrol } = await world((incoming, response) => void incoming.pipe(response));
    await enrol("server");
    await enrol("client");
    const outgoing = request({
      host: clientAddress,
      port: 15001,
      path: url,
      method: "POST",
      headers: { host: "server.server", expect: "100-continue", "content-length": "3" },
    });
    outgoing.flushHeaders();
    await once(outgoing, "continue");
    outgoing.end("abc");
    const [message] = (await once(outgoing, "response")) as [IncomingMessage];
    expect(await text(message)).toBe("abc");
  });

  test("an upgrade becomes a tunnel both ways", async () => {
    const app = createServer();
    app.on("upgrade", (incoming, socket) => {
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: ${incoming.headers.upgrade}\r\n\r\n`,
      );
      socket.pipe(socket);
    });
    const { enrol } = await world(app);
    await enrol("server");
    await enrol("client");
    const outgoing = request({
      host: clientAddress,
      port: 15001,
      path: url,
      headers: { host: "server.server", connection: "upgrade", upgrade: "websocket" },
    });
    outgoing.end();
    const [message, socket] = (await once(outgoing, "upgrade")) as [IncomingMessage, Socket];
    expect(message.headers.upgrade).toBe("websocket");
    socket.end("frames");
    expect(await text(socket)).toBe("frames");
  });

  test("refuses what is no proxy request, with a hint", async () => {
    await world(hello);
    const send = async (head: string): Promise<string> => {
      const socket = connect(15001, clientAddress);
      socket.end(head);
      return await text(socket);
    };
    expect(await send("GET / HTTP/1.1\r\nhost: server.server\r\n\r\n")).toMatch(/^HTTP\/1.1 400 [\s\S]*HTTP_PROXY/);
    expect(await send("GET http://server.server/ HTTP/1.1\r\nhost: a\nb: c\r\n\r\n")).toMatch(/^HTTP\/1.1 400 /);
    expect(await send("GET https://server.server/ HTTP/1.1\r\nhost: a\r\n\r\n")).toMatch(/^HTTP\/1.1 400 /);
    expect(
      await send("POST http://server.server/ HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\ncontent-length: 3\r\n\r\nabc"),
    ).toMatch(/^HTTP\/1.1 400 /);
  });

  test("a foreign process gets no answer and is recorded", async () => {
    const { a } = await world(hello);
    a.admitsCallers = false;
    await expect(call(url)).rejects.toThrow();
    expect(a.take().denials[0]).toMatchObject({ reason: "caller-not-in-pod", destinationPod: "client" });
  });
});

describe("tunnels", () => {
  const echoApp = (): Server =>
    createTcpServer({ allowHalfOpen: true }, (socket) => {
      socket.on("error", () => undefined);
      socket.pipe(socket);
    });

  test("CONNECT and SOCKS5 carry bytes both ways and keep half-open ends", async () => {
    const { a, enrol } = await world(echoApp());
    await enrol("server");
    await enrol("client");
    const byConnect = connect({ port: 15001, host: clientAddress, allowHalfOpen: true });
    byConnect.end("CONNECT server.server:80 HTTP/1.1\r\nhost: server.server:80\r\n\r\nping");
    expect(await text(byConnect)).toBe("HTTP/1.1 200 Connection Established\r\n\r\nping");

    const bySocks = connect({ port: 15001, host: clientAddress, allowHalfOpen: true });
    const name = Buffer.from("server.server");
    bySocks.end(
      Buffer.concat([Buffer.from([5, 1, 0, 5, 1, 0, 3, name.length]), name, Buffer.from([0, 80]), Buffer.from("pong")]),
    );
    const bytes = await buffer(bySocks);
    expect([...bytes.subarray(0, 4)]).toEqual([5, 0, 5, 0]);
    expect(bytes.subarray(12).toString()).toBe("pong");
    const tcp = a.take().connections.filter(({ labels }) => labels.request_protocol === "tcp");
    expect(tcp[0]).toMatchObject({ opened: 2, closed: 2, sentBytes: 8, receivedBytes: 8 });
  });

  test("a destination that does not exist is a clear failure in both protocols", async () => {
    await world(echoApp());
    const byConnect = connect(15001, clientAddress);
    byConnect.write("CONNECT nobody.server:80 HTTP/1.1\r\nhost: x\r\n\r\n");
    expect(await text(byConnect)).toMatch(/^HTTP\/1.1 502 [\s\S]*no such service/);
    const bySocks = connect(15001, clientAddress);
    bySocks.write(Buffer.from([5, 1, 0, 5, 1, 0, 1, 127, 0, 0, 1, 0, 80]));
    expect([...(await buffer(bySocks)).subarray(0, 4)]).toEqual([5, 0, 5, 2]);
  });

  test("a deny cuts what is open, by mutual TLS and in plain text", async () => {
    const { mesh, b, enrol } = await world(echoApp());
    await enrol("server");
    const open = async (): Promise<Socket> => {
      const socket = connect(15001, clientAddress);
      socket.on("error", () => undefined);
      socket.write("CONNECT server.server:80 HTTP/1.1\r\nhost: x\r\n\r\n");
      await once(socket, "data");
      socket.write("still here");
      await once(socket, "data");
      return socket;
    };
    const plain = await open();
    await enrol("client");
    const secured = await open();
    const closed = Promise.all(
      [plain, secured].map((socket) => new Promise((resolve) => socket.once("close", resolve))),
    );
    b.take();
    mesh.policy(allow("server"));
    await closed;
    expect(b.take().denials.map(({ reason, count }) => ({ reason, count }))).toEqual([
      { reason: "no-allow-policy-matched", count: 1 },
      { reason: "no-allow-policy-matched", count: 1 },
    ]);
  });
});
