import { once } from "node:events";
import type { RequestListener } from "node:http";
import { afterEach, expect, test } from "vitest";
import { Fields } from "../http1/index.ts";
import type { L7Filter } from "../xds/proxy-config.ts";
import {
  call,
  closeOpened,
  cluster,
  dialRig,
  listener,
  proxyConfig,
  rule,
  startBackend,
  startRawBackend,
  startRig,
  workload,
} from "./engine-rig.suite.ts";
import type { CopyOutcome } from "./exchange-outcome.ts";
import { HeldBody } from "./held-body.ts";
import { answerOf, http2Client, startHttp2Backend } from "./http2-rig.suite.ts";
import { sendMirrors } from "./mirror.ts";
import type { ClusterCall } from "./plan/cluster-call.ts";
import { UpstreamError } from "./pool/upstream-error.ts";

afterEach(closeOpened);

const shadow = cluster({ key: "default/web.default.svc.cluster.local|81|", port: 81 });
const filters: L7Filter[] = [{ kind: "mirror", cluster: shadow.key, fraction: 1 }];

/** A service whose requests are copied to another port of it; hears of copies until they are over or were not sent. */
async function mirroredRig(mainPort: number, copyPort: number, requestMs = 0) {
  const services = {
    "default/web.default.svc.cluster.local": [
      { servicePort: 80, targetPort: mainPort },
      { servicePort: 81, targetPort: copyPort },
    ],
  };
  const copies: CopyOutcome[] = [];
  const over = Promise.withResolvers<CopyOutcome>();
  const timeouts = { requestMs, perTryMs: 0, idleMs: 0 };
  const config = proxyConfig({
    listeners: [listener([rule({ filters, timeouts })])],
    clusters: [cluster(), shadow],
  });
  const onCopy = (outcome: CopyOutcome): void => {
    copies.push(outcome);
    if (outcome.phase !== "sent") {
      over.resolve(outcome);
    }
  };
  const rig = await startRig([workload("a", mainPort, { services })], { config, engine: { onCopy } });
  return { rig, copies, over: over.promise };
}

type Start = () => Promise<number>;

const answering =
  (answer: RequestListener): Start =>
  async () =>
    (await startBackend(answer)).port;

const mirrors: readonly (readonly [string, Start, { readonly status: number; readonly flag: string }])[] = [
  ["an answer", answering((_request, response) => response.end("ok")), { status: 200, flag: "-" }],
  ["a failure", answering((_request, response) => response.writeHead(503).end()), { status: 503, flag: "-" }],
  [
    "an answer that is longer than anybody keeps",
    answering((_request, response) => response.end(Buffer.alloc(3 << 20))),
    { status: 200, flag: "-" },
  ],
  ["nobody listens", async () => 1, { status: 0, flag: "UF" }],
  [
    "a hang-up",
    async () => await startRawBackend((socket) => socket.once("data", () => socket.destroy())),
    { status: 0, flag: "UC" },
  ],
  [
    "half an answer",
    async () =>
      await startRawBackend((socket) =>
        socket.once("data", () => socket.end("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx")),
      ),
    { status: 0, flag: "UC" },
  ],
  [
    "no HTTP",
    async () => await startRawBackend((socket) => socket.once("data", () => socket.end("what?\r\n\r\n"))),
    { status: 0, flag: "UPE" },
  ],
];

test.each(mirrors)(
  "what became of a copy is told, and the caller sees nothing of it: %s",
  async (_what, start, expected) => {
    const main = await startBackend((request, response) => request.pipe(response));
    const { rig, copies, over } = await mirroredRig(main.port, await start());
    const answer = await call(rig, { method: "POST", body: Buffer.from("hello"), headers: { host: "web" } });
    expect([answer.status, String(answer.body)]).toEqual([200, "hello"]);
    const ended = await over;
    expect(ended).toMatchObject({ phase: "ended", grpcStatus: -1, ...expected });
    expect(ended.cluster.key).toBe(shadow.key);
    expect(copies.map(({ phase }) => phase)).toEqual(["sent", "ended"]);
    expect(rig.outcomes).toMatchObject([{ status: 200 }]);
  },
);

test("a copy that is not answered within the time of the route", async () => {
  const main = await startBackend((_request, response) => response.end("ok"));
  const { rig, over } = await mirroredRig(main.port, await startRawBackend(() => undefined), 300);
  await call(rig, { headers: { host: "web" } });
  expect(await over).toMatchObject({ phase: "ended", status: 0, flag: "UT" });
});

test.each([
  ["in the trailers", false],
  ["in the head", true],
])("a copy of a gRPC call has the status that the copy was given, %s", async (_where, trailersOnly) => {
  const grpc = { ":status": 200, "content-type": "application/grpc" };
  const answer = (status: string, alone: boolean) =>
    startHttp2Backend((stream) => {
      stream.resume();
      stream.once("end", () => {
        if (alone) {
          stream.respond({ ...grpc, "grpc-status": status }, { endStream: true });
          return;
        }
        stream.respond(grpc, { waitForTrailers: true });
        stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": status }));
        stream.end(Buffer.from([0, 0, 0, 0, 0]));
      });
    });
  const [main, copy] = [await answer("0", false), await answer("13", trailersOnly)];
  const { rig, over } = await mirroredRig(main.port, copy.port);
  const stream = http2Client(rig).request({
    ":method": "POST",
    ":path": "/shop.Orders/Add",
    "content-type": "application/grpc",
    te: "trailers",
  });
  stream.end(Buffer.from([0, 0, 0, 0, 2, 7, 7]));
  expect((await answerOf(stream)).trailers["grpc-status"]).toBe("0");
  expect(await over).toMatchObject({ phase: "ended", status: 200, grpcStatus: 13, flag: "-" });
});

test("a request whose body is too long to be kept is told as not copied", async () => {
  const main = await startBackend((request, response) => request.pipe(response));
  const { rig, copies, over } = await mirroredRig(main.port, 1);
  await call(rig, { method: "POST", body: Buffer.alloc(300_000), headers: { host: "web" } });
  expect(await over).toMatchObject({ phase: "not-sent", cluster: { key: shadow.key } });
  expect(copies).toHaveLength(1);
});

test("a request that its caller never finished is told as not copied", async () => {
  const arrived = Promise.withResolvers<void>();
  const main = await startBackend(() => arrived.resolve());
  const { rig, copies, over } = await mirroredRig(main.port, 1);
  const socket = await dialRig(rig);
  socket.write("POST / HTTP/1.1\r\nHost: web\r\nContent-Length: 10\r\n\r\nhalf");
  await arrived.promise;
  socket.destroy();
  await once(socket, "close");
  expect(await over).toMatchObject({ phase: "not-sent" });
  expect(copies).toHaveLength(1);
});

test.each([
  ["is left out where only our own limit ends it", 0, { status: 200, flag: "DC" }],
  ["failed where the route limits it", 5_000, { status: 0, flag: "UT" }],
] as const)("an answer that begins and does not end in time %s", async (_what, requestMs, expected) => {
  const over = Promise.withResolvers<CopyOutcome>();
  const streaming: ClusterCall = ({ onHead }) => {
    onHead?.({ status: 200, fields: new Fields([]) });
    return Promise.reject(new UpstreamError("timeout", "no end"));
  };
  const timeouts = { requestMs, perTryMs: 0, idleMs: 0 };
  const plan = { authority: "web", target: "/", mirrors: [shadow], fields: new Fields([]), timeouts };
  const onCopy = (outcome: CopyOutcome): void => void (outcome.phase === "ended" && over.resolve(outcome));
  const request = { method: "GET", grpc: false, protocol: "HTTP/1.1" };
  sendMirrors({ call: streaming, onCopy }, plan as never, request as never, new HeldBody(), "waypoint");
  expect(await over.promise).toMatchObject(expected);
});
