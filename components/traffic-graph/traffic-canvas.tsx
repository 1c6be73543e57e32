"use client";

import "@xyflow/react/dist/base.css";
import { ReactFlow, ReactFlowProvider, useReactFlow, useViewport } from "@xyflow/react";
import { Maximize, Minus, Plus } from "lucide-react";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { classNames } from "../ui/class-names.ts";
import { isTyping } from "../ui/keys.ts";
import { boundsOf, fitViewport } from "./fit-viewport.ts";
import { edgeTypes, nodeTypes } from "./flow-types.ts";
import { Legend } from "./legend.tsx";
import { SelectProvider } from "./select-context.tsx";
import { type FlowEdge, type FlowNode, reuse, type Selection } from "./to-flow.ts";

/** Dots cost a repaint per frame: beyond this many edges widths have to say it alone. */
const dottedEdgesMax = 150;
const narrow = "(max-width: 719px)";

interface TrafficCanvasProps {
  readonly nodes: readonly FlowNode[];
  readonly edges: readonly FlowEdge[];
  readonly selection: Selection;
  readonly select: (selection: Selection) => void;
  readonly paused: boolean;
}

/** The picture: pan, zoom, choose. It knows positions and looks, not where they come from. */
export function TrafficCanvas(props: TrafficCanvasProps) {
  return (
    <ReactFlowProvider>
      <SelectProvider value={props.select}>
        <Canvas {...props} />
      </SelectProvider>
    </ReactFlowProvider>
  );
}

function Canvas({ nodes, edges, selection, select, paused }: TrafficCanvasProps) {
  const former = useRef<{ nodes: FlowNode[]; edges: FlowEdge[] }>({ nodes: [], edges: [] });
  const shown = useMemo(() => {
    const next = { nodes: reuse(former.current.nodes, nodes), edges: reuse(former.current.edges, edges) };
    former.current = next;
    return next;
  }, [nodes, edges]);
  const touched = useRef(false);
  const { zoomIn, zoomOut, setCenter, setViewport, getZoom } = useReactFlow();
  const structure = [...shown.nodes, ...shown.edges].map(({ id }) => id).join();
  const chosen = selection === null ? "" : `${selection.kind}:${selection.id}`;

  const frame = useRef<HTMLDivElement>(null);
  const [ready, setReady] = useState(false);
  const show = useCallback(
    (duration: number) => {
      const size = frame.current;
      if (!size || former.current.nodes.length === 0) {
        return;
      }
      const room = { width: size.clientWidth, height: size.clientHeight };
      void setViewport(fitViewport(boundsOf(former.current.nodes, former.current.edges), room), { duration });
    },
    [setViewport],
  );

  // biome-ignore lint/correctness/useExhaustiveDependencies: when nodes or edges come or go or something is chosen, not when figures change
  useEffect(() => {
    const middle = chosen !== "" && matchMedia(narrow).matches ? middleOf(former.current, selection) : undefined;
    if (middle) {
      // The sheet covers the lower 62 %: centre in what is left.
      const zoom = Math.max(getZoom(), 0.85);
      void setCenter(middle.x, middle.y + (window.innerHeight * 0.28) / zoom, { zoom, duration: 160 });
    } else if (!touched.current) {
      show(0);
    }
  }, [structure, chosen, ready, setCenter, getZoom, show]);

  useEffect(() => {
    const size = frame.current;
    if (!size || !ready) {
      return;
    }
    const observer = new ResizeObserver(() => {
      if (!touched.current && !matchMedia(narrow).matches) {
        show(0);
      }
    });
    observer.observe(size);
    return () => observer.disconnect();
  }, [ready, show]);

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (isTyping(event) || event.metaKey || event.ctrlKey) {
        return;
      }
      if (event.key === "0") {
        touched.current = false;
        show(160);
      } else if (event.key === "+" || event.key === "=") {
        void zoomIn({ duration: 90 });
      } else if (event.key === "-") {
        void zoomOut({ duration: 90 });
      }
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [show, zoomIn, zoomOut]);

  return (
    <div
      ref={frame}
      className={classNames("canvas", paused && "is-paused", shown.edges.length > dottedEdgesMax && "no-dots")}
      data-testid="traffic-canvas"
    >
      <ReactFlow
        nodes={shown.nodes}
        edges={shown.edges}
        nodeTypes={nodeTypes}
        edgeTypes={edgeTypes}
        nodesDraggable={false}
        nodesConnectable={false}
        nodesFocusable={false}
        edgesFocusable={false}
        elementsSelectable={false}
        minZoom={0.15}
        maxZoom={2}
        zoomOnDoubleClick={false}
        panOnScroll
        onInit={() => setReady(true)}
        attributionPosition="top-right"
        onlyRenderVisibleElements={shown.nodes.length > 200}
        onMove={(event) => {
          // Only a person's own move; fitting is no reason to stop fitting.
          touched.current ||= Boolean(event);
        }}
        onNodeClick={(_, node) => node.type !== "box" && select({ kind: "node", id: node.id })}
        onEdgeClick={(_, edge) => select({ kind: "edge", id: edge.id })}
        onPaneClick={() => select(null)}
        aria-label="Traffic graph"
      />
      <Legend />
      <Zoom
        onFit={() => {
          touched.current = false;
          show(160);
        }}
        onIn={() => {
          touched.current = true;
          void zoomIn({ duration: 90 });
        }}
        onOut={() => {
          touched.current = true;
          void zoomOut({ duration: 90 });
        }}
      />
    </div>
  );
}

function middleOf(shown: { nodes: readonly FlowNode[]; edges: readonly FlowEdge[] }, selection: Selection) {
  if (selection?.kind === "edge") {
    return shown.edges.find((edge) => edge.id === selection.id)?.data?.middle;
  }
  const node = shown.nodes.find((candidate) => candidate.id === selection?.id);
  return node ? { x: node.position.x + (node.width ?? 0) / 2, y: node.position.y + (node.height ?? 0) / 2 } : undefined;
}

function Zoom({
  onFit,
  onIn,
  onOut,
}: {
  readonly onFit: () => void;
  readonly onIn: () => void;
  readonly onOut: () => void;
}) {
  const { zoom } = useViewport();
  return (
    <div className="float hide-narrow" style={{ right: 16, bottom: 14 }}>
      <button type="button" title="Zoom out (−)" aria-label="Zoom out" onClick={onOut}>
        <Minus className="ic ic-14" aria-hidden="true" />
      </button>
      <span className="xs t2 tn" style={{ padding: "0 4px", minWidth: 44, textAlign: "center" }}>
        {Math.round(zoom * 100)} %
      </span>
      <button type="button" title="Zoom in (+)" aria-label="Zoom in" onClick={onIn}>
        <Plus className="ic ic-14" aria-hidden="true" />
      </button>
      <button type="button" title="Fit (0)" aria-label="Fit" onClick={onFit}>
        <Maximize className="ic ic-14" aria-hidden="true" />
      </button>
    </div>
  );
}
