import { existsSync, readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import type { Inventory } from "@/server/inventory/model.ts";
import { type Intent, intentSet } from "../intent.ts";
import { render } from "../render.ts";
import { toYaml } from "../resource.ts";
import { historyInventory, httpbin, intentFor } from "./sample-service.suite.ts";

const inventory = historyInventory();

/** The same with more ports on the service. */
const withPorts = (): Inventory => ({
  ...inventory,
  objects: {
    ...inventory.objects,
    services: inventory.objects.services.map((service) =>
      service.metadata?.name === "purchase-history"
        ? {
            ...service,
            spec: {
              ...service.spec,
              ports: [
                { name: "http", port: 8080, targetPort: 8080 },
                { name: "tcp-events", port: 7000 },
                { name: "grpc", port: 9090, targetPort: "grpc" },
              ],
            },
          }
        : service,
    ),
  },
});

const retries = intentFor("retries", { perTry: "2s" });
const timeouts = intentFor("timeouts", {
  request: "5s",
  paths: [
    { path: "/reports", request: "30s" },
    { path: "/reports/daily/", request: "1m" },
  ],
});
const fault = intentFor("test-with-faults", {
  delay: { percent: 50, time: "2s" },
  abort: { percent: 12.5, status: 503 },
  onlyWith: { header: "x-fault", value: "true" },
});
const breaker = intentFor("circuit-breaker", {
  maxConnections: 100,
  maxPending: 10,
  maxRequests: 50,
  slowStart: "30s",
});
const mirror = intentFor("mirror-traffic", { to: { kind: "version", version: "v2" }, percent: 10 });
const region = intentFor("keep-in-region");
const zone = intentFor("prefer-the-zone", { near: "zone" });
const limit = intentFor("rate-limit", {
  limits: [
    { requests: 10, overrides: [{ value: "web-api/web-api", requests: 100 }] },
    {
      requests: 1_000,
      interval: "1m",
      burst: 50,
      per: "header",
      header: "x-tenant",
      only: {
        methods: ["GET", "POST"],
        paths: ["/search", "/items/{*}/price", "/static/*"],
        headers: [{ name: "x-plan", match: "value", values: ["free", "trial*"] }],
      },
    },
  ],
});

const canary = { stable: "v1", canary: "v2" };
const byHeader = { by: "header", name: "x-canary", value: "true" };
const release = (values: Readonly<Record<string, unknown>>) => intentFor("release-a-version", { ...canary, ...values });
const everyMatch = release({
  weight: 12.5,
  match: [
    byHeader,
    { by: "cookie", name: "beta", value: "yes+1" },
    { by: "caller", namespace: "web-api", serviceAccount: "web-api" },
  ],
  mirror: 10,
  sticky: { cookie: "towpath-version", seconds: 600 },
  round: 3,
});

const cases: Record<string, readonly [Intent[], Inventory?]> = {
  "retries and timeouts are one route": [[retries, timeouts]],
  "every method is repeated when that was asked for": [
    [intentFor("retries", { safeOnly: false, budgetPercent: null })],
  ],
  "retries are forbidden": [[intentFor("retries", { attempts: 0 })]],
  "a fault turns the route into one of another kind": [[retries, fault]],
  "a fault hits everybody": [[intentFor("test-with-faults", { abort: { percent: 100, status: 418 } })]],
  "a circuit breaker goes where copies go too": [[breaker, mirror]],
  "copies go to another service": [
    [intentFor("mirror-traffic", { to: { kind: "service", service: httpbin, port: 8000 }, percent: 0.5 })],
  ],
  "a region is kept beside a circuit breaker": [[region, breaker]],
  "the zone is a field of the Service": [[zone]],
  "the node is an annotation, on Services of versions too": [[intentFor("prefer-the-zone", { near: "node" }), mirror]],
  "limits are one policy": [[limit]],
  "each HTTP port has a route of its own": [[retries, mirror], withPorts()],
  "a Service that is away keeps what was asked for": [
    [intentFor("timeouts", { request: "5s" }, { namespace: "purchase-history", name: "gone" })],
  ],
  "a release begins with nothing but a header": [[release({ match: [byHeader] })]],
  "versions share calls by weight": [[release({ weight: 10 }), retries, timeouts]],
  "whoever got a version keeps it": [[everyMatch]],
  "everything goes to the new version and nobody keeps the old one": [
    [release({ weight: 100, mirror: 10, sticky: {}, round: 4 })],
  ],
  "a release is over": [[intentFor("release-a-version", { stable: "v2", sticky: {} }), mirror, breaker]],
  "a release in a fault test": [[everyMatch, fault]],
  "a new version has a host of its own": [
    [release({ preview: { gateway: { namespace: "istio-ingress", name: "ingress" }, host: "v2.example.com" } })],
  ],
  "a release goes where copies go to": [[release({ weight: 50, mirror: 20 }), mirror]],
  "a release beside everything else": [[everyMatch, retries, breaker, region, zone, limit]],
  "everything at once": [[retries, timeouts, breaker, mirror, region, zone, limit]],
  "everything at once with faults": [[retries, timeouts, fault, breaker, mirror, region, zone, limit]],
};

describe("routes, rules and limits of a service", () => {
  test.each(Object.entries(cases))("%s", (sentence, [intents, cluster = inventory]) => {
    const file = fileURLToPath(new URL(`testdata/${sentence.replaceAll(/[ ,]+/g, "-")}.out.yaml`, import.meta.url));
    const text = [...render(intentSet(intents), cluster).values()]
      // What other paths make of it is told by their own tests.
      .filter(
        ({ kind, metadata }) =>
          kind !== "AuthorizationPolicy" && metadata.labels?.["istio.io/ingress-use-waypoint"] === undefined,
      )
      .map(toYaml)
      .join("---\n");
    const golden = `# ${sentence}\n${text}`;
    if (process.env["UPDATE_GOLDEN"] === "1" || !existsSync(file)) {
      expect(process.env["UPDATE_GOLDEN"], `${file} is missing: run with UPDATE_GOLDEN=1`).toBe("1");
      writeFileSync(file, golden);
    }
    expect(golden).toBe(readFileSync(file, "utf8"));
  });

  test("intents in another order render alike", () => {
    const all = [retries, timeouts, fault, breaker, mirror, region, zone, limit];
    const text = (intents: readonly Intent[]) =>
      [...render(intentSet(intents), inventory).values()].map(toYaml).sort().join("---\n");
    expect(text(all.toReversed())).toBe(text(all));
  });
});
