import { once } from "node:events";
import { createServer, request as httpRequest, type IncomingMessage, type RequestListener } from "node:http";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import type { Duplex } from "node:stream";
import { connect as tlsConnect } from "node:tls";
import { afterEach, beforeAll, expect, test } from "vitest";
import { createLog } from "../common/log.ts";
import { createHbonePool } from "../hbone/pool.ts";
import { TestAuthority, TestCertificates } from "../hbone/test-authority.suite.ts";
import { parseWorkloadIdentity } from "../identity/spiffe-id.ts";
import type { HttpAuthorization } from "../policy/http-model.ts";
import { Recorder } from "../telemetry/recorder.ts";
import type { L7Service, ProxyConfig } from "../xds/proxy-config.ts";
import { AccessLog } from "./access-log.ts";
import { Audits } from "./audits.ts";
import { ClusterCounters } from "./cluster-counters.ts";
import { DataPlane } from "./data-plane.ts";
import {
  closeOpened,
  cluster,
  listener,
  opened,
  proxyConfig,
  service,
  settings,
  workload,
} from "./proxy-fixtures.suite.ts";

const log = createLog("test");
const waypointId = "spiffe://cluster.local/ns/default/sa/waypoint";
const sleepId = "spiffe://cluster.local/ns/default/sa/sleep";
const host = "httpbin.default.svc.cluster.local";
const noWait = { lameDuckMs: 0, goawayMs: 0, quietMs: 0, finishMs: 5_000 };
let authority: TestAuthority;
beforeAll(async () => {
  authority = await TestAuthority.create();
});
afterEach(closeOpened);

const noRetry = { attempts: 0, on: [], statusCodes: [], backoffBaseMs: 25, unsafeMethods: false };
const behindWaypoint = (authorizations: HttpAuthorization[] = []): L7Service => ({
  service,
  addresses: ["10.0.0.7"],
  ports: [{ port: 8000, protocol: "HTTP", routes: [], cluster: cluster.key, defaultRetry: noRetry }],
  authorizations,
  jwtRules: [],
  rateLimits: [],
});
const denyPath = (path: string): HttpAuthorization => ({
  name: "deny",
  namespace: "default",
  action: "DENY",
  dryRun: false,
  provider: "",
  rules: [{ from: [], to: [{ paths: [{ kind: "exact", value: path }] }], when: [] }],
});

async function startBackend(handle: RequestListener): Promise<number> {
  const server = createServer(handle).listen(0, "127.0.0.1");
  await once(server, "listening");
  opened.push({
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  });
  return (server.address() as AddressInfo).port;
}

async function freePort(): Promise<number> {
  const server = createTcpServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

async function startPlane(config: ProxyConfig, backendPort: number) {
  const certificates = new TestCertificates();
  certificates.renew(await authority.issue(waypointId));
  const counters = new ClusterCounters(() => plane.clusters());
  const recorder = new Recorder({
    proxy: "p",
    node: "n",
    status: () => ({}) as never,
    clusters: () => counters.take(1),
  });
  const listens: { name: string; port: number }[] = [];
  const plane = new DataPlane({
    settings: { ...settings, podIp: "127.0.0.1" },
    certificates,
    recorder,
    counters,
    audits: new Audits(),
    accessLog: new AccessLog(1),
    log,
    hbonePort: 0,
    onListen: (name, _address, port) => listens.push({ name, port }),
  });
  opened.push({ close: () => plane.drain({ ...noWait, finishMs: 0 }) });
  const pod = workload("default", "httpbin", "127.0.0.1", {
    tunnelProtocol: "NONE",
    services: { [service]: [{ servicePort: 8000, targetPort: backendPort }] },
  });
  const httpbin = {
    name: "httpbin",
    namespace: "default",
    hostname: host,
    addresses: ["10.0.0.7"],
    ports: [{ servicePort: 8000, targetPort: backendPort }],
  };
  plane.view.apply(
    [
      { name: service, value: { kind: "service", service: httpbin } },
      { name: pod.uid, value: { kind: "workload", workload: pod } },
    ],
    [],
  );
  plane.apply(config);
  await plane.settled;
  return { plane, recorder, port: listens[0]?.port ?? 0 };
}

async function tunnel(port: number): Promise<Duplex> {
  const certificates = new TestCertificates();
  certificates.renew(await authority.issue(sleepId));
  const pool = createHbonePool({ certificates, trustDomain: "cluster.local", log });
  opened.push(pool);
  const { stream } = await pool.connect({
    source: parseWorkloadIdentity(sleepId),
    destination: { address: "127.0.0.1", port, identity: parseWorkloadIdentity(waypointId) },
    target: `${host}:8000`,
  });
  return stream;
}

/** One request on a stream of its own or a kept one. */
async function call(stream: Duplex, path: string, headers: Record<string, string> = {}) {
  const request = httpRequest({ createConnection: () => stream as never, path, headers: { host, ...headers } });
  request.end();
  const [response] = (await once(request, "response")) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of response) {
    chunks.push(chunk as Buffer);
  }
  return { status: response.statusCode, body: Buffer.concat(chunks).toString() };
}

const waypoint = (more: Partial<L7Service> = {}): ProxyConfig =>
  proxyConfig({ services: [{ ...behindWaypoint(), ...more }], clusters: [cluster] });

test("a waypoint answers from the service behind it and reports the call", async () => {
  const backend = await startBackend((request, response) => response.end(`hello ${request.url}`));
  const { port, recorder } = await startPlane(waypoint(), backend);
  expect(await call(await tunnel(port), "/headers")).toEqual({ status: 200, body: "hello /headers" });
  const { requests } = recorder.take();
  expect(requests).toMatchObject([
    {
      labels: {
        reporter: "waypoint",
        source_principal: sleepId,
        destination_workload: "httpbin",
        destination_service: host,
      },
      responseCode: 200,
      count: 1,
    },
  ]);
});

test("a policy at the waypoint refuses, and telemetry says which", async () => {
  const backend = await startBackend((_request, response) => response.end("never"));
  const { port, recorder } = await startPlane(waypoint({ authorizations: [denyPath("/admin")] }), backend);
  expect(await call(await tunnel(port), "/admin")).toEqual({ status: 403, body: "RBAC: access denied" });
  expect(recorder.take().denials).toMatchObject([
    { hop: "waypoint", reason: "denied-by-policy", policy: "default/deny", rule: 0, path: "/admin", answer: 403 },
  ]);
});

test("a configuration that cannot be prepared changes nothing", async () => {
  const backend = await startBackend((_request, response) => response.end("still here"));
  const { plane, port } = await startPlane(waypoint(), backend);
  const before = plane.config;
  const broken = { key: "a/b", chain: "no PEM", privateKey: "no PEM" };
  expect(() => plane.apply({ ...waypoint({ authorizations: [denyPath("/")] }), certificates: [broken] })).toThrow(
    "a/b",
  );
  expect(() => plane.apply(proxyConfig({ kind: "gateway" }))).toThrow("waypoint cannot become a gateway");
  expect(plane.config).toBe(before);
  expect(await call(await tunnel(port), "/")).toEqual({ status: 200, body: "still here" });
});

test("a kept connection is judged by what holds when each request begins", async () => {
  const backend = await startBackend((_request, response) => response.end("ok"));
  const { plane, port } = await startPlane(waypoint(), backend);
  const stream = await tunnel(port);
  expect((await call(stream, "/admin", { connection: "keep-alive" })).status).toBe(200);
  plane.apply(waypoint({ authorizations: [denyPath("/admin")] }));
  expect((await call(stream, "/admin", { connection: "keep-alive" })).status).toBe(403);
});

test("when the Gateway is gone its services are no longer served", async () => {
  const backend = await startBackend((_request, response) => response.end("ok"));
  const { plane, port } = await startPlane(waypoint(), backend);
  plane.remove();
  await expect(tunnel(port)).rejects.toMatchObject({ status: 404 });
});

test("a request under way outlives the drain, and the process waits for it", async () => {
  const arrived = Promise.withResolvers<() => void>();
  const backend = await startBackend((_request, response) => {
    arrived.resolve(() => response.end("finished"));
  });
  const { plane, port } = await startPlane(waypoint(), backend);
  const answer = call(await tunnel(port), "/slow");
  const finish = await arrived.promise;
  let drained = false;
  const drain = plane.drain(noWait).then(() => {
    drained = true;
  });
  await expect(tunnel(port)).rejects.toMatchObject({ code: "connect-refused" });
  expect(drained).toBe(false);
  finish();
  expect(await answer).toEqual({ status: 200, body: "finished" });
  await drain;
});

test("a caller that uses its kept connection during the drain is answered and told to close it", async () => {
  const backend = await startBackend((_request, response) => response.end("ok"));
  const { plane, port } = await startPlane(waypoint(), backend);
  const stream = await tunnel(port);
  await call(stream, "/", { connection: "keep-alive" });
  const drain = plane.drain({ ...noWait, quietMs: 4_500 });
  await expect(tunnel(port)).rejects.toMatchObject({ code: "connect-refused" });
  const request = httpRequest({ createConnection: () => stream as never, headers: { host, connection: "keep-alive" } });
  request.end();
  const [response] = (await once(request, "response")) as [IncomingMessage];
  response.resume();
  expect([response.statusCode, response.headers.connection]).toEqual([200, "close"]);
  stream.end();
  await drain;
});

test("a request that never ends does not hold the drain longer than allowed", async () => {
  const arrived = Promise.withResolvers<void>();
  const backend = await startBackend(() => arrived.resolve());
  const { plane, port } = await startPlane(waypoint(), backend);
  const answer = call(await tunnel(port), "/never").then(
    () => "answered",
    () => "broken",
  );
  await arrived.promise;
  await plane.drain({ ...noWait, finishMs: 20 });
  expect(await answer).toBe("broken");
});

test("a gateway terminates TLS, routes by host, and refuses a host of another listener with 421", async () => {
  const backend = await startBackend((request, response) =>
    response.end(`over ${request.headers["x-forwarded-proto"]}`),
  );
  const { chain, key } = await authority.issue(sleepId, {
    names: ["shop.test", "api.test"].map((value) => ({ type: "dns", value })),
  });
  const port = await freePort();
  const route = {
    key: "HTTPRoute/default/shop",
    createdAtMs: 0,
    ordered: false,
    hostnames: [],
    rules: [
      {
        name: "",
        matches: [],
        filters: [],
        backends: [{ cluster: cluster.key, weight: 1, filters: [] }],
        timeouts: { requestMs: 0, perTryMs: 0, idleMs: 0 },
        retry: undefined,
        fault: undefined,
      },
    ],
  };
  const https = (hostname: string) =>
    listener(port, { name: hostname, protocol: "HTTPS", hostname, certificates: ["a/shop"], routes: [route] });
  await startPlane(
    proxyConfig({
      kind: "gateway",
      listeners: [https("shop.test"), https("api.test")],
      clusters: [cluster],
      certificates: [{ key: "a/shop", chain, privateKey: key }],
    }),
    backend,
  );
  const dial = async (servername: string) => {
    const socket = tlsConnect({ host: "127.0.0.1", port, servername, ca: authority.rootPem });
    opened.push({ close: () => socket.destroy() });
    await once(socket, "secureConnect");
    return socket;
  };
  expect(await call(await dial("shop.test"), "/", { host: "shop.test" })).toEqual({ status: 200, body: "over https" });
  expect((await call(await dial("shop.test"), "/", { host: "api.test" })).status).toBe(421);
});
