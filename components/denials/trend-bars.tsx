import type { Sparkline } from "@/server/contracts/names.ts";

const size = { width: 96, height: 20, bars: 30 };

/** Refusals over the last hour as bars. */
export function TrendBars({ trend }: { readonly trend: Sparkline }) {
  const perBar = Math.max(1, Math.ceil(trend.values.length / size.bars));
  const bars: number[] = [];
  for (let index = 0; index < trend.values.length; index += perBar) {
    bars.push(trend.values.slice(index, index + perBar).reduce<number>((sum, value) => sum + (value ?? 0), 0));
  }
  const top = Math.max(1e-9, ...bars);
  const step = size.width / Math.max(1, bars.length);
  return (
    <svg
      className="db"
      width={size.width}
      height={size.height}
      viewBox={`0 0 ${size.width} ${size.height}`}
      role="img"
      aria-label="Refusals, last hour"
    >
      <path d={`M0 ${size.height - 0.5}H${size.width}`} stroke="var(--line-strong)" />
      {bars.map((value, index) =>
        value > 0 ? (
          <rect
            // biome-ignore lint/suspicious/noArrayIndexKey: one bar per step of time
            key={index}
            x={index * step}
            y={size.height - Math.max(2, (value / top) * size.height)}
            width={Math.max(1.4, step - 1)}
            height={Math.max(2, (value / top) * size.height)}
          />
        ) : null,
      )}
    </svg>
  );
}
