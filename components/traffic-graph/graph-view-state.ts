"use client";

import { useMemo } from "react";
import { useUrlState } from "../query/url-state.ts";
import type { EdgeMetric } from "./edge-look.ts";
import type { Grouping } from "./graph-group.ts";
import type { Selection } from "./to-flow.ts";

const metrics: readonly EdgeMetric[] = ["rate", "errors", "latency", "throughput", "none"];
const groupings: readonly Grouping[] = ["namespace", "team", "none"];

/** Everything about the view that the address restores. */
export interface GraphViewState {
  readonly grouping: Grouping;
  readonly metric: EdgeMetric;
  readonly as: "graph" | "table";
  readonly expression: string;
  readonly mode: "find" | "hide";
  readonly showIdle: boolean;
  readonly selection: Selection;
  /** End of the window when looking back, in ms; null is now. */
  readonly end: number | null;
}

export function useGraphViewState() {
  const { parameters, change } = useUrlState();
  const text = parameters.toString();
  const state = useMemo((): GraphViewState => {
    const read = new URLSearchParams(text);
    const edge = read.get("edge");
    const node = read.get("node");
    const end = Number(read.get("end") ?? Number.NaN);
    return {
      grouping: groupings.find((known) => known === read.get("boxes")) ?? "namespace",
      metric: metrics.find((known) => known === read.get("labels")) ?? "rate",
      as: read.get("as") === "table" ? "table" : "graph",
      expression: read.get("hide") ?? read.get("find") ?? "",
      mode: read.has("hide") ? "hide" : "find",
      showIdle: read.get("idle") !== "hidden",
      selection: edge !== null ? { kind: "edge", id: edge } : node !== null ? { kind: "node", id: node } : null,
      end: Number.isSafeInteger(end) && end > 0 ? end : null,
    };
  }, [text]);
  const actions = useMemo(
    () => ({
      setGrouping: (grouping: Grouping) => change({ boxes: grouping === "namespace" ? null : grouping }),
      setMetric: (metric: EdgeMetric) => change({ labels: metric === "rate" ? null : metric }),
      setAs: (as: "graph" | "table") => change({ as: as === "graph" ? null : as }),
      setExpression: (mode: "find" | "hide", expression: string) =>
        change({ find: mode === "find" ? expression : null, hide: mode === "hide" ? expression : null }),
      setShowIdle: (show: boolean) => change({ idle: show ? null : "hidden" }),
      select: (selection: Selection) =>
        change(
          {
            edge: selection?.kind === "edge" ? selection.id : null,
            node: selection?.kind === "node" ? selection.id : null,
          },
          "push",
        ),
      setEnd: (end: number | null) => change({ end: end === null ? null : String(end) }),
    }),
    [change],
  );
  return { state, actions };
}

export type GraphViewActions = ReturnType<typeof useGraphViewState>["actions"];
