import { classNames } from "./class-names.ts";
import { areaPath, linePath, type Series } from "./line-path.ts";

interface SparklineProps {
  /** Oldest first; null is a gap, never zero. Gaps before the first value take no room. */
  readonly values: Series;
  /** What is drawn, for assistive technology. */
  readonly label: string;
  readonly width?: number;
  readonly height?: number;
  readonly tone?: "plain" | "stable" | "canary" | "error" | "denied" | "mtls";
  /** Fixed top of the scale, for shares; otherwise the largest value. */
  readonly max?: number;
}

/** A trend without axes: 64 × 20, last point marked. Its exact value stands in the cell beside it. */
export function Sparkline({ values, label, width = 64, height = 20, tone = "plain", max }: SparklineProps) {
  // What was before the first figure is not known: a young mesh draws what there is over the whole width.
  const known = values.slice(
    Math.max(
      0,
      values.findIndex((value) => value !== null),
    ),
  );
  const top = max ?? Math.max(0, ...known.filter((value) => value !== null));
  const scale = { width, height, top: top > 0 ? top : 1, pad: 1.5 };
  const last = known.findLastIndex((value) => value !== null);
  const end = known[last];
  const step = known.length > 1 ? width / (known.length - 1) : width;
  return (
    <svg
      className={classNames("spark", tone !== "plain" && `is-${tone}`)}
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      role="img"
      aria-label={label}
    >
      <path className="ar" d={areaPath(known, scale)} />
      <path className="ln" d={linePath(known, scale)} />
      {end !== null && end !== undefined && (
        <circle
          className="end"
          cx={last * step}
          cy={scale.pad + (1 - Math.min(1, end / scale.top)) * (height - 2 * scale.pad)}
          r="1.9"
        />
      )}
    </svg>
  );
}
