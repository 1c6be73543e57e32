import type { Point } from "./layout-input.ts";

const arrow = 8;
const radius = 10;

export interface DrawnPath {
  /** SVG path that ends where the arrow head begins. */
  readonly d: string;
  /** The tip of the arrow. */
  readonly tip: Point;
  /** Degrees, 0 points right. */
  readonly angle: number;
}

const at = ({ x, y }: Point) => `${Math.round(x * 10) / 10} ${Math.round(y * 10) / 10}`;

/** From one point towards another, no further than halfway. */
function towards(from: Point, to: Point, distance: number): Point {
  const length = Math.hypot(to.x - from.x, to.y - from.y);
  const part = length === 0 ? 0 : Math.min(distance / length, 0.5);
  return { x: from.x + (to.x - from.x) * part, y: from.y + (to.y - from.y) * part };
}

/** A line through points with round corners and room for an arrow head at its end. Pure. */
export function roundedPath(points: readonly Point[]): DrawnPath {
  const tip = points.at(-1) ?? { x: 0, y: 0 };
  const before = points.at(-2) ?? tip;
  const angle = (Math.atan2(tip.y - before.y, tip.x - before.x) * 180) / Math.PI;
  const length = Math.hypot(tip.x - before.x, tip.y - before.y);
  const end = length > arrow ? towardsFull(tip, before, arrow / length) : before;
  const way = [...points.slice(0, -1), end];
  let d = "";
  way.forEach((point, index) => {
    const former = way[index - 1];
    const next = way[index + 1];
    if (!former) {
      d = `M${at(point)}`;
    } else if (next) {
      d += `L${at(towards(point, former, radius))}Q${at(point)} ${at(towards(point, next, radius))}`;
    } else {
      d += `L${at(point)}`;
    }
  });
  return { d, tip, angle: Math.round(angle * 10) / 10 };
}

function towardsFull(from: Point, to: Point, part: number): Point {
  return { x: from.x + (to.x - from.x) * part, y: from.y + (to.y - from.y) * part };
}
