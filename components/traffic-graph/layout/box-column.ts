import type { EdgeLayout, LayoutBox, LayoutEdge, Point, Rect } from "./layout-input.ts";

/** Room inside a box around its nodes; the top carries the title. */
export const boxPadding = { top: 30, side: 10, bottom: 12 };
/** Between nodes of a column: without an edge between them, with one whose words need room, with one each way. */
const gap = { plain: 14, edge: 74, twins: 104 };
/** How far an edge between nodes that are not neighbours swings out to the right, and the room it needs with its words. */
const detour = { line: 42, room: 104 };

/** A box with its nodes in one column: positions are relative to the box. */
export interface Column {
  readonly width: number;
  readonly height: number;
  readonly nodes: ReadonlyMap<string, Rect>;
  readonly edges: ReadonlyMap<string, EdgeLayout>;
}

/** Callers above callees, otherwise in the order given. */
function ordered(box: LayoutBox, edges: readonly LayoutEdge[]): string[] {
  const ids = box.nodes.map((node) => node.id);
  const placed: string[] = [];
  const left = new Set(ids);
  while (left.size > 0) {
    const free = ids.find(
      (id) => left.has(id) && !edges.some((edge) => edge.to === id && edge.from !== id && left.has(edge.from)),
    );
    const next = free ?? ids.find((id) => left.has(id));
    if (next === undefined) {
      break;
    }
    placed.push(next);
    left.delete(next);
  }
  return placed;
}

/** Places the nodes of one box below each other and draws the edges among them. Pure. */
export function placeColumn(box: LayoutBox, inner: readonly LayoutEdge[]): Column {
  const order = ordered(box, inner);
  const sizes = new Map(box.nodes.map((node) => [node.id, node]));
  const rank = new Map(order.map((id, index) => [id, index]));
  const neighbours = (a: string, b: string) => Math.abs((rank.get(a) ?? 0) - (rank.get(b) ?? 0)) === 1;
  const swings = inner.some((edge) => edge.from === edge.to || !neighbours(edge.from, edge.to));
  const column = Math.max(...box.nodes.map((node) => node.width), box.minWidth - 2 * boxPadding.side);
  const nodes = new Map<string, Rect>();
  let y = boxPadding.top;
  order.forEach((id, index) => {
    const size = sizes.get(id);
    if (size) {
      const above = order[index - 1];
      if (above !== undefined) {
        const joined = inner.filter((edge) => edge.from !== edge.to && [above, id].every((end) => touches(edge, end)));
        y += joined.length > 1 ? gap.twins : joined.length === 1 ? gap.edge : gap.plain;
      }
      nodes.set(id, { x: boxPadding.side, y, width: column, height: size.height });
      y += size.height;
    }
  });
  const edges = new Map<string, EdgeLayout>();
  for (const edge of inner) {
    const from = nodes.get(edge.from);
    const to = nodes.get(edge.to);
    if (from && to) {
      const twin = inner.some((other) => other.from === edge.to && other.to === edge.from && other.id !== edge.id);
      const side = neighbours(edge.from, edge.to) ? null : boxPadding.side + column + detour.line;
      edges.set(edge.id, side === null ? straight(from, to, twin) : swinging(from, to, side));
    }
  }
  return {
    width: column + 2 * boxPadding.side + (swings ? detour.room : 0),
    height: y + boxPadding.bottom,
    nodes,
    edges,
  };
}

const touches = (edge: LayoutEdge, id: string) => edge.from === id || edge.to === id;

/** From a node to the one above or below it; of two that run both ways each has its words nearer to its start. */
function straight(from: Rect, to: Rect, twin: boolean): EdgeLayout {
  const down = from.y < to.y;
  const x = from.x + from.width * (twin ? (down ? 0.25 : 0.7) : 0.36);
  const start: Point = { x, y: down ? from.y + from.height : from.y };
  const end: Point = { x, y: down ? to.y : to.y + to.height };
  const part = twin ? 0.28 : 0.5;
  return { points: [start, end], middle: { x, y: start.y + (end.y - start.y) * part }, direction: "vertical" };
}

function swinging(from: Rect, to: Rect, x: number): EdgeLayout {
  const same = from === to;
  const start = { x: from.x + from.width, y: from.y + from.height / 2 - (same ? 12 : 0) };
  const end = { x: to.x + to.width, y: to.y + to.height / 2 + (same ? 12 : 0) };
  return {
    points: [start, { x, y: start.y }, { x, y: end.y }, end],
    middle: { x, y: (start.y + end.y) / 2 },
    direction: "vertical",
  };
}
