"use client";

import { Eye, EyeOff, Share2 } from "lucide-react";
import { toast } from "sonner";
import { IconButton } from "../ui/button.tsx";
import { plural } from "../ui/format.ts";
import { Pick } from "../ui/menu.tsx";
import { Segmented } from "../ui/segmented.tsx";
import { ExpressionBox } from "./expression-box.tsx";
import type { GraphViewActions, GraphViewState } from "./graph-view-state.ts";

interface GraphToolbarProps {
  readonly state: GraphViewState;
  readonly actions: GraphViewActions;
  readonly idle: number;
  readonly found: number;
}

function share() {
  navigator.clipboard.writeText(window.location.href).then(
    () => toast("The link to this view is copied"),
    () => toast("The address bar holds the link to this view"),
  );
}

/** How the graph is drawn and what of it. */
export function GraphToolbar({ state, actions, idle, found }: GraphToolbarProps) {
  return (
    <div className="toolbar" role="toolbar" aria-label="View">
      <Pick
        ghost
        label="Boxes"
        value={state.grouping}
        choices={[
          { value: "namespace", label: "Namespace" },
          { value: "team", label: "Team" },
          { value: "none", label: "None" },
        ]}
        onChange={actions.setGrouping}
      />
      <Pick
        ghost
        label="Labels"
        value={state.metric}
        choices={[
          { value: "rate", label: "Rate" },
          { value: "errors", label: "Errors" },
          { value: "latency", label: "Latency" },
          { value: "throughput", label: "Throughput" },
          { value: "none", label: "None" },
        ]}
        onChange={actions.setMetric}
      />
      <span className="sep hide-narrow" />
      <ExpressionBox value={state.expression} mode={state.mode} onChange={actions.setExpression} />
      {state.mode === "find" && state.expression !== "" && (
        <span className="xs t3 tn nowrap hide-narrow" role="status">
          {found} found
        </span>
      )}
      {idle > 0 && (
        <button
          type="button"
          className="pick is-ghost hide-narrow"
          aria-pressed={!state.showIdle}
          title={state.showIdle ? "Hide what has no traffic" : "Show what has no traffic"}
          onClick={() => actions.setShowIdle(!state.showIdle)}
        >
          {state.showIdle ? (
            <Eye className="ic ic-14" aria-hidden="true" />
          ) : (
            <EyeOff className="ic ic-14" aria-hidden="true" />
          )}
          {plural(idle, "idle", "idle")}
        </button>
      )}
      <span className="grow" />
      <Segmented
        small
        label="View"
        value={state.as}
        options={[
          { value: "graph", label: "Graph" },
          { value: "table", label: "Table" },
        ]}
        onChange={actions.setAs}
      />
      <IconButton className="hide-narrow" size="s" icon={Share2} label="Share this view" onClick={share} />
    </div>
  );
}
