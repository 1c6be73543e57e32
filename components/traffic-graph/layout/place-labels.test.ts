import { describe, expect, it } from "vitest";
import { glyphsRoom, labelRoom, sharedArea, targetRoom, targetSide } from "./label-room.ts";
import type { EdgeLayout, Layout, Point, Rect } from "./layout-input.ts";
import { placeLabels } from "./place-labels.ts";

function line(...points: [number, number][]): EdgeLayout {
  const way: Point[] = points.map(([x, y]) => ({ x, y }));
  const [start, end] = [way[0]!, way[1]!];
  return {
    points: way,
    middle: { x: (start.x + end.x) / 2, y: (start.y + end.y) / 2 },
    direction: start.y === end.y ? "horizontal" : "vertical",
  };
}

const layoutOf = (edges: Readonly<Record<string, EdgeLayout>>, nodes: readonly Rect[] = []): Layout => ({
  boxes: new Map(),
  nodes: new Map(nodes.map((rect, index) => [`n${index}`, rect])),
  edges: new Map(Object.entries(edges)),
});

/** Every pair of labels, and of a label and a node, that lie on each other. */
function collisions({ edges, nodes }: Layout, roomOf: (edge: EdgeLayout) => Rect): string[] {
  const labels = [...edges].map(([id, edge]) => [id, roomOf(edge)] as const);
  return labels.flatMap(([id, rect], index) =>
    [...labels.slice(index + 1), ...nodes]
      .filter(([, other]) => sharedArea(rect, other) > 0)
      .map(([other]) => `${id} on ${other}`),
  );
}

function onLine({ points, middle }: EdgeLayout): boolean {
  return points.slice(1).some((end, index) => {
    const start = points[index]!;
    const straight = Math.hypot(end.x - start.x, end.y - start.y);
    const over =
      Math.hypot(middle.x - start.x, middle.y - start.y) + Math.hypot(end.x - middle.x, end.y - middle.y) - straight;
    return over < 0.01;
  });
}

describe("labels of edges", () => {
  const crowds: [string, Layout][] = [
    ["two lines a hand's breadth apart", layoutOf({ a: line([0, 0], [300, 0]), b: line([0, 16], [300, 16]) })],
    ["the same line both ways", layoutOf({ a: line([0, 0], [0, 300]), b: line([0, 300], [0, 0]) })],
    ["a crossing in both middles", layoutOf({ a: line([0, 100], [300, 100]), b: line([150, 0], [150, 200]) })],
    [
      "five lines that share a channel",
      layoutOf(
        Object.fromEntries(
          [0, 1, 2, 3, 4].map((index) => [
            `e${index}`,
            line([index * 14, 0], [index * 14, 400], [400, 400 + index * 18]),
          ]),
        ),
      ),
    ],
    [
      "a node in the middle of the line",
      layoutOf({ a: line([0, 0], [400, 0]) }, [{ x: 150, y: -30, width: 100, height: 60 }]),
    ],
  ];

  it.each(crowds)("%s: none lies on another or on a node, and each stays on its line", (_, layout) => {
    expect(collisions(layout, glyphsRoom)).not.toEqual([]);
    const placed = placeLabels(layout);
    expect(collisions(placed, glyphsRoom)).toEqual([]);
    for (const edge of placed.edges.values()) {
      expect(onLine(edge)).toBe(true);
    }
  });

  it("knows at each place whether the line is level or upright there", () => {
    const bent = line([0, 0], [120, 0], [120, 400]);
    const placed = placeLabels(layoutOf({ bent }, [{ x: 0, y: -40, width: 120, height: 80 }]));
    expect(placed.edges.get("bent")).toMatchObject({ direction: "vertical", middle: { x: 120 } });
  });

  it("leaves a label alone that lies free, words included", () => {
    const layout = layoutOf({ a: line([0, 0], [300, 0]), b: line([0, 70], [300, 70]) });
    expect(collisions(layout, labelRoom)).toEqual([]);
    expect(placeLabels(layout)).toEqual(layout);
  });

  it("keeps targets apart where there is no room for glyphs", () => {
    const layout = layoutOf({ a: line([0, 0], [130, 0]), b: line([0, 8], [130, 8]) });
    const placed = placeLabels(layout);
    expect(collisions(placed, targetRoom)).toEqual([]);
  });

  it("covers as little as can be where the line is shorter than a target", () => {
    const short = line([0, 0], [targetSide / 2, 0]);
    expect(placeLabels(layoutOf({ short, twin: short })).edges.size).toBe(2);
  });

  it("places alike whatever the order in which edges came", () => {
    const a = line([0, 0], [300, 0]);
    const b = line([0, 10], [300, 10]);
    expect(placeLabels(layoutOf({ a, b })).edges.get("b")).toEqual(placeLabels(layoutOf({ b, a })).edges.get("b"));
  });
});
