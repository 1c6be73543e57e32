import { type Column, placeColumn } from "./box-column.ts";
import type { EdgeLayout, LayoutEdge, LayoutInput, LayoutNode, Rect } from "./layout-input.ts";

/** Between a docked client and the box below it: room for the words of the edge. */
const dockGap = 76;
const dockedMax = 2;
const dockSpacing = 16;

/** What the outer layout moves as one: a box with the clients that stand above it, or a node without a box. */
export interface Item {
  readonly id: string;
  readonly width: number;
  readonly height: number;
  /** The box itself, relative to the item; absent for a lone node. */
  readonly box: Rect | null;
  readonly nodes: ReadonlyMap<string, Rect>;
  /** Edges that stay inside the item, relative to it. */
  readonly edges: ReadonlyMap<string, EdgeLayout>;
}

function moved(rect: Rect, dx: number, dy: number): Rect {
  return { ...rect, x: rect.x + dx, y: rect.y + dy };
}

function movedEdge(edge: EdgeLayout, dx: number, dy: number): EdgeLayout {
  const shift = (point: { x: number; y: number }) => ({ x: point.x + dx, y: point.y + dy });
  return { ...edge, points: edge.points.map(shift), middle: shift(edge.middle) };
}

/** Clients that call nothing but the uppermost node of one box; they stand above it instead of taking a column. */
function dockable(input: LayoutInput, boxNodes: ReadonlySet<string>, top: string): LayoutNode[] {
  return input.free
    .filter((node) => {
      const touching = input.edges.filter((edge) => edge.from === node.id || edge.to === node.id);
      return touching.length === 1 && touching[0]?.from === node.id && touching[0].to === top && boxNodes.has(top);
    })
    .slice(0, dockedMax);
}

/** Boxes become items with their inner picture drawn. Pure. */
export function layoutItems(input: LayoutInput): Item[] {
  const items: Item[] = [];
  const docked = new Set<string>();
  for (const box of input.boxes) {
    const ids = new Set(box.nodes.map((node) => node.id));
    const inner = input.edges.filter((edge) => ids.has(edge.from) && ids.has(edge.to));
    const column = placeColumn(box, inner);
    const top = [...column.nodes].sort(([, a], [, b]) => a.y - b.y)[0]?.[0] ?? "";
    const clients = dockable(input, ids, top);
    for (const client of clients) {
      docked.add(client.id);
    }
    items.push(itemOf(box.id, column, top, clients, input.edges));
  }
  for (const node of input.free) {
    if (!docked.has(node.id)) {
      const rect = { x: 0, y: 0, width: node.width, height: node.height };
      items.push({ id: node.id, ...rect, box: null, nodes: new Map([[node.id, rect]]), edges: new Map() });
    }
  }
  return items;
}

function itemOf(
  id: string,
  column: Column,
  top: string,
  clients: readonly LayoutNode[],
  edges: readonly LayoutEdge[],
): Item {
  const rowWidth = clients.reduce(
    (sum, client) => sum + client.width + dockSpacing,
    clients.length > 0 ? -dockSpacing : 0,
  );
  const rowHeight = Math.max(0, ...clients.map((client) => client.height));
  const dy = clients.length > 0 ? rowHeight + dockGap : 0;
  const width = Math.max(column.width, rowWidth);
  const dx = (width - column.width) / 2;
  const nodes = new Map([...column.nodes].map(([node, rect]) => [node, moved(rect, dx, dy)]));
  const drawn = new Map([...column.edges].map(([edge, layout]) => [edge, movedEdge(layout, dx, dy)]));
  const target = nodes.get(top);
  let x = (width - rowWidth) / 2;
  for (const client of clients) {
    nodes.set(client.id, { x, y: 0, width: client.width, height: client.height });
    const edge = edges.find((candidate) => candidate.from === client.id);
    if (edge && target) {
      drawn.set(edge.id, dropped(x + client.width * (clients.length > 1 ? 0.5 : 0.68), rowHeight, target));
    }
    x += client.width + dockSpacing;
  }
  return {
    id,
    width,
    height: column.height + dy,
    box: { x: dx, y: dy, width: column.width, height: column.height },
    nodes,
    edges: drawn,
  };
}

/** From a client straight down; with a step to the side when it does not stand over the node. */
function dropped(fromX: number, fromY: number, target: Rect): EdgeLayout {
  const x = Math.min(Math.max(fromX, target.x + 24), target.x + target.width - 24);
  const middleY = fromY + (target.y - fromY) * 0.42;
  const bend =
    x === fromX
      ? []
      : [
          { x: fromX, y: fromY + 14 },
          { x, y: fromY + 14 },
        ];
  return {
    points: [{ x: fromX, y: fromY }, ...bend, { x, y: target.y }],
    middle: { x, y: middleY },
    direction: "vertical",
  };
}
