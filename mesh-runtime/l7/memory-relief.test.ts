import { Duplex } from "node:stream";
import { afterEach, expect, test } from "vitest";
import {
  closeOpened,
  dialRig,
  exchangeRaw,
  get,
  readAll,
  startBackend,
  startRig,
  workload,
} from "./engine-rig.suite.ts";
import { type HeldStream, whatToEnd } from "./memory-relief.ts";

afterEach(closeOpened);

const held = (caller: string, ...bytes: readonly number[]): HeldStream[] =>
  bytes.map((heldBytes) => ({ stream: new Duplex(), caller, heldBytes }));
const sizes = (streams: readonly HeldStream[]): string[] =>
  streams.map(({ caller, heldBytes }) => `${caller}${heldBytes}`);

test.each([
  ["who holds most loses, the largest first", [...held("a", 10, 50, 40), ...held("b", 5)], 60, ["a50", "a40"]],
  [
    "callers come down to one level",
    [...held("a", 60, 40), ...held("b", 50, 30), ...held("c", 20)],
    80,
    ["a60", "b50"],
  ],
  ["everything, when it must be", [...held("a", 10), ...held("b", 10)], 100, ["a10", "b10"]],
  ["nothing of nothing", [], 10, []],
])("%s", (_what, streams, bytes, wanted) => {
  expect(sizes(whatToEnd(streams, bytes))).toEqual(wanted);
});

test("heads and answers that wait for slow clients are bounded; who is quick is served", async () => {
  const { port } = await startBackend((_request, response) => response.end(Buffer.alloc(200_000, 0x61)));
  const rig = await startRig([workload("a", port)], { engine: { heldBytesMax: 500_000 } });
  const heads = await Promise.all(Array.from({ length: 20 }, () => dialRig(rig)));
  const ends = heads.map((socket) => new Promise<boolean>((resolve) => socket.once("close", () => resolve(true))));
  for (const socket of heads) {
    socket.write(`GET / HTTP/1.1\r\nHost: a\r\nX: ${"x".repeat(50_000)}`);
    readAll(socket).catch(() => undefined);
  }
  await Promise.race(ends);
  const answer = await exchangeRaw(rig, get("/"));
  expect(answer.slice(0, 15)).toBe("HTTP/1.1 200 OK");
  expect(answer.length).toBeGreaterThan(200_000);
});
