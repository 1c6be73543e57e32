import { once } from "node:events";
import { Agent, request as httpRequest, type IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import {
  closeOpened,
  dialRig,
  exchangeRaw,
  listener,
  opened,
  type Rig,
  readAll,
  rule,
  startBackend,
  startRawBackend,
  startRig,
  workload,
} from "./gateway-rig.suite.ts";
import { preparePort } from "./port-state.ts";

afterEach(closeOpened);

const close = "Connection: close\r\n";
const get = (path: string, fields = close) => `GET ${path} HTTP/1.1\r\nHost: web\r\n${fields}\r\n`;

/** Calls through the rig with node's client. */
async function call(
  rig: Rig,
  options: { path?: string; method?: string; body?: Buffer; headers?: Record<string, string>; agent?: Agent },
) {
  const request = httpRequest({ host: "127.0.0.1", port: rig.server.port, path: "/", ...options });
  // What breaks after the response began shows when its body is read.
  request.on("error", () => undefined);
  request.end(options.body);
  const [response] = (await once(request, "response")) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of response) {
    chunks.push(chunk as Buffer);
  }
  return { status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) };
}

describe("forwards", () => {
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
    expect(rig.outcomes).toMatchObject([{ status: 200, flag: "-", path: "/b/~user/c%2Fd", responseBytes: 5 }]);
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
    expect([connections, rig.server.openConnections]).toEqual([1, 1]);
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
});

describe("answers by itself", () => {
  test.each([
    [
      "404 where no route matches",
      {
        listener: listener([
          rule({ matches: [{ path: { type: "Exact", value: "/x" }, method: "", headers: [], queryParams: [] }] }),
        ]),
      },
      404,
      "NR",
      "",
    ],
    ["404 where no listener has the host", { listener: listener([rule()], [], "other.test") }, 404, "NR", ""],
    ["500 without backends", { listener: listener([rule({ backends: [] })]) }, 500, "NR", ""],
    [
      "500 when all weights are 0",
      { listener: listener([rule({ backends: [{ service: "a/b", port: 80, weight: 0 }] })]) },
      500,
      "NR",
      "",
    ],
    [
      "500 for an unresolved backend",
      { listener: listener([rule({ backends: [{ service: "", port: 0, weight: 1 }] })]) },
      500,
      "NR",
      "",
    ],
    [
      "503 for a service that does not exist",
      { listener: listener([rule({ backends: [{ service: "a/b", port: 80, weight: 1 }] })]) },
      503,
      "UH",
      "no healthy upstream",
    ],
    [
      "503 without a healthy pod",
      { pods: [workload("a", 1, { status: "UNHEALTHY" })] },
      503,
      "UH",
      "no healthy upstream",
    ],
    [
      "403 when no rule allows",
      { listener: listener([rule()], [{ name: "p", namespace: "default", action: "ALLOW", rules: [] }]) },
      403,
      "RBAC_ACCESS_DENIED",
      "RBAC: access denied",
    ],
  ] as const)("%s", async (_name, setup, status, flag, body) => {
    const rig = await startRig(
      "pods" in setup ? setup.pods : [],
      "listener" in setup ? { listener: setup.listener } : {},
    );
    const answer = await exchangeRaw(rig, get("/"));
    expect(answer.split(" ")[1]).toBe(String(status));
    expect(answer.slice(answer.indexOf("\r\n\r\n") + 4)).toBe(body);
    expect(rig.outcomes).toMatchObject([{ status, flag }]);
  });

  test("405 for CONNECT, 400 for a path that encodes NUL", async () => {
    const rig = await startRig([]);
    expect(await exchangeRaw(rig, `CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n${close}\r\n`)).toMatch(/^HTTP\/1\.1 405 /);
    expect(await exchangeRaw(rig, get("/%00"))).toMatch(/^HTTP\/1\.1 400 /);
  });

  test("503 when nothing listens, after trying again", async () => {
    const rig = await startRig([workload("a", 1)]);
    expect(await exchangeRaw(rig, get("/"))).toMatch(/^HTTP\/1\.1 503 [\s\S]*reset reason: connection failure$/);
    expect(rig.outcomes).toMatchObject([{ status: 503, flag: "UF" }]);
  });

  test("another pod's answer when one does not listen", async () => {
    const { port } = await startBackend((_request, response) => response.end("b"));
    const rig = await startRig([workload("a", 1), workload("b", port)]);
    expect(await exchangeRaw(rig, get("/"))).toMatch(/200 OK[\s\S]*b$/);
  });

  test("503 when the upstream hangs up without an answer, 502 when it does not speak HTTP", async () => {
    const silent = await startRawBackend((socket) => socket.once("data", () => socket.destroy()));
    const babble = await startRawBackend((socket) => socket.once("data", () => socket.write("what?\r\n\r\n")));
    expect(await exchangeRaw(await startRig([workload("a", silent)]), get("/"))).toMatch(
      /^HTTP\/1\.1 503 [\s\S]*connection termination$/,
    );
    expect(await exchangeRaw(await startRig([workload("a", babble)]), get("/"))).toMatch(/^HTTP\/1\.1 502 /);
  });

  test("504 when the route's time is over", async () => {
    const { port } = await startBackend(() => undefined);
    const rig = await startRig([workload("a", port)], { listener: listener([rule({ requestTimeoutMs: 30 })]) });
    expect(await exchangeRaw(rig, get("/"))).toMatch(/^HTTP\/1\.1 504 [\s\S]*upstream request timeout$/);
    expect(rig.outcomes).toMatchObject([{ status: 504, flag: "UT" }]);
  });

  test("keeps the connection when an early answer leaves a short body", async () => {
    const rig = await startRig([]);
    const answers = await exchangeRaw(rig, `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello${get("/")}`);
    expect(answers.match(/HTTP\/1\.1 503/g)).toHaveLength(2);
  });

  test("closes when an early answer leaves a long body", async () => {
    const rig = await startRig([]);
    const answer = await exchangeRaw(rig, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 500000\r\n\r\nhello");
    expect(answer).toMatch(/^HTTP\/1\.1 503 [\s\S]*connection: close/);
  });
});

describe("faults", () => {
  test("a stale kept connection is replaced without the client noticing", async () => {
    const sockets: Socket[] = [];
    let requests = 0;
    const port = await startRawBackend((socket) => {
      sockets.push(socket);
      socket.on("data", () => {
        requests++;
        if (requests === 2) {
          // Gone just as the second request arrives on the kept connection.
          socket.destroy();
        } else {
          socket.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        }
      });
    });
    const rig = await startRig([workload("a", port)]);
    expect(await exchangeRaw(rig, get("/"))).toMatch(/ok$/);
    expect(await exchangeRaw(rig, get("/"))).toMatch(/ok$/);
    expect([sockets.length, requests]).toEqual([2, 3]);
  });

  test("a POST on a stale connection is not repeated", async () => {
    let requests = 0;
    const port = await startRawBackend((socket) => {
      socket.on("data", () => (++requests === 1 ? socket.write("HTTP/1.1 204 No Content\r\n\r\n") : socket.destroy()));
    });
    const rig = await startRig([workload("a", port)]);
    await exchangeRaw(rig, get("/"));
    expect(await exchangeRaw(rig, `POST / HTTP/1.1\r\nHost: a\r\n${close}Content-Length: 0\r\n\r\n`)).toMatch(
      /^HTTP\/1\.1 503/,
    );
    expect(requests).toBe(2);
  });

  test("a response that breaks off breaks off for the client too", async () => {
    const port = await startRawBackend((socket) =>
      socket.once("data", () => {
        socket.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\npart", () => socket.destroy());
      }),
    );
    const rig = await startRig([workload("a", port)]);
    await expect(call(rig, {})).rejects.toThrow();
    expect(rig.outcomes).toMatchObject([{ status: 200, flag: "UC" }]);
  });

  test("an unasked response is not taken for the next request's", async () => {
    let connections = 0;
    const port = await startRawBackend((socket) => {
      connections++;
      socket.on("data", () =>
        socket.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil"),
      );
    });
    const rig = await startRig([workload("a", port)]);
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    opened.push({ close: () => agent.destroy() });
    expect(String((await call(rig, { agent })).body)).toBe("ok");
    expect(String((await call(rig, { agent })).body)).toBe("ok");
    expect(connections).toBe(2);
  });

  test("a client that leaves takes its upstream request along", async () => {
    const gone = Promise.withResolvers<void>();
    const arrived = Promise.withResolvers<void>();
    const { port } = await startBackend((request) => {
      request.on("close", () => gone.resolve());
      arrived.resolve();
    });
    const rig = await startRig([workload("a", port)]);
    const socket = await dialRig(rig);
    socket.write(get("/"));
    await arrived.promise;
    const outcome = rig.nextOutcome();
    socket.destroy();
    await gone.promise;
    expect(await outcome).toMatchObject({ status: 0, flag: "DC" });
  });

  test("a slow head is answered with 408, a silent connection is closed", async () => {
    const rig = await startRig([], { timeouts: { headMs: 50 } });
    expect(await exchangeRaw(rig, "GET / HTTP/1.1\r\nHo")).toMatch(/^HTTP\/1\.1 408 /);
    expect(await readAll(await dialRig(rig))).toBe("");
  });

  test("new configuration does not touch a request under way", async () => {
    const go = Promise.withResolvers<void>();
    const arrived = Promise.withResolvers<void>();
    const { port } = await startBackend(async (_request, response) => {
      arrived.resolve();
      await go.promise;
      response.end("old");
    });
    const rig = await startRig([workload("a", port)]);
    const answer = exchangeRaw(rig, get("/1", "") + get("/2"));
    await arrived.promise;
    rig.server.update(preparePort(80, [listener([])]));
    go.resolve();
    expect(await answer).toMatch(/200 OK[\s\S]*oldHTTP\/1\.1 404/);
  });

  test("draining lets a request finish and then ends its connection", async () => {
    const go = Promise.withResolvers<void>();
    const arrived = Promise.withResolvers<void>();
    const { port } = await startBackend(async (_request, response) => {
      arrived.resolve();
      await go.promise;
      response.end("done");
    });
    const rig = await startRig([workload("a", port)]);
    const answer = exchangeRaw(rig, get("/", ""));
    await arrived.promise;
    const drained = rig.server.drain(5_000);
    go.resolve();
    expect(await answer).toMatch(/connection: close[\s\S]*done$/);
    await drained;
  });

  test("a reader that stops holds the upstream up instead of filling memory", async () => {
    let written = 0;
    const chunk = Buffer.alloc(65_536);
    const { port } = await startBackend((_request, response) => {
      const pump = (): void => {
        while (written < 200_000_000) {
          written += chunk.length;
          if (!response.write(chunk)) {
            return;
          }
        }
      };
      response.on("drain", pump);
      pump();
    });
    const rig = await startRig([workload("a", port)]);
    const socket = await dialRig(rig);
    socket.pause();
    socket.write(get("/"));
    let before = -1;
    while (before !== written || written === 0) {
      before = written;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect(written).toBeLessThan(40_000_000);
  });
});
