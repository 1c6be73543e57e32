import ELK from "elkjs/lib/elk.bundled.js";
import { describe, expect, it } from "vitest";
import { glyphsRoom, sharedArea } from "./label-room.ts";
import { layOut } from "./lay-out.ts";
import type { Layout, LayoutInput, Rect } from "./layout-input.ts";

const elk = new ELK();
const run = (graph: Parameters<typeof elk.layout>[0]) => elk.layout(graph);
const node = (id: string, height = 66) => ({ id, width: 144, height });
const box = (id: string, ...nodes: ReturnType<typeof node>[]) => ({ id, minWidth: 120, nodes });
const edge = (from: string, to: string) => ({ id: `${from}~${to}`, from, to });

const company: LayoutInput = {
  boxes: [
    box("default", node("httpbin"), node("sleep")),
    box("istio-ingress", node("ingress")),
    box("purchase-history", node("history", 112)),
    box("recommendation", node("recommendation")),
    box("web-api", node("web-api")),
  ],
  free: [{ id: "outside", width: 150, height: 34 }],
  edges: [
    edge("outside", "ingress"),
    edge("ingress", "web-api"),
    edge("web-api", "recommendation"),
    edge("recommendation", "history"),
    edge("sleep", "httpbin"),
    edge("sleep", "web-api"),
  ],
};

const overlap = (a: Rect, b: Rect) =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

function at(layout: Layout, id: string): Rect {
  return layout.nodes.get(id)!;
}

/** Glyphs of an edge that lie on another's or on a node. */
function collisionsIn(layout: Layout): string[] {
  const glyphs = [...layout.edges].map(([id, drawn]) => [id, glyphsRoom(drawn)] as const);
  const taken = [...glyphs, ...layout.nodes];
  return glyphs.flatMap(([id, rect]) =>
    taken.filter(([other, its]) => other !== id && sharedArea(rect, its) > 0).map(([other]) => `${id} on ${other}`),
  );
}

describe("layout", () => {
  it("puts callers left of those they call, across boxes", async () => {
    const layout = await layOut(company, run);
    expect(at(layout, "ingress").x).toBeLessThan(at(layout, "web-api").x);
    expect(at(layout, "web-api").x).toBeLessThan(at(layout, "recommendation").x);
    expect(at(layout, "recommendation").x).toBeLessThan(at(layout, "history").x);
  });

  it("lets no box lie on another and keeps nodes inside their box", async () => {
    const layout = await layOut(company, run);
    const boxes = [...layout.boxes];
    for (const [id, rect] of boxes) {
      for (const [other, otherRect] of boxes) {
        expect(id !== other && overlap(rect, otherRect), `${id} on ${other}`).toBe(false);
      }
    }
    for (const { id, nodes } of company.boxes) {
      const outer = layout.boxes.get(id)!;
      for (const inner of nodes) {
        const rect = at(layout, inner.id);
        expect(rect.x >= outer.x && rect.x + rect.width <= outer.x + outer.width).toBe(true);
        expect(rect.y >= outer.y && rect.y + rect.height <= outer.y + outer.height).toBe(true);
      }
    }
  });

  it("stands a client of the gateway above it instead of giving it a column", async () => {
    const layout = await layOut(company, run);
    expect(at(layout, "outside").y + at(layout, "outside").height).toBeLessThan(layout.boxes.get("istio-ingress")!.y);
  });

  it("draws every edge from its caller to its callee with its middle on the line", async () => {
    const layout = await layOut(company, run);
    for (const { id, from, to } of company.edges) {
      const drawn = layout.edges.get(id)!;
      const touches = (rect: Rect, { x, y }: { x: number; y: number }) =>
        x >= rect.x - 1 && x <= rect.x + rect.width + 1 && y >= rect.y - 1 && y <= rect.y + rect.height + 1;
      expect(touches(at(layout, from), drawn.points[0]!), `${id} starts`).toBe(true);
      expect(touches(at(layout, to), drawn.points.at(-1)!), `${id} ends`).toBe(true);
      const onLine = drawn.points.slice(1).some((end, index) => {
        const start = drawn.points[index]!;
        const { x, y } = drawn.middle;
        return (
          x >= Math.min(start.x, end.x) - 1 &&
          x <= Math.max(start.x, end.x) + 1 &&
          y >= Math.min(start.y, end.y) - 1 &&
          y <= Math.max(start.y, end.y) + 1
        );
      });
      expect(onLine, `${id} has its lock on the line`).toBe(true);
    }
  });

  it("keeps labels of a box's inner edges apart that share a way round its nodes", async () => {
    const trio = [edge("a", "b"), edge("b", "c"), edge("a", "c"), edge("c", "a"), edge("d", "d"), edge("d", "a")];
    const crowded: LayoutInput = {
      boxes: [box("box", node("a"), node("b"), node("c"), node("d"))],
      free: [],
      edges: trio,
    };
    expect(collisionsIn(await layOut(crowded, run))).toEqual([]);
  });

  it.each([
    ["the company", company.edges],
    ["a caller refused everywhere", [...company.edges, edge("sleep", "recommendation"), edge("sleep", "history")]],
    ["calls both ways in a box", [...company.edges, edge("httpbin", "sleep"), edge("sleep", "sleep")]],
    ["everybody calls the last one", [...company.edges, edge("web-api", "history"), edge("httpbin", "history")]],
    ["answers that call back", [...company.edges, edge("web-api", "sleep"), edge("history", "recommendation")]],
  ])("lets no edge's glyphs lie on another's or on a node: %s", async (_, edges) => {
    const layout = await layOut({ ...company, edges }, run);
    expect(layout.edges.size).toBe(edges.length);
    expect(collisionsIn(layout)).toEqual([]);
  });

  it("keeps what stayed where it was when something joins", async () => {
    const before = await layOut(company, run);
    const more = {
      ...company,
      boxes: [...company.boxes, box("new", node("new"))],
      edges: [...company.edges, edge("new", "history")],
    };
    const after = await layOut(more, run, before);
    const still = [...before.nodes].filter(([id, rect]) => {
      const now = at(after, id);
      return Math.abs(now.x - rect.x) < 1 && Math.abs(now.y - rect.y) < 1;
    });
    expect(still.length).toBeGreaterThanOrEqual(before.nodes.size / 2);
  });

  it("gives the same picture for the same structure", async () => {
    const [one, two] = [await layOut(company, run), await layOut(company, run)];
    expect([...one.nodes]).toEqual([...two.nodes]);
  });

  it("places and connects everything of a mesh too large for care", async () => {
    const names = Array.from({ length: 120 }, (_, index) => `s${index}`);
    const large: LayoutInput = {
      boxes: names.map((name) => box(`ns-${name}`, node(name))),
      free: [],
      edges: names.slice(1).map((name, index) => edge(names[index >> 1]!, name)),
    };
    const layout = await layOut(large, run);
    expect(layout.nodes.size).toBe(names.length);
    expect(layout.edges.size).toBe(large.edges.length);
  });

  it("has nothing to place in an empty graph", async () => {
    expect((await layOut({ boxes: [], free: [], edges: [] }, run)).nodes.size).toBe(0);
  });
});
