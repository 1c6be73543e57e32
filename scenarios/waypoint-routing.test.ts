import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Company } from "./company.ts";
import { conditionsOf, enact, giveWaypoint, manifests, retract } from "./manifests.ts";
import { refOf } from "./mesh.ts";
import type { Answer } from "./pod-session.ts";

const history = "http://purchase-history.purchase-history:8080/";
const sleep = { namespace: "default", app: "sleep" };
let company: Company;
beforeAll(async () => {
  company = await Company.start();
  await giveWaypoint(company.mesh, "purchase-history", ["purchase-history"]);
});
afterAll(async () => {
  await company?.[Symbol.asyncDispose]();
});

const versions = `
apiVersion: v1
kind: Service
metadata: { name: purchase-history-v1, namespace: purchase-history }
spec: { selector: { app: purchase-history, version: v1 }, ports: [{ name: http, port: 8080, targetPort: 8080 }] }
---
apiVersion: v1
kind: Service
metadata: { name: purchase-history-v2, namespace: purchase-history }
spec: { selector: { app: purchase-history, version: v2 }, ports: [{ name: http, port: 8080, targetPort: 8080 }] }
`;

const release = (weights: readonly [number, number], extra = ""): string => `${versions}
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: purchase-history, namespace: purchase-history }
spec:
  parentRefs: [{ group: "", kind: Service, name: purchase-history, port: 8080 }]
  rules:
    - name: canary-by-header
      matches: [{ headers: [{ name: x-canary, value: "true" }] }]
      backendRefs: [{ name: purchase-history-v2, port: 8080 }]${extra}
    - name: weighted
      backendRefs:
        - { name: purchase-history-v1, port: 8080, weight: ${weights[0]} }
        - { name: purchase-history-v2, port: 8080, weight: ${weights[1]} }${extra}
`;

/** Versions of the service at the end of the chain. */
function lastVersion(answer: Answer): string | undefined {
  const of = (node: unknown): string | undefined => {
    const { service, version, upstreamCalls } = node as {
      service?: string;
      version?: string;
      upstreamCalls?: { body?: unknown }[];
    };
    return service === "purchase-history" ? version : upstreamCalls?.map(({ body }) => of(body ?? {})).find(Boolean);
  };
  return of(JSON.parse(answer.body ?? "{}"));
}

const count = <T>(values: readonly T[], value: T): number => values.filter((entry) => entry === value).length;

async function counted(
  find: (cluster: { cluster: string; retries: number; ejections: number }) => boolean,
): Promise<void> {
  await company.mesh.collector.until(
    ({ batches }) => batches.flatMap(({ clusters }) => clusters).find(find),
    "what the waypoint counted at the cluster",
  );
}

describe("two versions of one service", () => {
  test("before any rule about half of the answers are from each", async () => {
    const answers = await company.ask(sleep, history, "--count", "60");
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    const v1 = count(
      answers.map(({ version }) => version),
      "v1",
    );
    expect(v1).toBeGreaterThan(12);
    expect(v1).toBeLessThan(48);
  });

  test("all on v1, and v2 only for the header, which travels through the whole chain", async () => {
    await enact(company.mesh, release([100, 0]));
    const web = "http://web-api.web-api:8080/";
    const plain = await company.ask(sleep, web, "--count", "15");
    expect(plain.map(lastVersion)).toEqual(Array(15).fill("v1"));
    const canary = await company.ask(sleep, web, "--count", "5", "-H", "x-canary: true");
    expect(canary.map(lastVersion)).toEqual(Array(5).fill("v2"));
  });

  test("weights are followed", async () => {
    await enact(company.mesh, release([80, 20]));
    const answers = await company.ask(sleep, history, "--count", "300", "--concurrency", "4");
    const v2 = count(
      answers.map(({ version }) => version),
      "v2",
    );
    expect(v2).toBeGreaterThan(25);
    expect(v2).toBeLessThan(110);
  });

  test("each edge says which version answered", async () => {
    const labels = await company.mesh.collector.until(
      ({ batches }) =>
        batches
          .flatMap(({ requests }) => requests)
          .find(
            ({ labels: edge }) =>
              edge.reporter === "waypoint" &&
              edge.destination_workload === "purchase-history-v2" &&
              edge.destination_service_name === "purchase-history",
          )?.labels,
      "requests to v2 as the waypoint saw them",
    );
    expect(labels).toMatchObject({ source_workload: expect.any(String), connection_security_policy: "mutual_tls" });
  });
});

describe("a release that fails half of the time", () => {
  beforeAll(async () => {
    await enact(company.mesh, release([100, 0]));
    const before = await company.pods("purchase-history", "purchase-history");
    const old = new Set(before.map(({ metadata }) => metadata?.uid));
    await company.mesh.apply(...manifests(await readFile("demo/failing-purchase-history.yaml", "utf8")));
    await company.mesh.until(
      refOf({ apiVersion: "apps/v1", kind: "Deployment" }),
      { namespace: "purchase-history", name: "purchase-history-v1" },
      (object) => {
        const { status, metadata } = object as {
          status?: { observedGeneration?: number; updatedReplicas?: number; replicas?: number; readyReplicas?: number };
          metadata?: { generation?: number };
        };
        return (
          status?.observedGeneration === metadata?.generation &&
          status?.updatedReplicas === 1 &&
          status.replicas === 1 &&
          status.readyReplicas === 1
        );
      },
    );
    expect(old.size).toBeGreaterThan(0);
  });

  test("callers see about half of the requests fail", async () => {
    await enact(company.mesh, release([100, 0], "\n      retry: { attempts: 0 }"));
    const answers = await company.ask(sleep, history, "--count", "40");
    const failed = count(
      answers.map(({ status }) => status),
      500,
    );
    expect(failed).toBeGreaterThan(12);
    expect(failed).toBeLessThan(28);
  });

  test("with retries they see almost none, and the retries are counted", async () => {
    await enact(
      company.mesh,
      release([100, 0], "\n      retry: { attempts: 3, backoff: 10ms, codes: [500, 502, 503, 504] }"),
    );
    const answers = await company.ask(sleep, history, "--count", "40");
    expect(
      count(
        answers.map(({ status }) => status),
        500,
      ),
    ).toBeLessThanOrEqual(2);
    await counted(({ cluster, retries }) => cluster.includes("purchase-history-v1") && retries > 0);
  });

  test("a retry budget stops a storm: when nothing succeeds, retries stay a share of the requests", async () => {
    const budget = `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: purchase-history-v1, namespace: purchase-history }
spec:
  host: purchase-history-v1.purchase-history.svc.cluster.local
  trafficPolicy: { retryBudget: { percent: 20, minRetryConcurrency: 1 } }
`;
    await enact(company.mesh, budget);
    const answers = await company.ask(sleep, history, "--count", "60", "--concurrency", "20");
    expect(answers).toHaveLength(60);
    await company.mesh.collector.until(
      ({ batches }) => batches.flatMap(({ clusters }) => clusters).find(({ retriesForbidden }) => retriesForbidden > 0),
      "retries that the budget forbade",
    );
    await retract(company.mesh, budget);
  });

  test("a breaker ejects the failing pod, callers get 503 with nothing left, and it is taken back", async () => {
    await enact(company.mesh, release([100, 0], "\n      retry: { attempts: 0 }"));
    const breaker = `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: purchase-history-v1, namespace: purchase-history }
spec:
  host: purchase-history-v1.purchase-history.svc.cluster.local
  trafficPolicy:
    outlierDetection: { consecutive5xxErrors: 1, interval: 1s, baseEjectionTime: 2s, maxEjectionPercent: 100 }
`;
    await enact(company.mesh, breaker);
    const answers = await company.ask(sleep, history, "--count", "10");
    expect(answers.some(({ status }) => status === 503)).toBe(true);
    await counted(({ cluster, ejections }) => cluster.includes("purchase-history-v1") && ejections > 0);
    const deadline = performance.now() + 15_000;
    let status = 503;
    while (status === 503 && performance.now() < deadline) {
      [status = 503] = (await company.ask(sleep, history)).map((answer) => answer.status);
    }
    expect(status).not.toBe(503);
    await retract(company.mesh, breaker);
  });
});

describe("time", () => {
  test("a slow upstream is given up after the timeout with 504", async () => {
    await giveWaypoint(company.mesh, "default", ["httpbin"]);
    const route = `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: httpbin, namespace: default }
spec:
  parentRefs: [{ group: "", kind: Service, name: httpbin, port: 8000 }]
  rules: [{ timeouts: { request: 1s }, backendRefs: [{ name: httpbin, port: 8000 }] }]
`;
    await enact(company.mesh, route);
    const [slow] = await company.ask(sleep, "http://httpbin.default:8000/delay/5");
    expect(slow).toMatchObject({ status: 504, body: "upstream request timeout" });
    expect(slow?.ms).toBeGreaterThanOrEqual(950);
    expect(slow?.ms).toBeLessThan(2_500);
    expect(await company.status("http://httpbin.default:8000/get")).toBe(200);
    await retract(company.mesh, route);
  });

  test("faults are injected where they are asked for, and an HTTPRoute on the host makes the VirtualService void", async () => {
    const fault = `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: httpbin-fault, namespace: default }
spec:
  hosts: [httpbin.default.svc.cluster.local]
  http:
    - match: [{ headers: { x-fault: { exact: abort } } }]
      fault: { abort: { percentage: { value: 100 }, httpStatus: 418 } }
      route: [{ destination: { host: httpbin.default.svc.cluster.local } }]
    - match: [{ headers: { x-fault: { exact: delay } } }]
      fault: { delay: { percentage: { value: 100 }, fixedDelay: 0.5s } }
      route: [{ destination: { host: httpbin.default.svc.cluster.local } }]
    - route: [{ destination: { host: httpbin.default.svc.cluster.local } }]
`;
    await enact(company.mesh, fault);
    const url = "http://httpbin.default:8000/get";
    expect(await company.status(url, "-H", "x-fault: abort")).toBe(418);
    const [delayed] = await company.ask(sleep, url, "-H", "x-fault: delay");
    expect(delayed?.status).toBe(200);
    expect(delayed?.ms).toBeGreaterThanOrEqual(480);
    expect(await company.status(url)).toBe(200);

    const route = `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: httpbin, namespace: default }
spec:
  parentRefs: [{ group: "", kind: Service, name: httpbin, port: 8000 }]
  rules: [{ backendRefs: [{ name: httpbin, port: 8000 }] }]
`;
    await enact(company.mesh, route);
    expect(await company.status(url, "-H", "x-fault: abort")).toBe(200);
    const virtualService = await company.mesh.until(
      refOf({ apiVersion: "networking.istio.io/v1", kind: "VirtualService" }),
      { namespace: "default", name: "httpbin-fault" },
      (object) => conditionsOf(object).some(({ reason }) => reason === "RouteConflict"),
    );
    expect(conditionsOf(virtualService)).toContainEqual(
      expect.objectContaining({ type: "towpath.dev/Effective", status: "False", reason: "RouteConflict" }),
    );
    await retract(company.mesh, fault);
    await retract(company.mesh, route);
  });
});
