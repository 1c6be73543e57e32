import { expect, test } from "vitest";
import type { ClusterDelta } from "@/mesh-runtime/api/telemetry.ts";
import { trafficGraph } from "@/server/contracts/traffic.ts";
import { sampleInventory } from "@/server/inventory/sample.suite.ts";
import { TelemetryMemory } from "@/server/telemetry/memory.ts";
import { labels, requests } from "@/server/telemetry/sample.suite.ts";
import { buildGraph } from "./build-graph.ts";
import type { TrafficRecords } from "./edge-totals.ts";

const now = 10_000_000_000;
const hostOf = (name: string, namespace: string) => ({
  service: `${name}.${namespace}.svc.cluster.local`,
  serviceNamespace: namespace,
});

/** A push of the waypoint in front of httpbin: what was copied, and to whom. */
const told = (to: ReturnType<typeof hostOf>, copiesOf: ClusterDelta["copiesOf"]): ClusterDelta => ({
  timeUnixMs: now,
  cluster: `${to.serviceNamespace}/${to.service}|8080|`,
  ...to,
  retries: 0,
  retriesSucceeded: 0,
  retriesForbidden: 0,
  timeouts: 0,
  overflows: 0,
  rateLimited: 0,
  faultsInjected: 0,
  mirrored: (copiesOf ?? []).reduce((sum, { count }) => sum + count, 0),
  copiesOf,
  ejections: 0,
  ejected: [],
  endpoints: 1,
  activeRequests: 0,
});

function graphOf(clusters: readonly ClusterDelta[], records: Partial<TrafficRecords> = {}) {
  const memory = new TelemetryMemory();
  const none = {
    requests: [],
    connections: [],
    denials: [],
    shapes: [],
    access: [],
    secured: [],
    shadows: [],
    copies: [],
    names: [],
  };
  for (const delta of clusters) {
    const batch = { proxy: "waypoint-1.default", node: "node-a", batch: "", ...none, spans: [], status: [] };
    memory.take("logs", { ...batch, clusters: [delta] }, now - 1_000, now);
  }
  return trafficGraph.parse(
    buildGraph({
      inventory: sampleInventory({ enrolled: ["default"], waypoint: "default" }),
      teamOf: () => "",
      isAuthorized: () => false,
      records: { requests: [], connections: [], denials: [], ...records },
      copies: memory.copies.sum(now - 10_000, now + 1).values(),
      ejected: new Map(),
      windowSeconds: 10,
      endUnixMs: now,
      newestUnixMs: now,
      revision: 1,
    }),
  );
}

const httpbin = hostOf("httpbin", "default");
const webApi = hostOf("web-api", "web-api");

test("copies are an edge from the service that was called to the one that gets them, and no traffic", () => {
  const graph = graphOf([told(webApi, [{ ...httpbin, count: 3 }]), told(webApi, [{ ...httpbin, count: 2 }])]);
  expect(graph.edges).toMatchObject([
    { from: "default/httpbin", to: "web-api/web-api", copies: 5, copiesPerSecond: 0.5, count: 0, rps: 0, denied: 0 },
  ]);
  expect(graph.edges[0]).toMatchObject({ errorShare: 0, mtlsShare: null });
  expect(graph.totals).toMatchObject({ rps: 0, errorShare: 0 });
  expect(graph.nodes.find(({ id }) => id === "web-api/web-api")).toMatchObject({ rpsIn: 0, errorShare: 0 });
});

test("beside real calls they are on the same edge, and change none of its figures", () => {
  const call = {
    identity: {
      labels: labels("default/httpbin", "web-api/web-api"),
      responseCode: 200,
      responseFlags: "-" as const,
    },
    counts: requests(10),
  };
  const alone = graphOf([], { requests: [call] }).edges;
  const both = graphOf([told(webApi, [{ ...httpbin, count: 4 }])], { requests: [call] }).edges;
  expect(both).toEqual(alone.map((edge) => ({ ...edge, copies: 4, copiesPerSecond: 0.4 })));
});

test("copies to another version of the same service, and of services that are gone, are no edge", () => {
  const graph = graphOf([
    told(hostOf("httpbin", "default"), [{ ...httpbin, count: 3 }]),
    told(webApi, [{ ...hostOf("gone", "default"), count: 3 }]),
  ]);
  expect(graph.edges).toEqual([]);
});
