import { once } from "node:events";
import { connect as connectHttp2 } from "node:http2";
import { connect } from "node:net";
import type { Duplex } from "node:stream";
import * as grpc from "@grpc/grpc-js";
import { afterEach, beforeAll, expect, test } from "vitest";
import { createHbonePool } from "../hbone/pool.ts";
import { startHboneServer } from "../hbone/server.ts";
import { splice } from "../hbone/splice.ts";
import { TestAuthority, TestCertificates } from "../hbone/test-authority.suite.ts";
import { parseWorkloadIdentity } from "../identity/spiffe-id.ts";
import type { L7Protocol } from "../xds/proxy-config.ts";
import {
  closeOpened,
  cluster,
  opened,
  peer,
  proxyConfig,
  readAll,
  service,
  silentLog,
  startBackend,
  startRig,
  workload,
} from "./engine-rig.suite.ts";
import { answerOf, startHttp2Backend } from "./http2-rig.suite.ts";
import { createDial } from "./pool/dial-upstream.ts";

/** The whole way of a waypoint: a caller's tunnel in, HTTP inside it, a tunnel of the waypoint out to the pod's agent. */
const sleep = "spiffe://cluster.local/ns/default/sa/sleep";
const waypoint = "spiffe://cluster.local/ns/default/sa/waypoint";
const web = "spiffe://cluster.local/ns/default/sa/web";
const trustDomain = "cluster.local";
const name = "web.default.svc.cluster.local";

let authority: TestAuthority;
beforeAll(async () => {
  authority = await TestAuthority.create();
});
afterEach(closeOpened);

let hosts = 0;
const ownAddress = (): string =>
  `127.${240 + (process.pid % 10)}.${Math.floor(process.pid / 10) % 250}.${100 + ++hosts}`;

async function poolFor(identity: string) {
  const certificates = new TestCertificates();
  certificates.renew(await authority.issue(identity));
  const pool = createHbonePool({ certificates, trustDomain, log: silentLog });
  opened.push(pool);
  return pool;
}

/** A tunnel from a caller through the waypoint to the service; `backend` is the application's port. */
async function startWaypoint(backend: number, protocol: L7Protocol = "AUTO") {
  const pod = ownAddress();
  const agent = await startHboneServer({
    host: pod,
    port: 15008,
    certificate: await authority.issue(web),
    trustDomain,
    onTunnel: (tunnel) => {
      expect(tunnel.connection.principal).toBe("cluster.local/ns/default/sa/waypoint");
      splice(tunnel.accept(), connect(tunnel.port, "127.0.0.1"));
    },
    onRefused: () => undefined,
  });
  opened.push(agent);
  const hbone = await poolFor(waypoint);
  const ports = service().ports.map((port) => ({ ...port, protocol }));
  const rig = await startRig([workload("a", backend, { addresses: [pod], tunnelProtocol: "HBONE" })], {
    config: proxyConfig({ kind: "waypoint", services: [service({ ports })], clusters: [cluster({ protocol })] }),
    engine: { dial: createDial({ hbone, identity: parseWorkloadIdentity(waypoint), localAddress: "127.0.0.1" }) },
  });
  const address = ownAddress();
  const server = await startHboneServer({
    host: address,
    port: 15008,
    certificate: await authority.issue(waypoint),
    trustDomain,
    onTunnel: (tunnel) => {
      const target = rig.engine.destination(tunnel.host, tunnel.port);
      if (target === undefined) {
        tunnel.refuse(404);
        return;
      }
      const { principal, remoteAddress } = tunnel.connection;
      rig.engine.serve(
        tunnel.accept(),
        peer({ principal, sourceIp: remoteAddress, destinationIp: "10.0.0.1" }),
        target,
      );
    },
    onRefused: () => undefined,
  });
  opened.push(server);
  const callers = await poolFor(sleep);
  const open = async (target = `${name}:80`): Promise<Duplex> => {
    const { stream } = await callers.connect({
      source: parseWorkloadIdentity(sleep),
      destination: { address, identity: parseWorkloadIdentity(waypoint) },
      target,
    });
    stream.on("error", () => undefined);
    return stream;
  };
  return { rig, open };
}

test("HTTP/1 through both tunnels, several requests on one", async () => {
  const { port } = await startBackend((request, response) => request.pipe(response));
  const { rig, open } = await startWaypoint(port);
  const stream = await open();
  const text = readAll(stream);
  stream.write("POST /1 HTTP/1.1\r\nHost: web\r\nContent-Length: 3\r\n\r\nabc");
  stream.write("POST /2 HTTP/1.1\r\nHost: web\r\nConnection: close\r\nContent-Length: 3\r\n\r\ndef");
  expect(await text).toMatch(/200 OK[\s\S]*abc[\s\S]*200 OK[\s\S]*def/);
  expect(rig.outcomes).toMatchObject([
    {
      status: 200,
      target: "default/web.default.svc.cluster.local:80",
      peer: { principal: "cluster.local/ns/default/sa/sleep" },
    },
    { status: 200, plan: { service: "default/web.default.svc.cluster.local", port: 80 } },
  ]);
});

test("by ClusterIP, and nobody by another name", async () => {
  const { port } = await startBackend((_request, response) => response.end("hello"));
  const { open } = await startWaypoint(port);
  const stream = await open("10.0.0.1:80");
  stream.write("GET / HTTP/1.1\r\nHost: web\r\nConnection: close\r\n\r\n");
  expect(await readAll(stream)).toMatch(/hello/);
  await expect(open("other.default.svc.cluster.local:80")).rejects.toThrow("404");
  await expect(open(`${name}:81`)).rejects.toThrow("404");
});

test("HTTP/2 inside both tunnels, large bodies and trailers", async () => {
  const backend = await startHttp2Backend((stream) => {
    stream.respond({ ":status": 200 }, { waitForTrailers: true });
    stream.on("wantTrailers", () => stream.sendTrailers({ "x-sum": "1" }));
    stream.pipe(stream);
  });
  const { open } = await startWaypoint(backend.port, "HTTP2");
  const tunnel = await open();
  const session = connectHttp2("http://web", { createConnection: () => tunnel });
  session.on("error", () => undefined);
  opened.push({ close: () => session.destroy() });
  const body = Buffer.alloc(2_000_000, "0123456789");
  const answers = await Promise.all(
    [1, 2, 3].map((index) => {
      const stream = session.request({ ":method": "POST", ":path": `/${index}` });
      const answer = answerOf(stream);
      stream.end(body);
      return answer;
    }),
  );
  for (const { status, body: received, trailers } of answers) {
    expect([status, received.length, trailers["x-sum"]]).toEqual([200, body.length, "1"]);
  }
});

test("a waypoint names no client, and passes on what a gateway named", async () => {
  const seen: (string | undefined)[] = [];
  const { port } = await startBackend((request, response) => {
    seen.push(request.headers["x-forwarded-for"] as string | undefined);
    response.end();
  });
  const { open } = await startWaypoint(port);
  const stream = await open();
  stream.write(
    "GET / HTTP/1.1\r\nHost: web\r\n\r\nGET / HTTP/1.1\r\nHost: web\r\nX-Forwarded-For: 9.9.9.9\r\nConnection: close\r\n\r\n",
  );
  await readAll(stream);
  expect(seen).toEqual([undefined, "9.9.9.9"]);
});

test("gRPC inside both tunnels", async () => {
  const method = {
    path: "/towpath.Echo/Chat",
    requestStream: true,
    responseStream: true,
    requestSerialize: (value: Buffer) => value,
    requestDeserialize: (value: Buffer) => value,
    responseSerialize: (value: Buffer) => value,
    responseDeserialize: (value: Buffer) => value,
  };
  const server = new grpc.Server();
  server.addService(
    { chat: method },
    {
      chat: (call: grpc.ServerDuplexStream<Buffer, Buffer>) => {
        call.on("data", (data: Buffer) => call.write(data));
        call.on("end", () => call.end());
      },
    },
  );
  const bound = Promise.withResolvers<number>();
  server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (_error, port) => bound.resolve(port));
  opened.push({ close: () => server.forceShutdown() });
  const { rig, open } = await startWaypoint(await bound.promise, "GRPC");
  const tunnel = await open();
  const session = connectHttp2("http://web", { createConnection: () => tunnel });
  session.on("error", () => undefined);
  opened.push({ close: () => session.destroy() });
  const stream = session.request({
    ":method": "POST",
    ":path": method.path,
    "content-type": "application/grpc",
    te: "trailers",
  });
  const message = Buffer.from([0, 0, 0, 0, 2, 1, 2]);
  stream.write(message);
  const [echoed] = (await once(stream, "data")) as [Buffer];
  expect([...echoed]).toEqual([...message]);
  const answer = answerOf(stream);
  stream.end();
  expect((await answer).trailers["grpc-status"]).toBe("0");
  expect(rig.outcomes).toMatchObject([{ grpcStatus: 0, requestMessages: 1, responseMessages: 1 }]);
});
