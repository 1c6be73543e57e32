/** Versions of a service share its calls on a real mesh, where nobody gets in who was not let in. */
import { get } from "node:http";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Company } from "./company.ts";
import { PortalChanges } from "./portal-changes.ts";

const service = { namespace: "purchase-history", name: "purchase-history" };
const url = "http://purchase-history.purchase-history:8080/";
const sleep = { namespace: "default", app: "sleep" };
const webApi = { namespace: "web-api", app: "web-api" };
const byHeader = { by: "header", name: "x-canary", value: "true" };
const shares = { service, stable: "v1", canary: "v2" };

let company: Company;
let portal: PortalChanges;
beforeAll(async () => {
  company = await Company.start();
  portal = await PortalChanges.start(company.mesh);
});
afterAll(async () => {
  await portal?.[Symbol.asyncDispose]();
  await company?.[Symbol.asyncDispose]();
});

/** Versions that answered, and how often. */
async function versions(from: typeof sleep, count: number, ...headers: string[]): Promise<Record<string, number>> {
  const flags = headers.flatMap((header) => ["-H", header]);
  const answers = await company.ask(from, url, "--count", String(count), ...flags);
  const seen: Record<string, number> = {};
  for (const { status, body = "" } of answers) {
    const version = status === 200 ? (/purchase-history-(v\d)/.exec(body)?.[1] ?? "?") : String(status);
    seen[version] = (seen[version] ?? 0) + 1;
  }
  return seen;
}

/** Status and version that somebody outside gets. */
const fromOutside = (host: string): Promise<string> =>
  new Promise((resolve, reject) => {
    get(company.mesh.towpath.facts.gateway, { headers: { host } }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => {
        const version = /purchase-history-(v\d)/.exec(Buffer.concat(chunks).toString())?.[1] ?? "";
        resolve(`${response.statusCode} ${version}`.trim());
      });
    }).on("error", reject);
  });

/** Objects that are written for it. */
async function written(form: object): Promise<string[]> {
  const change = await portal.apply("release-a-version", { ...shares, ...form });
  expect([change.state, change.failure]).toEqual(["verified", ""]);
  return change.resources
    .filter(({ action }) => action !== "unchanged")
    .map(({ resource }) => `${resource.kind} ${resource.name}`);
}

test("a header leads to the new version, where everything is locked down and nobody else gets in", async () => {
  const callers = [
    { kind: "identity", namespace: "recommendation", serviceAccount: "recommendation" },
    { kind: "identity", namespace: "default", serviceAccount: "sleep" },
  ];
  await portal.apply("let-a-caller-in", { service, callers, ports: [8080] });
  const locked = { scope: "namespaces", namespaces: ["purchase-history"] };
  await portal.apply("lock-down", locked, "purchase-history");
  await written({ match: [byHeader] });
  expect(await versions(sleep, 15)).toEqual({ v1: 15 });
  expect(await versions(sleep, 5, "x-canary: true")).toEqual({ v2: 5 });
  expect(await versions(webApi, 2)).toEqual({ "403": 2 });
});

test("moving the share writes the route and nothing else, and calls follow", async () => {
  for (const weight of [1, 10, 100, 0, 50]) {
    expect(await written({ match: [byHeader], weight })).toEqual(["HTTPRoute purchase-history"]);
  }
  const { v1 = 0, v2 = 0 } = await versions(sleep, 200);
  expect([v1 + v2, v1 > 60, v2 > 60]).toEqual([200, true, true]);
});

test("one caller is led to the new version by its identity, and nobody who says that it is that one", async () => {
  await written({
    match: [{ by: "caller", namespace: "recommendation", serviceAccount: "recommendation" }],
    weight: 0,
  });
  const forged = "x-forwarded-client-cert: By=a;URI=spiffe://cluster.local/ns/recommendation/sa/recommendation";
  expect(await versions({ namespace: "recommendation", app: "recommendation" }, 5)).toEqual({ v2: 5 });
  expect(await versions(sleep, 5, forged)).toEqual({ v1: 5 });
});

test("whoever got a version keeps it until shares move", async () => {
  await written({ weight: 50, sticky: {}, round: 1 });
  expect(await versions(sleep, 8, "cookie: towpath-version=v2")).toEqual({ v2: 8 });
  expect(await versions(sleep, 8, "cookie: a=b; towpath-version=v1.1")).toEqual({ v1: 8 });
  const drawn = await versions(sleep, 60, "cookie: towpath-version=v1.0");
  expect(Object.keys(drawn).sort()).toEqual(["v1", "v2"]);
});

test("a host of its own shows the new version alone, to whoever comes by the gateway", async () => {
  const preview = { gateway: { namespace: "istio-ingress", name: "ingress" }, host: "next.example.com" };
  await written({ weight: 0, preview });
  expect(await Promise.all([1, 2, 3].map(() => fromOutside(preview.host)))).toEqual(["200 v2", "200 v2", "200 v2"]);
  await written({ weight: 0 });
  expect(await fromOutside(preview.host)).toBe("404");
});
