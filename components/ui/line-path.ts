/** Values over time, oldest first; null is a gap. */
export type Series = readonly (number | null)[];

export interface PathScale {
  readonly width: number;
  readonly height: number;
  /** The value at the upper edge; the lower edge is zero. */
  readonly top: number;
  /** Room for the stroke above and below, in pixels. */
  readonly pad: number;
}

function points(values: Series, scale: PathScale): (readonly [number, number] | null)[] {
  const step = values.length > 1 ? scale.width / (values.length - 1) : scale.width;
  return values.map((value, index) =>
    value === null
      ? null
      : [index * step, scale.pad + (1 - Math.min(1, value / scale.top)) * (scale.height - 2 * scale.pad)],
  );
}

const at = (value: number) => String(Math.round(value * 10) / 10);

/** An SVG path through the values, interrupted at gaps. */
export function linePath(values: Series, scale: PathScale): string {
  let path = "";
  let drawing = false;
  for (const point of points(values, scale)) {
    if (point === null) {
      drawing = false;
      continue;
    }
    path += `${drawing ? "L" : "M"}${at(point[0])} ${at(point[1])}`;
    drawing = true;
  }
  return path;
}

/** The area under `linePath`, each run closed down to zero. */
export function areaPath(values: Series, scale: PathScale): string {
  let path = "";
  let run: (readonly [number, number])[] = [];
  const close = () => {
    const first = run[0];
    const last = run.at(-1);
    if (first !== undefined && last !== undefined && run.length > 1) {
      const line = run.map(([x, y]) => `L${at(x)} ${at(y)}`).join("");
      path += `M${at(first[0])} ${scale.height}${line}L${at(last[0])} ${scale.height}Z`;
    }
    run = [];
  };
  for (const point of points(values, scale)) {
    if (point === null) {
      close();
    } else {
      run.push(point);
    }
  }
  close();
  return path;
}
