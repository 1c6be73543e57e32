import { afterAll, beforeAll, expect, test } from "vitest";
import { managed } from "@/server/golden-paths/resource.ts";
import { readEntry } from "./receipt-entry.ts";
import { dana, giveWaypoint, lock, TestChanges } from "./test-changes.suite.ts";

let company: TestChanges;
beforeAll(async () => {
  company = await TestChanges.start();
}, 60_000);
afterAll(() => company.close(), 60_000);

const classLock = () => company.policy("deny-all-istio-waypoint", "istio-system");

test("under a mesh-wide lock-down a team gives itself its first waypoint, which is locked already", async () => {
  const locked = { ...lock(), scope: "mesh" as const, namespaces: [] };
  await company.done(await company.apply("lock-down", locked, { confirmation: "mesh" }));
  expect(await classLock()).toMatchObject({
    spec: { targetRefs: [{ kind: "GatewayClass", name: "istio-waypoint" }] },
  });
  const change = await company.apply("give-a-waypoint", giveWaypoint("web-api"), { by: dana });
  expect(change).toMatchObject({ namespaces: ["web-api"], approvals: [] });
  expect(await company.done(change)).toMatchObject({ state: "verified" });
  expect(await classLock()).toBeDefined();
}, 60_000);

test("a lock for waypoints of which there is none is in force as it is accepted, one that a waypoint reads is not", async () => {
  const after = managed("AuthorizationPolicy", "istio-system", "lock", [], {
    targetRefs: [{ group: "gateway.networking.k8s.io", kind: "GatewayClass", name: "istio-waypoint" }],
  });
  const ref = { apiVersion: after.apiVersion, kind: after.kind, namespace: "istio-system", name: "lock" };
  const entry = (gateways: readonly object[]) => {
    const cluster = { get: () => undefined, list: () => gateways } as unknown as typeof company.cluster;
    const step = { ref, before: undefined, after };
    return readEntry({ step, generation: 1, atUnixMs: 0 }, { ...company.deps, cluster, target: "embedded" }, 0, 1);
  };
  expect(entry([]).status).toBe("True");
  expect(entry([{ spec: { gatewayClassName: "istio" } }]).status).toBe("True");
  expect(entry([{ spec: { gatewayClassName: "istio-waypoint" } }]).status).toBe("Unknown");
});
