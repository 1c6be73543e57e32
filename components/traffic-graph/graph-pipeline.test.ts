import { describe, expect, it } from "vitest";
import { parseExpression } from "./graph-expression.ts";
import { filterGraph } from "./graph-filter.ts";
import { groupGraph } from "./graph-group.ts";
import type { Layout } from "./layout/layout-input.ts";
import { layoutKey } from "./layout/layout-key.ts";
import { aGraph, aNode, anEdge } from "./testing/graph-parts.ts";
import { layoutInput, reuse, toFlow } from "./to-flow.ts";

const sleep = aNode({ id: "default/sleep", namespace: "default", name: "sleep", team: "" });
const idle = aNode({ id: "default/httpbin", namespace: "default", name: "httpbin", team: "", health: "idle" });
const webApi = aNode({});
const outside = aNode({
  id: "outside/istioinaction.io",
  kind: "outside",
  namespace: "",
  name: "istioinaction.io",
  versions: [],
});
const call = anEdge({ mtlsShare: 0 });
const graph = aGraph([webApi, sleep, idle, outside], [call]);
const ask = (find: string, hide = "", showIdle = true) => {
  const read = (text: string) => {
    const result = parseExpression(text);
    return result.ok ? result.expression : [];
  };
  return filterGraph(graph, { find: read(find), hide: read(hide), showIdle });
};

describe("filter", () => {
  it("dims what was not found and keeps the ends of a found edge lit", () => {
    const { dimmed, found, graph: kept } = ask("!mtls");
    expect(found).toBe(1);
    expect([...dimmed].sort()).toEqual([idle.id, outside.id].sort());
    expect(kept.nodes).toHaveLength(4);
  });

  it("takes hidden nodes away together with their edges", () => {
    const { graph: kept } = ask("", "namespace = default");
    expect(kept.nodes.map((node) => node.id)).toEqual([webApi.id, outside.id]);
    expect(kept.edges).toEqual([]);
  });

  it("hides what has no traffic only when asked, and counts it all the same", () => {
    expect(ask("").graph.nodes).toHaveLength(4);
    const { graph: kept, idle: count } = ask("", "", false);
    expect(kept.nodes.map((node) => node.id)).toEqual([webApi.id, sleep.id]);
    expect(count).toBe(2);
  });
});

describe("group", () => {
  it("boxes by namespace in the order of names and leaves clients outside", () => {
    const { boxes, free } = groupGraph(graph, "namespace");
    expect(boxes.map((box) => [box.title, box.nodes.map((node) => node.name)])).toEqual([
      ["default", ["httpbin", "sleep"]],
      ["web-api", ["web-api"]],
    ]);
    expect(free.map((node) => node.id)).toEqual([outside.id]);
  });

  it("gives services without a team a box of their own", () => {
    expect(groupGraph(graph, "team").boxes.map((box) => box.title)).toEqual(["no team", "web-api"]);
  });

  it("draws no boxes when none are wanted", () => {
    expect(groupGraph(graph, "none").boxes).toEqual([]);
  });
});

describe("layout key", () => {
  const keyOf = (changed: typeof graph) => layoutKey(layoutInput(groupGraph(changed, "namespace"), changed.edges));
  const key = keyOf(graph);

  it("does not change with figures, nor when an edge is refused", () => {
    const busier = aGraph(
      [{ ...webApi, rpsIn: 900, health: "failing" }, sleep, idle, outside],
      [{ ...call, count: 0, denied: 9 }],
    );
    expect(keyOf(busier)).toBe(key);
  });

  it("does not change with the order of arrival", () => {
    expect(keyOf(aGraph([outside, idle, sleep, webApi], [call]))).toBe(key);
  });

  it.each([
    ["a node comes", aGraph([...graph.nodes, aNode({ id: "x/x", namespace: "x", name: "x" })], graph.edges)],
    ["an edge goes", aGraph(graph.nodes, [])],
    [
      "a second version appears",
      aGraph([{ ...webApi, versions: [...webApi.versions, ...webApi.versions] }, sleep, idle, outside], graph.edges),
    ],
  ])("changes when %s", (_, changed) => expect(keyOf(changed)).not.toBe(key));
});

describe("to flow", () => {
  const at = (x: number, y: number) => ({ x, y, width: 148, height: 66 });
  const layout: Layout = {
    boxes: new Map([["namespace:web-api", at(0, 0)]]),
    nodes: new Map([
      [webApi.id, at(300, 30)],
      [sleep.id, at(10, 30)],
    ]),
    edges: new Map([
      [
        call.id,
        {
          points: [
            { x: 158, y: 60 },
            { x: 300, y: 60 },
          ],
          middle: { x: 230, y: 60 },
          direction: "horizontal",
        },
      ],
    ]),
  };
  const filtered = ask("");
  const request = {
    filtered,
    grouped: groupGraph(graph, "namespace"),
    layout,
    metric: "rate",
    selection: null,
  } as const;

  it("leaves out what has no place yet", () => {
    const flow = toFlow(request);
    expect(flow.nodes.map((node) => node.id)).toEqual(["namespace:web-api", webApi.id, sleep.id]);
    expect(flow.edges.map((edge) => edge.id)).toEqual([call.id]);
  });

  it.each([
    [{ mtlsShare: 1 }, { lock: 1, tone: "plain", refused: "none" }],
    [{ mtlsShare: 0.7 }, { lock: 0.7, tone: "plain", refused: "none" }],
    [{ mtlsShare: 0 }, { lock: null, tone: "plain", refused: "none" }],
    [{ mtlsShare: null }, { lock: null, tone: "plain", refused: "none" }],
    [{ errorShare: 0.02 }, { lock: 1, tone: "error", refused: "none" }],
    [{ errorShare: 0.01 }, { lock: 1, tone: "plain", refused: "none" }],
    [
      { count: 0, denied: 3, mtlsShare: null },
      { lock: null, tone: "denied", refused: "all" },
    ],
    [
      { count: 9, denied: 3 },
      { lock: 1, tone: "plain", refused: "some" },
    ],
    [{ count: 0 }, { lock: 1, tone: "idle", refused: "none" }],
    [
      { count: 0, mtlsShare: null, copies: 6, copiesPerSecond: 0.1 },
      { lock: null, tone: "copies", refused: "none", primary: "Copies", dotSeconds: null },
    ],
    [
      { copies: 6, copiesPerSecond: 2 },
      { tone: "plain", refused: "none", secondary: "2.0\u00a0/s copies" },
    ],
  ] as const)("draws %o as %o", (parts, look) => {
    const changed = aGraph(graph.nodes, [anEdge(parts)]);
    const flow = toFlow({ ...request, filtered: filterGraph(changed, { find: [], hide: [], showIdle: true }) });
    expect(flow.edges[0]?.data?.look).toMatchObject(look);
  });

  it("says the size of every node: edges of one that the canvas must measure again are taken down meanwhile", () => {
    for (const { width, height, measured } of toFlow(request).nodes) {
      expect(measured).toEqual({ width, height });
    }
  });

  it("keeps the former object of what did not change", () => {
    const before = toFlow(request);
    const after = toFlow({ ...request, selection: { kind: "node", id: sleep.id } });
    const nodes = reuse(before.nodes, after.nodes);
    expect(nodes.find((node) => node.id === webApi.id)).toBe(before.nodes.find((node) => node.id === webApi.id));
    expect(nodes.find((node) => node.id === sleep.id)).not.toBe(before.nodes.find((node) => node.id === sleep.id));
  });
});
