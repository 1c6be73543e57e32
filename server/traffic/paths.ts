/** Request shapes and answers of chosen edges. Pure. */
import type { AnswerCount, PathCount } from "@/server/contracts/traffic.ts";
import type { ShapeCounts, ShapeIdentity } from "@/server/telemetry/records.ts";
import type { EdgeTotals } from "./graph/edge-totals.ts";
import { countsEdge, type NodeFinder } from "./graph/node-ref.ts";
import type { EdgeFilter } from "./series.ts";

const pathsMax = 100;

/** The most used method and path templates; at layer 4 one row a port. */
export function pathsOf(
  shapes: Iterable<{ readonly identity: ShapeIdentity; readonly counts: ShapeCounts }>,
  finder: NodeFinder,
  filter: EdgeFilter,
): PathCount[] {
  const paths = new Map<string, PathCount>();
  for (const { identity, counts } of shapes) {
    const { labels, method, path, destinationPort: port, responseCode, decision } = identity;
    if (!countsEdge(labels, "-", finder) || !filter(finder.source(labels), finder.destination(labels))) {
      continue;
    }
    const key = `${method} ${path} ${port}`;
    const known = paths.get(key) ?? { method, path, port, count: 0, errors: 0, denied: 0, lastUnixMs: 0 };
    const denied = decision === "denied" ? counts.count : 0;
    paths.set(key, {
      ...known,
      count: known.count + counts.count,
      errors: known.errors + (denied === 0 && responseCode >= 500 ? counts.count : 0),
      denied: known.denied + denied,
      lastUnixMs: Math.max(known.lastUnixMs, counts.lastUnixMs),
    });
  }
  const rows = [...paths.values()];
  const http = rows.filter(({ method }) => method !== "");
  // The layer 4 view of the same traffic would count it twice.
  return (http.length > 0 ? http : rows).sort((one, other) => other.count - one.count).slice(0, pathsMax);
}

/** Answers by status and flag over several edges, most first. */
export function answersOf(edges: readonly EdgeTotals[]): AnswerCount[] {
  const counts = new Map<string, number>();
  for (const { answers } of edges) {
    for (const [answer, count] of answers) {
      counts.set(answer, (counts.get(answer) ?? 0) + count);
    }
  }
  const all = [...counts.values()].reduce((sum, count) => sum + count, 0);
  return [...counts]
    .map(([answer, count]) => {
      const [code = "0", flags = "-"] = answer.split(" ");
      return { code: Number(code), flags, count, share: count / all };
    })
    .sort((one, other) => other.count - one.count);
}
