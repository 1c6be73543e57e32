import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { encodeLogs, encodeMetrics } from "@/mesh-runtime/api/otlp.ts";
import { durationBoundsMs, type TelemetryBatch } from "@/mesh-runtime/api/telemetry.ts";
import type { Cluster, TokenReview } from "@/server/cluster/cluster.ts";
import { ClusterError } from "@/server/cluster/errors.ts";
import { PortalError } from "@/server/errors.ts";
import type { Portal } from "@/server/portal.ts";
import { collect, pushTime } from "./collector.ts";
import { TelemetryMemory } from "./memory.ts";
import { Reporters } from "./proxy-identity.ts";
import { labels } from "./sample.suite.ts";

const users: Record<string, Partial<TokenReview>> = {
  agent: { username: "system:serviceaccount:istio-system:ztunnel", nodeName: "node-a" },
  gateway: { username: "system:serviceaccount:istio-ingress:ingress-istio", podName: "ingress-istio-1" },
  workload: { username: "system:serviceaccount:web-api:web-api", podName: "web-api-1" },
};

function harness() {
  let reviews = 0;
  const cluster = {
    async reviewToken(token: string, audience: string): Promise<TokenReview> {
      reviews++;
      if (token === "unreachable") {
        throw new ClusterError("unreachable", 0, "gone");
      }
      const user = users[token];
      return {
        authenticated: user !== undefined && audience === "towpath-telemetry",
        username: "",
        podName: "",
        nodeName: "",
        ...user,
      };
    },
    list: () => [
      {
        metadata: {
          name: "ingress-istio-1",
          namespace: "istio-ingress",
          labels: { "gateway.networking.k8s.io/gateway-name": "ingress" },
        },
        spec: { serviceAccountName: "ingress-istio" },
      },
    ],
  } as unknown as Cluster;
  const telemetry = new TelemetryMemory();
  const portal = { telemetry, reporters: new Reporters(cluster) } as unknown as Portal;
  return { portal, telemetry, reviews: () => reviews };
}

const batch = (more: Partial<TelemetryBatch> = {}): TelemetryBatch => ({
  proxy: "ztunnel~node-a",
  node: "node-a",
  batch: "1-1",
  requests: [
    {
      labels: labels("default/sleep", "web-api/web-api"),
      responseCode: 200,
      responseFlags: "-",
      count: 3,
      durationSumMs: 12,
      durationBuckets: durationBoundsMs.map((_, index) => (index === 3 ? 3 : 0)).concat(0),
      requestBytes: 10,
      responseBytes: 20,
    },
  ],
  connections: [],
  denials: [],
  shapes: [],
  access: [],
  secured: [],
  clusters: [],
  shadows: [],
  copies: [],
  names: [],
  spans: [],
  status: [],
  ...more,
});

const now = Date.now();
const push = (
  body: BodyInit,
  { token = "agent", ...headers }: Record<string, string> & { token?: string } = {},
): Request =>
  new Request("http://127.0.0.1/v1/metrics", {
    method: "POST",
    headers: { ...(token === "" ? {} : { authorization: `Bearer ${token}` }), ...headers },
    body,
  });
const metrics = (of: TelemetryBatch, unixMs = now): string => JSON.stringify(encodeMetrics(of, unixMs));
const counted = (telemetry: TelemetryMemory): number =>
  [...telemetry.requests.sum(now - 60_000, now + 60_000).values()].reduce((sum, { counts }) => sum + counts.count, 0);
const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => "taken",
    (error: unknown) => (error instanceof PortalError ? error.code : String(error)),
  );

describe("collector", () => {
  test("takes a push, compressed or not, and a batch that comes twice only once", async () => {
    const { portal, telemetry } = harness();
    await collect(portal, "metrics", push(metrics(batch())));
    await collect(portal, "metrics", push(metrics(batch())));
    await collect(portal, "metrics", push(gzipSync(metrics(batch({ batch: "1-2" }))), { "content-encoding": "gzip" }));
    expect(counted(telemetry)).toBe(6);
  });

  test("puts a push that was kept for a while into its own second", async () => {
    const { portal, telemetry } = harness();
    await collect(portal, "metrics", push(metrics(batch(), now - 90_000)));
    expect(counted(telemetry)).toBe(0);
    expect(telemetry.requests.sum(now - 91_000, now - 88_000).size).toBe(1);
    expect(pushTime(encodeLogs(batch({ shapes: [] }), now))).toBeUndefined();
  });

  test.each([
    ["no token", { token: "" }, {}, "unauthenticated"],
    ["a token that is not valid", { token: "made-up" }, {}, "unauthenticated"],
    ["a workload's token", { token: "workload" }, { proxy: "web-api-1.web-api" }, "forbidden"],
    [
      "an agent that speaks for another node",
      { token: "agent" },
      { proxy: "ztunnel~node-b", node: "node-b" },
      "forbidden",
    ],
    ["an agent that speaks for a gateway", { token: "agent" }, { proxy: "ingress-istio-1.istio-ingress" }, "forbidden"],
    ["a gateway that speaks for another pod", { token: "gateway" }, { proxy: "other-1.istio-ingress" }, "forbidden"],
    ["a gateway that speaks for itself", { token: "gateway" }, { proxy: "ingress-istio-1.istio-ingress" }, "taken"],
    ["an API that does not answer", { token: "unreachable" }, {}, "cluster-unreachable"],
    ["an unknown encoding", { token: "agent", "content-encoding": "br" }, {}, "invalid-input"],
  ])("meets %s", async (_what, headers, more, code) => {
    const { portal, telemetry } = harness();
    expect(await codeOf(collect(portal, "metrics", push(metrics(batch(more)), headers)))).toBe(code);
    expect(counted(telemetry)).toBe(code === "taken" ? 3 : 0);
  });

  test.each([
    ["{", "invalid-input"],
    ['{"resourceMetrics":[{}]}', "invalid-input"],
    [`"${"x".repeat(5 * 1024 * 1024)}"`, "too-large"],
  ])("refuses a body that it cannot read (%#)", async (body, code) => {
    const { portal } = harness();
    expect(await codeOf(collect(portal, "metrics", push(body)))).toBe(code);
  });

  test("refuses what unpacks to too much", async () => {
    const { portal } = harness();
    const bomb = gzipSync(Buffer.alloc(40 * 1024 * 1024));
    expect(await codeOf(collect(portal, "metrics", push(bomb, { "content-encoding": "gzip" })))).toBe("invalid-input");
  });

  test("asks about a token once, not for every push", async () => {
    const { portal, reviews } = harness();
    for (let index = 0; index < 5; index++) {
      await collect(portal, "metrics", push(metrics(batch({ batch: `1-${index}` }))));
    }
    expect(reviews()).toBe(1);
  });
});

describe("mutual TLS since when", () => {
  const secured = (timeUnixMs: number): TelemetryBatch["secured"][number] => ({
    timeUnixMs,
    sourcePrincipal: "spiffe://cluster.local/ns/default/sa/sleep",
    destinationPrincipal: "spiffe://cluster.local/ns/web-api/sa/web-api",
    sourceWorkload: "sleep",
    sourceNamespace: "default",
    destinationWorkload: "web-api",
    destinationNamespace: "web-api",
    tlsVersion: "TLSv1.3",
    cipher: "TLS_AES_256_GCM_SHA384",
    sourceCertificate: { serial: "1", notBeforeUnixMs: 0, notAfterUnixMs: 1 },
    destinationCertificate: { serial: "2", notBeforeUnixMs: 0, notAfterUnixMs: 1 },
    connections: 1,
  });
  const plain = (name: string): TelemetryBatch =>
    batch({
      batch: name,
      requests: batch().requests.map((request) => ({
        ...request,
        labels: { ...request.labels, connection_security_policy: "none" },
      })),
    });

  test("stays while it is repeated, and begins anew after plain text", () => {
    const memory = new TelemetryMemory();
    const since = (): number | undefined => [...memory.secured.values()][0]?.sinceUnixMs;
    memory.take("logs", batch({ batch: "a", requests: [], secured: [secured(now - 50_000)] }), now, now);
    memory.take("logs", batch({ batch: "b", requests: [], secured: [secured(now - 40_000)] }), now, now);
    expect(since()).toBe(now - 50_000);
    memory.take("metrics", plain("c"), now - 30_000, now);
    memory.take("logs", batch({ batch: "d", requests: [], secured: [secured(now - 20_000)] }), now, now);
    expect(since()).toBe(now - 20_000);
  });
});
