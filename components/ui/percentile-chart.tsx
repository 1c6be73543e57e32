import type { LatencySeries } from "@/server/contracts/traffic.ts";
import { milliseconds, textOf } from "./format.ts";
import { linePath } from "./line-path.ts";

const plot = { width: 318, height: 96, pad: 4 };
const labelRoom = 50;

/** Round upper end of an axis: 1, 2 or 5 times a power of ten. */
export function niceTop(value: number): number {
  if (value <= 0) {
    return 1;
  }
  const power = 10 ** Math.floor(Math.log10(value));
  const step = [1, 2, 5, 10].find((factor) => factor * power >= value) ?? 10;
  return step * power;
}

/** p50, p95 and p99 over time, labelled at their ends. Starts at zero; gaps are gaps. */
export function PercentileChart({ series, words }: { readonly series: LatencySeries; readonly words: string }) {
  const lines = [
    { name: "p50", values: series.p50Ms, className: "l1", colour: "var(--text-3)" },
    { name: "p95", values: series.p95Ms, className: "l2", colour: "var(--text-2)" },
    { name: "p99", values: series.p99Ms, className: "l3", colour: "var(--text)" },
  ];
  const largest = Math.max(0, ...lines.flatMap((line) => line.values.filter((value) => value !== null)));
  if (largest === 0) {
    return <p className="cap">No latency in this window.</p>;
  }
  const top = niceTop(largest);
  const ends = lines.map((line) => {
    const index = line.values.findLastIndex((value) => value !== null);
    const value = line.values[index] ?? 0;
    const step = line.values.length > 1 ? plot.width / (line.values.length - 1) : plot.width;
    return { ...line, value, x: index * step, y: plot.pad + (1 - value / top) * (plot.height - 2 * plot.pad) };
  });
  // Labels keep 12 px between them, the slowest on top.
  const labels = new Map<string, number>();
  let floor = plot.height + 8;
  for (const end of [...ends].sort((a, b) => b.y - a.y)) {
    const y = Math.min(end.y, floor - 12);
    labels.set(end.name, y);
    floor = y;
  }
  return (
    <svg
      className="chart"
      viewBox={`0 0 ${plot.width + labelRoom} ${plot.height + 8}`}
      role="img"
      aria-label={`Latency percentiles, ${words}: ${ends.map((end) => `${end.name} ${textOf(milliseconds(end.value))}`).join(", ")}`}
    >
      {[0, 0.25, 0.5, 0.75, 1].map((part) => (
        <path key={part} className="grid" d={`M0 ${plot.pad + part * (plot.height - 2 * plot.pad)}H${plot.width}`} />
      ))}
      <text x="0" y={plot.pad + 10}>
        {textOf(milliseconds(top))}
      </text>
      {ends.map((end) => (
        <g key={end.name}>
          <path className={end.className} d={linePath(end.values, { ...plot, top })} />
          <circle cx={end.x} cy={end.y} r="2.2" fill={end.colour} />
          <text
            x={plot.width + 8}
            y={(labels.get(end.name) ?? end.y) + 3.5}
            style={{ fill: end.colour, fontWeight: 560 }}
          >
            {textOf(milliseconds(end.value))}
          </text>
        </g>
      ))}
    </svg>
  );
}
