import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import type { IncomingHttpHeaders } from "node:http2";
import { afterEach, expect, test } from "vitest";
import {
  call,
  close,
  closeOpened,
  cluster,
  exchangeRaw,
  get,
  listener,
  proxyConfig,
  rule,
  startBackend,
  startRawBackend,
  startRig,
  workload,
} from "./engine-rig.suite.ts";
import { answerOf, http2Client, startHttp2Backend } from "./http2-rig.suite.ts";

afterEach(closeOpened);

const toHttp2 = proxyConfig({ listeners: [listener([rule()])], clusters: [cluster({ protocol: "HTTP2" })] });
const toHttp1 = proxyConfig({ listeners: [listener([rule()])], clusters: [cluster({ protocol: "HTTP" })] });

test("HTTP/2 to HTTP/1: one Host, cookies joined, framing made anew, no pseudo-headers", async () => {
  let seen: IncomingMessage | undefined;
  const { port } = await startBackend((request, response) => {
    seen = request;
    request.pipe(response);
  });
  const rig = await startRig([workload("a", port)], { config: toHttp1 });
  const stream = http2Client(rig).request({
    ":method": "POST",
    ":path": "/a/../b?q=1",
    ":authority": "web:80",
    cookie: ["a=1", "b=2"],
    te: "trailers",
    "x-forwarded-client-cert": "By=me",
  });
  stream.end("hello");
  expect(await answerOf(stream)).toMatchObject({ status: 200, body: "hello", ended: true });
  expect(seen?.url).toBe("/b?q=1");
  expect(seen?.headers).toMatchObject({
    host: "web:80",
    cookie: "a=1; b=2",
    "transfer-encoding": "chunked",
    "x-forwarded-proto": "http",
    traceparent: expect.any(String),
  });
  expect(seen?.rawHeaders.filter((name) => name.startsWith(":"))).toEqual([]);
  expect(seen?.headers).not.toHaveProperty("te");
  expect(seen?.headers).not.toHaveProperty("x-forwarded-client-cert");
  expect(rig.outcomes).toMatchObject([
    { status: 200, request: { protocol: "HTTP/2" }, requestBytes: 5, responseBytes: 5 },
  ]);
});

test("HTTP/1 to HTTP/2, many requests on one connection", async () => {
  const seen: IncomingHttpHeaders[] = [];
  const backend = await startHttp2Backend((stream, headers) => {
    seen.push(headers);
    stream.respond({ ":status": 201, "x-b": ["1", "2"] });
    stream.pipe(stream);
  });
  const rig = await startRig([workload("a", backend.port)], { config: toHttp2 });
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, index) =>
      call(rig, { method: "POST", path: `/${index}`, body: Buffer.from("body") }),
    ),
  );
  expect(answers.map(({ status, body }) => [status, String(body)])).toEqual(answers.map(() => [201, "body"]));
  expect(answers[0]?.headers["x-b"]).toBe("1, 2");
  expect(backend.sessions()).toBe(1);
  expect(seen[0]).toMatchObject({ ":authority": `127.0.0.1:${rig.port}`, "content-length": "4" });
  expect(seen[0]).not.toHaveProperty("connection");
});

test.each([
  ["announced", { trailer: "x-hash" }],
  ["not announced", {}],
])("HTTP/2 to HTTP/2 with trailers both ways, %s", async (_name, announced) => {
  const seen: IncomingHttpHeaders[] = [];
  const backend = await startHttp2Backend((stream) => {
    stream.respond({ ":status": 200 }, { waitForTrailers: true });
    stream.on("wantTrailers", () => stream.sendTrailers({ "x-sum": "5" }));
    stream.on("trailers", (trailers) => seen.push(trailers));
    stream.pipe(stream);
  });
  const rig = await startRig([workload("a", backend.port)], { config: toHttp2 });
  const stream = http2Client(rig).request(
    { ":method": "POST", ":path": "/", ":authority": "web", ...announced },
    { waitForTrailers: true },
  );
  stream.on("wantTrailers", () => stream.sendTrailers({ "x-hash": "abc" }));
  stream.end("hello");
  expect(await answerOf(stream)).toMatchObject({ status: 200, body: "hello", trailers: { "x-sum": "5" } });
  expect(seen[0]).toMatchObject({ "x-hash": "abc" });
});

test("trailers of a chunked body reach HTTP/2", async () => {
  const seen: IncomingHttpHeaders[] = [];
  const backend = await startHttp2Backend((stream) => {
    stream.on("trailers", (trailers) => seen.push(trailers));
    stream.on("end", () => stream.respond({ ":status": 204 }, { endStream: true }));
    stream.resume();
  });
  const rig = await startRig([workload("a", backend.port)], { config: toHttp2 });
  const request = `POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n${close}\r\n`;
  expect(await exchangeRaw(rig, `${request}2\r\nhi\r\n0\r\nX-Hash: abc\r\n\r\n`)).toMatch(/^HTTP\/1\.1 204 /);
  expect(seen[0]).toMatchObject({ "x-hash": "abc" });
});

test("a field that may stand once, twice, is left out of trailers in either direction", async () => {
  const seen: IncomingHttpHeaders[] = [];
  const backend = await startHttp2Backend((stream) => {
    stream.on("trailers", (trailers) => seen.push(trailers));
    stream.on("end", () => stream.respond({ ":status": 204 }, { endStream: true }));
    stream.resume();
  });
  const toBackend = await startRig([workload("a", backend.port)], { config: toHttp2 });
  const twice = "ETag: a\r\nETag: b\r\nX-Hash: abc\r\n\r\n";
  const request = `POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n${close}\r\n`;
  expect(await exchangeRaw(toBackend, `${request}2\r\nhi\r\n0\r\n${twice}`)).toMatch(/^HTTP\/1\.1 204 /);
  expect(seen).toEqual([expect.objectContaining({ "x-hash": "abc" })]);
  expect(seen[0]).not.toHaveProperty("etag");

  const port = await startRawBackend((socket) => {
    const interim = "HTTP/1.1 103 Early Hints\r\nETag: a\r\nETag: b\r\n\r\n";
    const head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    socket.on("data", () => socket.write(`${interim}${head}1\r\na\r\n0\r\n${twice}`));
  });
  const toCaller = await startRig([workload("a", port)], { config: toHttp1 });
  const stream = http2Client(toCaller).request({ ":path": "/", ":authority": "web" });
  const answer = await answerOf(stream);
  expect(answer).toMatchObject({ status: 200, body: "a", ended: true, trailers: { "x-hash": "abc" } });
  expect(answer.trailers).not.toHaveProperty("etag");
});

test("trailers of HTTP/1 reach HTTP/2 and the other way round", async () => {
  const { port } = await startBackend((request, response) => {
    request.resume();
    request.on("end", () => {
      response.writeHead(200, { trailer: "x-sum" });
      response.write("a");
      response.addTrailers({ "x-sum": String(request.trailers["x-in"] ?? "none") });
      response.end();
    });
  });
  const rig = await startRig([workload("a", port)], { config: toHttp1 });
  const stream = http2Client(rig).request(
    { ":method": "POST", ":path": "/", ":authority": "web" },
    { waitForTrailers: true },
  );
  stream.on("wantTrailers", () => stream.sendTrailers({ "x-in": "7" }));
  stream.end("b");
  expect(await answerOf(stream)).toMatchObject({ body: "a", trailers: { "x-sum": "7" } });
});

test("large bodies both ways with both sides on HTTP/2", async () => {
  const backend = await startHttp2Backend((stream) => {
    stream.respond({ ":status": 200 });
    stream.pipe(stream);
  });
  const rig = await startRig([workload("a", backend.port)], { config: toHttp2 });
  const body = Buffer.alloc(5_000_000, "0123456789");
  const stream = http2Client(rig).request({ ":method": "POST", ":path": "/", ":authority": "web" });
  const answer = answerOf(stream);
  stream.end(body);
  expect((await answer).body === body.toString("latin1")).toBe(true);
});

test("HEAD, 204 and 304 have no body in either direction", async () => {
  const { port } = await startBackend((request, response) => {
    response.writeHead(
      request.url === "/204" ? 204 : request.url === "/304" ? 304 : 200,
      request.url === "/204" ? {} : { "content-length": 42 },
    );
    response.end();
  });
  const rig = await startRig([workload("a", port)], { config: toHttp1 });
  const client = http2Client(rig);
  const answers = await Promise.all(
    [
      ["HEAD", "/"],
      ["GET", "/204"],
      ["GET", "/304"],
    ].map(([method, path]) => answerOf(client.request({ ":method": method!, ":path": path!, ":authority": "web" }))),
  );
  expect(answers.map(({ status, body, headers, ended }) => [status, body, headers["content-length"], ended])).toEqual([
    [200, "", "42", true],
    [204, "", undefined, true],
    [304, "", "42", true],
  ]);
});

test("HEAD from HTTP/1 to HTTP/2", async () => {
  const backend = await startHttp2Backend((stream) =>
    stream.respond({ ":status": 200, "content-length": "42" }, { endStream: true }),
  );
  const rig = await startRig([workload("a", backend.port)], { config: toHttp2 });
  expect(await exchangeRaw(rig, `HEAD / HTTP/1.1\r\nHost: a\r\n${close}\r\n`)).toMatch(
    /200 [\s\S]*content-length: 42\r\n[\s\S]*\r\n\r\n$/,
  );
});

test("a local reply on a stream, and the next request on the same connection", async () => {
  const { port } = await startBackend((_request, response) => response.end("ok"));
  const rig = await startRig([workload("a", port)], {
    config: proxyConfig({
      listeners: [listener([rule()], { hostname: "web" })],
      clusters: [cluster({ protocol: "HTTP" })],
    }),
  });
  const client = http2Client(rig);
  expect(await answerOf(client.request({ ":path": "/", ":authority": "other" }))).toMatchObject({
    status: 404,
    ended: true,
  });
  expect(await answerOf(client.request({ ":path": "/", ":authority": "web" }))).toMatchObject({
    status: 200,
    body: "ok",
  });
});

test("an early answer ends a request that is still being sent", async () => {
  const rig = await startRig([]);
  const stream = http2Client(rig).request({ ":method": "POST", ":path": "/", ":authority": "web" });
  stream.write("part");
  const answer = await answerOf(stream);
  expect(answer).toMatchObject({ status: 503, body: "no healthy upstream" });
});

test("a stream that the client resets resets the upstream's stream", async () => {
  const aborted = Promise.withResolvers<void>();
  const backend = await startHttp2Backend((stream) => {
    stream.respond({ ":status": 200 });
    stream.write("first");
    stream.on("aborted", () => aborted.resolve());
  });
  const rig = await startRig([workload("a", backend.port)], { config: toHttp2 });
  const stream = http2Client(rig).request({ ":path": "/", ":authority": "web" });
  stream.on("error", () => undefined);
  await once(stream, "data");
  const outcome = rig.nextOutcome();
  stream.close(8);
  await aborted.promise;
  expect(await outcome).toMatchObject({ flag: "DC", status: 200 });
});

test("an answer that breaks off breaks the client's stream", async () => {
  const backend = await startHttp2Backend((stream) => {
    stream.respond({ ":status": 200 });
    stream.write("part");
    setImmediate(() => stream.destroy(new Error("broken")));
  });
  const rig = await startRig([workload("a", backend.port)], { config: toHttp2 });
  const answer = await answerOf(http2Client(rig).request({ ":path": "/", ":authority": "web" }));
  expect(answer.ended).toBe(false);
  expect(answer.code).not.toBe(0);
  expect(rig.outcomes).toMatchObject([{ flag: "UC" }]);
});

test("an answer shorter than it said breaks an HTTP/1 client's connection", async () => {
  const backend = await startHttp2Backend((stream) => {
    stream.respond({ ":status": 200, "content-length": "10" });
    stream.end("short");
  });
  const rig = await startRig([workload("a", backend.port)], { config: toHttp2 });
  const answer = await exchangeRaw(rig, get("/", "") + get("/"));
  expect(answer.match(/HTTP\/1\.1/g)).toHaveLength(1);
  expect(rig.outcomes).toMatchObject([{ flag: "UC" }]);
});

test("interim answers pass", async () => {
  const backend = await startHttp2Backend((stream) => {
    stream.additionalHeaders({ ":status": 103, link: "</a>" });
    stream.respond({ ":status": 200 }, { endStream: true });
  });
  const rig = await startRig([workload("a", backend.port)], { config: toHttp2 });
  expect(await exchangeRaw(rig, get("/"))).toMatch(/^HTTP\/1\.1 103 [\s\S]*link: <\/a>[\s\S]*HTTP\/1\.1 200 /);
});

test("a gateway speaks HTTP/1 to ports that say nothing, whatever browsers speak; gRPC stays HTTP/2", async () => {
  const { port } = await startBackend((request, response) => response.end(request.httpVersion));
  const rig = await startRig([workload("a", port)]);
  expect((await answerOf(http2Client(rig).request({ ":path": "/", ":authority": "web" }))).body).toBe("1.1");
  const backend = await startHttp2Backend((stream) =>
    stream.respond({ ":status": 200, "grpc-status": "0" }, { endStream: true }),
  );
  const calls = await startRig([workload("a", backend.port)]);
  const call = http2Client(calls).request({ ":method": "POST", ":path": "/", "content-type": "application/grpc" });
  call.end();
  expect((await answerOf(call)).headers["grpc-status"]).toBe("0");
});
