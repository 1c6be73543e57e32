import type { ElkNode } from "elkjs/lib/elk-api.js";
import { elkGraph, isSmall, outerEdges } from "./elk-graph.ts";
import type { EdgeLayout, Layout, LayoutInput, Point, Rect } from "./layout-input.ts";
import { type Item, layoutItems } from "./layout-items.ts";
import { placeLabels } from "./place-labels.ts";

/** Runs ELK somewhere: in a worker in the browser, in process in tests. */
export type RunElk = (graph: ElkNode) => Promise<ElkNode>;

/**
 * Places boxes, nodes and edges. Boxes are drawn inside first, then ELK's layered algorithm places them from left to
 * right and routes what runs between them; at last labels make room for each other. With a former layout the new one is
 * moved so that what stayed keeps its place.
 */
export async function layOut(input: LayoutInput, run: RunElk, former?: Layout): Promise<Layout> {
  const items = sortedLikeBefore(layoutItems(input), former);
  const edges = outerEdges(input, items);
  if (items.length === 0) {
    return { boxes: new Map(), nodes: new Map(), edges: new Map() };
  }
  const first = await run(elkGraph({ items, edges, farEnd: new Map() }));
  const shared = new Set<string>();
  const crowded = edges.some(({ from, to }) => {
    const again = shared.has(`>${from}`) || shared.has(`<${to}`);
    shared.add(`>${from}`).add(`<${to}`);
    return again;
  });
  const placed =
    crowded && isSmall(edges) ? await run(elkGraph({ items, edges, farEnd: farEnds(first, input, items) })) : first;
  const layout = placeLabels(read(placed, items, input));
  return former ? moveLike(former, layout) : layout;
}

/** Items keep their former order from top to bottom; new ones follow. */
function sortedLikeBefore(items: readonly Item[], former: Layout | undefined): Item[] {
  if (!former) {
    return [...items];
  }
  const height = (item: Item) =>
    former.boxes.get(item.id)?.y ?? former.nodes.get(item.id)?.y ?? Number.POSITIVE_INFINITY;
  return items
    .map((item, index) => ({ item, index, y: height(item) }))
    .sort((a, b) => (a.y === b.y ? a.index - b.index : a.y - b.y))
    .map(({ item }) => item);
}

function farEnds(placed: ElkNode, input: LayoutInput, items: readonly Item[]): Map<string, number> {
  const nodes = nodeRects(placed, items);
  const middle = (id: string) => {
    const rect = nodes.get(id);
    return rect ? rect.y + rect.height / 2 : 0;
  };
  return new Map(
    input.edges.flatMap((edge) => [
      [`${edge.id}#s`, middle(edge.to)],
      [`${edge.id}#t`, middle(edge.from)],
    ]),
  );
}

function origin(placed: ElkNode, item: Item): Point {
  const found = placed.children?.find((child) => child.id === item.id);
  return { x: found?.x ?? 0, y: found?.y ?? 0 };
}

function nodeRects(placed: ElkNode, items: readonly Item[]): Map<string, Rect> {
  const rects = new Map<string, Rect>();
  for (const item of items) {
    const { x, y } = origin(placed, item);
    for (const [id, rect] of item.nodes) {
      rects.set(id, { ...rect, x: rect.x + x, y: rect.y + y });
    }
  }
  return rects;
}

function read(placed: ElkNode, items: readonly Item[], input: LayoutInput): Layout {
  const boxes = new Map<string, Rect>();
  const nodes = nodeRects(placed, items);
  const edges = new Map<string, EdgeLayout>();
  for (const item of items) {
    const { x, y } = origin(placed, item);
    if (item.box) {
      boxes.set(item.id, { ...item.box, x: item.box.x + x, y: item.box.y + y });
    }
    for (const [id, edge] of item.edges) {
      const shift = (point: Point) => ({ x: point.x + x, y: point.y + y });
      edges.set(id, { ...edge, points: edge.points.map(shift), middle: shift(edge.middle) });
    }
  }
  const ends = new Map(input.edges.map((edge) => [edge.id, edge]));
  for (const routed of placed.edges ?? []) {
    const section = routed.sections?.[0];
    const edge = ends.get(routed.id);
    const from = edge && nodes.get(edge.from);
    const to = edge && nodes.get(edge.to);
    if (section && from && to) {
      const way = [section.startPoint, ...(section.bendPoints ?? []), section.endPoint];
      const points = straightened([
        { x: from.x + from.width, y: section.startPoint.y },
        ...way,
        { x: to.x, y: section.endPoint.y },
      ]);
      edges.set(routed.id, { points, ...middleOf(points, routed.labels?.[0]) });
    }
  }
  return { boxes, nodes, edges };
}

function straightened(points: readonly Point[]): Point[] {
  return points.filter((point, index) => {
    const before = points[index - 1];
    const after = points[index + 1];
    if (!before || !after) {
      return true;
    }
    const flat = Math.abs(before.y - point.y) < 0.5 && Math.abs(point.y - after.y) < 0.5;
    const steep = Math.abs(before.x - point.x) < 0.5 && Math.abs(point.x - after.x) < 0.5;
    return !flat && !steep;
  });
}

interface Label {
  readonly x?: number | undefined;
  readonly y?: number | undefined;
  readonly width?: number | undefined;
  readonly height?: number | undefined;
}

/** The middle of the label that the layout kept room for, moved onto the line; else of the longest stretch. */
function middleOf(points: readonly Point[], label: Label | undefined): Pick<EdgeLayout, "middle" | "direction"> {
  const stretches = points.slice(1).map((end, index) => ({ start: points[index] ?? end, end }));
  const labelX = label?.x === undefined ? null : label.x + (label.width ?? 0) / 2;
  const labelY = label?.y === undefined ? null : label.y + (label.height ?? 0) / 2;
  const under = stretches.find(
    ({ start, end }) =>
      labelX !== null &&
      labelY !== null &&
      Math.abs(start.y - end.y) < 1 &&
      Math.abs(start.y - labelY) < 24 &&
      Math.min(start.x, end.x) <= labelX &&
      labelX <= Math.max(start.x, end.x),
  );
  if (under && labelX !== null) {
    return { middle: { x: labelX, y: under.start.y }, direction: "horizontal" };
  }
  const length = ({ start, end }: { start: Point; end: Point }) =>
    Math.abs(start.x - end.x) + Math.abs(start.y - end.y);
  const longest = stretches.reduce((best, next) => (length(next) > length(best) ? next : best));
  const middle = { x: (longest.start.x + longest.end.x) / 2, y: (longest.start.y + longest.end.y) / 2 };
  return { middle, direction: Math.abs(longest.start.y - longest.end.y) < 1 ? "horizontal" : "vertical" };
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

/** Moves a layout as a whole so that most of what stayed keeps its place. */
function moveLike(former: Layout, layout: Layout): Layout {
  const kept = [...layout.nodes].flatMap(([id, rect]) => {
    const before = former.nodes.get(id);
    return before ? [{ dx: before.x - rect.x, dy: before.y - rect.y }] : [];
  });
  if (kept.length === 0) {
    return layout;
  }
  const dx = median(kept.map((move) => move.dx));
  const dy = median(kept.map((move) => move.dy));
  const point = <T extends Point>(at: T): T => ({ ...at, x: at.x + dx, y: at.y + dy });
  return {
    boxes: new Map([...layout.boxes].map(([id, rect]) => [id, point(rect)])),
    nodes: new Map([...layout.nodes].map(([id, rect]) => [id, point(rect)])),
    edges: new Map(
      [...layout.edges].map(([id, edge]) => [
        id,
        { ...edge, points: edge.points.map(point), middle: point(edge.middle) },
      ]),
    ),
  };
}
