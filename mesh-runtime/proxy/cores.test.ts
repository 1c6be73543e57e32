import { once } from "node:events";
import { createServer, request as httpRequest, type IncomingMessage } from "node:http";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import type { Duplex } from "node:stream";
import { afterEach, expect, test } from "vitest";
import type { TelemetryBatch } from "../api/telemetry.ts";
import { createLog } from "../common/log.ts";
import { createHbonePool } from "../hbone/pool.ts";
import { TestAuthority, TestCertificates } from "../hbone/test-authority.suite.ts";
import { parseWorkloadIdentity } from "../identity/spiffe-id.ts";
import { Recorder } from "../telemetry/recorder.ts";
import type { ProxyConfig } from "../xds/proxy-config.ts";
import { AccessLog } from "./access-log.ts";
import { Audits } from "./audits.ts";
import { ClusterCounters } from "./cluster-counters.ts";
import { Cores } from "./cores.ts";
import { DataPlane } from "./data-plane.ts";
import { closeOpened, cluster, opened, proxyConfig, service, settings, workload } from "./proxy-fixtures.suite.ts";
import { WantedKeys } from "./wanted-keys.ts";

const log = { ...createLog("test"), info: () => undefined };
const waypointId = "spiffe://cluster.local/ns/default/sa/waypoint";
const sleepId = "spiffe://cluster.local/ns/default/sa/sleep";
const host = "httpbin.default.svc.cluster.local";
const callers = 24;
afterEach(closeOpened);

const waypoint = (denied: boolean, requests = 10_000): ProxyConfig =>
  proxyConfig({
    services: [
      {
        service,
        addresses: [],
        ports: [
          {
            port: 8000,
            protocol: "HTTP",
            routes: [],
            cluster: cluster.key,
            defaultRetry: { attempts: 0, on: [], statusCodes: [], backoffBaseMs: 25, unsafeMethods: false },
          },
        ],
        authorizations: denied
          ? [
              {
                name: "deny",
                namespace: "default",
                action: "DENY",
                dryRun: false,
                provider: "",
                rules: [{ from: [], to: [], when: [] }],
              },
            ]
          : [],
        jwtRules: [],
        rateLimits: [
          {
            policy: "default/limit",
            limits: [
              {
                name: "",
                requests,
                periodMs: 1_000,
                burst: requests,
                per: "Total",
                header: "",
                matches: [],
                overrides: [],
              },
            ],
          },
        ],
      },
    ],
    clusters: [cluster],
  });

async function freePort(): Promise<number> {
  const server = createTcpServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

async function startBackend(): Promise<number> {
  const server = createServer((_request, response) => response.end("ok")).listen(0, "127.0.0.1");
  await once(server, "listening");
  opened.push({
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  });
  return (server.address() as AddressInfo).port;
}

async function call(stream: Duplex): Promise<number | undefined> {
  const headers = { host, connection: "keep-alive" };
  const request = httpRequest({ createConnection: () => stream as never, headers });
  request.end();
  const [response] = (await once(request, "response")) as [IncomingMessage];
  response.resume();
  await once(response, "end");
  return response.statusCode;
}

const countOf = (requests: TelemetryBatch["requests"]): number => requests.reduce((sum, { count }) => sum + count, 0);

async function start() {
  const authority = await TestAuthority.create();
  const [hbonePort, backendPort] = await Promise.all([freePort(), startBackend()]);
  const certificates = new TestCertificates();
  certificates.renew(await authority.issue(waypointId));
  const audits = new Audits();
  const counters = new ClusterCounters(() => plane.clusters());
  const recorder = new Recorder({ proxy: "p", node: "n", status: () => ({}) as never });
  let elsewhere = 0;
  let report = Promise.withResolvers<void>();
  const absorb = recorder.absorb.bind(recorder);
  recorder.absorb = (batch) => {
    absorb(batch);
    // Counted as it comes: on a busy machine two reports may come in one turn.
    elsewhere += countOf(batch.requests);
    report.resolve();
    report = Promise.withResolvers<void>();
  };
  const own = { ...settings, podIp: "127.0.0.1", workersMax: 1 };
  const accessLog = new AccessLog(1);
  const plane = new DataPlane({
    settings: own,
    certificates,
    recorder,
    counters,
    audits,
    accessLog,
    log,
    hbonePort,
    reusePort: true,
  });
  let change = Promise.withResolvers<number>();
  const cores = new Cores({
    settings: own,
    certificates,
    plane,
    recorder,
    counters,
    audits,
    wantedKeys: new WantedKeys(() => undefined),
    log,
    hbonePort,
    drain: { lameDuckMs: 0, goawayMs: 0, quietMs: 0, finishMs: 1_000 },
    onCores: (running) => {
      change.resolve(running);
      change = Promise.withResolvers<number>();
    },
  });
  opened.push({ close: () => cores.drain() });
  const ports = [{ servicePort: 8000, targetPort: backendPort }];
  const pod = workload("default", "httpbin", "127.0.0.1", { tunnelProtocol: "NONE", services: { [service]: ports } });
  const httpbin = { name: "httpbin", namespace: "default", hostname: host, addresses: [], ports };
  cores.addresses(
    [
      { name: service, value: { kind: "service", service: httpbin } },
      { name: pod.uid, value: { kind: "workload", workload: pod } },
    ],
    [],
  );
  cores.apply(waypoint(false));
  await plane.settled;

  const callerCertificates = new TestCertificates();
  callerCertificates.renew(await authority.issue(sleepId));
  /** Each from a connection of its own: the kernel decides who gets it. */
  const tunnels = () =>
    Promise.all(
      Array.from({ length: callers }, async () => {
        const pool = createHbonePool({ certificates: callerCertificates, trustDomain: "cluster.local", log });
        opened.push(pool);
        const { stream } = await pool.connect({
          source: parseWorkloadIdentity(sleepId),
          destination: { address: "127.0.0.1", port: hbonePort, identity: parseWorkloadIdentity(waypointId) },
          target: `${host}:8000`,
        });
        return stream;
      }),
    );
  return {
    cores,
    recorder,
    report: () => report.promise,
    elsewhere: () => elsewhere,
    changed: () => change.promise,
    tunnels,
  };
}

test("a second core serves the same port by the same rules, and the main one reports for both", async () => {
  const { cores, recorder, report, elsewhere, changed, tunnels } = await start();
  const joined = changed();
  cores.grow();
  expect(await joined).toBe(2);

  const streams = await tunnels();
  expect(await Promise.all(streams.map(call))).toEqual(streams.map(() => 200));
  let total = 0;
  while (total < callers) {
    await report();
    total += countOf(recorder.take().requests);
  }
  expect(total).toBe(callers);
  expect(elsewhere()).toBeGreaterThan(0);

  cores.apply(waypoint(true));
  // The other thread hears of it a moment later; every connection is refused from then on.
  for (const stream of streams) {
    let status = await call(stream);
    while (status !== 403) {
      status = await call(stream);
    }
  }

  const left = changed();
  cores.shrink();
  expect(await left).toBe(1);
  cores.apply(waypoint(false));
  expect(await Promise.all((await tunnels()).map(call))).toEqual(streams.map(() => 200));
}, 60_000);

test("limits too small to be divided keep a proxy on one core", async () => {
  const { cores, changed } = await start();
  cores.apply(waypoint(false, 99));
  cores.grow();
  expect(cores.running).toBe(1);
  cores.apply(waypoint(false));
  const joined = changed();
  cores.grow();
  await joined;
  const left = changed();
  cores.apply(waypoint(false, 99));
  expect(await left).toBe(1);
}, 60_000);
