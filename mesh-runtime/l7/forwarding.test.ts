import { once } from "node:events";
import { Agent, type IncomingMessage } from "node:http";
import { afterEach, expect, test } from "vitest";
import {
  call,
  close,
  closeOpened,
  dialRig,
  exchangeRaw,
  get,
  opened,
  readAll,
  startBackend,
  startRawBackend,
  startRig,
  workload,
} from "./engine-rig.suite.ts";

afterEach(closeOpened);

test("the request that was judged, with what an edge proxy adds", async () => {
  let seen: IncomingMessage | undefined;
  const { port } = await startBackend((request, response) => {
    seen = request;
    response.end("hello");
  });
  const rig = await startRig([workload("a", port)]);
  const answer = await exchangeRaw(
    rig,
    get(
      "/a/../b/%7Euser/./c%2Fd?q=..",
      `${close}X-Forwarded-For: 9.9.9.9\r\nX-Hop: 1\r\nConnection: x-hop\r\nTE: gzip\r\n`,
    ),
  );
  expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*hello/);
  expect(seen?.url).toBe("/b/~user/c%2Fd?q=..");
  expect(seen?.headers).toMatchObject({
    host: "web",
    "x-forwarded-for": "9.9.9.9,127.0.0.1",
    "x-forwarded-proto": "http",
    "x-request-id": expect.stringMatching(/^[0-9a-f-]{36}$/),
    traceparent: expect.stringMatching(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/),
  });
  expect(seen?.headers).not.toHaveProperty("x-hop");
  expect(seen?.headers).not.toHaveProperty("te");
  expect(rig.outcomes).toMatchObject([
    { status: 200, flag: "-", plan: { path: "/b/~user/c%2Fd" }, responseBytes: 5, attempts: 1 },
  ]);
});

test("bodies of both framings, both ways, over kept connections", async () => {
  const { server, port } = await startBackend((request, response) => {
    if (request.headers["content-length"] !== undefined) {
      response.setHeader("content-length", request.headers["content-length"]);
    }
    request.pipe(response);
  });
  let connections = 0;
  server.on("connection", () => connections++);
  const rig = await startRig([workload("a", port)]);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  opened.push({ close: () => agent.destroy() });
  const body = Buffer.alloc(3_000_000, "0123456789");
  const sized = await call(rig, { method: "POST", body, agent, headers: { "content-length": String(body.length) } });
  const chunked = await call(rig, { method: "POST", body, agent, headers: { "transfer-encoding": "chunked" } });
  expect(sized.body.equals(body)).toBe(true);
  expect(chunked.body.equals(body)).toBe(true);
  expect(chunked.headers["transfer-encoding"]).toBe("chunked");
  expect([connections, rig.engine.openConnections]).toEqual([1, 1]);
});

test("HEAD and 304 with the length that GET would have", async () => {
  const { port } = await startBackend((request, response) => {
    response.writeHead(request.url === "/304" ? 304 : 200, { "content-length": 42 });
    response.end();
  });
  const rig = await startRig([workload("a", port)]);
  expect(await exchangeRaw(rig, `HEAD / HTTP/1.1\r\nHost: a\r\n${close}\r\n`)).toMatch(
    /content-length: 42\r\n[\s\S]*\r\n\r\n$/,
  );
  expect(await exchangeRaw(rig, get("/304"))).toMatch(/304 [\s\S]*content-length: 42\r\n[\s\S]*\r\n\r\n$/);
});

test("100 Continue before the body is sent", async () => {
  const { server, port } = await startBackend((request, response) => {
    request.on("data", (data) => response.write(data));
    request.on("end", () => response.end());
  });
  const rig = await startRig([workload("a", port)]);
  const continued = once(server, "checkContinue");
  server.on("checkContinue", (request, response) => {
    response.writeContinue();
    server.emit("request", request, response);
  });
  const socket = await dialRig(rig);
  socket.write(`POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n${close}\r\n`);
  await continued;
  const [interim] = (await once(socket, "data")) as [Buffer];
  expect(String(interim)).toBe("HTTP/1.1 100 Continue\r\n\r\n");
  socket.write("hello");
  expect(await readAll(socket)).toMatch(/200 OK[\s\S]*hello/);
});

test("WebSocket upgrades, with bytes that came early", async () => {
  const { server, port } = await startBackend(() => undefined);
  server.on("upgrade", (request, socket, head) => {
    expect([request.headers.upgrade, request.headers.connection]).toEqual(["websocket", "upgrade"]);
    socket.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n");
    socket.write(head);
    socket.pipe(socket);
  });
  const rig = await startRig([workload("a", port)]);
  const socket = await dialRig(rig);
  socket.write("GET /ws HTTP/1.1\r\nHost: a\r\nUpgrade: WebSocket\r\nConnection: Upgrade\r\n\r\nearly");
  const text = readAll(socket);
  const outcome = rig.nextOutcome();
  await once(socket, "data");
  socket.end(" late");
  expect(await text).toMatch(/^HTTP\/1\.1 101 [\s\S]*upgrade: websocket[\s\S]*\r\n\r\nearly late$/);
  expect(await outcome).toMatchObject({ status: 101, flag: "-" });
});

test("no upgrade to HTTP/2, which would carry requests past every check", async () => {
  let seen: IncomingMessage | undefined;
  const { port } = await startBackend((request, response) => {
    seen = request;
    response.end();
  });
  const rig = await startRig([workload("a", port)]);
  await exchangeRaw(
    rig,
    get(
      "/",
      "Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\nConnection: close, Upgrade, HTTP2-Settings\r\n",
    ),
  );
  expect(seen?.headers).not.toHaveProperty("upgrade");
  expect(seen?.headers).not.toHaveProperty("http2-settings");
});

test("a response that ends with the connection, in chunks", async () => {
  const port = await startRawBackend((socket) => socket.once("data", () => socket.end("HTTP/1.0 200 OK\r\n\r\nabc")));
  const rig = await startRig([workload("a", port)]);
  expect(await exchangeRaw(rig, get("/"))).toMatch(/transfer-encoding: chunked[\s\S]*\r\n3\r\nabc\r\n0\r\n\r\n$/);
  expect(await exchangeRaw(rig, "GET / HTTP/1.0\r\n\r\n")).toMatch(/200 OK\r\nconnection: close\r\n\r\nabc$/);
});

test("pipelined requests one after the other, in order", async () => {
  const { port } = await startBackend((request, response) => response.end(request.url));
  const rig = await startRig([workload("a", port)]);
  const answers = await exchangeRaw(rig, get("/1", "") + get("/2", "") + get("/3"));
  expect(answers.match(/\/\d$|\/\d(?=HTTP)/g)).toEqual(["/1", "/2", "/3"]);
});
