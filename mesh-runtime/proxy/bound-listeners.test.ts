import { once } from "node:events";
import { connect, createServer } from "node:net";
import { afterEach, expect, test } from "vitest";
import { createLog } from "../common/log.ts";
import { boundPortOf } from "../common/ports.ts";
import { BoundListeners } from "./bound-listeners.ts";
import { prepareListeners } from "./prepared-listeners.ts";
import { closeOpened, listener, opened, RecordingEngine } from "./proxy-fixtures.suite.ts";

const log = createLog("test");
afterEach(closeOpened);

let hosts = 0;
const ownAddress = (): string =>
  `127.${240 + (process.pid % 10)}.${(Math.floor(process.pid / 10) + 100) % 250}.${++hosts}`;

function bound(hostPorts: ReadonlyMap<number, { hostIP: string; hostPort: number }> = new Map()) {
  const podIp = ownAddress();
  const listens: string[] = [];
  const engine = new RecordingEngine();
  engine.onServe = (stream) => stream.end(`${engine.served.at(-1)?.target.key}`);
  const listeners = new BoundListeners({
    podIp,
    hostPorts,
    engine,
    log: { ...log, error: () => undefined },
    onListen: (address, port) => listens.push(`${address}:${port}`),
  });
  opened.push({
    close: async () => {
      const stopped = listeners.stopListening();
      listeners.destroyConnections();
      await stopped;
    },
  });
  const apply = (...ports: number[]) =>
    listeners.apply(
      prepareListeners(
        ports.map((port) => listener(port)),
        new Map(),
      ),
    );
  return { podIp, listeners, listens, apply, engine };
}

/** What answers there; rejects when nobody does. */
async function answer(host: string, port: number): Promise<string> {
  const socket = connect({ host, port });
  await once(socket, "connect");
  socket.setEncoding("utf8");
  const [text] = (await once(socket, "data")) as [string];
  socket.destroy();
  return text;
}

test.each([
  [80, 8080],
  [443, 8443],
  [1023, 9023],
  [1024, 1024],
  [15008, 15008],
])("port %d of a Gateway is bound as %d", (port, target) => {
  expect(boundPortOf(port)).toBe(target);
});

test("binds the pod's address and the published one, and follows the configuration", async () => {
  const published = ownAddress();
  const { podIp, listeners, listens, apply } = bound(new Map([[8080, { hostIP: published, hostPort: 18080 }]]));
  expect(listeners.ready).toBe(true);
  apply(80);
  expect(listeners.ready).toBe(false);
  await listeners.settled;
  expect([listeners.ready, listens]).toEqual([true, [`${podIp}:8080`, `${published}:18080`]]);
  expect([await answer(podIp, 8080), await answer(published, 18080)]).toEqual(["listener/80", "listener/80"]);

  apply(80, 9000);
  await listeners.settled;
  expect(await answer(podIp, 9000)).toBe("listener/9000");

  apply(9000);
  await listeners.settled;
  await expect(answer(podIp, 8080)).rejects.toThrow("ECONNREFUSED");
  expect(await answer(podIp, 9000)).toBe("listener/9000");
});

test("the engine hears who called where; nothing about an outside caller is proven", async () => {
  const { podIp, listeners, apply, engine } = bound();
  apply(9000);
  await listeners.settled;
  await answer(podIp, 9000);
  expect(engine.served[0]?.peer).toMatchObject({
    principal: undefined,
    workload: undefined,
    destinationIp: podIp,
    sni: "",
    scheme: "http",
  });
});

test("an address that is taken is tried again and keeps the gateway from being ready", async () => {
  const { podIp, listeners, apply } = bound();
  const squatter = createServer().listen(9000, podIp);
  await once(squatter, "listening");
  apply(9000, 9001);
  await listeners.settled;
  expect([listeners.ready, await answer(podIp, 9001)]).toEqual([false, "listener/9001"]);
  squatter.close();
  await once(squatter, "close");
  apply(9000, 9001);
  await listeners.settled;
  expect([listeners.ready, await answer(podIp, 9000)]).toEqual([true, "listener/9000"]);
});
