"use client";

import Elk, { type ElkNode } from "elkjs/lib/elk-api.js";
import { useEffect, useRef, useState } from "react";
import { layOut } from "./lay-out.ts";
import type { Layout, LayoutInput } from "./layout-input.ts";
import { layoutKey } from "./layout-key.ts";

interface LayoutState {
  /** The structure that `layout` belongs to. */
  readonly key: string;
  readonly layout: Layout;
}

export interface LayoutResult {
  /** The newest finished layout; nodes that are newer than it have no place yet. */
  readonly layout: Layout | null;
  /** The algorithm failed: the table still works. */
  readonly failed: boolean;
}

/** Lays out off the main thread, and only when the structure changes. */
export function useLayout(input: LayoutInput): LayoutResult {
  const key = layoutKey(input);
  const elk = useRef<InstanceType<typeof Elk> | null>(null);
  const newest = useRef(input);
  newest.current = input;
  const [state, setState] = useState<LayoutState | null>(null);
  const former = useRef<Layout | undefined>(undefined);
  const [failed, setFailed] = useState(false);

  useEffect(() => {
    const engine = new Elk({
      workerFactory: () => new Worker(new URL("./elk-worker.ts", import.meta.url), { type: "module" }),
    });
    elk.current = engine;
    return () => {
      elk.current = null;
      engine.terminateWorker();
    };
  }, []);

  useEffect(() => {
    let outdated = false;
    const run = (graph: ElkNode) => elk.current?.layout(graph) ?? Promise.reject(new Error("the view is gone"));
    layOut(newest.current, run, former.current).then(
      (layout) => {
        if (!outdated) {
          former.current = layout;
          setState({ key, layout });
          setFailed(false);
        }
      },
      () => {
        if (!outdated) {
          setFailed(true);
        }
      },
    );
    return () => {
      outdated = true;
    };
  }, [key]);

  return { layout: state?.layout ?? null, failed };
}
