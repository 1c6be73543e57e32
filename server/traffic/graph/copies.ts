/** Mirrored requests on the graph: from the service whose requests are copied to the one that gets the copies. Pure. */
import type { CopyIdentity, NameCounts } from "@/server/telemetry/records.ts";
import { type EdgeTotals, emptyTotals } from "./edge-totals.ts";
import { edgeId, type NodeFinder } from "./node-ref.ts";

export type CopyRecords = Iterable<{ readonly identity: CopyIdentity; readonly counts: NameCounts }>;

/** Adds them to the edges, which are changed. Copies to another version of the same service stay within its node. */
export function addCopies(
  edges: Map<string, EdgeTotals>,
  copies: CopyRecords,
  finder: NodeFinder,
): Map<string, EdgeTotals> {
  for (const { identity, counts } of copies) {
    const from = finder.ofHost(identity.of.serviceNamespace, identity.of.service);
    const to = finder.ofHost(identity.to.serviceNamespace, identity.to.service);
    if (from === undefined || to === undefined || from.id === to.id) {
      continue;
    }
    const id = edgeId(from, to);
    const edge = edges.get(id) ?? emptyTotals(from, to);
    edge.copies += counts.count;
    edges.set(id, edge);
  }
  return edges;
}
