import type { Socket } from "node:net";
import { afterEach, expect, test } from "vitest";
import type { L7Cluster, L7RetryPolicy, L7RouteRule } from "../xds/proxy-config.ts";
import {
  call,
  close,
  closeOpened,
  cluster,
  dialRig,
  exchangeRaw,
  get,
  listener,
  proxyConfig,
  readAll,
  rule,
  startBackend,
  startRawBackend,
  startRig,
  workload,
} from "./engine-rig.suite.ts";
import { startHttp2Backend } from "./http2-rig.suite.ts";

afterEach(closeOpened);

const retry = (more: Partial<L7RetryPolicy> = {}): L7RetryPolicy => ({
  attempts: 3,
  on: ["5xx", "reset", "connect-failure", "refused-stream"],
  statusCodes: [],
  backoffBaseMs: 1,
  unsafeMethods: true,
  ...more,
});
/** What istiod puts into every retry that names no conditions. */
const istiodOn = ["connect-failure", "refused-stream", "unavailable", "cancelled"] as const;
const config = (more: Partial<L7RouteRule>, about: Partial<L7Cluster> = {}) =>
  proxyConfig({ listeners: [listener([rule(more)])], clusters: [cluster(about)] });

test("a body that was sent is sent again, whole", async () => {
  const bodies: string[] = [];
  const { port } = await startBackend(async (request, response) => {
    let body = "";
    for await (const chunk of request) {
      body += String(chunk);
    }
    bodies.push(body);
    response.writeHead(bodies.length < 3 ? 503 : 200).end(`try ${bodies.length}`);
  });
  const rig = await startRig([workload("a", port)], { config: config({ retry: retry() }) });
  const sized = await call(rig, { method: "POST", body: Buffer.from("hello"), headers: { "content-length": "5" } });
  expect([sized.status, String(sized.body)]).toEqual([200, "try 3"]);
  expect(bodies).toEqual(["hello", "hello", "hello"]);
  expect(rig.outcomes).toMatchObject([{ status: 200, attempts: 3, flag: "-", requestBytes: 5 }]);
});

test("a body beyond what is kept is not sent again", async () => {
  let requests = 0;
  const { port } = await startBackend((request, response) => {
    requests++;
    request.resume();
    request.on("end", () => response.writeHead(503).end());
  });
  const rig = await startRig([workload("a", port)], { config: config({ retry: retry() }) });
  const answer = await call(rig, { method: "POST", body: Buffer.alloc(200_000) });
  expect([answer.status, requests]).toEqual([503, 1]);
});

test("the last answer is passed on when tries are used up, and flagged", async () => {
  let requests = 0;
  const { port } = await startBackend((_request, response) => {
    requests++;
    response.writeHead(500, { "content-length": 6 }).end("broken");
  });
  const rig = await startRig([workload("a", port)], { config: config({ retry: retry({ attempts: 2 }) }) });
  expect(await exchangeRaw(rig, get("/"))).toMatch(/^HTTP\/1\.1 500 [\s\S]*broken$/);
  expect(requests).toBe(3);
  expect(rig.outcomes).toMatchObject([{ status: 500, flag: "URX", attempts: 3 }]);
});

test("another pod is tried", async () => {
  const bad = await startBackend((_request, response) => response.writeHead(503).end("bad"));
  const good = await startBackend((_request, response) => response.end("good"));
  const rig = await startRig([workload("a", bad.port), workload("b", good.port)], {
    config: config({ retry: retry() }),
  });
  for (let index = 0; index < 4; index++) {
    expect(await exchangeRaw(rig, get("/"))).toMatch(/good$/);
  }
});

test("a request that may have been acted upon is not repeated for a method that is not idempotent", async () => {
  let requests = 0;
  const port = await startRawBackend((socket) => {
    socket.on("data", () => {
      requests++;
      socket.destroy();
    });
  });
  const rig = await startRig([workload("a", port)], {
    config: config({ retry: retry({ on: ["reset"], unsafeMethods: false }) }),
  });
  const post = `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n${close}\r\nhi`;
  expect(await exchangeRaw(rig, post)).toMatch(/^HTTP\/1\.1 503 /);
  expect(requests).toBe(1);
  expect(await exchangeRaw(rig, get("/"))).toMatch(/^HTTP\/1\.1 503 /);
  expect(requests).toBe(1 + 4);
});

test.each([
  ["without a retry of its own", undefined],
  ["with the retry that istiod makes of an HTTPRoute's codes", retry({ on: [...istiodOn, "retriable-status-codes"] })],
  ["with a retry for everything and every method", retry()],
] as const)(
  "a POST on a kept connection that was closed is not repeated, it may have arrived: %s",
  async (_name, policy) => {
    let requests = 0;
    const port = await startRawBackend((socket) => {
      socket.on("data", () => {
        requests++;
        if (requests % 2 === 0) {
          socket.destroy();
        } else {
          socket.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        }
      });
    });
    const rig = await startRig([workload("a", port)], { config: config({ retry: policy }) });
    expect(await exchangeRaw(rig, get("/"))).toMatch(/ok$/);
    expect(await exchangeRaw(rig, `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n${close}\r\nhi`)).toMatch(
      /^HTTP\/1\.1 503 /,
    );
    expect(requests).toBe(2);
    expect(await exchangeRaw(rig, get("/"))).toMatch(/ok$/);
    expect(await exchangeRaw(rig, get("/"))).toMatch(/ok$/);
    expect(requests, "the GET came again").toBe(5);
  },
);

test("REFUSED_STREAM is tried again whatever the method", async () => {
  let streams = 0;
  const backend = await startHttp2Backend((stream) => {
    streams++;
    if (streams === 1) {
      stream.close(7);
      return;
    }
    stream.respond({ ":status": 200 });
    stream.pipe(stream);
  });
  const rig = await startRig([workload("a", backend.port)], { config: config({}, { protocol: "HTTP2" }) });
  const answer = await call(rig, { method: "POST", body: Buffer.from("hello"), headers: { "content-length": "5" } });
  expect([answer.status, String(answer.body), streams]).toEqual([200, "hello", 2]);
});

test("a try that takes too long is given up for another", async () => {
  let requests = 0;
  const { port } = await startBackend((_request, response) => {
    requests++;
    if (requests > 1) {
      response.end("second");
    }
  });
  const rig = await startRig([workload("a", port)], {
    config: config({ retry: retry(), timeouts: { requestMs: 0, perTryMs: 40, idleMs: 0 } }),
  });
  expect(await exchangeRaw(rig, get("/"))).toMatch(/second$/);
  expect(rig.outcomes[0]?.attempts).toBeGreaterThan(1);
});

test("the time of the whole request bounds all tries", async () => {
  const { port } = await startBackend(() => undefined);
  const rig = await startRig([workload("a", port)], {
    config: config({ retry: retry({ attempts: 50 }), timeouts: { requestMs: 100, perTryMs: 20, idleMs: 0 } }),
  });
  expect(await exchangeRaw(rig, get("/"))).toMatch(/^HTTP\/1\.1 504 [\s\S]*upstream request timeout$/);
  expect(rig.outcomes[0]?.flag).toBe("UT");
  expect(rig.outcomes[0]?.attempts).toBeGreaterThan(1);
});

test("without a byte for too long the exchange is ended", async () => {
  const { port } = await startBackend(() => undefined);
  const rig = await startRig([workload("a", port)], {
    config: config({ timeouts: { requestMs: 0, perTryMs: 0, idleMs: 20 } }),
    engine: { timeouts: { headMs: 40 } },
  });
  expect(await exchangeRaw(rig, get("/"))).toMatch(/^HTTP\/1\.1 504 [\s\S]*stream timeout$/);
  expect(rig.outcomes).toMatchObject([{ flag: "SI" }]);
});

test("requests beyond maxConnections wait, those beyond maxPendingRequests are refused", async () => {
  const waiting: (() => void)[] = [];
  const arrivals: (() => void)[] = [];
  const sockets = new Set<Socket>();
  const { server, port } = await startBackend((request, response) => {
    waiting.push(() => response.end(request.url));
    arrivals.shift()?.();
  });
  server.on("connection", (socket: Socket) => sockets.add(socket));
  const limits = { ...cluster().limits, maxConnections: 1, maxPendingRequests: 1 };
  const rig = await startRig([workload("a", port)], { config: config({}, { limits }) });
  const arrived = (): Promise<void> => new Promise((resolve) => arrivals.push(resolve));
  const firstArrived = arrived();
  const first = exchangeRaw(rig, get("/1"));
  await firstArrived;
  const second = await dialRig(rig);
  const secondAnswer = readAll(second);
  second.write(get("/2"));
  // The third overtakes nobody: by the time it is refused the second waits.
  expect(await exchangeRaw(rig, get("/3"))).toMatch(/^HTTP\/1\.1 503 [\s\S]*overflow$/);
  const secondArrived = arrived();
  waiting.shift()?.();
  expect(await first).toMatch(/\/1$/);
  await secondArrived;
  waiting.shift()?.();
  expect(await secondAnswer).toMatch(/\/2$/);
  expect(sockets.size).toBe(1);
  expect(rig.outcomes.map(({ flag }) => flag)).toEqual(["UO", "-", "-"]);
});

test("connections are used for as many requests as allowed", async () => {
  const { server, port } = await startBackend((_request, response) => response.end("ok"));
  let connections = 0;
  server.on("connection", () => connections++);
  const limits = { ...cluster().limits, maxRequestsPerConnection: 2 };
  const rig = await startRig([workload("a", port)], { config: config({}, { limits }) });
  for (let index = 0; index < 4; index++) {
    await exchangeRaw(rig, get("/"));
  }
  expect(connections).toBe(2);
});
