import { once } from "node:events";
import { createServer } from "node:http";
import { connect } from "node:http2";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import {
  closeOpened,
  opened,
  type Rig,
  startBackend,
  startRawBackend,
  startRig,
  workload,
} from "./engine-rig.suite.ts";
import { answerOf, http2Client } from "./http2-rig.suite.ts";

afterEach(closeOpened);

async function startEcho(): Promise<number> {
  const http = createServer();
  const server = new WebSocketServer({ server: http });
  server.on("connection", (socket) => socket.on("message", (data, binary) => socket.send(data, { binary })));
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

async function open(rig: Rig): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${rig.port}/echo`);
  opened.push({ close: () => socket.terminate() });
  await once(socket, "open");
  return socket;
}

test("messages of all sizes, and an orderly close", async () => {
  const rig = await startRig([workload("a", await startEcho())]);
  const socket = await open(rig);
  for (const size of [0, 1, 125, 126, 65_536, 1_000_000]) {
    const message = Buffer.alloc(size, "x");
    socket.send(message);
    const [answer] = (await once(socket, "message")) as [Buffer];
    expect(answer.equals(message)).toBe(true);
  }
  const outcome = rig.nextOutcome();
  socket.close(1000, "done");
  expect((await once(socket, "close"))[0]).toBe(1000);
  expect(await outcome).toMatchObject({ status: 101, flag: "-" });
});

test("by an extended CONNECT of HTTP/2 (RFC 8441)", async () => {
  const rig = await startRig([workload("a", await startEcho())]);
  const session = connect(`http://127.0.0.1:${rig.port}`);
  opened.push({ close: () => session.destroy() });
  await once(session, "remoteSettings");
  const stream = session.request({
    ":method": "CONNECT",
    ":protocol": "websocket",
    ":scheme": "http",
    ":path": "/echo",
    ":authority": "web",
    "sec-websocket-version": "13",
  });
  const [headers] = (await once(stream, "response")) as [Record<string, string>];
  expect(headers[":status"]).toBe(200);
  expect(headers).not.toHaveProperty("sec-websocket-accept");
  // One masked text frame, "hi".
  stream.write(Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0x68, 0x69]));
  const [data] = (await once(stream, "data")) as [Buffer];
  expect([...data]).toEqual([0x81, 2, 0x68, 0x69]);
});

test("bytes behind an extended CONNECT wait for the answer, and are lost when it is refused", async () => {
  let received = "";
  const port = await startRawBackend((socket) => {
    socket.on("data", (data) => {
      received += data.toString("latin1");
      socket.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nno");
    });
  });
  const rig = await startRig([workload("a", port)]);
  const session = http2Client(rig);
  await once(session, "remoteSettings");
  const stream = session.request({
    ":method": "CONNECT",
    ":protocol": "websocket",
    ":scheme": "http",
    ":path": "/echo",
    ":authority": "web",
  });
  stream.write("GET /admin HTTP/1.1\r\nHost: web\r\n\r\n");
  expect(await answerOf(stream)).toMatchObject({ status: 200, body: "no" });
  expect(received.match(/HTTP\/1\.1/g)).toHaveLength(1);
});

test("a server that refuses answers as it would without a proxy", async () => {
  const { port } = await startBackend((_request, response) => response.writeHead(403).end("no"));
  const rig = await startRig([workload("a", port)]);
  const socket = new WebSocket(`ws://127.0.0.1:${rig.port}/`);
  socket.on("error", () => undefined);
  const [, response] = (await once(socket, "unexpected-response")) as [unknown, { statusCode: number }];
  expect(response.statusCode).toBe(403);
  socket.terminate();
});

test("a server that breaks off breaks the client off", async () => {
  const port = await startEcho();
  const rig = await startRig([workload("a", port)]);
  const socket = await open(rig);
  const closed = once(socket, "close");
  rig.engine.drain(0).catch(() => undefined);
  expect((await closed)[0]).toBe(1006);
});
