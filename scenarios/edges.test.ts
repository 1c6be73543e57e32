import { generateKeyPairSync } from "node:crypto";
import { createServer, get, type IncomingMessage, type Server } from "node:http";
import { get as getSecurely } from "node:https";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Gateway } from "../mesh-runtime/api/gateway.ts";
import type { KubeObject } from "../mesh-runtime/api/meta.ts";
import { createCertificateAuthority, createRoot } from "../mesh-runtime/identity/certificate-authority.ts";
import type { ResourceRef } from "../mesh-runtime/kube-client/resource.ts";
import { Company } from "./company.ts";
import { refOf } from "./mesh.ts";
import { PortalChanges } from "./portal-changes.ts";
import { podRef } from "./workloads.ts";

const gatewayRef = refOf({
  apiVersion: "gateway.networking.k8s.io/v1",
  kind: "Gateway",
}) as unknown as ResourceRef<Gateway>;
const ingress = { namespace: "istio-ingress", name: "ingress" };
const sleep = { namespace: "default", app: "sleep" };
const stranger = { namespace: "web-api", app: "web-api" };

let company: Company;
let portal: PortalChanges;
let outside: Server;
let port: number;

beforeAll(async () => {
  outside = createServer((_request, response) => response.end("outside"));
  await new Promise<void>((resolve) => outside.listen(0, "127.0.0.1", resolve));
  ({ port } = outside.address() as AddressInfo);
  company = await Company.start();
  portal = await PortalChanges.start(company.mesh);
});
afterAll(async () => {
  await portal?.[Symbol.asyncDispose]();
  await company?.[Symbol.asyncDispose]();
  outside?.closeAllConnections();
  outside?.close();
});

interface Seen {
  /** 0: no answer came. */
  readonly status: number;
  readonly location: string | undefined;
}

/** What a visitor without TLS sees of a host. */
const look = (host: string, path: string): Promise<Seen> =>
  new Promise((resolve) => {
    const url = `${company.mesh.towpath.facts.gateway}${path}`;
    get(url, { headers: { host }, agent: false }, seen(resolve)).on("error", () => resolve(nothing));
  });

/** A gateway that comes to have another port gets another pod; the former one serves on until that is ready, and goes. */
async function onlyGatewayPod(): Promise<string> {
  const labelSelector = `gateway.networking.k8s.io/gateway-name=${ingress.name}`;
  const pods = async () =>
    (await company.mesh.client.list(podRef, { namespace: ingress.namespace, labelSelector })).items;
  await expect.poll(async () => (await pods()).length, { timeout: 60_000 }).toBe(1);
  return (await pods())[0]?.status?.podIP ?? "";
}

const nothing: Seen = { status: 0, location: undefined };
const seen =
  (resolve: (seen: Seen) => void) =>
  (response: IncomingMessage): void => {
    response.resume();
    resolve({ status: response.statusCode ?? 0, location: response.headers.location });
  };

/** Status of a request from outside for a host; 0 when none came. */
const visit = async (host: string, path = "/get"): Promise<number> => (await look(host, path)).status;

const listeners = async (): Promise<string[]> =>
  (await company.mesh.client.get(gatewayRef, ingress)).spec?.listeners.map(({ name }) => name) ?? [];

/** A Secret of the gateway with a certificate for a host. */
function certificateFor(host: string, name: string, root: ReturnType<typeof createRoot>): KubeObject {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  const { chain } = createCertificateAuthority(root).issueServer(publicKey, { dns: [host], ips: [] }, 3_600_000);
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name, namespace: ingress.namespace },
    type: "kubernetes.io/tls",
    data: {
      "tls.crt": btoa(chain.join("")),
      "tls.key": btoa(privateKey.export({ type: "pkcs8", format: "pem" }).toString()),
    },
  } as KubeObject;
}

describe("a destination outside", { timeout: 180_000 }, () => {
  const form = () => ({
    namespace: "default",
    host: "ledger.example",
    ports: [{ port, protocol: "HTTP" }],
    addresses: ["127.0.0.1"],
    callers: [{ kind: "identity", namespace: "default", serviceAccount: "sleep" }],
  });

  test("is allowed to one caller, proven by another that is refused, and undone", async () => {
    const url = `http://ledger.example:${port}/`;
    const change = await portal.apply("allow-a-destination", form());
    expect(change).toMatchObject({ state: "verified", failure: "" });
    expect((await company.ask(sleep, url))[0]?.status).toBe(200);
    expect((await company.ask(stranger, url))[0]?.status).toBe(403);

    expect(await portal.undo(change.id)).toMatchObject({ state: "verified", failure: "" });
    const { items } = await company.mesh.client.list(gatewayRef, { namespace: "default" });
    expect(items.map(({ metadata }) => metadata?.name)).toEqual([]);
  });
});

describe("a service for the outside", { timeout: 180_000 }, () => {
  const form = (more: object = {}) => ({
    service: { namespace: "default", name: "httpbin" },
    port: 8000,
    host: "bin.example.com",
    gateway: ingress,
    ...more,
  });

  test("is served by its host, shares it by path, and is taken back without a trace", async () => {
    const before = await listeners();
    expect(await portal.apply("expose-to-the-outside", form())).toMatchObject({ state: "verified", failure: "" });
    expect([await visit("bin.example.com"), await visit("istioinaction.io", "/")]).toEqual([200, 200]);

    const shared = form({ service: { namespace: "web-api", name: "web-api" }, port: 8080, path: "/shop" });
    expect(await portal.apply("expose-to-the-outside", shared)).toMatchObject({ state: "verified", failure: "" });
    expect([await visit("bin.example.com"), await visit("bin.example.com", "/shop")]).toEqual([200, 200]);
    expect(await listeners()).toEqual([...before, "towpath-bin.example.com-http"]);

    for (const values of [{ ...shared, exposed: false }, form({ exposed: false })]) {
      expect(await portal.apply("expose-to-the-outside", values)).toMatchObject({ state: "verified", failure: "" });
    }
    expect(await visit("bin.example.com")).toBe(404);
    expect(await listeners()).toEqual(before);
  });

  test("is served by HTTPS with the certificate of its Secret, under its path, and plain requests are led there", async () => {
    const host = "secure.example.com";
    const before = await listeners();
    const root = createRoot("edges");
    await company.mesh.apply(certificateFor(host, "secure-tls", root));
    // Only the gateway's plain port is published on this machine; its pod takes TLS beside it.
    const ask = async (path: string): Promise<Seen> => {
      const pod = { host: await onlyGatewayPod(), port: 8443 };
      return new Promise((resolve, reject) => {
        const to = { ...pod, path, servername: host, headers: { host }, agent: false };
        getSecurely({ ...to, ca: root.certificatePem }, seen(resolve)).on("error", reject);
      });
    };

    const secure = form({ host, path: "/headers", certificate: "secure-tls" });
    const change = await portal.apply("expose-to-the-outside", secure);
    expect(change).toMatchObject({ state: "verified", failure: "" });
    // The client knows this authority alone: an answer means that the certificate is the Secret's.
    expect((await ask("/headers")).status).toBe(200);
    expect((await ask("/headersx")).status).toBe(404);
    expect((await ask("/get")).status).toBe(404);
    expect(await look(host, "/headers?a=b")).toEqual({ status: 301, location: `https://${host}/headers?a=b` });
    expect((await look(host, "/get")).status).toBe(404);

    const alone = { ...secure, redirectToHttps: false };
    expect(await portal.apply("expose-to-the-outside", alone)).toMatchObject({ state: "verified", failure: "" });
    expect((await ask("/headers")).status).toBe(200);
    expect((await look(host, "/headers")).status).toBe(404);

    expect(await portal.apply("expose-to-the-outside", { ...secure, exposed: false })).toMatchObject({
      state: "verified",
      failure: "",
    });
    expect(await listeners()).toEqual(before);
    await expect(ask("/headers")).rejects.toThrow();
  });

  test("is reached where the whole mesh is locked down, and by no other host", async () => {
    expect(await portal.apply("lock-down", { scope: "mesh" }, "mesh")).toMatchObject({
      state: "verified",
      failure: "",
    });
    expect(await portal.apply("expose-to-the-outside", form())).toMatchObject({ state: "verified", failure: "" });
    expect([await visit("bin.example.com"), await visit("other.example.com")]).toEqual([200, 403]);
  });
});
