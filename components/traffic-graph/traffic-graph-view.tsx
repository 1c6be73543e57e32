"use client";

import { Waypoints } from "lucide-react";
import { useMemo } from "react";
import { usePaused, useTimeWindow } from "../query/live.tsx";
import { titleOf, userMessageOf } from "../query/portal-error.ts";
import { windowTitle } from "../query/time-window.ts";
import { LinkButton } from "../ui/button.tsx";
import { exact } from "../ui/format.ts";
import { Empty, Failure, Note } from "../ui/states.tsx";
import { useNow } from "../ui/time-ago.tsx";
import { DetailsPanel } from "./details-panel/details-panel.tsx";
import { parseExpression } from "./graph-expression.ts";
import { filterGraph } from "./graph-filter.ts";
import { groupGraph } from "./graph-group.ts";
import { GraphToolbar } from "./graph-toolbar.tsx";
import { useGraphViewState } from "./graph-view-state.ts";
import { useLayout } from "./layout/use-layout.ts";
import { TimeStrip } from "./time-strip.tsx";
import { layoutInput, toFlow } from "./to-flow.ts";
import { TrafficCanvas } from "./traffic-canvas.tsx";
import { TrafficTable } from "./traffic-table.tsx";
import { useTrafficGraph } from "./use-traffic-graph.ts";

/** Telemetry older than this means that the collector hears nothing, in ms. */
const staleAfterMs = 10_000;
const emptyGraph = {
  revision: 0,
  endUnixMs: 0,
  windowSeconds: 60,
  nodes: [],
  edges: [],
  namespaces: [],
  totals: { rps: 0, errorShare: 0, deniedPerSecond: 0, mtlsShare: null },
  newestUnixMs: 0,
};

/** The traffic graph with its toolbar, time strip and panel: filter, group, lay out, draw. */
export function TrafficGraphView() {
  const { state, actions } = useGraphViewState();
  const { paused } = usePaused();
  const window_ = useTimeWindow();
  const { graph, error, retry, disconnected } = useTrafficGraph(window_.seconds, paused, state.end);
  const { select } = actions;

  const filtered = useMemo(() => {
    const parsed = parseExpression(state.expression);
    const expression = parsed.ok ? parsed.expression : [];
    return filterGraph(graph ?? emptyGraph, {
      find: state.mode === "find" ? expression : [],
      hide: state.mode === "hide" ? expression : [],
      showIdle: state.showIdle,
    });
  }, [graph, state.expression, state.mode, state.showIdle]);
  const grouped = useMemo(() => groupGraph(filtered.graph, state.grouping), [filtered, state.grouping]);
  const input = useMemo(() => layoutInput(grouped, filtered.graph.edges), [grouped, filtered]);
  const { layout, failed } = useLayout(input);
  const flow = useMemo(
    () =>
      layout
        ? toFlow({ filtered, grouped, layout, metric: state.metric, selection: state.selection })
        : { nodes: [], edges: [] },
    [filtered, grouped, layout, state.metric, state.selection],
  );
  const asTable = state.as === "table" || failed;

  return (
    <main className="graph" id="content" tabIndex={-1}>
      <h1 className="vh">Traffic graph</h1>
      <section className="stage" aria-label={`Traffic graph, last ${windowTitle(window_.name)}`}>
        <GraphToolbar state={state} actions={actions} idle={filtered.idle} found={filtered.found} />
        {asTable ? (
          <TrafficTable graph={filtered.graph} dimmed={filtered.dimmed} selection={state.selection} select={select} />
        ) : (
          <div style={{ position: "relative", minHeight: 0, display: "grid" }}>
            <TrafficCanvas
              nodes={flow.nodes}
              edges={flow.edges}
              selection={state.selection}
              select={select}
              paused={paused || state.end !== null}
            />
            {graph && filtered.graph.edges.length === 0 && (
              <div className="over" style={{ placeItems: "start center" }}>
                <Quiet filtered={state.expression !== ""} nodes={filtered.graph.nodes.length} />
              </div>
            )}
          </div>
        )}
        {error !== null && error !== undefined && (
          <div className="over">
            <Failure title={titleOf(error)} onRetry={retry}>
              {userMessageOf(error)}
            </Failure>
          </div>
        )}
        {graph && (
          <Staleness newest={graph.newestUnixMs} live={!paused && state.end === null} disconnected={disconnected} />
        )}
        <TimeStrip
          windowSeconds={window_.seconds}
          end={state.end}
          setEnd={actions.setEnd}
          newest={graph?.endUnixMs ?? 0}
        />
      </section>
      {state.selection && graph && (
        <DetailsPanel
          key={`${state.selection.kind}:${state.selection.id}`}
          selection={state.selection}
          windowSeconds={window_.seconds}
          onClose={() => select(null)}
          select={select}
        />
      )}
    </main>
  );
}

function Quiet({ filtered, nodes }: { readonly filtered: boolean; readonly nodes: number }) {
  if (filtered) {
    return (
      <Empty icon={Waypoints} title="Nothing matches">
        The expression leaves no traffic. Empty it with Esc to see everything.
      </Empty>
    );
  }
  return (
    <Empty
      icon={Waypoints}
      title={nodes === 0 ? "No services yet" : "No traffic in this window"}
      action={
        nodes > 0 && (
          <LinkButton href="/try-it" size="s">
            Send a request
          </LinkButton>
        )
      }
    >
      {nodes === 0
        ? "Apply a Deployment and a Service: they appear here by themselves."
        : "Edges appear as soon as a service calls another. Widen the window, or send some requests."}
    </Empty>
  );
}

function Staleness({
  newest,
  live,
  disconnected,
}: {
  readonly newest: number;
  readonly live: boolean;
  readonly disconnected: boolean;
}) {
  const now = useNow();
  if (!live || (!disconnected && (newest === 0 || now - newest < staleAfterMs))) {
    return null;
  }
  return (
    <div className="stale" role="status">
      <Note tone="warn">
        {disconnected ? (
          <>The portal's stream is broken: reconnecting. The mesh enforces on.</>
        ) : (
          <>
            <b>No figures since {exact(newest)}.</b> The proxies do not report; the mesh still enforces.
          </>
        )}
      </Note>
    </div>
  );
}
