import type { GraphEdge, GraphNode, TrafficGraph } from "@/server/contracts/traffic.ts";

/** A healthy service, with what a test says otherwise. */
export function aNode(parts: Partial<GraphNode>): GraphNode {
  return {
    id: "web-api/web-api",
    kind: "service",
    namespace: "web-api",
    name: "web-api",
    team: "web-api",
    health: "healthy",
    healthReason: "",
    enrolment: { labelled: true, captured: 1, pods: 1 },
    versions: [{ version: "v1", pods: 1, readyPods: 1, rps: 1, share: 1 }],
    pods: 1,
    readyPods: 1,
    rpsIn: 1,
    rpsOut: 0,
    errorShare: 0,
    p95Ms: 10,
    authorized: true,
    waypoint: "",
    waypointWay: "unknown",
    ejectedPods: 0,
    ...parts,
  };
}

/** Requests from sleep to web-api, with what a test says otherwise. */
export function anEdge(parts: Partial<GraphEdge>): GraphEdge {
  const { from = "default/sleep", to = "web-api/web-api" } = parts;
  return {
    id: `${from}~${to}`,
    from,
    to,
    protocol: "http",
    unit: "requests",
    count: 100,
    rps: 1.5,
    errorShare: 0,
    denied: 0,
    deniedPerSecond: 0,
    copies: 0,
    copiesPerSecond: 0,
    p50Ms: 5,
    p95Ms: 10,
    p99Ms: 12,
    bytesPerSecond: 2048,
    mtlsShare: 1,
    health: "healthy",
    ...parts,
  };
}

export function aGraph(nodes: readonly GraphNode[], edges: readonly GraphEdge[]): TrafficGraph {
  return {
    revision: 1,
    endUnixMs: 1e12,
    windowSeconds: 60,
    nodes: [...nodes],
    edges: [...edges],
    namespaces: [...new Set(nodes.map((node) => node.namespace))].map((name) => ({
      name,
      team: "",
      enrolment: { labelled: true, captured: 1, pods: 1 },
    })),
    totals: { rps: 1, errorShare: 0, deniedPerSecond: 0, mtlsShare: 1 },
    newestUnixMs: 1e12,
  };
}
