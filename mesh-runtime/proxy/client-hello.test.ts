import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { connect } from "node:tls";
import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { readClientHello } from "./client-hello.ts";

/** What OpenSSL sends first for a name. */
async function helloOf(servername: string, more: object = {}): Promise<Buffer> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const client = connect({ host: "127.0.0.1", port: (server.address() as AddressInfo).port, servername, ...more });
  client.on("error", () => undefined);
  const [socket] = (await once(server, "connection")) as [Socket];
  const [data] = (await once(socket, "data")) as [Buffer];
  client.destroy();
  socket.destroy();
  server.close();
  return data;
}

let hello: Buffer;
beforeAll(async () => {
  hello = await helloOf("Shop.example.com", { ALPNProtocols: ["h2"] });
});

test.each([
  ["shop.example.com", {}, "shop.example.com"],
  ["SHOP.Example.com", { maxVersion: "TLSv1.2" }, "shop.example.com"],
  ["", {}, ""],
])("reads %j as OpenSSL sends it", async (name, more, expected) => {
  expect(readClientHello(await helloOf(name, more))).toEqual({ kind: "hello", serverName: expected });
});

test("waits for the rest, wherever it is cut", () => {
  for (let length = 0; length < hello.length; length++) {
    expect(readClientHello(hello.subarray(0, length)).kind).toBe("incomplete");
  }
});

test("reads a hello that is spread over records", () => {
  const body = hello.subarray(5);
  const pieces = [body.subarray(0, 3), body.subarray(3, 200), body.subarray(200)].map((piece) => {
    const header = Buffer.from([22, 3, 1, 0, 0]);
    header.writeUInt16BE(piece.length, 3);
    return Buffer.concat([header, piece]);
  });
  expect(readClientHello(Buffer.concat(pieces))).toEqual({ kind: "hello", serverName: "shop.example.com" });
});

test.each([
  ["plain HTTP", Buffer.from("GET / HTTP/1.1\r\n")],
  ["another record", Buffer.from([21, 3, 3, 0, 2, 2, 0])],
  ["another handshake message", Buffer.from([22, 3, 3, 0, 4, 2, 0, 0, 0])],
  ["an empty record", Buffer.from([22, 3, 3, 0, 0])],
  ["a hello longer than any", Buffer.from([22, 3, 3, 0, 4, 1, 255, 255, 255])],
])("%s is malformed", (_what, data) => {
  expect(readClientHello(data)).toEqual({ kind: "malformed" });
});

test("a name that is no host name is malformed", () => {
  const at = hello.indexOf("Shop.example.com");
  for (const byte of [0, 10, 47, 58, 255]) {
    const changed = Buffer.from(hello);
    changed[at + 4] = byte;
    expect(readClientHello(changed)).toEqual({ kind: "malformed" });
  }
});

test("never throws and never names what is not there, whatever one byte becomes", () => {
  fc.assert(
    fc.property(fc.nat({ max: 5_000 }), fc.integer({ min: 0, max: 255 }), (position, byte) => {
      const changed = Buffer.from(hello);
      changed[position % changed.length] = byte;
      const read = readClientHello(changed);
      expect(read.kind === "hello" ? read.serverName : "").toMatch(/^[a-z0-9._-]*$/);
    }),
  );
});
