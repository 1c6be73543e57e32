/** Records to `TrafficGraph`. Pure. */
import type { Enrolment } from "@/server/contracts/names.ts";
import type { GraphEdge, GraphNode, TrafficGraph, VersionShare } from "@/server/contracts/traffic.ts";
import { type Inventory, type InventoryService, wayOf } from "@/server/inventory/model.ts";
import { quantileMs } from "@/server/telemetry/records.ts";
import { addCopies, type CopyRecords } from "./copies.ts";
import { collectEdges, type EdgeFigures, type EdgeTotals, figuresOf, type TrafficRecords } from "./edge-totals.ts";
import { judgeHealth } from "./health.ts";
import { edgeId, NodeFinder, type NodeRef, serviceNode } from "./node-ref.ts";

export interface GraphInput {
  readonly inventory: Inventory;
  /** Team that owns a namespace; empty when nobody does. */
  readonly teamOf: (namespace: string) => string;
  /** Some AuthorizationPolicy restricts who may call the service. */
  readonly isAuthorized: (service: InventoryService) => boolean;
  readonly records: TrafficRecords;
  readonly copies: CopyRecords;
  /** Number of pods that get nothing now, by node. */
  readonly ejected: ReadonlyMap<string, number>;
  readonly windowSeconds: number;
  readonly endUnixMs: number;
  readonly newestUnixMs: number;
  readonly revision: number;
}

const nobody: Enrolment = { labelled: false, captured: 0, pods: 0 };
/** Kubernetes' own; nobody's application. */
const hiddenServices = new Set(["default/kubernetes"]);

export function buildGraph(input: GraphInput): TrafficGraph {
  const { inventory, windowSeconds, teamOf } = input;
  const finder = new NodeFinder(inventory);
  const totals = [...addCopies(collectEdges(input.records, finder), input.copies, finder).values()];
  const edges = totals
    .map((edge) => toGraphEdge(edge, windowSeconds))
    .filter((edge) => edge.count + edge.denied + edge.copies > 0);
  const visible = new Set(edges.map(({ id }) => id));
  const shown = totals.filter((edge) => visible.has(edgeId(edge.from, edge.to)));

  const refs = new Map<string, NodeRef>();
  for (const service of inventory.services) {
    if (!hiddenServices.has(`${service.namespace}/${service.name}`) && isApplication(service, inventory)) {
      refs.set(`${service.namespace}/${service.name}`, serviceNode(service));
    }
  }
  for (const { from, to } of shown) {
    refs.set(from.id, from);
    refs.set(to.id, to);
  }
  const around: Around = {
    incoming: Map.groupBy(shown, ({ to }) => to.id),
    outgoing: Map.groupBy(shown, ({ from }) => from.id),
    services: new Map(inventory.services.map((service) => [`${service.namespace}/${service.name}`, service])),
  };
  const nodes = [...refs.values()].map((ref) => toNode(ref, around, input));
  const used = new Set(nodes.map(({ namespace }) => namespace));
  const namespaces = inventory.namespaces
    .filter(({ name }) => used.has(name))
    .map(({ name, enrolment }) => ({ name, team: teamOf(name), enrolment }));
  return {
    revision: input.revision,
    endUnixMs: input.endUnixMs,
    windowSeconds,
    nodes: nodes.sort((one, other) => (one.id < other.id ? -1 : 1)),
    edges: edges.sort((one, other) => (one.id < other.id ? -1 : 1)),
    namespaces,
    totals: sumUp(edges, windowSeconds),
    newestUnixMs: input.newestUnixMs,
  };
}

/**
 * Waypoints are drawn as badges of what they serve, and Services that only name versions of another (their pods are
 * some of its pods) as its versions; both become nodes when calls lead there.
 */
function isApplication(service: InventoryService, { services }: Inventory): boolean {
  return (
    service.kind !== "waypoint" &&
    !services.some(
      (other) =>
        other !== service &&
        other.namespace === service.namespace &&
        other.pods.length > 0 &&
        Object.keys(other.selector).length < Object.keys(service.selector).length &&
        Object.entries(other.selector).every(([name, value]) => service.selector[name] === value),
    )
  );
}

export function toGraphEdge(edge: EdgeTotals, windowSeconds: number): GraphEdge {
  const figures = figuresOf(edge);
  const bytes = Math.max(edge.requestBytes + edge.responseBytes, edge.tcpBytes);
  return {
    id: edgeId(edge.from, edge.to),
    from: edge.from.id,
    to: edge.to.id,
    protocol: edge.protocol,
    unit: figures.unit,
    count: figures.count,
    rps: figures.count / windowSeconds,
    errorShare: share(figures.errors, figures.count),
    denied: figures.denied,
    deniedPerSecond: figures.denied / windowSeconds,
    copies: edge.copies,
    copiesPerSecond: edge.copies / windowSeconds,
    p50Ms: quantileMs(edge.buckets, 0.5),
    p95Ms: quantileMs(edge.buckets, 0.95),
    p99Ms: quantileMs(edge.buckets, 0.99),
    bytesPerSecond: bytes / windowSeconds,
    mtlsShare: figures.mtlsShare,
    health: judgeHealth(figures).health,
  };
}

const share = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);

/** Indexes over the graph, so that a thousand services stay cheap. */
interface Around {
  readonly incoming: ReadonlyMap<string, readonly EdgeTotals[]>;
  readonly outgoing: ReadonlyMap<string, readonly EdgeTotals[]>;
  readonly services: ReadonlyMap<string, InventoryService>;
}

function toNode(ref: NodeRef, around: Around, input: GraphInput): GraphNode {
  const service = around.services.get(ref.id);
  const incoming = around.incoming.get(ref.id) ?? [];
  const figures = addFigures(incoming.map(figuresOf));
  const out = addFigures((around.outgoing.get(ref.id) ?? []).map(figuresOf));
  const pods = service?.pods ?? [];
  const ready = pods.filter((pod) => pod.ready).length;
  const judged = judgeHealth({
    ...figures,
    ...(service === undefined ? {} : { pods: { all: pods.length, ready } }),
  });
  const active = ref.kind === "outside" || ref.kind === "unknown" ? { health: "unknown" as const, reason: "" } : judged;
  return {
    id: ref.id,
    kind: ref.kind,
    namespace: ref.namespace,
    name: ref.name,
    team: ref.namespace === "" ? "" : input.teamOf(ref.namespace),
    // A client that only calls others is not idle.
    health: active.health === "idle" && out.count > 0 ? "healthy" : active.health,
    healthReason: active.reason,
    enrolment: service?.enrolment ?? nobody,
    versions: versionShares(service, incoming, input.windowSeconds),
    pods: pods.length,
    readyPods: ready,
    rpsIn: figures.count / input.windowSeconds,
    rpsOut: out.count / input.windowSeconds,
    errorShare: share(figures.errors, figures.count),
    p95Ms: quantileMs(addBuckets(incoming), 0.95),
    authorized: service !== undefined && input.isAuthorized(service),
    waypoint: service?.waypoint === undefined ? "" : `${service.waypoint.namespace}/${service.waypoint.name}`,
    waypointWay: service?.waypoint === undefined ? "unknown" : wayOf(service),
    ejectedPods: input.ejected.get(ref.id) ?? 0,
  };
}

/** Each version that has pods or got traffic. */
export function versionShares(
  service: InventoryService | undefined,
  incoming: readonly EdgeTotals[],
  windowSeconds: number,
): VersionShare[] {
  const counts = new Map<string, number>();
  for (const { versions } of incoming) {
    for (const [version, count] of versions) {
      if (version !== "unknown") {
        counts.set(version, (counts.get(version) ?? 0) + count);
      }
    }
  }
  const all = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const versions = new Set([...(service?.pods ?? []).map((pod) => pod.version), ...counts.keys()]);
  return [...versions].sort().map((version) => {
    const pods = (service?.pods ?? []).filter((pod) => pod.version === version);
    const count = counts.get(version) ?? 0;
    return {
      version,
      pods: pods.length,
      readyPods: pods.filter((pod) => pod.ready).length,
      rps: count / windowSeconds,
      share: all === 0 ? null : count / all,
    };
  });
}

export const addBuckets = (edges: readonly EdgeTotals[]): number[] => {
  const sum: number[] = [];
  for (const { buckets } of edges) {
    for (const [index, count] of buckets.entries()) {
      sum[index] = (sum[index] ?? 0) + count;
    }
  }
  return sum;
};

/** Figures of several edges together. */
export function addFigures(all: readonly EdgeFigures[]): Omit<EdgeFigures, "unit" | "mtlsShare"> {
  const sum = { count: 0, errors: 0, clientErrors: 0, noAnswer: 0, denied: 0 };
  for (const figures of all) {
    sum.count += figures.count;
    sum.errors += figures.errors;
    sum.clientErrors += figures.clientErrors;
    sum.noAnswer += figures.noAnswer;
    sum.denied += figures.denied;
  }
  return sum;
}

function sumUp(edges: readonly GraphEdge[], windowSeconds: number): TrafficGraph["totals"] {
  const count = edges.reduce((sum, edge) => sum + edge.count, 0);
  const errors = edges.reduce((sum, edge) => sum + edge.errorShare * edge.count, 0);
  const denied = edges.reduce((sum, edge) => sum + edge.denied, 0);
  return {
    rps: count / windowSeconds,
    errorShare: share(errors, count),
    deniedPerSecond: denied / windowSeconds,
    // Who comes from outside cannot be in the mesh.
    mtlsShare: mtlsShareOf(edges.filter(({ from }) => !from.startsWith("outside/"))),
  };
}

/** Of everything that got through on these edges; null when nothing did. */
export function mtlsShareOf(edges: readonly GraphEdge[]): number | null {
  const known = edges.filter(({ mtlsShare, count }) => mtlsShare !== null && count > 0);
  const count = known.reduce((sum, edge) => sum + edge.count, 0);
  return count === 0 ? null : known.reduce((sum, edge) => sum + (edge.mtlsShare ?? 0) * edge.count, 0) / count;
}
