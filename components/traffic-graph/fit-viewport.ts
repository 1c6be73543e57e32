import { unionOf } from "./layout/label-room.ts";
import type { Rect } from "./layout/layout-input.ts";

export interface Viewport {
  readonly x: number;
  readonly y: number;
  readonly zoom: number;
}

/** Below this, words on the picture cannot be read: show its beginning instead of all of it. */
const zoomMin = 0.7;
const zoomMax = 1;
const padding = { side: 26, top: 26, bottom: 64 };

interface Placed {
  readonly position: { readonly x: number; readonly y: number };
  readonly width?: number | undefined;
  readonly height?: number | undefined;
}

/** The rectangle that holds all nodes, and the lines and labels of all edges: some lead around everything else. */
export const boundsOf = (
  nodes: readonly Placed[],
  edges: readonly { readonly data?: { readonly room: Rect } | undefined }[],
): Rect =>
  unionOf([
    ...nodes.map(({ position, width = 0, height = 0 }) => ({ ...position, width, height })),
    ...edges.flatMap(({ data }) => data?.room ?? []),
  ]);

/** The view that shows everything readably; what does not fit begins at the left and can be panned to. Pure. */
export function fitViewport(bounds: Rect, room: { readonly width: number; readonly height: number }): Viewport {
  const width = Math.max(1, room.width - 2 * padding.side);
  const height = Math.max(1, room.height - padding.top - padding.bottom);
  const whole = Math.min(width / Math.max(1, bounds.width), height / Math.max(1, bounds.height));
  const zoom = Math.min(zoomMax, Math.max(zoomMin, whole));
  const spareX = width - bounds.width * zoom;
  const spareY = height - bounds.height * zoom;
  return {
    x: padding.side + Math.max(0, spareX / 2) - bounds.x * zoom,
    y: padding.top + Math.max(0, spareY / 2) - bounds.y * zoom,
    zoom,
  };
}
