import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { KubeObject } from "../mesh-runtime/api/meta.ts";
import type { ResourceRef } from "../mesh-runtime/kube-client/resource.ts";
import { Company } from "./company.ts";
import { conditionsOf, enact, hasCondition, manifests, retract } from "./manifests.ts";
import { refOf } from "./mesh.ts";
import type { WithConditions } from "./workloads.ts";

const ref = (apiVersion: string, kind: string) => refOf({ apiVersion, kind }) as ResourceRef<WithConditions>;
const gatewayRef = ref("gateway.networking.k8s.io/v1", "Gateway");
const entryRef = ref("networking.istio.io/v1", "ServiceEntry");
const deploymentRef = ref("apps/v1", "Deployment");

const sleep = { namespace: "default", app: "sleep" };
const stranger = { namespace: "web-api", app: "web-api" };
const ledger = "http://ledger.example";

let company: Company;
let outside: Server;
let port: number;
const seen: string[] = [];

const entry = (): string => `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: ledger, namespace: istio-egress, labels: { istio.io/use-waypoint: egress } }
spec:
  hosts: [ledger.example]
  location: MESH_EXTERNAL
  resolution: STATIC
  ports: [{ number: 80, name: http, protocol: HTTP }, { number: 443, name: tls, protocol: TLS }]
  endpoints: [{ address: 127.0.0.1, ports: { http: ${port}, tls: ${port} } }]
`;

const callers = `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: ledger-callers, namespace: istio-egress }
spec:
  targetRefs: [{ group: networking.istio.io, kind: ServiceEntry, name: ledger }]
  action: ALLOW
  rules: [{ from: [{ source: { serviceAccounts: [default/sleep] } }] }]
`;

const mode = (value: string): string => `
apiVersion: v1
kind: ConfigMap
metadata: { name: istio, namespace: istio-system }
data: { mesh: "outboundTrafficPolicy: { mode: ${value} }" }
`;

beforeAll(async () => {
  outside = createServer((request, response) => {
    seen.push(`${request.headers.host}${request.url}`);
    response.end("outside");
  });
  await new Promise<void>((resolve) => outside.listen(0, "127.0.0.1", resolve));
  ({ port } = outside.address() as AddressInfo);
  company = await Company.start();
  await company.mesh.apply(
    ...manifests(`
apiVersion: v1
kind: Namespace
metadata: { name: istio-egress }
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: egress, namespace: istio-egress }
spec:
  gatewayClassName: istio-waypoint
  listeners: [{ name: mesh, port: 15008, protocol: HBONE, allowedRoutes: { namespaces: { from: All } } }]
`),
  );
  await company.mesh.until(gatewayRef, { namespace: "istio-egress", name: "egress" }, (object) =>
    hasCondition(object, "Programmed"),
  );
  // Rules first: there is no moment at which everybody may call.
  await company.mesh.apply(...manifests(callers));
  await enact(company.mesh, entry());
  await enact(company.mesh, callers);
});
afterAll(async () => {
  await company?.[Symbol.asyncDispose]();
  outside?.closeAllConnections();
  outside?.close();
});

const statusOf = async (from: typeof sleep, url: string): Promise<number> =>
  (await company.ask(from, url))[0]?.status ?? 0;

/** Asks until the answer is as wanted: a ConfigMap has no status that tells when agents heard of it. */
async function untilStatus(from: typeof sleep, url: string, wanted: number): Promise<void> {
  const deadline = performance.now() + 20_000;
  let last = 0;
  while (last !== wanted) {
    if (performance.now() > deadline) {
      throw new Error(`${url} answers ${last}, not ${wanted}`);
    }
    last = await statusOf(from, url);
  }
}

describe("a destination outside behind an egress waypoint", () => {
  test("is bound and has virtual addresses", async () => {
    const found = await company.mesh.until(entryRef, { namespace: "istio-egress", name: "ledger" }, (object) =>
      hasCondition(object, "istio.io/WaypointBound"),
    );
    expect(conditionsOf(found)).toContainEqual(
      expect.objectContaining({
        type: "istio.io/WaypointBound",
        reason: "WaypointAccepted",
        message: "Successfully attached to waypoint istio-egress/egress",
      }),
    );
    const { addresses } = (found?.status ?? {}) as { addresses?: { value: string; host: string }[] };
    expect(addresses).toEqual([
      { value: "240.240.0.1", host: "ledger.example" },
      { value: "2001:2::1", host: "ledger.example" },
    ]);
    const policy = await company.mesh.client.get(ref("security.istio.io/v1", "AuthorizationPolicy"), {
      namespace: "istio-egress",
      name: "ledger-callers",
    });
    expect(conditionsOf(policy)).toContainEqual(
      expect.objectContaining({ type: "WaypointAccepted", message: "bound to istio-egress/egress" }),
    );
  });

  test("is reached by who is allowed, by its name and by its virtual address", async () => {
    expect(await statusOf(sleep, `${ledger}/a`)).toBe(200);
    expect(await statusOf(sleep, "http://240.240.0.1/b")).toBe(200);
    expect(seen.filter((line) => /\/[ab]$/.test(line))).toEqual(["ledger.example/a", "240.240.0.1/b"]);
    const edge = await company.mesh.collector.until(
      ({ batches }) =>
        batches
          .flatMap(({ requests }) => requests)
          .find(({ labels }) => labels.reporter === "waypoint" && labels.destination_service === "ledger.example"),
      "the edge to the outside",
    );
    expect(edge.labels).toMatchObject({
      source_workload: "sleep",
      destination_service_name: "ledger.example",
      destination_service_namespace: "istio-egress",
      destination_workload: "unknown",
      connection_security_policy: "mutual_tls",
    });
  });

  test("is not reached by others: 403 for HTTP, with the reason", async () => {
    expect(await statusOf(stranger, `${ledger}/stranger`)).toBe(403);
    expect(seen.some((line) => line.includes("stranger"))).toBe(false);
    const denial = await company.mesh.collector.until(
      ({ denials }) => denials.find(({ path }) => path === "/stranger"),
      "the refusal at the waypoint",
    );
    expect(denial).toMatchObject({
      hop: "waypoint",
      reason: "no-allow-policy-matched",
      policy: "istio-egress/ledger-callers",
      labels: { destination_service: "ledger.example", source_workload: "web-api" },
    });
  });

  test("at a port that is no HTTP, bytes pass for who is allowed and others are cut off", async () => {
    expect(await statusOf(sleep, `${ledger}:443/tls`)).toBe(200);
    expect(await statusOf(stranger, `${ledger}:443/tls-stranger`)).toBe(503);
    expect(seen.some((line) => line.includes("tls-stranger"))).toBe(false);
  });

  test("is not reached at a port that is not listed", async () => {
    expect(await statusOf(sleep, `${ledger}:81/`)).toBe(502);
  });

  test("is not looked for on this machine, whatever its name resolves to", async () => {
    await enact(
      company.mesh,
      `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: rebind, namespace: istio-egress, labels: { istio.io/use-waypoint: egress } }
spec:
  hosts: [rebind.example]
  resolution: DNS
  ports: [{ number: 80, name: http, protocol: HTTP }]
  endpoints: [{ address: localhost, ports: { http: ${port} } }]
`,
    );
    expect(await statusOf(sleep, "http://rebind.example/rebound")).toBe(503);
    expect(seen.some((line) => line.includes("rebound"))).toBe(false);
  });
});

describe("where only listed destinations may be called", () => {
  test("an unlisted one is refused with a reason, a listed one is called", async () => {
    await company.mesh.apply(...manifests(mode("REGISTRY_ONLY")));
    await untilStatus(sleep, "http://unlisted.example/", 403);
    expect(await statusOf(sleep, "http://198.51.100.7/")).toBe(403);
    expect(await statusOf(sleep, `${ledger}/listed`)).toBe(200);
    expect(await company.status("http://httpbin.default:8000/get")).toBe(200);
    const denial = await company.mesh.collector.until(
      ({ denials }) =>
        denials.find(
          ({ reason, labels }) =>
            reason === "destination-not-listed" && labels.destination_service === "unlisted.example",
        ),
      "the refusal at the agent",
    );
    expect(denial).toMatchObject({ hop: "agent", answer: 403, labels: { source_workload: "sleep" } });
  });
});

describe("an egress waypoint without a pod", () => {
  const deployment = { namespace: "istio-egress", name: "egress" };
  const scale = (replicas: number): Promise<unknown> =>
    company.mesh.client.patch(deploymentRef, deployment, { type: "merge", body: { spec: { replicas } } });
  const has = (replicas: number) => (object: KubeObject | undefined) =>
    ((object as { status?: { readyReplicas?: number } })?.status?.readyReplicas ?? 0) === replicas;

  test("lets nobody out, and nobody past it", async () => {
    await scale(0);
    await company.mesh.until(deploymentRef, deployment, has(0));
    await untilStatus(sleep, `${ledger}/closed`, 503);
    expect(seen.some((line) => line.includes("closed"))).toBe(false);
    await scale(1);
    await company.mesh.until(deploymentRef, deployment, has(1));
    await untilStatus(sleep, `${ledger}/open-again`, 200);
  });

  test("that is gone closes its destinations where only listed ones may be called", async () => {
    await company.mesh.client.delete(gatewayRef, { namespace: "istio-egress", name: "egress" });
    await company.mesh.until(entryRef, { namespace: "istio-egress", name: "ledger" }, (object) =>
      hasCondition(object, "istio.io/WaypointBound", "False"),
    );
    await untilStatus(stranger, `${ledger}/gone`, 503);
    expect(seen.some((line) => line.includes("gone"))).toBe(false);
  });

  test("leaves the way straight there otherwise, as Istio does", async () => {
    await company.mesh.apply(...manifests(mode("ALLOW_ANY")));
    await untilStatus(stranger, `${ledger}/straight`, 200);
    await retract(company.mesh, entry());
  });
});
