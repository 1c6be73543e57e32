/** Axes, lines and labels of the charts that compare two versions. Pure. */

/** Values over time, oldest first; null is a gap. */
export type Values = readonly (number | null)[];

/** An axis: its ends, and where it is marked. */
export interface Axis {
  readonly from: number;
  readonly to: number;
  readonly ticks: readonly number[];
}

/** The next of 1, 2, 2.5, 5 and 10 times a power of ten. */
export function niceStep(rough: number): number {
  if (!(rough > 0)) {
    return 1;
  }
  const power = 10 ** Math.floor(Math.log10(rough));
  const factor = [1, 2, 2.5, 5, 10].find((candidate) => candidate * power >= rough * (1 - 1e-9)) ?? 10;
  return factor * power;
}

const known = (values: Values): number[] => values.filter((value) => value !== null);

const marks = (from: number, to: number, step: number): number[] => {
  const first = Math.ceil(from / step - 1e-9);
  const last = Math.floor(to / step + 1e-9);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, at) =>
    Number(((first + at) * step).toPrecision(12)),
  );
};

/** For rates and times: from zero to above the largest value or limit, in about three steps. */
export function axisFromZero(series: readonly Values[], limits: readonly number[] = []): Axis {
  const highest = Math.max(0, ...series.flatMap(known), ...limits);
  // Steps of what is next to nothing cannot be computed.
  const largest = highest < 1e-9 ? 0 : highest;
  const step = niceStep((largest > 0 ? largest * 1.05 : 1) / 3);
  const to = Math.max(step, Math.ceil((largest * 1.05) / step - 1e-9) * step);
  return { from: 0, to, ticks: marks(0, to, step) };
}

/**
 * For percentages that are good near 100: down to a little below the worst value or limit. It seldom starts at zero, and
 * never shows less than one point, so that noise does not look like news.
 */
export function axisToHundred(series: readonly Values[], limits: readonly number[] = []): Axis {
  const worst = Math.min(99.2, ...series.flatMap(known), ...limits);
  const span = (100 - Math.max(0, worst)) * 1.25;
  const from = Math.max(0, 100 - span);
  return { from, to: 100, ticks: marks(from, 100, niceStep((100 - from) / 2.6)) };
}

/** Where in `height` a value lies, from the top. Values beyond the axis stay at its ends. */
export const along = ({ from, to }: Axis, value: number, height: number): number =>
  (1 - (Math.min(to, Math.max(from, value)) - from) / (to - from)) * height;

const minute = 60_000;

/** Whole minutes to mark on the time axis: three to six of them. */
export function timeMarks(fromUnixMs: number, toUnixMs: number): number[] {
  const step =
    [1, 2, 5, 10, 15, 30, 60, 120, 360]
      .map((minutes) => minutes * minute)
      .find((ms) => (toUnixMs - fromUnixMs) / ms <= 5) ?? 360 * minute;
  const first = Math.ceil(fromUnixMs / step);
  const last = Math.floor(toUnixMs / step);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, at) => (first + at) * step);
}

const short = (value: number) => String(Math.round(value * 10) / 10);

/** An SVG path through the values, interrupted at gaps; `x` and `y` place them. */
export function linePath(values: Values, x: (index: number) => number, y: (value: number) => number): string {
  let path = "";
  let drawing = false;
  for (const [index, value] of values.entries()) {
    if (value === null) {
      drawing = false;
      continue;
    }
    path += `${drawing ? "L" : "M"}${short(x(index))} ${short(y(value))}`;
    drawing = true;
  }
  return path;
}

/** The last value and its place; undefined when there is none. */
export function lastOf(values: Values): { readonly index: number; readonly value: number } | undefined {
  const index = values.findLastIndex((value) => value !== null);
  const value = values[index];
  return value === null || value === undefined ? undefined : { index, value };
}

/** Heights of labels so that none lies on another: they keep `gap`, their order, and stay within `top` and `bottom`. */
export function spreadLabels(heights: readonly number[], gap: number, top: number, bottom: number): number[] {
  const order = heights.map((height, index) => ({ height, index })).sort((one, other) => one.height - other.height);
  let floor = top;
  for (const label of order) {
    label.height = Math.max(label.height, floor);
    floor = label.height + gap;
  }
  let ceiling = bottom;
  for (const label of [...order].reverse()) {
    label.height = Math.min(label.height, ceiling);
    ceiling = label.height - gap;
  }
  const placed = [...heights];
  for (const { height, index } of order) {
    placed[index] = height;
  }
  return placed;
}

/** Index of the value at a time, within the series. */
export function indexAt(unixMs: number, endUnixMs: number, stepSeconds: number, length: number): number {
  const back = Math.round((endUnixMs - unixMs) / (stepSeconds * 1000));
  return Math.min(length - 1, Math.max(0, length - 1 - back));
}
