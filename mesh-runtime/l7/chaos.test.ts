import type { IncomingMessage, ServerResponse } from "node:http";
import { constants } from "node:http2";
import { setImmediate as turn } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import type { L7Protocol } from "../xds/proxy-config.ts";
import {
  closeOpened,
  cluster,
  dialRig,
  listener,
  proxyConfig,
  type Rig,
  rule,
  startBackend,
  startRig,
  workload,
} from "./engine-rig.suite.ts";
import { answerOf, http2Client, startHttp2Backend } from "./http2-rig.suite.ts";

afterEach(closeOpened);

/** Numbers that look random and are the same every time (mulberry32). */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const retry = {
  attempts: 2,
  on: ["5xx", "reset", "connect-failure", "refused-stream"] as const,
  statusCodes: [],
  backoffBaseMs: 1,
  unsafeMethods: true,
};
const config = (protocol: L7Protocol) =>
  proxyConfig({
    listeners: [listener([rule({ retry, timeouts: { requestMs: 300, perTryMs: 100, idleMs: 0 } })])],
    clusters: [
      cluster({
        protocol,
        limits: { ...cluster().limits, maxConnections: 4, maxPendingRequests: 64, maxRequestsPerConnection: 5 },
      }),
    ],
  });

/** A server of HTTP/1 that does anything a server may do, and some things it may not. */
async function startUnruly(random: () => number): Promise<number> {
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const dice = random();
    if (dice < 0.1) {
      request.socket.destroy();
    } else if (dice < 0.2) {
      response.writeHead(503).end();
    } else if (dice < 0.3) {
      response.writeHead(200, { "content-length": 100 });
      response.write("part");
      await turn();
      request.socket.destroy();
    } else if (dice < 0.35) {
      request.on("error", () => undefined);
    } else if (dice < 0.45) {
      response.end("early");
    } else {
      request.pipe(response);
    }
  };
  return (await startBackend((request, response) => void answer(request, response))).port;
}

async function http1Client(rig: Rig, random: () => number): Promise<void> {
  const socket = await dialRig(rig);
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  socket.on("end", () => socket.destroy());
  socket.resume();
  for (let index = 0; index < 4 && socket.writable; index++) {
    const size = Math.floor(random() * 100_000);
    socket.write(`POST /${index} HTTP/1.1\r\nHost: a\r\nContent-Length: ${size}\r\n\r\n`);
    socket.write(Buffer.alloc(random() < 0.8 ? size : Math.floor(size / 2)));
    if (random() < 0.2) {
      await turn();
      socket.destroy();
    }
  }
  socket.write("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  socket.end();
  await closed;
}

async function http2Calls(rig: Rig, random: () => number): Promise<void> {
  const session = http2Client(rig);
  await Promise.all(
    Array.from({ length: 8 }, async () => {
      if (session.destroyed || session.closed) {
        return;
      }
      const stream = session.request({ ":method": "POST", ":path": "/", ":authority": "a" });
      const answer = answerOf(stream);
      stream.write(Buffer.alloc(Math.floor(random() * 50_000)));
      if (random() < 0.3) {
        await turn();
        stream.close(constants.NGHTTP2_CANCEL);
      } else {
        stream.end();
      }
      await answer;
    }),
  );
  session.destroy();
}

/** Everybody is gone; at the latest when the times of all requests are over. */
async function settled(rig: Rig): Promise<void> {
  const untilMs = performance.now() + 3_000;
  while ((rig.engine.openRequests > 0 || rig.engine.openConnections > 0) && performance.now() < untilMs) {
    await turn();
  }
}

test.each([
  [1, "HTTP"],
  [2, "HTTP"],
  [3, "HTTP2"],
  [4, "HTTP2"],
  [5, "HTTP2"],
] as const)(
  "nothing is left behind, every request is told of once (seed %s, %s upstream)",
  { timeout: 30_000 },
  async (seed, protocol) => {
    const random = numbers(seed);
    const port =
      protocol === "HTTP"
        ? await startUnruly(random)
        : (
            await startHttp2Backend((stream) => {
              const dice = random();
              if (dice < 0.1) {
                stream.close(constants.NGHTTP2_REFUSED_STREAM);
              } else if (dice < 0.2) {
                stream.respond({ ":status": 503 }, { endStream: true });
              } else if (dice < 0.3) {
                stream.respond({ ":status": 200 });
                stream.write("part");
                setImmediate(() => stream.destroy(new Error("broken")));
              } else if (dice < 0.35) {
                stream.session?.goaway();
              } else if (dice < 0.4) {
                // Silence.
              } else {
                stream.respond({ ":status": 200 });
                stream.pipe(stream);
              }
            })
          ).port;
    const rig = await startRig([workload("a", port), workload("b", port)], { config: config(protocol) });
    await Promise.all(
      Array.from({ length: 12 }, (_, index) => (index % 2 === 0 ? http1Client(rig, random) : http2Calls(rig, random))),
    );
    await settled(rig);
    expect(rig.engine.openRequests).toBe(0);
    expect(rig.engine.clusters()).toMatchObject([{ activeRequests: 0, activeRetries: 0 }]);
    const told = rig.outcomes.map(({ request }) => request).filter((request) => request !== undefined);
    expect(new Set(told).size).toBe(told.length);
    expect(told.length).toBeGreaterThan(25);
    expect(rig.outcomes.filter(({ flag, status }) => flag === "-" && status === 0)).toEqual([]);
  },
);
