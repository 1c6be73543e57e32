import { once } from "node:events";
import { connect } from "node:net";
import { afterEach, expect, test } from "vitest";
import type { HttpAuthorization } from "../policy/http-model.ts";
import type { L7Protocol } from "../xds/proxy-config.ts";
import {
  closeOpened,
  cluster,
  dialRig,
  exchangeRaw,
  get,
  peer,
  proxyConfig,
  readAll,
  service,
  startBackend,
  startRawBackend,
  startRig,
  workload,
} from "./engine-rig.suite.ts";

afterEach(closeOpened);

const waypoint = (protocol: L7Protocol, authorizations: readonly HttpAuthorization[] = []) => {
  const web = service();
  return proxyConfig({
    kind: "waypoint",
    services: [{ ...web, ports: web.ports.map((port) => ({ ...port, protocol })), authorizations }],
    clusters: [cluster()],
  });
};
const policy = (more: Partial<HttpAuthorization>): HttpAuthorization => ({
  name: "p",
  namespace: "default",
  action: "ALLOW",
  dryRun: false,
  provider: "",
  rules: [],
  ...more,
});
const sleep = peer({ principal: "cluster.local/ns/default/sa/sleep" });
const fromSleep = { from: [{ principals: [{ kind: "exact" as const, value: "cluster.local/ns/default/sa/sleep" }] }] };

const reverse = () =>
  startRawBackend((socket) => {
    let text = "";
    socket.on("data", (data) => {
      text += data.toString();
    });
    socket.on("end", () => socket.end([...text].reverse().join("")));
  });

test.each(["TCP", "AUTO"] as const)(
  "bytes go both ways on a port of protocol %s, with half-close",
  async (protocol) => {
    const rig = await startRig([workload("a", await reverse())], { config: waypoint(protocol) });
    const closed = rig.nextTunnel("closed");
    const socket = await dialRig(rig);
    socket.end("\x16\x03\x01abc");
    expect(await readAll(socket)).toBe("cba\x01\x03\x16");
    expect(await closed).toMatchObject({
      service: service().service,
      port: 80,
      flag: "-",
      sentBytes: 6,
      receivedBytes: 6,
    });
    expect(rig.tunnels.map(({ phase }) => phase)).toEqual(["opened", "closed"]);
  },
);

test("HTTP is told from bytes on an AUTO port", async () => {
  const { port } = await startBackend((request, response) =>
    response.end(request.headers["x-request-id"] === undefined ? "raw" : "http"),
  );
  const rig = await startRig([workload("a", port)], { config: waypoint("AUTO") });
  expect(await exchangeRaw(rig, get("/"))).toMatch(/http$/);
  expect(rig.tunnels).toEqual([]);
});

test("a server that speaks first is heard on a TCP port", async () => {
  const port = await startRawBackend((socket) => socket.write("220 hello\r\n"));
  const rig = await startRig([workload("a", port)], { config: waypoint("TCP") });
  const socket = await dialRig(rig);
  expect(String((await once(socket, "data"))[0])).toBe("220 hello\r\n");
});

test("a client that says nothing on an AUTO port gets nothing", async () => {
  const port = await startRawBackend((socket) => socket.write("220 hello\r\n"));
  const rig = await startRig([workload("a", port)], { config: waypoint("AUTO"), engine: { timeouts: { headMs: 30 } } });
  expect(await readAll(await dialRig(rig))).toBe("");
});

test.each([
  ["ALLOW by identity", [policy({ rules: [{ ...fromSleep, to: [], when: [] }] })], true],
  [
    "ALLOW with a method, which bytes do not have",
    [policy({ rules: [{ ...fromSleep, to: [{ methods: [{ kind: "exact", value: "GET" }] }], when: [] }] })],
    false,
  ],
  [
    "DENY with a path",
    [policy({ action: "DENY", rules: [{ from: [], to: [{ paths: [{ kind: "exact", value: "/x" }] }], when: [] }] })],
    false,
  ],
  ["ALLOW nobody", [policy({})], false],
] as const)("%s", async (_name, policies, allowed) => {
  const rig = await startRig([workload("a", await reverse())], { config: waypoint("TCP", policies), peer: sleep });
  const socket = connect(rig.port, "127.0.0.1");
  socket.on("error", () => undefined);
  socket.end("abc");
  expect(await readAll(socket)).toBe(allowed ? "cba" : "");
  if (!allowed) {
    expect(rig.tunnels).toMatchObject([
      { phase: "refused", flag: "RBAC_ACCESS_DENIED", refusal: { policy: "default/p" } },
    ]);
  }
});

test("a connection that new policies refuse is cut, one that they allow goes on", async () => {
  const port = await startRawBackend((socket) => socket.pipe(socket));
  const rig = await startRig([workload("a", port)], { config: waypoint("TCP"), peer: sleep });
  const socket = await dialRig(rig);
  socket.write("1");
  await once(socket, "data");
  rig.engine.apply(waypoint("TCP", [policy({ rules: [{ ...fromSleep, to: [], when: [] }] })]));
  socket.write("2");
  expect(String((await once(socket, "data"))[0])).toBe("2");
  const closed = rig.nextTunnel("closed");
  rig.engine.apply(waypoint("TCP", [policy({})]));
  expect(await closed).toMatchObject({ flag: "RBAC_ACCESS_DENIED", refusal: { reason: "no-allow-policy-matched" } });
});

test("nobody there: the connection is broken, and said so", async () => {
  const rig = await startRig([], { config: waypoint("TCP") });
  const refused = rig.nextTunnel("refused");
  connect(rig.port, "127.0.0.1").on("error", () => undefined);
  await refused;
  expect(rig.tunnels).toMatchObject([{ phase: "refused", flag: "UH" }]);
});
