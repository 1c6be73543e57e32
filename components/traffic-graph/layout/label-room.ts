import type { EdgeLayout, Point, Rect } from "./layout-input.ts";

/**
 * Side of the least square that opens an edge, in pixels of the picture: 24 CSS pixels (WCAG 2.2, target size) where
 * the picture is at its smallest readable scale, `zoomMin` in `fit-viewport.ts`. The style sheet knows it as `--target`.
 */
export const targetSide = 36;

/** Room of the glyphs that an edge may come to have: a lock with its share, and the sign of refusals. */
const glyphsWidth = 80;
/** Room of the words: above and below a level line, to the right of an upright one. */
const words = { height: 66, right: 104 };

type Place = Pick<EdgeLayout, "middle" | "direction">;

function around({ x, y }: Point, width: number, height: number): Rect {
  return { x: x - width / 2, y: y - height / 2, width, height };
}

/** The least an edge's label needs: its target. */
export const targetRoom = ({ middle }: Place): Rect => around(middle, targetSide, targetSide);

/** Room of everything but the words, whatever the figures will be. */
export const glyphsRoom = ({ middle }: Place): Rect => around(middle, glyphsWidth, targetSide);

/** Room of the whole label, words included. */
export function labelRoom({ middle, direction }: Place): Rect {
  const glyphs = glyphsRoom({ middle, direction });
  return direction === "horizontal"
    ? around(middle, glyphsWidth, words.height)
    : { ...glyphs, width: glyphsWidth / 2 + words.right };
}

/** The smallest rectangle that holds all of them. */
export function unionOf(rects: readonly Rect[]): Rect {
  const x = Math.min(...rects.map((rect) => rect.x));
  const y = Math.min(...rects.map((rect) => rect.y));
  const right = Math.max(...rects.map((rect) => rect.x + rect.width));
  const bottom = Math.max(...rects.map((rect) => rect.y + rect.height));
  return { x, y, width: right - x, height: bottom - y };
}

/** Room of a whole edge: its line, which may lead around all nodes, and its label. */
export const edgeRoom = (edge: EdgeLayout): Rect =>
  unionOf([...edge.points.map(({ x, y }) => ({ x, y, width: 0, height: 0 })), labelRoom(edge)]);

/** Area that two rectangles share, in square pixels. */
export function sharedArea(a: Rect, b: Rect): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  return width > 0 && height > 0 ? width * height : 0;
}
