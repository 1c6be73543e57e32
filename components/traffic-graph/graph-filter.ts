import type { TrafficGraph } from "@/server/contracts/traffic.ts";
import { type Expression, edgeMatches, nodeMatches } from "./graph-expression.ts";

export interface FilterRequest {
  /** Emphasises what matches and dims the rest; empty: nothing is dimmed. */
  readonly find: Expression;
  /** Takes away what matches. */
  readonly hide: Expression;
  /** Whether nodes without traffic are shown. */
  readonly showIdle: boolean;
}

export interface FilteredGraph {
  readonly graph: TrafficGraph;
  /** Ids of nodes and edges that step back. */
  readonly dimmed: ReadonlySet<string>;
  /** How many nodes without traffic there are, shown or not. */
  readonly idle: number;
  /** How many nodes and edges the search found. */
  readonly found: number;
}

/** First stage: what is shown, and what steps back. Pure. */
export function filterGraph(graph: TrafficGraph, { find, hide, showIdle }: FilterRequest): FilteredGraph {
  const byId = new Map(graph.nodes.map((node) => [node.id, node]));
  const endsOf = (edge: { from: string; to: string }) => ({ from: byId.get(edge.from), to: byId.get(edge.to) });
  const busy = new Set(graph.edges.flatMap((edge) => [edge.from, edge.to]));
  const isIdle = (id: string) => !busy.has(id);

  const nodes = graph.nodes.filter((node) => (showIdle || !isIdle(node.id)) && !nodeMatches(hide, node));
  const kept = new Set(nodes.map((node) => node.id));
  const edges = graph.edges.filter(
    (edge) => kept.has(edge.from) && kept.has(edge.to) && !edgeMatches(hide, edge, endsOf(edge)),
  );

  const dimmed = new Set<string>();
  let found = 0;
  if (find.length > 0) {
    const foundNodes = new Set(nodes.filter((node) => nodeMatches(find, node)).map((node) => node.id));
    const foundEdges = edges.filter((edge) => edgeMatches(find, edge, endsOf(edge)));
    found = foundNodes.size + foundEdges.length;
    const lit = new Set([...foundNodes, ...foundEdges.flatMap((edge) => [edge.id, edge.from, edge.to])]);
    for (const { id } of [...nodes, ...edges]) {
      if (!lit.has(id)) {
        dimmed.add(id);
      }
    }
  }
  return {
    graph: { ...graph, nodes, edges },
    dimmed,
    idle: graph.nodes.filter((node) => isIdle(node.id)).length,
    found,
  };
}
