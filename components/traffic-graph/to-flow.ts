import type { Edge, Node } from "@xyflow/react";
import type { GraphEdge, GraphNode } from "@/server/contracts/traffic.ts";
import { type EdgeLook, type EdgeMetric, edgeLook, edgeSentence } from "./edge-look.ts";
import type { FilteredGraph } from "./graph-filter.ts";
import type { Box, GroupedGraph } from "./graph-group.ts";
import { edgeRoom } from "./layout/label-room.ts";
import type { Layout, LayoutInput, Point, Rect } from "./layout/layout-input.ts";
import { type DrawnPath, roundedPath } from "./layout/rounded-path.ts";
import { boxTitleWidth, nodeSize } from "./node-size.ts";

/** What is selected: an edge, a node, or nothing. */
export type Selection = { readonly kind: "node" | "edge"; readonly id: string } | null;

export interface BoxData extends Record<string, unknown> {
  readonly box: Box;
}
export interface NodeData extends Record<string, unknown> {
  readonly node: GraphNode;
  readonly selected: boolean;
  readonly dimmed: boolean;
}
export interface EdgeData extends Record<string, unknown> {
  readonly edge: GraphEdge;
  readonly look: EdgeLook;
  readonly path: DrawnPath;
  readonly middle: Point;
  readonly direction: "horizontal" | "vertical";
  /** What its line and its label take up. */
  readonly room: Rect;
  readonly selected: boolean;
  readonly dimmed: boolean;
  readonly sentence: string;
}

export type BoxFlowNode = Node<BoxData, "box">;
export type ServiceFlowNode = Node<NodeData, "service">;
export type ClientFlowNode = Node<NodeData, "client">;
export type FlowNode = BoxFlowNode | ServiceFlowNode | ClientFlowNode;
export type FlowEdge = Edge<EdgeData, "traffic">;

/** Third stage: sizes and connections for the layout. Pure. */
export function layoutInput({ boxes, free }: GroupedGraph, edges: readonly GraphEdge[]): LayoutInput {
  return {
    boxes: boxes.map((box) => ({ id: box.id, minWidth: boxTitleWidth(box.title), nodes: box.nodes.map(nodeSize) })),
    free: free.map(nodeSize),
    edges: edges.map(({ id, from, to }) => ({ id, from, to })),
  };
}

/** What a node is called in words: its name, and its namespace when the name alone is not enough. */
export const nodeTitle = (node: GraphNode | undefined, id: string): string => node?.name ?? id;

export interface FlowRequest {
  readonly filtered: FilteredGraph;
  readonly grouped: GroupedGraph;
  readonly layout: Layout;
  readonly metric: EdgeMetric;
  readonly selection: Selection;
}

/** Last stage: what the canvas draws. What has no place yet is left out until the layout knows it. Pure. */
export function toFlow({ filtered, grouped, layout, metric, selection }: FlowRequest): {
  nodes: FlowNode[];
  edges: FlowEdge[];
} {
  const { graph, dimmed } = filtered;
  const nodes: FlowNode[] = [];
  for (const box of grouped.boxes) {
    const rect = layout.boxes.get(box.id);
    if (rect) {
      nodes.push({
        id: box.id,
        type: "box",
        position: { x: rect.x, y: rect.y },
        width: rect.width,
        height: rect.height,
        measured: { width: rect.width, height: rect.height },
        zIndex: 0,
        data: { box },
      });
    }
  }
  for (const node of graph.nodes) {
    const rect = layout.nodes.get(node.id);
    if (rect) {
      nodes.push({
        id: node.id,
        type: node.kind === "outside" || node.kind === "unknown" ? "client" : "service",
        position: { x: rect.x, y: rect.y },
        width: rect.width,
        height: rect.height,
        // Without it the canvas forgets where edges meet a node whose figures moved, and takes its edges down.
        measured: { width: rect.width, height: rect.height },
        zIndex: 2,
        data: {
          node,
          selected: selection?.kind === "node" && selection.id === node.id,
          dimmed: dimmed.has(node.id),
        },
      });
    }
  }
  const byId = new Map(graph.nodes.map((node) => [node.id, node]));
  const edges: FlowEdge[] = [];
  for (const edge of graph.edges) {
    const drawn = layout.edges.get(edge.id);
    if (drawn && layout.nodes.has(edge.from) && layout.nodes.has(edge.to)) {
      edges.push({
        id: edge.id,
        type: "traffic",
        source: edge.from,
        target: edge.to,
        zIndex: 1,
        data: {
          edge,
          look: edgeLook(edge, metric),
          path: roundedPath(drawn.points),
          middle: drawn.middle,
          direction: drawn.direction,
          room: edgeRoom(drawn),
          selected: selection?.kind === "edge" && selection.id === edge.id,
          dimmed: dimmed.has(edge.id),
          sentence: edgeSentence(
            edge,
            nodeTitle(byId.get(edge.from), edge.from),
            nodeTitle(byId.get(edge.to), edge.to),
          ),
        },
      });
    }
  }
  return { nodes, edges };
}

/** Keeps the former object of everything that did not change, so that only what changed is drawn again. */
export function reuse<T extends { readonly id: string }>(former: readonly T[], next: readonly T[]): T[] {
  const known = new Map(former.map((item) => [item.id, item]));
  return next.map((item) => {
    const before = known.get(item.id);
    return before && JSON.stringify(before) === JSON.stringify(item) ? before : item;
  });
}
