"use client";

import { useQuery } from "@tanstack/react-query";
import { Pause, Play, SkipBack, SkipForward } from "lucide-react";
import type { KeyboardEvent, PointerEvent } from "react";
import { endpoints } from "@/server/contracts/endpoints.ts";
import { type Timeline, timeline } from "@/server/contracts/traffic.ts";
import { fetchJson } from "../query/fetch-json.ts";
import { useLiveInterval, usePaused } from "../query/live.tsx";
import { queryKeys } from "../query/query-keys.ts";
import { IconButton } from "../ui/button.tsx";
import { clock, exact, rate, textOf } from "../ui/format.ts";
import { areaPath, linePath } from "../ui/line-path.ts";
import { stripFlags } from "./strip-flags.ts";

const stepMs = 10_000;
const height = 84;
const scale = { width: 1000, height: 58, pad: 2 };

interface TimeStripProps {
  readonly windowSeconds: number;
  /** End of the window in ms, null when live. */
  readonly end: number | null;
  readonly setEnd: (end: number | null) => void;
  /** Time of the newest figures, in ms. */
  readonly newest: number;
}

/** The last half hour: rate, errors and denials, changes as flags, the window tinted. Drag to look back. */
export function TimeStrip({ windowSeconds, end, setEnd, newest }: TimeStripProps) {
  const { paused, setPaused } = usePaused();
  const query = useQuery({
    queryKey: queryKeys.timeline,
    queryFn: ({ signal }) => fetchJson(timeline, endpoints.graphTimeline, { signal }),
    refetchInterval: useLiveInterval(stepMs),
  });
  const line = query.data;
  const spanMs = line ? line.rps.length * line.stepSeconds * 1000 : 0;
  const lastMs = line?.endUnixMs ?? newest;
  const lookBack = (to: number) => setEnd(to >= lastMs - 500 ? null : Math.round(Math.max(to, lastMs - spanMs)));
  const step = (by: number) => lookBack((end ?? lastMs) + by);
  const drag = (event: PointerEvent<HTMLDivElement>) => {
    if (event.type === "pointermove" && event.buttons !== 1) {
      return;
    }
    const box = event.currentTarget.getBoundingClientRect();
    lookBack(lastMs - spanMs * (1 - (event.clientX - box.left) / box.width));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "ArrowLeft" || event.key === "ArrowRight") {
      event.preventDefault();
      step(event.key === "ArrowLeft" ? -stepMs : stepMs);
    } else if (event.key === "End") {
      setEnd(null);
    }
  };
  const at = end ?? lastMs;
  return (
    <div className="replay">
      <div className="ctl">
        <span className="row row-1">
          <IconButton size="s" icon={SkipBack} label="Step back (left)" onClick={() => step(-stepMs)} />
          <IconButton
            size="s"
            look="plain"
            icon={paused || end !== null ? Play : Pause}
            label={paused || end !== null ? "Go live" : "Pause (space)"}
            onClick={() => {
              setPaused(!paused && end === null);
              setEnd(null);
            }}
          />
          <IconButton size="s" icon={SkipForward} label="Step forward (right)" onClick={() => step(stepMs)} />
        </span>
        <span className="xs nowrap" title={at > 0 ? exact(at) : undefined} suppressHydrationWarning>
          <span className="med tn">{at > 0 ? clock(at) : "–"}</span>{" "}
          <span className="t3">UTC, {end === null ? (paused ? "paused" : "live") : "looking back"}</span>
        </span>
      </div>
      <div
        className="strip"
        role="slider"
        tabIndex={0}
        aria-label="End of the window"
        aria-valuemin={Math.round((lastMs - spanMs) / 1000)}
        aria-valuemax={Math.round(lastMs / 1000)}
        aria-valuenow={Math.round(at / 1000)}
        aria-valuetext={at > 0 ? `${clock(at)} UTC` : "nothing yet"}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          drag(event);
        }}
        onPointerMove={drag}
        onKeyDown={onKeyDown}
      >
        {line && <Strip line={line} at={at} windowMs={windowSeconds * 1000} spanMs={spanMs} />}
      </div>
    </div>
  );
}

function Strip({
  line,
  at,
  windowMs,
  spanMs,
}: {
  readonly line: Timeline;
  readonly at: number;
  readonly windowMs: number;
  readonly spanMs: number;
}) {
  const top = Math.max(1, ...line.rps.map((value) => value ?? 0));
  const start = line.endUnixMs - spanMs;
  const place = (ms: number) => `${((ms - start) / spanMs) * 100}%`;
  const ticks: number[] = [];
  for (let ms = Math.ceil(start / 300_000) * 300_000; ms < line.endUnixMs; ms += 300_000) {
    ticks.push(ms);
  }
  const bar = 1000 / line.rps.length;
  const heights = (values: readonly (number | null)[]) =>
    values.map((value) => ((value ?? 0) / top) * (scale.height - 20));
  const errors = heights(line.errorsPerSecond);
  const denied = heights(line.deniedPerSecond);
  return (
    <>
      <div
        className="tint"
        style={{ left: place(Math.max(at - windowMs, start)), right: `calc(100% - ${place(at)})` }}
      />
      <svg
        viewBox={`0 0 1000 ${height}`}
        preserveAspectRatio="none"
        role="img"
        aria-label="Rate, errors and denials, last 30 minutes"
      >
        <g transform="translate(0 2)" className="spark">
          <path className="ar" d={areaPath(line.rps, { ...scale, top: top * 1.35 })} />
          <path
            className="ln"
            d={linePath(line.rps, { ...scale, top: top * 1.35 })}
            vectorEffect="non-scaling-stroke"
          />
        </g>
        {line.rps.map((_, index) => {
          const refused = denied[index] ?? 0;
          const failed = errors[index] ?? 0;
          const d = refused > 0 ? Math.max(2, refused) : 0;
          const e = failed > 0 ? Math.max(2, failed) : 0;
          const x = index * bar + bar * 0.12;
          return (
            // biome-ignore lint/suspicious/noArrayIndexKey: one bar per step of time
            <g key={index}>
              {d > 0 && <rect x={x} y={60 - d} width={bar * 0.76} height={d} fill="var(--denied-fill)" />}
              {e > 0 && (
                <rect x={x} y={60 - d - e - (d > 0 ? 1 : 0)} width={bar * 0.76} height={e} fill="var(--error-fill)" />
              )}
            </g>
          );
        })}
        {line.changes.map((change) => (
          <path
            key={change.id}
            d={`M${((change.timeUnixMs - start) / spanMs) * 1000} 12V60`}
            stroke="var(--accent)"
            strokeDasharray="2 2"
            vectorEffect="non-scaling-stroke"
          />
        ))}
      </svg>
      <span className="top tn">{textOf(rate(top))}</span>
      {stripFlags(line, spanMs).map(({ change, atEnd, words }) => (
        <span
          key={change.id}
          className={atEnd ? "flag is-end" : "flag"}
          style={{ left: place(change.timeUnixMs) }}
          title={`Change ${change.number}: ${change.title}, ${exact(change.timeUnixMs)}`}
        >
          {words && <span className="trunc">{change.title}</span>}
        </span>
      ))}
      {ticks.map((ms) => (
        <span key={ms} className="axis tn" style={{ left: place(ms) }}>
          {clock(ms).slice(0, 5)}
        </span>
      ))}
    </>
  );
}
