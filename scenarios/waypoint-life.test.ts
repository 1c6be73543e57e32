import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { KubeObject } from "../mesh-runtime/api/meta.ts";
import { Company } from "./company.ts";
import { conditionsOf, enact, giveWaypoint, hasCondition, manifests } from "./manifests.ts";
import { refOf } from "./mesh.ts";
import type { Answer } from "./pod-session.ts";
import { serviceRef } from "./workloads.ts";

const url = "http://httpbin.default:8000/get";
const sleep = { namespace: "default", app: "sleep" };
const deploymentRef = refOf({ apiVersion: "apps/v1", kind: "Deployment" });
let company: Company;
beforeAll(async () => {
  company = await Company.start();
  await giveWaypoint(company.mesh, "default", ["httpbin", "sleep"]);
  await enact(
    company.mesh,
    `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: httpbin-allow, namespace: default }
spec:
  targetRefs: [{ group: "", kind: Service, name: httpbin }]
  rules: [{ from: [{ source: { serviceAccounts: [default/sleep] } }], to: [{ operation: { methods: [GET] } }] }]
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: httpbin-only-waypoint, namespace: default }
spec:
  selector: { matchLabels: { app: httpbin } }
  rules: [{ from: [{ source: { serviceAccounts: [default/waypoint] } }] }]
`,
  );
});
afterAll(async () => {
  await company?.[Symbol.asyncDispose]();
});

const statuses = (answers: readonly Answer[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const { status } of answers) {
    counts[status] = (counts[status] ?? 0) + 1;
  }
  return counts;
};

const waypointPods = async (): Promise<readonly KubeObject[]> =>
  (await company.pods("default")).filter(
    ({ metadata }) => metadata?.labels?.["gateway.networking.k8s.io/gateway-name"] === "waypoint",
  );

const rolledOut = (replicas: number) => (object: KubeObject | undefined) => {
  const { status, metadata } = (object ?? {}) as {
    status?: {
      observedGeneration?: number;
      updatedReplicas?: number;
      replicas?: number;
      readyReplicas?: number;
      availableReplicas?: number;
    };
    metadata?: { generation?: number };
  };
  return (
    status?.observedGeneration === metadata?.generation &&
    status?.updatedReplicas === replicas &&
    status.replicas === replicas &&
    status.readyReplicas === replicas
  );
};

const deployment = { namespace: "default", name: "waypoint" };
const patchDeployment = (spec: object): Promise<unknown> =>
  company.mesh.client.patch(deploymentRef, deployment, { type: "merge", body: { spec } });

describe("a waypoint's life", () => {
  test("several replicas share the calls, and each enforces", async () => {
    await patchDeployment({ replicas: 2 });
    await company.mesh.until(deploymentRef, deployment, rolledOut(2));
    const answers = await company.ask(sleep, url, "--count", "60", "--concurrency", "4");
    expect(statuses(answers)).toEqual({ 200: 60 });
    expect(statuses(await company.ask(sleep, url, "--count", "20", "-X", "POST"))).toEqual({ 403: 20 });
    const names = (await waypointPods()).map(({ metadata }) => `${metadata?.name}.default`);
    const { collector } = company.mesh;
    const counted = (): boolean =>
      names.every((proxy) => collector.batches.some((batch) => batch.proxy === proxy && batch.requests.length > 0));
    // Callers prefer the waypoint of their zone, so all of them call; who may not is refused there, which counts too.
    const callers = ["web-api", "recommendation", "purchase-history"].map((app) => ({ namespace: app, app }));
    const deadline = performance.now() + 15_000;
    while (!counted()) {
      expect(performance.now()).toBeLessThan(deadline);
      for (const caller of [sleep, ...callers]) {
        await company.ask(caller, url, "--count", "20", "--concurrency", "4");
      }
    }
    expect(names).toHaveLength(2);
  });

  test("a rolling restart under load fails no request", async () => {
    const load = company.ask(sleep, url, "--count", "1000", "--concurrency", "4");
    await patchDeployment({ template: { metadata: { annotations: { "kubectl.kubernetes.io/restartedAt": "now" } } } });
    await company.mesh.until(deploymentRef, deployment, rolledOut(2), 60_000);
    const after = await company.ask(sleep, url, "--count", "50", "--concurrency", "4");
    expect(statuses(await load)).toEqual({ 200: 1000 });
    expect(statuses(after)).toEqual({ 200: 50 });
  });

  test("a pod that is deleted under load comes back by itself; calls go to the other", async () => {
    const [victim] = await waypointPods();
    const load = company.ask(sleep, url, "--count", "600", "--concurrency", "4");
    await company.mesh.client.delete(refOf({ apiVersion: "v1", kind: "Pod" }), {
      namespace: "default",
      name: victim?.metadata?.name ?? "",
    });
    await company.mesh.until(deploymentRef, deployment, rolledOut(2), 60_000);
    expect(statuses(await load)).toEqual({ 200: 600 });
  });

  test("without any pod nobody gets to the service, and nobody gets round", async () => {
    await patchDeployment({ replicas: 0 });
    await company.mesh.until(deploymentRef, deployment, rolledOut(0), 60_000);
    const deadline = performance.now() + 10_000;
    let last: Answer | undefined;
    do {
      [last] = await company.ask(sleep, url);
    } while (last?.status === 200 && performance.now() < deadline);
    expect(last?.status).toBe(503);
    const [pod] = await company.pods("default", "httpbin");
    expect(await company.status(`http://${pod?.status?.podIP}:8000/get`)).toBe(503);
    await patchDeployment({ replicas: 1 });
    await company.mesh.until(deploymentRef, deployment, rolledOut(1), 60_000);
  });

  test("deleting the Gateway unbinds the service, says so, and the guard keeps it closed", async () => {
    await company.mesh.delete(
      manifests(
        "apiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: { name: waypoint, namespace: default }",
      )[0] ?? {},
    );
    const service = await company.mesh.until(serviceRef, { namespace: "default", name: "httpbin" }, (object) =>
      hasCondition(object, "istio.io/WaypointBound", "False"),
    );
    expect(conditionsOf(service)).toContainEqual(
      expect.objectContaining({ reason: "WaypointIsNotReady", message: 'waypoint "default/waypoint" is not ready' }),
    );
    const deadline = performance.now() + 10_000;
    let status = 0;
    do {
      status = await company.status(url);
    } while (status === 200 && performance.now() < deadline);
    expect(status).toBe(503);
  });

  test("and a new one takes over where the old one was, without another write", async () => {
    await giveWaypoint(company.mesh, "default", ["httpbin"]);
    const deadline = performance.now() + 10_000;
    let status = 0;
    do {
      status = await company.status(url);
    } while (status !== 200 && performance.now() < deadline);
    expect(status).toBe(200);
    expect(await company.status(url, "-X", "POST")).toBe(403);
  });
});
