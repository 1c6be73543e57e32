import { connect } from "node:net";
import { afterEach, beforeAll, expect, test } from "vitest";
import { createLog } from "../common/log.ts";
import { createHbonePool } from "../hbone/pool.ts";
import { type InboundTunnel, startHboneServer } from "../hbone/server.ts";
import { splice } from "../hbone/splice.ts";
import { TestAuthority, TestCertificates } from "../hbone/test-authority.suite.ts";
import { parseWorkloadIdentity } from "../identity/spiffe-id.ts";
import { closeOpened, exchangeRaw, opened, startBackend, startRig, workload } from "./engine-rig.suite.ts";
import { createDial } from "./pool/dial-upstream.ts";

const log = createLog("test");
const gateway = "spiffe://cluster.local/ns/ingress/sa/gateway";
const web = "spiffe://cluster.local/ns/default/sa/web";
const get = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
const trustDomain = "cluster.local";

let authority: TestAuthority;
beforeAll(async () => {
  authority = await TestAuthority.create();
});
afterEach(closeOpened);

/** A loopback address of this process alone, so that port 15008 is free. */
let hosts = 0;
const ownAddress = (): string => `127.${240 + (process.pid % 10)}.${Math.floor(process.pid / 10) % 250}.${++hosts}`;

async function hboneRig(serverIdentity: string, onTunnel: (tunnel: InboundTunnel) => void) {
  const address = ownAddress();
  const server = await startHboneServer({
    host: address,
    port: 15008,
    certificate: await authority.issue(serverIdentity),
    trustDomain,
    onTunnel,
    onRefused: () => undefined,
  });
  const certificates = new TestCertificates();
  certificates.renew(await authority.issue(gateway));
  const hbone = createHbonePool({ certificates, trustDomain, log });
  opened.push(server, hbone);
  const identity = parseWorkloadIdentity(gateway);
  const dial = createDial({ hbone, identity, localAddress: "127.0.0.1" });
  const pod = workload("a", 8080, { addresses: [address], tunnelProtocol: "HBONE" });
  return { address, server, rig: await startRig([pod], { engine: { dial } }) };
}

test("requests go through mutual TLS, several on one tunnel, with the gateway's identity", async () => {
  const { port } = await startBackend((_request, response) => response.end("hello"));
  const tunnels: InboundTunnel[] = [];
  const { address, rig } = await hboneRig(web, (tunnel) => {
    tunnels.push(tunnel);
    splice(tunnel.accept(), connect(port, "127.0.0.1"));
  });
  expect(await exchangeRaw(rig, get)).toMatch(/200 OK[\s\S]*hello$/);
  expect(await exchangeRaw(rig, get)).toMatch(/200 OK[\s\S]*hello$/);
  expect(tunnels.map(({ connection, host, port: target }) => [connection.principal, host, target])).toEqual([
    ["cluster.local/ns/ingress/sa/gateway", address, 8080],
  ]);
});

test("a refusal by the destination's policy is a 503 that is told apart", async () => {
  let asked = 0;
  const { rig } = await hboneRig(web, (tunnel) => {
    asked++;
    tunnel.refuse(401);
  });
  expect(await exchangeRaw(rig, get)).toMatch(/^HTTP\/1\.1 503 [\s\S]*connection failure$/);
  expect([asked, rig.outcomes[0]?.flag]).toEqual([1, "DENY"]);
});

test("a pod that proves another identity gets no request", async () => {
  const { rig } = await hboneRig("spiffe://cluster.local/ns/default/sa/other", (tunnel) => tunnel.refuse(500));
  expect(await exchangeRaw(rig, get)).toMatch(/^HTTP\/1\.1 503 /);
  expect(rig.outcomes[0]?.flag).toBe("UF");
});

test("a tunnel that policy cuts between two requests is replaced", async () => {
  const { port } = await startBackend((_request, response) => response.end("hello"));
  const { server, rig } = await hboneRig(web, (tunnel) => splice(tunnel.accept(), connect(port, "127.0.0.1")));
  expect(await exchangeRaw(rig, get)).toMatch(/hello$/);
  server.disconnect(() => true);
  expect(await exchangeRaw(rig, get)).toMatch(/hello$/);
});

test("a tunnel that is cut inside a response breaks the client's connection", async () => {
  const { server: backend, port } = await startBackend((_request, response) => {
    response.writeHead(200, { "content-length": 100 });
    response.write("part");
  });
  const { server, rig } = await hboneRig(web, (tunnel) => splice(tunnel.accept(), connect(port, "127.0.0.1")));
  const outcome = rig.nextOutcome();
  backend.once("request", () => setImmediate(() => server.disconnect(() => true)));
  const answer = await exchangeRaw(rig, get);
  expect(answer).not.toMatch(/connection: close[\s\S]*503/);
  expect((await outcome).flag).toBe("UC");
});
