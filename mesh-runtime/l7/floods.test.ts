import { once } from "node:events";
import { constants } from "node:http2";
import type { Socket } from "node:net";
import { afterEach, expect, test } from "vitest";
import { closeOpened, dialRig, exchangeRaw, readAll, startBackend, startRig, workload } from "./engine-rig.suite.ts";
import { answerOf, http2Client } from "./http2-rig.suite.ts";

afterEach(closeOpened);

const preface = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
const types = { headers: 1, reset: 3, settings: 4, ping: 6, goaway: 7, continuation: 9 } as const;

/** A frame (RFC 9113 §4.1). */
function frame(type: number, flags: number, stream: number, payload: Buffer = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** Frames of the proxy until the connection ends: the code of its GOAWAY. */
async function goawayCode(socket: Socket): Promise<number> {
  const chunks: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  await new Promise((resolve) => socket.once("end", resolve).once("close", resolve));
  socket.destroy();
  const bytes = Buffer.concat(chunks);
  let code = -1;
  for (let at = 0; at + 9 <= bytes.length; at += 9 + bytes.readUIntBE(at, 3)) {
    if (bytes[at + 3] === types.goaway && at + 17 <= bytes.length) {
      code = bytes.readUInt32BE(at + 13);
    }
  }
  return code;
}

async function flood(make: (index: number) => Buffer, count: number): Promise<number> {
  const rig = await startRig([]);
  const socket = await dialRig(rig);
  const code = goawayCode(socket);
  socket.write(Buffer.concat([preface, frame(types.settings, 0, 0)]));
  await once(socket, "data");
  for (let index = 0; index < count && socket.writable; index++) {
    socket.write(make(index));
  }
  return await code;
}

/** `:method GET`, `:scheme http`, `:path /`, `:authority a` in HPACK. */
const request = Buffer.from([0x82, 0x86, 0x84, 0x41, 0x01, 0x61]);

test("streams that are opened and reset at once end the connection (CVE-2023-44487)", async () => {
  const open = (index: number): Buffer =>
    Buffer.concat([
      frame(types.headers, 0x4, 2 * index + 1, request),
      frame(types.reset, 0, 2 * index + 1, Buffer.from([0, 0, 0, 8])),
    ]);
  expect([constants.NGHTTP2_ENHANCE_YOUR_CALM, constants.NGHTTP2_INTERNAL_ERROR]).toContain(await flood(open, 2_000));
});

test("a flood of PING ends the connection", async () => {
  expect(await flood(() => frame(types.ping, 0, 0, Buffer.alloc(8)), 500)).toBe(constants.NGHTTP2_ENHANCE_YOUR_CALM);
});

test("a flood of SETTINGS ends the connection", async () => {
  expect(await flood(() => frame(types.settings, 0, 0), 500)).toBe(constants.NGHTTP2_ENHANCE_YOUR_CALM);
});

test("a head without an end is given up (CONTINUATION flood)", async () => {
  const field = Buffer.concat([Buffer.from([0x00, 0x01, 0x61, 0x7f, 0x81, 0x7f]), Buffer.alloc(16_384, 0x61)]).subarray(
    0,
    16_000,
  );
  const code = await flood(
    (index) => (index === 0 ? frame(types.headers, 0, 1, request) : frame(types.continuation, 0, 1, field)),
    200,
  );
  expect(code).not.toBe(0);
});

test("a head that is too large is refused, in HTTP/1 and in HTTP/2", async () => {
  const { port } = await startBackend((_request, response) => response.end("ok"));
  const rig = await startRig([workload("a", port)]);
  const large = "x".repeat(70_000);
  expect(await exchangeRaw(rig, `GET / HTTP/1.1\r\nHost: a\r\nX: ${large}\r\n\r\n`)).toMatch(/^HTTP\/1\.1 431 /);
  const answer = await answerOf(
    http2Client(rig).request({
      ":path": "/",
      ":authority": "a",
      "x-a": large.slice(0, 64_000),
      "x-b": large.slice(0, 64_000),
    }),
  );
  expect(answer.status).not.toBe(200);
  const many = Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`x-${index}`, "1"]));
  const tooMany = await answerOf(http2Client(rig).request({ ":path": "/", ":authority": "a", ...many }));
  expect(tooMany.status).not.toBe(200);
});

test("a client that sends its head in crumbs is answered 408, others are served meanwhile", async () => {
  const { port } = await startBackend((_request, response) => response.end("ok"));
  const rig = await startRig([workload("a", port)], { engine: { timeouts: { headMs: 500 } } });
  const slow = await Promise.all(Array.from({ length: 50 }, () => dialRig(rig)));
  const answers = slow.map((socket) => readAll(socket));
  for (const socket of slow) {
    socket.write("GET / HTTP/1.1\r\nHost: a\r\nX: ");
  }
  expect(await exchangeRaw(rig, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")).toMatch(/200 OK/);
  for (const answer of await Promise.all(answers)) {
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
  }
});

test("an HTTP/2 connection without a request is closed", async () => {
  const rig = await startRig([], { engine: { timeouts: { headMs: 40 } } });
  const session = http2Client(rig);
  await once(session, "close");
});
