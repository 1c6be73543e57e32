import type { RequestListener } from "node:http";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { createLog } from "../common/log.ts";
import { createHbonePool } from "../hbone/pool.ts";
import { type CertificateWish, TestAuthority, TestCertificates } from "../hbone/test-authority.suite.ts";
import type { Certificate } from "../identity/certificate-request.ts";
import { parseWorkloadIdentity } from "../identity/spiffe-id.ts";
import { prometheusText } from "../telemetry/prometheus-text.ts";
import { securedEdges } from "./secured-edges.ts";
import { call, clientAddress, serverAddress, twoNodes, type World } from "./two-nodes.suite.ts";

let authority: TestAuthority;
let foreign: TestAuthority;
const closing: (() => unknown)[] = [];
const hourMs = 3_600_000;
const hello: RequestListener = (_incoming, response) => void response.end("hello");
const url = "http://server.server/";

beforeAll(async () => {
  [authority, foreign] = await Promise.all([TestAuthority.create(), TestAuthority.create("CN=foreign")]);
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) {
    await close();
  }
});

async function enrolled(): Promise<World> {
  const world = await twoNodes(authority, closing, hello);
  await world.enrol("server");
  await world.enrol("client");
  return world;
}

/** Somebody who dials the server's HBONE port without an agent. */
async function intrude(certificate: Certificate): Promise<unknown> {
  const certificates = new TestCertificates();
  certificates.renew({ ...certificate, info: { ...certificate.info, notAfterUnixMs: Date.now() + hourMs } });
  const pool = createHbonePool({ certificates, trustDomain: "cluster.local", log: createLog("test") });
  closing.push(() => pool.close());
  return await pool
    .connect({
      source: certificate.identity,
      localAddress: clientAddress,
      destination: {
        address: serverAddress,
        identity: parseWorkloadIdentity("spiffe://cluster.local/ns/server/sa/server"),
      },
      target: `${serverAddress}:8080`,
    })
    .then(
      () => "connected",
      ({ code }: { code: unknown }) => code,
    );
}

describe("a peer that cannot prove who it is", () => {
  const client = "spiffe://cluster.local/ns/client/sa/client";
  const expired: CertificateWish = {
    notBefore: new Date(Date.now() - 2 * hourMs),
    notAfter: new Date(Date.now() - hourMs),
  };

  test.each<{ name: string; certificate: () => Promise<Certificate>; reason: string }>([
    {
      name: "an expired certificate",
      certificate: () => authority.issue(client, expired),
      reason: "certificate-expired",
    },
    {
      name: "another root's certificate",
      certificate: async () => ({ ...(await foreign.issue(client)), roots: [authority.rootPem] }),
      reason: "certificate-untrusted",
    },
    {
      name: "a certificate without a SPIFFE identity",
      certificate: () => authority.issue(client, { names: [{ type: "url", value: "https://example.com/" }] }),
      reason: "certificate-invalid",
    },
  ])("$name is refused, counted and explained", async ({ certificate, reason }) => {
    const { b } = await enrolled();
    expect(await intrude(await certificate())).not.toBe("connected");
    const { denials, connections } = b.take();
    expect(denials).toMatchObject([
      { reason, count: 1, destinationPod: "server", sourceIp: clientAddress, sourcePod: "client", policy: "" },
    ]);
    expect(connections[0]).toMatchObject({ responseFlags: "TLS_FAILURE", opened: 1, closed: 1 });
  });

  test("a good certificate of the mesh gets in: the agents are no secret", async () => {
    await enrolled();
    expect(await intrude(await authority.issue(client))).toBe("connected");
  });

  test("a destination with another identity than its workload's is not spoken to", async () => {
    const { mesh, a, b } = await enrolled();
    mesh.change("Kubernetes//Pod/server/server", { serviceAccount: "other" });
    expect(await call(url)).toMatchObject({ status: 503, body: "upstream connect error: TLS failure\n" });
    const batch = a.take();
    expect(batch.denials[0]).toMatchObject({ reason: "identity-mismatch", destinationPod: "server" });
    expect(batch.requests[0]).toMatchObject({ responseCode: 503, responseFlags: "TLS_FAILURE" });
    expect(b.take().connections).toEqual([]);
  });
});

test("an edge under mutual TLS shows both identities and certificates, version and suite", async () => {
  const { mesh, a } = await enrolled();
  await call(url);
  const [edge, ...others] = securedEdges(a.pool, a.mesh, 1);
  expect(others).toEqual([]);
  const [source, destination] = await Promise.all(
    ["client", "server"].map((name) =>
      mesh.certificates.fetch(parseWorkloadIdentity(`spiffe://cluster.local/ns/${name}/sa/${name}`)),
    ),
  );
  expect(edge).toEqual({
    timeUnixMs: 1,
    sourcePrincipal: "spiffe://cluster.local/ns/client/sa/client",
    destinationPrincipal: "spiffe://cluster.local/ns/server/sa/server",
    sourceWorkload: "client",
    sourceNamespace: "client",
    destinationWorkload: "server",
    destinationNamespace: "server",
    tlsVersion: "TLSv1.3",
    cipher: expect.stringMatching(/^TLS_AES_/),
    sourceCertificate: {
      serial: source?.info.serial,
      notBeforeUnixMs: source?.info.notBeforeUnixMs,
      notAfterUnixMs: source?.info.notAfterUnixMs,
    },
    destinationCertificate: {
      serial: destination?.info.serial,
      notBeforeUnixMs: destination?.info.notBeforeUnixMs,
      notAfterUnixMs: destination?.info.notAfterUnixMs,
    },
    connections: 1,
  });
});

test("the metrics page has Istio's names and labels", async () => {
  const { a, b } = await enrolled();
  await call(url);
  const build = { component: "ztunnel", version: "x" };
  const source = prometheusText(a.recorder.edges.values(), build);
  expect(source).toMatch(/istio_requests_total\{reporter="source",[^}]*response_code="200",response_flags="-"\} 1/);
  expect(source).toContain('destination_service="server.server.svc.cluster.local"');
  const destination = prometheusText(b.recorder.edges.values(), build);
  expect(destination).toMatch(/istio_tcp_connections_opened_total\{reporter="destination",[^}]*\} 1/);
  expect(destination).toContain('connection_security_policy="mutual_tls"');
});

test("a pod that leaves the mesh lets what is under way by HBONE finish", async () => {
  const answer = Promise.withResolvers<void>();
  const arrived = Promise.withResolvers<void>();
  const world = await twoNodes(authority, closing, (_incoming, response) => {
    arrived.resolve();
    answer.promise.then(
      () => response.end("late"),
      () => undefined,
    );
  });
  await world.enrol("server");
  await world.enrol("client");
  const slow = call(url);
  await arrived.promise;
  const server = world.b.registry.pods.find(({ pod }) => pod.spec.name === "server")?.hbone;
  const drained = server?.drain();
  answer.resolve();
  expect(await slow).toMatchObject({ status: 200, body: "late" });
  world.a.pool.close();
  await drained;
});
