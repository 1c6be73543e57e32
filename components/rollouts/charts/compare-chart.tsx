"use client";

import type { PointerEvent } from "react";
import type { RolloutSeries } from "@/server/contracts/rollouts.ts";
import { clock } from "../../ui/format.ts";
import { type Drawn, endLabel, figureOf, tickLabel } from "./chart-readout.ts";
import {
  type Axis,
  along,
  axisFromZero,
  axisToHundred,
  lastOf,
  linePath,
  spreadLabels,
  timeMarks,
  type Values,
} from "./chart-scale.ts";
import type { Limit } from "./limits.ts";
import { useWidth } from "./use-width.ts";

const plot = { top: 6, height: 170, left: 36, right: 54, below: 20 };

interface CompareChartProps {
  readonly title: string;
  readonly drawn: Drawn;
  readonly stable: { readonly version: string; readonly values: Values };
  readonly canary: { readonly version: string; readonly values: Values };
  readonly limits: readonly Limit[];
  readonly marks: RolloutSeries["marks"];
  readonly endUnixMs: number;
  readonly stepSeconds: number;
  /** Shares are written at their marks. */
  readonly withShares?: boolean;
  /** The value that is pointed at; null: none. */
  readonly at: number | null;
  readonly onAt: (at: number | null) => void;
}

/**
 * Two versions over the same time, labelled at their ends. A pointer or the arrow keys look at a moment; a screen reader
 * hears the figures there.
 */
export function CompareChart(props: CompareChartProps) {
  const { title, drawn, stable, canary, limits, marks, endUnixMs, stepSeconds, withShares = false, at, onAt } = props;
  const [frame, width] = useWidth<HTMLDivElement>(378);
  const length = Math.max(2, stable.values.length, canary.values.length);
  const spanMs = (length - 1) * stepSeconds * 1000;
  const inner = width - plot.left - plot.right;
  const x = (index: number) => plot.left + (index / (length - 1)) * inner;
  const xOf = (unixMs: number) => plot.left + (1 - (endUnixMs - unixMs) / spanMs) * inner;
  const series = [stable.values, canary.values];
  const bounds = limits.map(({ value }) => value);
  const axis: Axis = drawn === "success" ? axisToHundred(series, bounds) : axisFromZero(series, bounds);
  const y = (value: number) => plot.top + along(axis, value, plot.height);
  const time = (index: number) => endUnixMs - (length - 1 - index) * stepSeconds * 1000;
  const seen = marks.filter(({ timeUnixMs }) => timeUnixMs >= endUnixMs - spanMs && timeUnixMs <= endUnixMs);
  const readout = (index: number) =>
    `${clock(time(index))} UTC: ${[stable, canary]
      .map(({ version, values }) => `${version} ${words(drawn, values[index] ?? null)}`)
      .join(", ")}`;
  const point = (event: PointerEvent<HTMLElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    const index = Math.round(((event.clientX - box.left - plot.left) / inner) * (length - 1));
    onAt(Math.min(length - 1, Math.max(0, index)));
  };
  const bottom = plot.top + plot.height;
  return (
    <div
      className="compare"
      ref={frame}
      onPointerMove={point}
      onPointerLeave={(event) => event.pointerType === "mouse" && onAt(null)}
    >
      <svg className="chart" width={width} height={bottom + plot.below} aria-hidden="true">
        {axis.ticks.map((tick) => (
          <g key={tick}>
            <path className="grid" d={`M${plot.left} ${y(tick)}H${width - plot.right}`} />
            <text x={plot.left - 6} y={y(tick) + 3.5} textAnchor="end">
              {tickLabel(tick)}
            </text>
          </g>
        ))}
        {axis.from > 0 && <path className="break" d={`M${plot.left - 14} ${bottom}l3 -4l3 4l3 -4l3 4`} />}
        {timeMarks(endUnixMs - spanMs, endUnixMs).map((mark) => (
          <text key={mark} x={xOf(mark)} y={bottom + 17} textAnchor="middle">
            {clock(mark).slice(0, 5)}
          </text>
        ))}
        {seen.map(({ timeUnixMs, weight }, index) => (
          <g key={timeUnixMs}>
            <path
              className={index === seen.length - 1 ? "mark is-now" : "mark"}
              d={`M${xOf(timeUnixMs)} ${plot.top - 4}V${bottom}`}
            />
            {withShares && xOf(timeUnixMs) < width - plot.right - 20 && (
              <text x={xOf(timeUnixMs) + 5} y={plot.top + 9} className="mark-t">
                {`${Number(weight.toFixed(2))} %`}
              </text>
            )}
          </g>
        ))}
        {limits.map(({ value, words: limit }) => (
          <g key={limit}>
            <path className="limit" d={`M${plot.left} ${y(value)}H${width - plot.right}`} />
            <text className="limit-t" x={plot.left + 4} y={y(value) < plot.top + 14 ? y(value) + 12 : y(value) - 4}>
              {limit}
            </text>
          </g>
        ))}
        {series.every((values) => lastOf(values) === undefined) && (
          <text x={plot.left + inner / 2} y={plot.top + plot.height / 2} textAnchor="middle">
            No requests in this time
          </text>
        )}
        <path className="l-stable" d={linePath(stable.values, x, y)} />
        <path className="l-canary" d={linePath(canary.values, x, y)} />
        <Ends
          drawn={drawn}
          stable={stable.values}
          canary={canary.values}
          x={x}
          y={y}
          labelX={width - plot.right + 10}
        />
        {at !== null && at < length && (
          <g>
            <path className="cursor" d={`M${x(at)} ${plot.top - 4}V${bottom}`} />
            <Mark values={stable.values} at={at} x={x} y={y} of="stable" />
            <Mark values={canary.values} at={at} x={x} y={y} of="canary" />
          </g>
        )}
      </svg>
      <input
        type="range"
        className="compare-range"
        min={0}
        max={length - 1}
        step={1}
        value={at ?? length - 1}
        aria-label={`${title}, look at a moment`}
        aria-valuetext={readout(at ?? length - 1)}
        onChange={(event) => onAt(Number(event.target.value))}
        onBlur={() => onAt(null)}
      />
    </div>
  );
}

const words = (drawn: Drawn, value: number | null): string => {
  const { value: text, unit } = figureOf(drawn, value);
  return value === null ? "no requests" : `${text} ${unit}`.trim();
};

interface PlaceProps {
  readonly x: (index: number) => number;
  readonly y: (value: number) => number;
}

function Mark({
  values,
  at,
  x,
  y,
  of,
}: PlaceProps & { readonly values: Values; readonly at: number; readonly of: "stable" | "canary" }) {
  const value = values[at];
  if (value === null || value === undefined) {
    return null;
  }
  return of === "stable" ? (
    <circle className="m-stable" cx={x(at)} cy={y(value)} r="4" />
  ) : (
    <path className="m-canary" d="M0 -5L5 0L0 5L-5 0Z" transform={`translate(${x(at)} ${y(value)})`} />
  );
}

/** The newest figure of each line, marked and labelled. */
function Ends({
  drawn,
  stable,
  canary,
  x,
  y,
  labelX,
}: PlaceProps & {
  readonly drawn: Drawn;
  readonly stable: Values;
  readonly canary: Values;
  readonly labelX: number;
}) {
  const ends = [
    { of: "stable", values: stable },
    { of: "canary", values: canary },
  ].flatMap(({ of, values }) => {
    const last = lastOf(values);
    return last ? [{ of: of as "stable" | "canary", values, ...last }] : [];
  });
  const heights = spreadLabels(
    ends.map(({ value }) => y(value)),
    13,
    plot.top + 2,
    plot.top + plot.height,
  );
  return ends.map(({ of, values, value, index }, order) => (
    <g key={of}>
      <Mark values={values} at={index} x={x} y={y} of={of} />
      <text x={labelX} y={(heights[order] ?? 0) + 4} className={`end-t is-${of}`}>
        {endLabel(drawn, value)}
      </text>
    </g>
  ));
}
