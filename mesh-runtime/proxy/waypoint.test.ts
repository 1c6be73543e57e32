import { once } from "node:events";
import { afterEach, beforeAll, expect, test } from "vitest";
import { createLog } from "../common/log.ts";
import { createHbonePool, type HbonePool } from "../hbone/pool.ts";
import { TestAuthority, TestCertificates } from "../hbone/test-authority.suite.ts";
import { parseWorkloadIdentity } from "../identity/spiffe-id.ts";
import { MeshView } from "../l7/mesh-view.ts";
import { closeOpened, opened, RecordingEngine, workload } from "./proxy-fixtures.suite.ts";
import { WaypointFront } from "./waypoint-front.ts";

const log = createLog("test");
const waypointId = "spiffe://cluster.local/ns/default/sa/waypoint";
const sleepId = "spiffe://cluster.local/ns/default/sa/sleep";
const otherId = "spiffe://cluster.local/ns/other/sa/flood";
const host = "httpbin.default.svc.cluster.local";
let authority: TestAuthority;
beforeAll(async () => {
  authority = await TestAuthority.create();
});
afterEach(closeOpened);

interface Options {
  readonly connectionsMax?: number;
  readonly tunnelsMax?: number;
}

async function startWaypoint(limits: Options = {}) {
  const engine = new RecordingEngine();
  engine.destinations.set(`${host}:8000`, { key: `service/${host}`, port: 8000 });
  const view = new MeshView({ kind: "waypoint" });
  view.apply(
    [
      {
        name: `default/${host}`,
        value: {
          kind: "service",
          service: { name: "httpbin", namespace: "default", hostname: host, addresses: ["10.0.0.7"], ports: [] },
        },
      },
    ],
    [],
  );
  const certificates = new TestCertificates();
  certificates.renew(await authority.issue(waypointId));
  const refused: string[] = [];
  const front = new WaypointFront({
    host: "127.0.0.1",
    port: 0,
    certificates,
    identity: parseWorkloadIdentity(waypointId),
    engine,
    view,
    log,
    onHandshakeRefused: (reason) => refused.push(reason),
    ...limits,
  });
  await front.settled;
  opened.push({
    close: async () => {
      const stopped = front.stopListening();
      front.destroyConnections();
      await stopped;
    },
  });
  return { engine, view, front, certificates, refused };
}

async function callerPool(identity = sleepId): Promise<HbonePool> {
  const certificates = new TestCertificates();
  certificates.renew(await authority.issue(identity));
  const pool = createHbonePool({ certificates, trustDomain: "cluster.local", log });
  opened.push(pool);
  return pool;
}

const call = (pool: HbonePool, front: WaypointFront, target = `${host}:8000`, identity = sleepId) =>
  pool.connect({
    source: parseWorkloadIdentity(identity),
    destination: { address: "127.0.0.1", port: front.port ?? 0, identity: parseWorkloadIdentity(waypointId) },
    target,
  });

test("a tunnel to a service behind the waypoint is served there, with the caller that mutual TLS proved", async () => {
  const { engine, front } = await startWaypoint();
  const { stream } = await call(await callerPool(), front);
  stream.write("hello");
  expect(String((await once(stream, "data"))[0])).toBe("hello");
  expect(engine.served).toMatchObject([
    {
      target: { key: `service/${host}`, port: 8000 },
      peer: {
        principal: "cluster.local/ns/default/sa/sleep",
        sourceIp: "127.0.0.1",
        destinationIp: "10.0.0.7",
        workload: undefined,
        scheme: "http",
      },
    },
  ]);
});

test("a destination that nobody is behind is refused with 404 and never served", async () => {
  const { engine, front } = await startWaypoint();
  await expect(call(await callerPool(), front, "10.9.9.9:80")).rejects.toMatchObject({ code: "refused", status: 404 });
  expect(engine.served).toEqual([]);
});

test("the caller's pod is known only when its identity agrees with its address", async () => {
  const { engine, view, front } = await startWaypoint();
  const pool = await callerPool();
  const pod = (serviceAccount: string) => ({
    name: "uid",
    value: { kind: "workload" as const, workload: workload("default", "sleep", "127.0.0.1", { serviceAccount }) },
  });
  view.apply([pod("somebody-else")], []);
  await call(pool, front);
  expect(engine.served[0]?.peer.workload).toBeUndefined();
  view.apply([pod("sleep")], []);
  await call(pool, front);
  await call(pool, front);
  expect(engine.served[1]?.peer.workload?.workloadName).toBe("sleep");
  // One object for one connection and destination: telemetry finds its labels by it.
  expect(engine.served[2]?.peer).toBe(engine.served[1]?.peer);
});

test("one caller's flood of tunnels leaves room for others", async () => {
  const { engine, front } = await startWaypoint({ tunnelsMax: 16 });
  const flood = await callerPool(otherId);
  const results = await Promise.allSettled(
    Array.from({ length: 16 }, () => call(flood, front, `${host}:8000`, otherId)),
  );
  expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(8);
  await call(await callerPool(), front);
  expect(engine.served).toHaveLength(9);
});

test("a tunnel that ended gives its place back", async () => {
  const { front, engine } = await startWaypoint({ tunnelsMax: 2 });
  const pool = await callerPool();
  for (let round = 0; round < 3; round++) {
    const { stream } = await call(pool, front);
    stream.end();
    stream.resume();
    await once(stream, "close");
  }
  expect(engine.served).toHaveLength(3);
});

test("one caller's flood of connections leaves room for others", async () => {
  const { front } = await startWaypoint({ connectionsMax: 4 });
  const floods = await Promise.all(Array.from({ length: 4 }, () => callerPool(otherId)));
  const results = [];
  for (const pool of floods) {
    results.push(
      await call(pool, front, `${host}:8000`, otherId).then(
        () => "served",
        () => "refused",
      ),
    );
  }
  expect(results).toEqual(["served", "served", "refused", "refused"]);
  await call(await callerPool(), front);
});

test("a renewed certificate is shown to new connections; tunnels under way go on", async () => {
  const { front, certificates } = await startWaypoint();
  const { stream, security } = await call(await callerPool(), front);
  const renewed = await authority.issue(waypointId);
  certificates.renew(renewed);
  const second = await call(await callerPool(), front);
  expect(second.security.peer.info.serial).toBe(renewed.info.serial);
  expect(security.peer.info.serial).not.toBe(renewed.info.serial);
  stream.write("still here");
  expect(String((await once(stream, "data"))[0])).toBe("still here");
});

test("a drained waypoint takes nothing new and lets tunnels finish", async () => {
  const { front } = await startWaypoint();
  const pool = await callerPool();
  const { stream } = await call(pool, front);
  const stopped = front.stopListening();
  await expect(call(await callerPool(), front)).rejects.toMatchObject({ code: "connect-refused" });
  stream.write("the rest");
  expect(String((await once(stream, "data"))[0])).toBe("the rest");
  stream.end();
  stream.resume();
  await stopped;
});

test("a peer of another mesh is refused and reported", async () => {
  const { front, refused } = await startWaypoint();
  const foreign = await TestAuthority.create("CN=foreign");
  const certificates = new TestCertificates();
  const own = await foreign.issue(sleepId);
  certificates.renew({ ...own, roots: [authority.rootPem] });
  const pool = createHbonePool({ certificates, trustDomain: "cluster.local", log });
  opened.push(pool);
  await expect(call(pool, front)).rejects.toThrow();
  expect(refused).toEqual(["certificate-untrusted"]);
});
