"use client";

import { useEffect } from "react";
import { isTyping } from "../../ui/keys.ts";
import type { Selection } from "../to-flow.ts";
import { EdgePanel } from "./edge-panel.tsx";
import { NodePanel } from "./node-panel.tsx";

interface DetailsPanelProps {
  readonly selection: NonNullable<Selection>;
  readonly windowSeconds: number;
  readonly onClose: () => void;
  readonly select: (selection: Selection) => void;
}

/** The evidence behind what was chosen in the graph. Esc closes it; the address keeps the choice. */
export function DetailsPanel({ selection, windowSeconds, onClose, select }: DetailsPanelProps) {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key === "Escape" && !event.defaultPrevented && !isTyping(event)) {
        onClose();
      }
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [onClose]);
  if (selection.kind === "node") {
    return <NodePanel id={selection.id} windowSeconds={windowSeconds} onClose={onClose} select={select} />;
  }
  const [from = "", to = ""] = selection.id.split("~");
  return <EdgePanel from={from} to={to} windowSeconds={windowSeconds} onClose={onClose} select={select} />;
}
