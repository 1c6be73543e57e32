import { describe, expect, test } from "vitest";
import type { GraphEdge, TrafficGraph } from "@/server/contracts/traffic.ts";
import { trafficGraph } from "@/server/contracts/traffic.ts";
import { sampleInventory } from "@/server/inventory/sample.suite.ts";
import type { DenialIdentity, RequestIdentity } from "@/server/telemetry/records.ts";
import { labels, requests } from "@/server/telemetry/sample.suite.ts";
import { buildGraph } from "./build-graph.ts";
import type { TrafficRecords } from "./edge-totals.ts";

const build = (records: Partial<TrafficRecords>): TrafficGraph =>
  trafficGraph.parse(
    buildGraph({
      inventory: sampleInventory({ enrolled: ["web-api"], waypoint: "default" }),
      teamOf: (namespace) => (namespace === "web-api" ? "web-api" : ""),
      isAuthorized: () => false,
      records: { requests: [], connections: [], denials: [], ...records },
      copies: [],
      ejected: new Map(),
      windowSeconds: 10,
      endUnixMs: 100_000,
      newestUnixMs: 99_000,
      revision: 1,
    }),
  );

const request = (
  from: string | undefined,
  to: string,
  count: number,
  more: Parameters<typeof labels>[2] & { code?: number; flags?: RequestIdentity["responseFlags"] } = {},
): { identity: RequestIdentity; counts: ReturnType<typeof requests> } => {
  const { code = 200, flags = "-", ...rest } = more;
  return {
    identity: { labels: labels(from, to, rest), responseCode: code, responseFlags: flags },
    counts: requests(count),
  };
};

const denial = (from: string | undefined, to: string, count: number): NonNullable<ReturnType<typeof toDenial>> =>
  toDenial(from, to, count);
const toDenial = (from: string | undefined, to: string, count: number) => ({
  identity: {
    labels: labels(from, to, { reporter: "destination", request_protocol: "tcp" }),
    hop: "agent",
    node: "node-a",
    reason: "no-allow-policy-matched",
    policy: "web-api/deny-all",
    rule: -1,
    attribute: "none",
    evaluated: [],
    destinationPort: 8080,
    method: "",
    path: "",
    host: "",
    answer: 0,
  } as DenialIdentity,
  counts: { count, lastUnixMs: 99_000, sourceIp: "", sourcePod: "", destinationPod: "" },
});

const edge = (graph: TrafficGraph, from: string, to: string): GraphEdge | undefined =>
  graph.edges.find((candidate) => candidate.from === from && candidate.to === to);

describe("traffic graph", () => {
  test("draws one edge for the layer 4 and the layer 7 view of the same traffic", () => {
    const graph = build({
      requests: [request("web-api/web-api", "recommendation/recommendation", 40)],
      connections: [
        {
          identity: {
            labels: labels("web-api/web-api", "recommendation/recommendation", {
              reporter: "destination",
              request_protocol: "tcp",
            }),
            responseFlags: "-",
          },
          counts: { opened: 2, closed: 0, sentBytes: 10, receivedBytes: 10 },
        },
      ],
    });
    expect(graph.edges).toHaveLength(1);
    expect(edge(graph, "web-api/web-api", "recommendation/recommendation")).toMatchObject({
      unit: "requests",
      count: 40,
      rps: 4,
      mtlsShare: 1,
      protocol: "http",
    });
  });

  test("counts connections where no proxy saw requests", () => {
    const graph = build({
      connections: [
        {
          identity: {
            labels: labels("default/sleep", "web-api/web-api", { request_protocol: "tcp" }),
            responseFlags: "-",
          },
          counts: { opened: 20, closed: 0, sentBytes: 500, receivedBytes: 500 },
        },
      ],
    });
    expect(graph.edges[0]).toMatchObject({ unit: "connections", count: 20, protocol: "tcp", bytesPerSecond: 100 });
  });

  test("shows a destination outside by its host, whoever reports it and wherever it is listed", () => {
    const outside = {
      destination_service: "api.example.com",
      destination_service_name: "api.example.com",
      destination_service_namespace: "default",
    };
    const graph = build({
      requests: [
        // The caller's agent names the waypoint's pod, the waypoint nobody's.
        request("web-api/web-api", "default/waypoint", 3, { ...outside, flags: "DENY", code: 503 }),
        request("web-api/web-api", "default/waypoint", 4, {
          ...outside,
          reporter: "waypoint",
          destination_workload: "unknown",
          destination_workload_namespace: "unknown",
          destination_canonical_service: "unknown",
        }),
      ],
    });
    expect(graph.edges.map(({ from, to }) => `${from} ${to}`)).toEqual(["web-api/web-api outside/api.example.com"]);
    expect(graph.nodes.find(({ id }) => id === "outside/api.example.com")?.kind).toBe("outside");
  });

  test("tells clients from outside by the gateway's host, and others as unknown", () => {
    const graph = build({
      requests: [
        request(undefined, "istio-ingress/ingress-istio", 10, {
          reporter: "destination",
          connection_security_policy: "none",
        }),
        request(undefined, "web-api/web-api", 5, { reporter: "destination", connection_security_policy: "none" }),
      ],
    });
    expect(graph.edges.map(({ from, to }) => `${from} ${to}`)).toEqual([
      "outside/istioinaction.io istio-ingress/ingress-istio",
      "unknown web-api/web-api",
    ]);
    expect(graph.nodes.find(({ id }) => id === "outside/istioinaction.io")?.kind).toBe("outside");
  });

  test("shows a refusal as denied, never as an error", () => {
    const graph = build({
      requests: [request("default/sleep", "web-api/web-api", 8, { code: 503, flags: "DENY" })],
      denials: [denial("default/sleep", "web-api/web-api", 8)],
    });
    expect(graph.edges[0]).toMatchObject({ count: 0, errorShare: 0, denied: 8, deniedPerSecond: 0.8, mtlsShare: null });
  });

  test("takes a broken connection for the refusal that the other side explained", () => {
    const graph = build({
      requests: [
        request("default/sleep", "web-api/web-api", 6, { code: 503, flags: "UC", connection_security_policy: "none" }),
      ],
      denials: [denial("default/sleep", "web-api/web-api", 4)],
    });
    expect(graph.edges[0]).toMatchObject({ count: 2, errorShare: 1, denied: 4 });
  });

  test("tells the share of mutual TLS by requests", () => {
    const graph = build({
      requests: [
        request("web-api/web-api", "recommendation/recommendation", 30),
        request("web-api/web-api", "recommendation/recommendation", 10, { connection_security_policy: "none" }),
      ],
    });
    expect(graph.edges[0]?.mtlsShare).toBe(0.75);
  });

  test("counts a request through a waypoint once, as the waypoint saw it, and draws no node for the waypoint", () => {
    const graph = build({
      requests: [
        request("default/sleep", "default/waypoint", 10, {
          destination_service: "httpbin.default.svc.cluster.local",
          destination_service_name: "httpbin",
          destination_service_namespace: "default",
        }),
        request("default/sleep", "default/httpbin", 10, { reporter: "waypoint" }),
        request("default/waypoint", "default/httpbin", 12, { reporter: "destination" }),
      ],
    });
    expect(graph.edges.map(({ from, to, count }) => [from, to, count])).toEqual([
      ["default/sleep", "default/httpbin", 10],
    ]);
    expect(graph.nodes.map(({ id }) => id)).not.toContain("default/waypoint");
    expect(graph.nodes.find(({ id }) => id === "default/httpbin")?.waypoint).toBe("default/waypoint");
  });

  test("counts what never reached the waypoint as the caller's agent saw it", () => {
    const graph = build({
      requests: [
        request("default/sleep", "default/waypoint", 3, {
          code: 503,
          flags: "UF",
          destination_service: "httpbin.default.svc.cluster.local",
          destination_service_name: "httpbin",
          destination_service_namespace: "default",
        }),
      ],
    });
    expect(edge(graph, "default/sleep", "default/httpbin")).toMatchObject({ count: 3, errorShare: 1 });
  });

  test("splits a service's traffic by version", () => {
    const graph = build({
      requests: [
        request("recommendation/recommendation", "purchase-history/purchase-history-v1", 9),
        request("recommendation/recommendation", "purchase-history/purchase-history-v2", 1),
      ],
    });
    const node = graph.nodes.find(({ id }) => id === "purchase-history/purchase-history");
    expect(node?.versions).toMatchObject([
      { version: "v1", share: 0.9, pods: 1 },
      { version: "v2", share: 0.1, pods: 1 },
    ]);
  });

  test("names every service, also those without traffic, and the namespaces' enrolment", () => {
    const graph = build({});
    expect(graph.nodes.map(({ id, health }) => `${id} ${health}`)).toContain("default/httpbin idle");
    expect(graph.namespaces.find(({ name }) => name === "web-api")).toMatchObject({
      team: "web-api",
      enrolment: { labelled: true, captured: 1, pods: 1 },
    });
  });

  test.each([
    [5, 0, "failing"],
    [1, 0, "degraded"],
    [0, 25, "failing"],
    [0, 12, "degraded"],
    [0, 5, "healthy"],
  ])("judges %i %% of 5xx times two and %i %% of 4xx as %s", (errors, clientErrors, health) => {
    const graph = build({
      requests: [
        request("web-api/web-api", "recommendation/recommendation", 100 - errors * 2 - clientErrors),
        request("web-api/web-api", "recommendation/recommendation", errors * 2, { code: 500 }),
        request("web-api/web-api", "recommendation/recommendation", clientErrors, { code: 404 }),
      ],
    });
    expect(graph.nodes.find(({ id }) => id === "recommendation/recommendation")?.health).toBe(health);
  });
});
