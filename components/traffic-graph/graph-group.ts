import type { GraphNamespace, GraphNode, TrafficGraph } from "@/server/contracts/traffic.ts";

/** What boxes are drawn by. */
export type Grouping = "namespace" | "team" | "none";

export interface Box {
  readonly id: string;
  readonly title: string;
  /** A namespace's enrolment; absent for other groupings. */
  readonly namespace: GraphNamespace | undefined;
  readonly nodes: readonly GraphNode[];
}

export interface GroupedGraph {
  readonly boxes: readonly Box[];
  /** Nodes outside every box: clients beyond the gateway, callers without a name. */
  readonly free: readonly GraphNode[];
}

/** Second stage: nodes into boxes, everything sorted by name so that the picture does not depend on arrival. Pure. */
export function groupGraph(graph: TrafficGraph, grouping: Grouping): GroupedGraph {
  const namespaces = new Map(graph.namespaces.map((namespace) => [namespace.name, namespace]));
  const boxes = new Map<string, GraphNode[]>();
  const free: GraphNode[] = [];
  for (const node of [...graph.nodes].sort((a, b) => (a.id < b.id ? -1 : 1))) {
    const title = boxTitle(node, grouping);
    if (title === null) {
      free.push(node);
    } else {
      boxes.set(title, [...(boxes.get(title) ?? []), node]);
    }
  }
  return {
    boxes: [...boxes]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([title, nodes]) => ({
        id: `${grouping}:${title}`,
        title,
        namespace: grouping === "namespace" ? namespaces.get(title) : undefined,
        nodes,
      })),
    free,
  };
}

function boxTitle(node: GraphNode, grouping: Grouping): string | null {
  if (grouping === "none" || node.kind === "outside" || node.kind === "unknown") {
    return null;
  }
  return grouping === "namespace" ? node.namespace : node.team === "" ? "no team" : node.team;
}
