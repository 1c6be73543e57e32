import type { Prefilled } from "@/server/contracts/golden-paths.ts";
import type { GraphNode, NodeDetails } from "@/server/contracts/traffic.ts";
import { PortalError } from "@/server/errors.ts";
import type { Portal } from "@/server/portal.ts";
import { behindTheScenesOf } from "./behind-the-scenes.ts";
import { collectEdges } from "./graph/edge-totals.ts";
import { NodeFinder } from "./graph/node-ref.ts";
import { answersOf } from "./paths.ts";
import { latencySeriesOf } from "./series.ts";

/** Everything about one node. Throws `not-found`. */
export async function nodeDetailsOf(
  portal: Portal,
  id: string,
  windowSeconds: number,
  endUnixMs?: number,
): Promise<NodeDetails> {
  const graph = await portal.traffic.graph(windowSeconds, endUnixMs);
  const node = graph.nodes.find((candidate) => candidate.id === id);
  if (node === undefined) {
    throw new PortalError("not-found", "There is no such service in this window. Choose a longer one.");
  }
  const finder = new NodeFinder(portal.inventory.current);
  const totals = [...collectEdges(portal.traffic.records(windowSeconds, graph.endUnixMs), finder).values()];
  const incoming = totals.filter(({ to }) => to.id === id);
  // A client that nobody calls is shown by what it sends.
  const sends = incoming.length === 0;
  return {
    node,
    windowSeconds,
    callers: graph.edges.filter(({ to }) => to === id),
    callees: graph.edges.filter(({ from }) => from === id),
    series: latencySeriesOf(
      portal.telemetry,
      finder,
      (from, to) => (sends ? from.id === id : to.id === id),
      windowSeconds,
      graph.endUnixMs,
    ),
    behind: behindTheScenesOf(portal.telemetry, finder, id, graph.endUnixMs - windowSeconds * 1_000, graph.endUnixMs),
    answers: answersOf(sends ? totals.filter(({ from }) => from.id === id) : incoming),
    suggestions: suggestFor(node),
  };
}

/** What would cover the service next. */
export function suggestFor(node: Pick<GraphNode, "kind" | "namespace" | "enrolment" | "authorized">): Prefilled[] {
  if (node.kind !== "service" || node.namespace === "") {
    return [];
  }
  const { captured, pods } = node.enrolment;
  if (captured < pods) {
    return [
      {
        slug: "join-the-mesh",
        title: `Enrol ${node.namespace}`,
        reason: `${captured} of ${pods} pods are in the mesh`,
        values: { namespaces: [node.namespace], enrolled: true },
      },
    ];
  }
  return node.authorized
    ? []
    : [
        {
          slug: "lock-down",
          title: `Lock down ${node.namespace}`,
          reason: "Anybody may call it today",
          values: { scope: "namespaces", namespaces: [node.namespace], locked: true, keepGatewaysOpen: true },
        },
      ];
}
