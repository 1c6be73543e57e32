import { once } from "node:events";
import { createServer } from "node:net";
import { networkInterfaces } from "node:os";
import { expect, test } from "vitest";
import { dialPlain } from "./dial-plain.ts";

test.each(["localhost", "127.1", "0x7f.1"])("%s, which names this host, is not dialled", async (host) => {
  await expect(dialPlain({ host, port: 80, timeoutMs: 1_000 })).rejects.toMatchObject({
    code: "forbidden-destination",
  });
});

test("a name that nobody knows is no such service", async () => {
  await expect(dialPlain({ host: "nobody.invalid", port: 80, timeoutMs: 5_000 })).rejects.toMatchObject({
    code: "no-such-service",
  });
});

const outside = Object.values(networkInterfaces())
  .flat()
  .find((address) => address !== undefined && !address.internal && address.family === "IPv4")?.address;

test.skipIf(outside === undefined)("an address of the outside world is dialled", async () => {
  const server = createServer((socket) => socket.end()).listen(0, outside);
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  const socket = await dialPlain({ host: outside ?? "", port, timeoutMs: 1_000 });
  expect(socket.remoteAddress).toBe(outside);
  socket.destroy();
  server.close();
});

test("a port where nobody listens is a failed connection", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await expect(
    dialPlain({ host: "127.0.0.1", port, localAddress: "127.0.0.1", timeoutMs: 1_000 }),
  ).rejects.toMatchObject({ code: "connect-failed" });
});
