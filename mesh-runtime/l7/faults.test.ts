import { Agent } from "node:http";
import type { Socket } from "node:net";
import { afterEach, expect, test } from "vitest";
import {
  call,
  close,
  closeOpened,
  dialRig,
  exchangeRaw,
  get,
  listener,
  opened,
  proxyConfig,
  readAll,
  startBackend,
  startRawBackend,
  startRig,
  workload,
} from "./engine-rig.suite.ts";

afterEach(closeOpened);

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
  expect(await exchangeRaw(rig, `POST / HTTP/1.1\r\nHost: a\r\n${close}\r\n`)).toMatch(/^HTTP\/1\.1 503/);
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
  const rig = await startRig([], { engine: { timeouts: { headMs: 50 } } });
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
  rig.engine.apply(proxyConfig({ listeners: [listener([])] }));
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
  const drained = rig.engine.drain(5_000);
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

test("a kept connection is not used beyond the time its server named", async () => {
  let connections = 0;
  const port = await startRawBackend((socket) => {
    connections++;
    socket.on("data", () => socket.write("HTTP/1.1 200 OK\r\nKeep-Alive: timeout=1\r\nContent-Length: 2\r\n\r\nok"));
  });
  const rig = await startRig([workload("a", port)]);
  await exchangeRaw(rig, get("/"));
  expect(await exchangeRaw(rig, get("/"))).toMatch(/ok$/);
  expect(connections).toBe(2);
});
