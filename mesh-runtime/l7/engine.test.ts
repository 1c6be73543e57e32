import { duplexPair } from "node:stream";
import { afterEach, expect, test } from "vitest";
import type { ProxyConfig } from "../xds/proxy-config.ts";
import {
  closeOpened,
  cluster,
  exchangeRaw,
  get,
  listener,
  peer,
  proxyConfig,
  rule,
  service,
  startBackend,
  startRig,
  workload,
} from "./engine-rig.suite.ts";

afterEach(closeOpened);

const waypoint = (more: Partial<ProxyConfig> = {}): ProxyConfig =>
  proxyConfig({ kind: "waypoint", services: [service()], ...more });
const pod = workload("a", 8080, { addresses: ["127.0.0.9"] });

test("a waypoint knows services by name and ClusterIP, pods by address, and nobody else", async () => {
  const none = { authorizations: [], jwtRules: [], rateLimits: [] };
  const { engine } = await startRig([pod], {
    config: waypoint({ workloads: [{ workload: pod.uid, addresses: ["127.0.0.9"], ...none }] }),
  });
  const key = (host: string, port: number): string | undefined => engine.destination(host, port)?.key;
  expect(key("web.default.svc.cluster.local", 80)).toBe("default/web.default.svc.cluster.local:80");
  expect(key("WEB.default.svc.cluster.local", 80)).toBe("default/web.default.svc.cluster.local:80");
  expect(key("10.0.0.1", 80)).toBe("default/web.default.svc.cluster.local:80");
  expect(key("127.0.0.9", 9_999)).toBe(`workload/${pod.uid}:9999`);
  expect([key("10.0.0.1", 81), key("10.0.0.2", 80), key("web", 80), key("", 80)]).toEqual(Array(4).fill(undefined));
});

test("a target stays the same over configurations", async () => {
  const { engine } = await startRig([pod], { config: waypoint() });
  const before = engine.destination("10.0.0.1", 80);
  engine.apply(waypoint());
  expect(engine.destination("10.0.0.1", 80)).toBe(before);
});

test("a caller that tries every port of a pod does not fill memory", async () => {
  const none = { authorizations: [], jwtRules: [], rateLimits: [] };
  const { engine } = await startRig([pod], {
    config: waypoint({ workloads: [{ workload: pod.uid, addresses: ["127.0.0.9"], ...none }] }),
  });
  const first = engine.destination("127.0.0.9", 1);
  for (let port = 1; port < 1_000; port++) {
    engine.destination("127.0.0.9", port);
  }
  expect(engine.destination("127.0.0.9", 1)).not.toBe(first);
});

test("a service that is gone answers 404 on connections that were kept", async () => {
  const { port } = await startBackend((_request, response) => response.end("ok"));
  const rig = await startRig([workload("a", port)], { config: waypoint() });
  expect(await exchangeRaw(rig, get("/"))).toMatch(/200 OK/);
  rig.engine.apply(waypoint({ services: [] }));
  expect(rig.engine.destination("10.0.0.1", 80)).toBeUndefined();
  expect(await exchangeRaw(rig, get("/"))).toMatch(/^HTTP\/1\.1 404 /);
});

test("a configuration that cannot be prepared changes nothing", async () => {
  const { port } = await startBackend((_request, response) => response.end("ok"));
  const rig = await startRig([workload("a", port)]);
  const broken = proxyConfig({
    listeners: [listener([rule()]), { ...listener([rule()]), hostname: undefined as unknown as string }],
  });
  expect(() => rig.engine.apply(broken)).toThrow();
  expect(await exchangeRaw(rig, get("/"))).toMatch(/200 OK/);
});

test("requests and clusters are counted", async () => {
  const go = Promise.withResolvers<void>();
  const arrived = Promise.withResolvers<void>();
  const { port } = await startBackend(async (_request, response) => {
    arrived.resolve();
    await go.promise;
    response.end("ok");
  });
  const rig = await startRig([workload("a", port)]);
  const answer = exchangeRaw(rig, get("/"));
  await arrived.promise;
  expect([rig.engine.openConnections, rig.engine.openRequests]).toEqual([1, 1]);
  expect(rig.engine.clusters()).toMatchObject([{ cluster: { key: cluster().key }, endpoints: 1, activeRequests: 1 }]);
  go.resolve();
  await answer;
  expect(rig.engine.openRequests).toBe(0);
});

test("more streams than allowed are refused at once", async () => {
  const rig = await startRig([], { engine: { connectionsMax: 0 } });
  const [client, server] = duplexPair();
  const target = rig.engine.listener(80);
  rig.engine.serve(server, peer(), target);
  expect([server.destroyed, rig.engine.openConnections]).toEqual([true, 0]);
  client.destroy();
});
