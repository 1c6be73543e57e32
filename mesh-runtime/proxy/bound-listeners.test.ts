import { once } from "node:events";
import { get, type IncomingMessage } from "node:http";
import { createServer } from "node:net";
import { afterEach, expect, test } from "vitest";
import { createLog } from "../common/log.ts";
import { boundPortOf } from "../common/ports.ts";
import { MeshView } from "../l7/mesh-view.ts";
import { UpstreamPools } from "../l7/upstream-pools.ts";
import type { L7Listener } from "../xds/model.ts";
import { BoundListeners } from "./bound-listeners.ts";

const log = createLog("test");
const pools = new UpstreamPools(() => Promise.reject(new Error("no upstream here")));
const context = { view: new MeshView(), pools, onExchange: () => undefined, random: Math.random };
const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const thing of open.splice(0).reverse()) {
    await thing.close();
  }
});

let hosts = 0;
const ownAddress = (): string =>
  `127.${240 + (process.pid % 10)}.${(Math.floor(process.pid / 10) + 100) % 250}.${++hosts}`;

const listener = (port: number, status: 404 | 500): L7Listener => ({
  name: `http-${port}`,
  port,
  protocol: "HTTP",
  hostname: "",
  routes:
    status === 404
      ? []
      : [
          {
            key: "a/b",
            createdAtMs: 0,
            hostnames: [],
            rules: [{ name: "", matches: [], backends: [], requestTimeoutMs: 0 }],
          },
        ],
  authorizations: [],
});

function bound(hostPorts: ReadonlyMap<number, { hostIP: string; hostPort: number }> = new Map()) {
  const podIp = ownAddress();
  const listens: string[] = [];
  const listeners = new BoundListeners({
    podIp,
    hostPorts,
    context,
    log: { ...log, error: () => undefined },
    onListen: (address, port) => listens.push(`${address}:${port}`),
  });
  open.push(listeners);
  return { podIp, listeners, listens };
}

async function status(host: string, port: number): Promise<number | undefined> {
  const request = get({ host, port, agent: false });
  const [response] = (await once(request, "response")) as [IncomingMessage];
  response.resume();
  return response.statusCode;
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
  const { podIp, listeners, listens } = bound(new Map([[8080, { hostIP: published, hostPort: 18080 }]]));
  expect(listeners.ready).toBe(true);
  listeners.apply([listener(80, 404)]);
  expect(listeners.ready).toBe(false);
  await listeners.settled;
  expect([listeners.ready, listens]).toEqual([true, [`${podIp}:8080`, `${published}:18080`]]);
  expect([await status(podIp, 8080), await status(published, 18080)]).toEqual([404, 404]);

  listeners.apply([listener(80, 500), listener(9000, 404)]);
  expect(await status(podIp, 8080)).toBe(500);
  await listeners.settled;
  expect(await status(podIp, 9000)).toBe(404);

  listeners.apply([listener(9000, 404)]);
  await listeners.settled;
  await expect(status(podIp, 8080)).rejects.toThrow("ECONNREFUSED");
  expect(await status(podIp, 9000)).toBe(404);
});

test("an address that is taken is tried again and keeps the gateway from being ready", async () => {
  const { podIp, listeners } = bound();
  const squatter = createServer().listen(9000, podIp);
  await once(squatter, "listening");
  listeners.apply([listener(9000, 404), listener(9001, 404)]);
  await listeners.settled;
  expect([listeners.ready, await status(podIp, 9001)]).toEqual([false, 404]);
  squatter.close();
  await once(squatter, "close");
  listeners.apply([listener(9000, 404), listener(9001, 404)]);
  await listeners.settled;
  expect([listeners.ready, await status(podIp, 9000)]).toEqual([true, 404]);
});
