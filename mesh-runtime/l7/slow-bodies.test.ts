import type { ServerHttp2Stream } from "node:http2";
import { afterEach, expect, test } from "vitest";
import {
  close,
  closeOpened,
  cluster,
  dialRig,
  listener,
  proxyConfig,
  readAll,
  rule,
  startRig,
  workload,
} from "./engine-rig.suite.ts";
import { answerOf, http2Client, startHttp2Backend } from "./http2-rig.suite.ts";
import { BodySpeed, mayTrickle } from "./wire/body-speed.ts";

afterEach(closeOpened);

test("a body is slow when too little of it came in a whole window", () => {
  const speed = new BodySpeed();
  const below = (nowMs: number): boolean => speed.below(100, 30_000, nowMs);
  expect(below(1_000)).toBe(false);
  speed.took(3_000);
  expect(below(30_999), "the window is not over").toBe(false);
  expect(below(31_000), "100 a second").toBe(false);
  speed.took(2_999);
  expect(below(61_000)).toBe(true);
  speed.took(10);
  speed.restart();
  expect(below(91_000), "nobody read").toBe(false);
  expect(below(121_000), "nothing since").toBe(true);
});

const streamed = { kind: "stream" } as const;
const sized = { kind: "length", length: 9 } as const;
test.each([
  ["a body of known length", { body: sized }, false, false],
  ["a body of known length whose answer has begun", { body: sized }, true, false],
  ["a body without a length", { body: streamed }, false, false],
  ["a body without a length whose answer has begun", { body: streamed }, true, true],
  ["gRPC", { body: streamed, grpc: true }, false, true],
  ["an upgrade", { upgrade: "websocket" }, false, true],
])("%s", (_name, more, responding, expected) => {
  const request = { grpc: false, upgrade: undefined, body: { kind: "none" }, ...more };
  expect(mayTrickle({ request: request as Parameters<typeof mayTrickle>[0]["request"], responding })).toBe(expected);
});

test("bodies that trickle are cut in either protocol, conversations are not", async () => {
  const arrived: (() => void)[] = [];
  const backend = await startHttp2Backend((stream: ServerHttp2Stream, headers) => {
    if (headers[":path"] === "/talk") {
      stream.respond({ ":status": 200 });
    }
    stream.on("end", () => {
      if (stream.headersSent) {
        stream.end("over");
      } else if (!stream.aborted && !stream.destroyed) {
        stream.respond({ ":status": 204 }, { endStream: true });
      }
    });
    stream.resume();
    arrived.shift()?.();
  });
  const rig = await startRig([workload("a", backend.port)], {
    config: proxyConfig({ listeners: [listener([rule()])], clusters: [cluster({ protocol: "HTTP2" })] }),
    // Judged with every sweep, which is every half of `headMs`.
    engine: { timeouts: { headMs: 400, bodyWindowMs: 1, bodyBytesPerSecond: 1_000 } },
  });
  const http1 = async (path: string, framing: string, begun: string) => {
    const socket = await dialRig(rig);
    const answer = readAll(socket);
    const began = new Promise<void>((resolve) => socket.once("data", () => resolve()));
    const here = new Promise<void>((resolve) => arrived.push(resolve));
    socket.write(`POST ${path} HTTP/1.1\r\nHost: a\r\n${framing}\r\n${close}\r\n${begun}`);
    await here;
    return { socket, answer, began };
  };
  const http2 = async (type: string) => {
    const here = new Promise<void>((resolve) => arrived.push(resolve));
    const stream = http2Client(rig).request({
      ":method": "POST",
      ":path": "/",
      ":authority": "a",
      "content-type": type,
    });
    stream.write("x");
    const answer = answerOf(stream);
    await here;
    return { stream, answer };
  };
  // Opened first: by the time that others are cut they have been judged as often.
  const talk = await http1("/talk", "Transfer-Encoding: chunked", "1\r\nx\r\n");
  const grpc = await http2("application/grpc");
  await talk.began;

  const slow = await Promise.all([
    http1("/", "Content-Length: 9", "x").then(({ answer }) => answer),
    http1("/", "Transfer-Encoding: chunked", "1\r\nx\r\n").then(({ answer }) => answer),
    http2("text/plain").then(({ answer }) => answer),
  ]);
  expect(slow).toMatchObject(["", "", { status: 0 }]);
  expect(rig.outcomes).toMatchObject(slow.map(() => ({ status: 0, flag: "DC" })));

  talk.socket.write("0\r\n\r\n");
  grpc.stream.end();
  expect(await talk.answer).toMatch(/over/);
  expect((await grpc.answer).status).toBe(204);
});
