import { EdgeLabelRenderer, type EdgeProps } from "@xyflow/react";
import { memo } from "react";
import { classNames } from "../../ui/class-names.ts";
import type { FlowEdge } from "../to-flow.ts";
import { EdgeLabel } from "./edge-label.tsx";

/** Dots creep some 20 px a second: more frames would cost paint and show nothing. */
const dotFramesPerSecond = 12;

/** One line per caller and callee: width is rate, red is failing, dashed is denied, dots run with the rate. */
export const TrafficEdge = memo(function TrafficEdge({ id, data }: EdgeProps<FlowEdge>) {
  if (!data) {
    return null;
  }
  const { look, path, selected, dimmed } = data;
  const state = classNames(look.tone !== "plain" && `is-${look.tone}`, selected && "is-selected");
  return (
    <>
      <g className={classNames("g", dimmed && "is-dim")}>
        <path className="hit" d={path.d} />
        {selected && <path className="halo" d={path.d} />}
        <path className={`edge w${look.width} ${state}`} d={path.d} />
        {look.dotSeconds !== null && (
          <path
            className={`flow ${state}`}
            d={path.d}
            style={{
              animationDuration: `${look.dotSeconds}s`,
              animationTimingFunction: `steps(${Math.round(look.dotSeconds * dotFramesPerSecond)})`,
            }}
          />
        )}
        <path
          className={`head ${state}`}
          d="M-9 -4.5 L0 0 L-9 4.5Z"
          transform={`translate(${path.tip.x} ${path.tip.y}) rotate(${path.angle})`}
        />
      </g>
      <EdgeLabelRenderer>
        <EdgeLabel id={id} data={data} />
      </EdgeLabelRenderer>
    </>
  );
});
