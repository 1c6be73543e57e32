import { once } from "node:events";
import { createServer, type IncomingMessage, request } from "node:http";
import { connect, createServer as createTcpServer, type Socket } from "node:net";
import { finished } from "node:stream/promises";
import { afterEach, beforeAll, expect, test } from "vitest";
import { TestAuthority } from "../hbone/test-authority.suite.ts";
import { clientAddress, twoNodes } from "./two-nodes.suite.ts";

let authority: TestAuthority;
const closing: (() => unknown)[] = [];
const megabyte = 1 << 20;

beforeAll(async () => {
  authority = await TestAuthority.create();
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) {
    await close();
  }
});

test.each([{ inMesh: false }, { inMesh: true }])(
  "50 MB pass both ways at once, whole (in the mesh: $inMesh)",
  async ({ inMesh }) => {
    const app = createServer((incoming, response) => void incoming.pipe(response));
    const { enrol } = await twoNodes(authority, closing, app);
    if (inMesh) {
      await enrol("server");
      await enrol("client");
    }
    const outgoing = request({
      host: clientAddress,
      port: 15001,
      path: "http://server.server/",
      method: "POST",
      headers: { host: "server.server" },
    });
    const chunk = Buffer.alloc(megabyte, 1);
    let received = 0;
    const answer = once(outgoing, "response").then(async ([message]) => {
      for await (const data of message as IncomingMessage) {
        received += (data as Buffer).length;
      }
    });
    for (let sent = 0; sent < 50; sent += 1) {
      if (!outgoing.write(chunk)) {
        await once(outgoing, "drain");
      }
    }
    outgoing.end();
    await answer;
    expect(received).toBe(50 * megabyte);
  },
  30_000,
);

test("a server that does not read stops its client, and a client that does not read stops its server", async () => {
  let written = 0;
  const app = createTcpServer((socket: Socket) => {
    socket.on("error", () => undefined);
    socket.pause();
    const more = (): void => {
      while (written < 200 * megabyte && socket.write(Buffer.alloc(64 << 10))) {
        written += 64 << 10;
      }
    };
    socket.on("drain", more);
    more();
  });
  const { enrol } = await twoNodes(authority, closing, app);
  await enrol("server");
  await enrol("client");
  const client = connect(15001, clientAddress);
  client.on("error", () => undefined);
  client.write("CONNECT server.server:80 HTTP/1.1\r\nhost: x\r\n\r\n");
  await once(client, "readable");
  let sent = 0;
  // Nothing moves any more when a write finds no room and no drain follows the ones that are under way.
  for (let quiet = 0; quiet < 20; ) {
    const before = sent + written;
    while (sent < 200 * megabyte && client.writableLength < megabyte) {
      client.write(Buffer.alloc(64 << 10));
      sent += 64 << 10;
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
    quiet = sent + written === before ? quiet + 1 : 0;
  }
  expect(sent).toBeLessThan(40 * megabyte);
  expect(written).toBeLessThan(40 * megabyte);
  client.destroy();
  await finished(client).catch(() => undefined);
}, 30_000);
