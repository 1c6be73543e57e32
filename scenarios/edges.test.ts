import { createServer, get, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Gateway } from "../mesh-runtime/api/gateway.ts";
import type { ResourceRef } from "../mesh-runtime/kube-client/resource.ts";
import { Company } from "./company.ts";
import { refOf } from "./mesh.ts";
import { PortalChanges } from "./portal-changes.ts";

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

/** Status of a request from outside for a host; 0 when none came. */
const visit = (host: string, path = "/get"): Promise<number> =>
  new Promise((resolve) => {
    get(`${company.mesh.towpath.facts.gateway}${path}`, { headers: { host }, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    }).on("error", () => resolve(0));
  });

const listeners = async (): Promise<string[]> =>
  (await company.mesh.client.get(gatewayRef, ingress)).spec?.listeners.map(({ name }) => name) ?? [];

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

  test("is reached where the whole mesh is locked down, and by no other host", async () => {
    expect(await portal.apply("lock-down", { scope: "mesh" }, "mesh")).toMatchObject({
      state: "verified",
      failure: "",
    });
    expect(await portal.apply("expose-to-the-outside", form())).toMatchObject({ state: "verified", failure: "" });
    expect([await visit("bin.example.com"), await visit("other.example.com")]).toEqual([200, 403]);
  });
});
