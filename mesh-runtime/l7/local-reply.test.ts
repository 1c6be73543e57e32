import { afterEach, expect, test } from "vitest";
import type { HttpAuthorization } from "../policy/http-model.ts";
import type { L7RouteMatch } from "../xds/proxy-config.ts";
import {
  close,
  closeOpened,
  cluster,
  exchangeRaw,
  get,
  listener,
  proxyConfig,
  rule,
  startBackend,
  startRawBackend,
  startRig,
  workload,
} from "./engine-rig.suite.ts";

afterEach(closeOpened);

const nobody = cluster({ key: "a/b|80|", service: "a/b" });
const nobodyAllowed: HttpAuthorization = {
  name: "p",
  namespace: "default",
  action: "ALLOW",
  dryRun: false,
  provider: "",
  rules: [],
};
const match = (path: string): L7RouteMatch => ({
  path: { type: "Exact", value: path, ignoreCase: false },
  method: undefined,
  headers: [],
  queryParams: [],
  authority: undefined,
  scheme: undefined,
  port: 0,
  sourceNamespace: "",
});

test.each([
  [
    "404 where no route matches",
    {
      listener: listener([rule({ matches: [match("/x")] })]),
    },
    404,
    "NR",
    "",
  ],
  ["404 where no listener has the host", { listener: listener([rule()], { hostname: "other.test" }) }, 404, "NR", ""],
  ["500 without backends", { listener: listener([rule({ backends: [] })]) }, 500, "NR", ""],
  [
    "500 when all weights are 0",
    { listener: listener([rule({ backends: [{ cluster: cluster().key, weight: 0, filters: [] }] })]) },
    500,
    "NR",
    "",
  ],
  [
    "500 for an unresolved backend",
    { listener: listener([rule({ backends: [{ cluster: "", weight: 1, filters: [] }] })]) },
    500,
    "NR",
    "",
  ],
  [
    "503 for a service that does not exist",
    { listener: listener([rule({ backends: [{ cluster: nobody.key, weight: 1, filters: [] }] })]) },
    503,
    "UH",
    "no healthy upstream",
  ],
  [
    "503 without a healthy pod",
    { pods: [workload("a", 1, { status: "UNHEALTHY" })] },
    503,
    "UH",
    "no healthy upstream",
  ],
  [
    "403 when no rule allows",
    { listener: listener([rule()], { authorizations: [nobodyAllowed] }) },
    403,
    "RBAC_ACCESS_DENIED",
    "RBAC: access denied",
  ],
] as const)("%s", async (_name, setup, status, flag, body) => {
  const rig = await startRig(
    "pods" in setup ? setup.pods : [],
    "listener" in setup ? { config: proxyConfig({ listeners: [setup.listener], clusters: [cluster(), nobody] }) } : {},
  );
  const answer = await exchangeRaw(rig, get("/"));
  expect(answer.split(" ")[1]).toBe(String(status));
  expect(answer.slice(answer.indexOf("\r\n\r\n") + 4)).toBe(body);
  expect(rig.outcomes).toMatchObject([{ status, flag }]);
});

test("405 for CONNECT, 400 for a path that encodes NUL", async () => {
  const rig = await startRig([]);
  expect(await exchangeRaw(rig, `CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n${close}\r\n`)).toMatch(/^HTTP\/1\.1 405 /);
  expect(await exchangeRaw(rig, get("/%00"))).toMatch(/^HTTP\/1\.1 400 /);
});

test("503 when nothing listens, after trying again", async () => {
  const rig = await startRig([workload("a", 1)]);
  expect(await exchangeRaw(rig, get("/"))).toMatch(/^HTTP\/1\.1 503 [\s\S]*reset reason: connection failure$/);
  expect(rig.outcomes).toMatchObject([{ status: 503, flag: "UF" }]);
});

test("another pod's answer when one does not listen", async () => {
  const { port } = await startBackend((_request, response) => response.end("b"));
  const rig = await startRig([workload("a", 1), workload("b", port)]);
  expect(await exchangeRaw(rig, get("/"))).toMatch(/200 OK[\s\S]*b$/);
});

test("503 when the upstream hangs up without an answer, 502 when it does not speak HTTP", async () => {
  const silent = await startRawBackend((socket) => socket.once("data", () => socket.destroy()));
  const babble = await startRawBackend((socket) => socket.once("data", () => socket.write("what?\r\n\r\n")));
  expect(await exchangeRaw(await startRig([workload("a", silent)]), get("/"))).toMatch(
    /^HTTP\/1\.1 503 [\s\S]*connection termination$/,
  );
  expect(await exchangeRaw(await startRig([workload("a", babble)]), get("/"))).toMatch(/^HTTP\/1\.1 502 /);
});

test("504 when the route's time is over", async () => {
  const { port } = await startBackend(() => undefined);
  const rig = await startRig([workload("a", port)], {
    config: proxyConfig({ listeners: [listener([rule({ timeouts: { requestMs: 30, perTryMs: 0, idleMs: 0 } })])] }),
  });
  expect(await exchangeRaw(rig, get("/"))).toMatch(/^HTTP\/1\.1 504 [\s\S]*upstream request timeout$/);
  expect(rig.outcomes).toMatchObject([{ status: 504, flag: "UT" }]);
});

test("keeps the connection when an early answer leaves a short body", async () => {
  const rig = await startRig([]);
  const answers = await exchangeRaw(rig, `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello${get("/")}`);
  expect(answers.match(/HTTP\/1\.1 503/g)).toHaveLength(2);
});

test("closes when an early answer leaves a long body", async () => {
  const rig = await startRig([]);
  const answer = await exchangeRaw(rig, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 500000\r\n\r\nhello");
  expect(answer).toMatch(/^HTTP\/1\.1 503 [\s\S]*connection: close/);
});

test("400 for what is no HTTP/1.1, counted without method and path", async () => {
  const rig = await startRig([]);
  expect(await exchangeRaw(rig, "GET / HTTP/1.1\nHost: a\n\n")).toMatch(/^HTTP\/1\.1 400 [\s\S]*bare-line-end/);
  expect(rig.outcomes).toMatchObject([{ status: 400, flag: "DPE", request: undefined, plan: undefined }]);
});
