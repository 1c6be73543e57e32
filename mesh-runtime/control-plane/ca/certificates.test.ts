import { generateKeyPairSync, X509Certificate } from "node:crypto";
import { mkdtemp, readFile, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { status } from "@grpc/grpc-js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createRoot } from "../../identity/certificate-authority.ts";
import { startCertificateManager } from "../../identity/certificate-client.ts";
import { requestCertificate } from "../../identity/certificate-request.ts";
import { createCsr } from "../../identity/csr.ts";
import { openControlPlaneChannel } from "../../xds/control-plane-channel.ts";
import { IstioCertificateRequestSchema, type IstioCertificateResponse } from "../../xds/gen/certificate_pb.js";
import { createCertificate } from "../../xds/grpc-methods.ts";
import { quiet, startTestPlane, type TestPlane } from "../plane.suite.ts";
import { openCertificateAuthority } from "./root-store.ts";

const id = (namespace: string, serviceAccount: string) => ({ trustDomain: "cluster.local", namespace, serviceAccount });
const spiffe = (path: string) => `spiffe://cluster.local/${path}`;
const signal = new AbortController().signal;

let plane: TestPlane;
beforeAll(async () => {
  plane = await startTestPlane({
    tokens: {
      agent: { serviceAccount: "istio-system/ztunnel", node: "node-a" },
      unbound: { serviceAccount: "istio-system/ztunnel" },
      gateway: { serviceAccount: "istio-ingress/ingress-istio", node: "node-a" },
      foreign: { serviceAccount: "istio-system/ztunnel", node: "node-a", audiences: ["towpath-telemetry"] },
      down: "unavailable",
    },
    pods: ["cluster.local/ns/web-api/sa/web-api@node-a", "cluster.local/ns/db/sa/db@node-b"],
  });
});
afterAll(() => plane.close());

describe("CreateCertificate", () => {
  it("gives an agent the certificate of a pod on its node: leaf first, root last", async () => {
    const certificate = await requestCertificate(plane.endpoint("agent"), id("web-api", "web-api"), {
      impersonate: true,
      signal,
    });
    expect(certificate.info.spiffeId).toBe(spiffe("ns/web-api/sa/web-api"));
    expect(certificate.roots).toEqual([...plane.authority.roots]);
    expect(certificate.info.notAfterUnixMs - Date.now()).toBeGreaterThan(3_500_000);
  });
  it("gives a proxy its own certificate without impersonation", async () => {
    const own = id("istio-ingress", "ingress-istio");
    const certificate = await requestCertificate(plane.endpoint("gateway"), own, { impersonate: false, signal });
    expect(certificate.identity).toEqual(own);
  });

  const p256 = () => generateKeyPairSync("ec", { namedCurve: "prime256v1" }).privateKey;
  const csrFor = (path: string) => createCsr(p256(), spiffe(path));
  const web = "ns/web-api/sa/web-api";
  it.each([
    ["without a token", "", web, csrFor(web), status.UNAUTHENTICATED],
    ["with an unknown or expired token", "expired", web, csrFor(web), status.UNAUTHENTICATED],
    ["with a token for another audience", "foreign", web, csrFor(web), status.UNAUTHENTICATED],
    ["while the API server is away", "down", web, csrFor(web), status.UNAVAILABLE],
    ["for a pod on another node", "agent", "ns/db/sa/db", csrFor("ns/db/sa/db"), status.PERMISSION_DENIED],
    ["for an identity nobody has", "agent", "ns/x/sa/x", csrFor("ns/x/sa/x"), status.PERMISSION_DENIED],
    ["with a token that is not bound to a node", "unbound", web, csrFor(web), status.PERMISSION_DENIED],
    ["by a workload for another identity", "gateway", web, csrFor(web), status.PERMISSION_DENIED],
    ["for another trust domain", "agent", "spiffe://other/ns/a/sa/b", csrFor(web), status.PERMISSION_DENIED],
    ["for what is no SPIFFE ID", "agent", "https://x", csrFor(web), status.INVALID_ARGUMENT],
    ["with a request that names another identity", "agent", web, csrFor("ns/db/sa/db"), status.INVALID_ARGUMENT],
    ["by a workload whose request names another identity", "gateway", undefined, csrFor(web), status.INVALID_ARGUMENT],
    [
      "with an RSA request or worse",
      "agent",
      web,
      "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----",
      status.INVALID_ARGUMENT,
    ],
    ["with a huge request", "agent", web, "A".repeat(1 << 20), status.INVALID_ARGUMENT],
    ["with a request larger than the port takes", "agent", web, "A".repeat(5 << 20), status.RESOURCE_EXHAUSTED],
  ])("refuses a request %s", async (_what, token, identity, csr, code) => {
    const impersonated = identity?.startsWith("ns/") ? spiffe(identity) : identity;
    await expect(call(token, csr, impersonated)).rejects.toMatchObject({ code });
  });
  it("does not let a caller choose a longer life", async () => {
    const response = await call("agent", csrFor(web), spiffe(web), 10 * 365 * 24 * 3_600);
    expect(response.certChain).toHaveLength(2);
    expect(Date.parse(new X509Certificate(response.certChain[0]!).validTo) - Date.now()).toBeLessThan(3_601_000);
  });

  async function call(token: string, csr: string, impersonated: string | undefined, seconds = 0) {
    const { client, metadata } = await openControlPlaneChannel(plane.endpoint(token));
    const request = create(IstioCertificateRequestSchema, {
      csr,
      validityDuration: BigInt(seconds),
      ...(impersonated === undefined ? {} : { metadata: { ImpersonatedIdentity: impersonated } }),
    });
    const { path, requestSerialize, responseDeserialize } = createCertificate;
    try {
      return await new Promise<IstioCertificateResponse>((resolve, reject) => {
        client.makeUnaryRequest(path, requestSerialize, responseDeserialize, request, metadata, (error, value) =>
          value === undefined ? reject(error) : resolve(value),
        );
      });
    } finally {
      client.close();
    }
  }
});

describe("certificate manager", () => {
  it("shares one request, renews at half life with a new key, tells listeners, and forgets on release", async () => {
    const short = await startTestPlane({
      tokens: { agent: { serviceAccount: "istio-system/ztunnel", node: "node-a" } },
      pods: ["cluster.local/ns/web-api/sa/web-api@node-a"],
      lifetimeMs: 3_000,
    });
    const manager = startCertificateManager({ ca: short.endpoint("agent"), impersonate: true, log: quiet });
    const identity = id("web-api", "web-api");
    const [first, again] = await Promise.all([manager.fetch(identity), manager.fetch(identity)]);
    expect(again).toBe(first);
    expect(short.reviews()).toBe(1);
    const renewed = await new Promise<typeof first>((resolve) => manager.onRenewal(resolve));
    expect(renewed.info.serial).not.toBe(first.info.serial);
    expect(renewed.key).not.toBe(first.key);
    expect(manager.current(identity)).toBe(renewed);
    manager.release(identity);
    expect(manager.current(identity)).toBeUndefined();
    await manager.close();
    await short.close();
  });
  it("keeps trying while it is refused, says why, and ends when the caller gives up", async () => {
    const manager = startCertificateManager({ ca: plane.endpoint("agent"), impersonate: true, log: quiet });
    const giveUp = new AbortController();
    const waiting = manager.fetch(id("db", "db"), { signal: giveUp.signal });
    await expect.poll(() => manager.status()[0]?.error).toMatch(/no pod of db\/db is bound to node node-a/);
    giveUp.abort(new Error("enough"));
    await expect(waiting).rejects.toThrow("enough");
    await manager.close();
  });
});

describe("root", () => {
  it("can be replaced with overlap: further roots are trusted, written out and sent as one last element", async () => {
    const folder = await mkdtemp(join(tmpdir(), "towpath-roots-"));
    const next = createRoot("cluster.local");
    await writeFile(join(folder, "other-roots.pem"), next.certificatePem);
    const rotating = await startTestPlane({
      tokens: { gateway: { serviceAccount: "a/b" } },
      folder,
    });
    const certificate = await requestCertificate(rotating.endpoint("gateway"), id("a", "b"), {
      impersonate: false,
      signal,
    });
    expect(certificate.roots).toHaveLength(2);
    expect(certificate.roots[1]).toBe(next.certificatePem);
    expect(await readFile(join(folder, "root-cert.pem"), "utf8")).toBe(certificate.roots.join(""));
    await rotating.close();
  });
  it("is made once, stays over restarts, and its key is for the owner alone", async () => {
    const again = await openCertificateAuthority(plane.folder, "cluster.local");
    expect(again.roots).toEqual(plane.authority.roots);
    expect((await stat(join(plane.folder, "ca.pem"))).mode & 0o777).toBe(0o600);
  });
});
