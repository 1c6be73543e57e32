import type { ElkNode } from "elkjs/lib/elk-api.js";
import type { LayoutEdge, LayoutInput, Rect } from "./layout-input.ts";
import type { Item } from "./layout-items.ts";

/** Room for an edge's lock and words, kept free of everything else by the layout. */
export const edgeLabel = { width: 88, height: 66 };
const portSpacing = 18;

/** Above this many edges words get no room of their own and placement goes the quick way: seconds instead of minutes. */
const carefulEdgesMax = 90;

const options = {
  "elk.algorithm": "layered",
  "elk.direction": "RIGHT",
  "elk.edgeRouting": "ORTHOGONAL",
  "elk.layered.spacing.nodeNodeBetweenLayers": "10",
  "elk.layered.spacing.edgeNodeBetweenLayers": "10",
  "elk.layered.spacing.edgeEdgeBetweenLayers": "14",
  "elk.spacing.nodeNode": "40",
  "elk.spacing.edgeNode": "22",
  "elk.spacing.edgeEdge": "16",
  "elk.spacing.edgeLabel": "0",
  "elk.spacing.componentComponent": "44",
  "elk.layered.nodePlacement.strategy": "NETWORK_SIMPLEX",
  "elk.layered.nodePlacement.favorStraightEdges": "true",
  "elk.layered.considerModelOrder.strategy": "NODES_AND_EDGES",
  "elk.layered.crossingMinimization.strategy": "LAYER_SWEEP",
  "elk.aspectRatio": "1.7",
  "elk.padding": "[top=0,left=0,bottom=0,right=0]",
};

/** Edges between items, which the outer layout routes. */
export function outerEdges(input: LayoutInput, items: readonly Item[]): LayoutEdge[] {
  const drawn = new Set(items.flatMap((item) => [...item.edges.keys()]));
  return input.edges.filter((edge) => !drawn.has(edge.id));
}

const quickOptions = {
  ...options,
  "elk.layered.nodePlacement.strategy": "BRANDES_KOEPF",
  "elk.layered.nodePlacement.favorStraightEdges": "false",
  "elk.layered.layering.strategy": "LONGEST_PATH",
  "elk.layered.considerModelOrder.strategy": "NONE",
  "elk.layered.thoroughness": "2",
  "elk.layered.spacing.nodeNodeBetweenLayers": "100",
};

/** Whether a picture is small enough to be laid out with care. */
export const isSmall = (edges: readonly LayoutEdge[]): boolean => edges.length <= carefulEdgesMax;

interface PortPlan {
  readonly edges: readonly LayoutEdge[];
  readonly items: readonly Item[];
  /** Height at which the other end of an edge stood in a former pass; ports are sorted by it so that lines do not cross. */
  readonly farEnd: ReadonlyMap<string, number>;
}

/** The ports of a node's side, one per edge, spread around its middle. */
function ports(rect: Rect, side: "EAST" | "WEST", x: number, ids: readonly string[]): ElkNode["ports"] {
  const spread = ids.length > 1 ? Math.min(portSpacing, (rect.height - 16) / (ids.length - 1)) : 0;
  return ids.map((id, index) => ({
    id,
    x,
    y: rect.y + rect.height / 2 + (index - (ids.length - 1) / 2) * spread,
    width: 0,
    height: 0,
    layoutOptions: { "elk.port.side": side },
  }));
}

function elkNode(item: Item, { edges, farEnd }: PortPlan): ElkNode {
  const all: NonNullable<ElkNode["ports"]> = [];
  const byFarEnd = (end: "s" | "t") => (a: string, b: string) =>
    (farEnd.get(`${a}#${end}`) ?? 0) - (farEnd.get(`${b}#${end}`) ?? 0) || (a < b ? -1 : 1);
  for (const [id, rect] of item.nodes) {
    const out = edges
      .filter((edge) => edge.from === id)
      .map((edge) => edge.id)
      .sort(byFarEnd("s"));
    const into = edges
      .filter((edge) => edge.to === id)
      .map((edge) => edge.id)
      .sort(byFarEnd("t"));
    all.push(
      ...(ports(
        rect,
        "EAST",
        item.width,
        out.map((edge) => `${edge}#s`),
      ) ?? []),
    );
    all.push(
      ...(ports(
        rect,
        "WEST",
        0,
        into.map((edge) => `${edge}#t`),
      ) ?? []),
    );
  }
  return {
    id: item.id,
    width: item.width,
    height: item.height,
    ports: all,
    layoutOptions: { "elk.portConstraints": "FIXED_POS" },
  };
}

const inlineLabel = {
  text: " ",
  ...edgeLabel,
  layoutOptions: { "elk.edgeLabels.inline": "true", "elk.edgeLabels.placement": "CENTER" },
};

/** The outer picture as ELK wants it: one node per item, ports at the height of the nodes inside. Pure. */
export function elkGraph(plan: PortPlan): ElkNode {
  const small = isSmall(plan.edges);
  return {
    id: "root",
    layoutOptions: small ? options : quickOptions,
    children: plan.items.map((item) => elkNode(item, plan)),
    edges: plan.edges.map((edge) => ({
      id: edge.id,
      sources: [`${edge.id}#s`],
      targets: [`${edge.id}#t`],
      labels: small ? [inlineLabel] : [],
    })),
  };
}
