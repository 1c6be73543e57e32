import { afterEach, expect, test } from "vitest";
import { Fields } from "../http1/index.ts";
import { createClusterCall } from "./cluster-call.ts";
import {
  closeOpened,
  cluster,
  opened,
  serviceKey,
  startBackend,
  startRawBackend,
  workload,
} from "./engine-rig.suite.ts";
import { startHttp2Backend } from "./http2-rig.suite.ts";
import { MeshView } from "./mesh-view.ts";
import type { ClusterRequest } from "./plan/cluster-call.ts";
import { createDial } from "./pool/dial-upstream.ts";
import { UpstreamPools } from "./pool/upstream-pools.ts";
import { createUpstreams } from "./upstream/create-upstreams.ts";

afterEach(closeOpened);

function caller(ports: readonly number[]) {
  const view = new MeshView();
  const service = {
    name: "web",
    namespace: "default",
    hostname: "web.default.svc.cluster.local",
    addresses: [],
    ports: [],
  };
  view.apply(
    [
      { name: serviceKey, value: { kind: "service", service } },
      ...ports.map((port, index) => {
        const pod = workload(`p${index}`, port);
        return { name: pod.uid, value: { kind: "workload" as const, workload: pod } };
      }),
    ],
    [],
  );
  const home = { region: "", zone: "", subzone: "", node: "" };
  const upstreams = createUpstreams({ view, home, now: Date.now, random: () => 0 });
  upstreams.update([cluster()]);
  const dial = createDial({
    hbone: { connect: () => Promise.reject(new Error("no HBONE here")) },
    identity: { trustDomain: "cluster.local", namespace: "default", serviceAccount: "proxy" },
    localAddress: "127.0.0.1",
  });
  const pools = new UpstreamPools(dial);
  opened.push(pools);
  return { call: createClusterCall(upstreams, pools), upstreams };
}

const check = (more: Partial<ClusterRequest> = {}): ClusterRequest => ({
  cluster: cluster(),
  protocol: "HTTP/1.1",
  method: "POST",
  authority: "authz",
  target: "/check",
  fields: new Fields(["x-a", "1"]),
  body: Buffer.from("hello"),
  timeoutMs: 1_000,
  responseBytesMax: 1_000,
  ...more,
});

test("one answer over HTTP/1, whole", async () => {
  const { port } = await startBackend((request, response) => {
    response.writeHead(403, { "x-why": String(request.headers["x-a"]) });
    request.pipe(response);
  });
  const { call, upstreams } = caller([port]);
  const answer = await call(check());
  expect([answer.status, answer.fields.get("x-why"), String(answer.body)]).toEqual([403, "1", "hello"]);
  expect(upstreams.snapshot()).toMatchObject([{ requests: 1, activeRequests: 0 }]);
});

test("one answer over HTTP/2, with trailers", async () => {
  const { port } = await startHttp2Backend((stream, headers) => {
    expect(headers).toMatchObject({ ":path": "/check", te: "trailers", "content-length": "5" });
    stream.respond({ ":status": 200 }, { waitForTrailers: true });
    stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
    stream.pipe(stream);
  });
  const answer = await caller([port]).call(check({ protocol: "HTTP/2" }));
  expect([String(answer.body), answer.trailers.get("grpc-status")]).toEqual(["hello", "0"]);
});

test("a GET has no body", async () => {
  const { port } = await startBackend((request, response) => response.end(JSON.stringify(request.headers)));
  const { body } = await caller([port]).call(check({ method: "GET", body: Buffer.alloc(0) }));
  expect(JSON.parse(String(body))).not.toHaveProperty("content-length");
});

test("another endpoint answers when one cannot be reached", async () => {
  const { port } = await startBackend((_request, response) => response.end("b"));
  expect(String((await caller([1, port]).call(check())).body)).toBe("b");
});

test.each([
  ["nobody there", () => Promise.resolve([]), { code: "connect" }],
  ["nothing listens", () => Promise.resolve([1]), { code: "connect" }],
  ["silence", async () => [await startRawBackend(() => undefined)], { code: "timeout" }],
  [
    "a hang-up",
    async () => [await startRawBackend((socket) => socket.once("data", () => socket.destroy()))],
    { code: "reset" },
  ],
  [
    "half an answer",
    async () => [
      await startRawBackend((socket) =>
        socket.once("data", () => socket.end("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx")),
      ),
    ],
    { code: "reset" },
  ],
  [
    "an answer that is too long",
    async () => [(await startBackend((_request, response) => response.end("x".repeat(2_000)))).port],
    { code: "overflow" },
  ],
  [
    "no HTTP",
    async () => [await startRawBackend((socket) => socket.once("data", () => socket.end("what?\r\n\r\n")))],
    { code: "protocol" },
  ],
] as const)("%s is an error", async (_name, backends, error) => {
  const { call, upstreams } = caller(await backends());
  await expect(call(check({ timeoutMs: error.code === "timeout" ? 50 : 4_000 }))).rejects.toMatchObject(error);
  expect(upstreams.snapshot()).toMatchObject([{ activeRequests: 0 }]);
});
