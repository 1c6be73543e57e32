import { Copy } from "lucide-react";
import type { GraphEdge } from "@/server/contracts/traffic.ts";
import { Figure } from "../../ui/figure.tsx";
import { count, plural, rate } from "../../ui/format.ts";
import { Note } from "../../ui/states.tsx";
import { PanelSection } from "./panel-frame.tsx";

const nameOf = (id: string): string => id.slice(id.indexOf("/") + 1);

/** Nothing but copies went this way: there is nobody who called, and no answer that anybody waited for. */
export const hasOnlyCopies = ({ count: passed, denied, copies }: GraphEdge): boolean =>
  passed + denied === 0 && copies > 0;

/** Mirrored requests on an edge, apart from everything that callers wait for. */
export function CopiesSection({ edge }: { readonly edge: GraphEdge }) {
  return (
    <PanelSection title="Copies" note={`${count(edge.copies)} in the window`}>
      <Note icon={Copy}>
        {plural(edge.copies, "copy", "copies")} of requests to {nameOf(edge.from)} {edge.copies === 1 ? "was" : "were"}{" "}
        sent to {nameOf(edge.to)}. Answers to copies are thrown away, and no other figure counts them.
      </Note>
    </PanelSection>
  );
}

/** The one figure of an edge that carries nothing else. */
export function CopiesFigure({ edge }: { readonly edge: GraphEdge }) {
  return (
    <div className="figs">
      <div>
        <div className="v">
          <Figure of={rate(edge.copiesPerSecond, "copies/s")} />
        </div>
        <div className="cap">{count(edge.copies)} total</div>
      </div>
    </div>
  );
}
