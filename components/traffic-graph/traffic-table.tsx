"use client";

import { ArrowRight, Ban } from "lucide-react";
import type { TrafficGraph } from "@/server/contracts/traffic.ts";
import { Figure } from "../ui/figure.tsx";
import { count, milliseconds, rate, share } from "../ui/format.ts";
import { LockBadge } from "../ui/lock-badge.tsx";
import { ScrollX } from "../ui/scroll-x.tsx";
import { nodeTitle, type Selection } from "./to-flow.ts";

interface TrafficTableProps {
  readonly graph: TrafficGraph;
  readonly dimmed: ReadonlySet<string>;
  readonly selection: Selection;
  readonly select: (selection: Selection) => void;
}

/** The same figures as a table, for screen readers and for those who prefer it. One row per caller and callee. */
export function TrafficTable({ graph, dimmed, selection, select }: TrafficTableProps) {
  const byId = new Map(graph.nodes.map((node) => [node.id, node]));
  const edges = graph.edges.filter((edge) => !dimmed.has(edge.id));
  return (
    <ScrollX label="Traffic between services" style={{ overflow: "auto", background: "var(--bg-app)" }}>
      <table className="table" style={{ "--pad-x": "var(--page-x)" } as React.CSSProperties}>
        <caption className="vh">Traffic between services</caption>
        <thead>
          <tr>
            <th scope="col">Caller and callee</th>
            <th scope="col" className="num">
              Rate
            </th>
            <th scope="col" className="num">
              Errors
            </th>
            <th scope="col" className="num">
              p50
            </th>
            <th scope="col" className="num">
              p95
            </th>
            <th scope="col" className="num">
              p99
            </th>
            <th scope="col">mTLS</th>
            <th scope="col" className="num">
              Denied
            </th>
          </tr>
        </thead>
        <tbody>
          {edges.map((edge) => (
            <tr
              key={edge.id}
              className={selection?.id === edge.id ? "is-selected" : undefined}
              data-testid={`row-${edge.from}-${edge.to}`}
            >
              <th scope="row">
                <button type="button" className="rowlink" onClick={() => select({ kind: "edge", id: edge.id })}>
                  <EndName id={edge.from} graphNode={byId.get(edge.from)} />
                  <ArrowRight className="ic ic-12 inl t3" aria-label="to" role="img" />
                  <EndName id={edge.to} graphNode={byId.get(edge.to)} />
                </button>
              </th>
              <td className="num">
                {edge.count + edge.denied > 0 || edge.copies === 0 ? (
                  <Figure of={rate(edge.rps, edge.unit === "connections" ? "conn/s" : "rps")} />
                ) : null}
                {edge.copies > 0 && (
                  <span className="t3" data-testid={`copies-${edge.from}-${edge.to}`}>
                    {" "}
                    <Figure of={rate(edge.copiesPerSecond, "copies/s")} />
                  </span>
                )}
              </td>
              <td className={edge.errorShare > 0.01 ? "num c-error" : "num"}>
                <Figure of={share(edge.count > 0 ? edge.errorShare : null)} />
              </td>
              <td className="num">
                <Figure of={milliseconds(edge.p50Ms)} />
              </td>
              <td className="num">
                <Figure of={milliseconds(edge.p95Ms)} />
              </td>
              <td className="num">
                <Figure of={milliseconds(edge.p99Ms)} />
              </td>
              <td>
                <LockBadge share={edge.mtlsShare} />
              </td>
              <td className={edge.denied > 0 ? "num c-denied" : "num t3"}>
                {edge.denied > 0 && <Ban className="ic ic-12 inl" aria-hidden="true" />} {count(edge.denied)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollX>
  );
}

function EndName({
  id,
  graphNode,
}: {
  readonly id: string;
  readonly graphNode: TrafficGraph["nodes"][number] | undefined;
}) {
  return (
    <span className="svc">
      {nodeTitle(graphNode, id)}
      {graphNode && graphNode.namespace !== "" && <span className="ns"> {graphNode.namespace}</span>}
    </span>
  );
}
