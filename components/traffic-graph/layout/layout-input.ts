/** What the layout works on: sizes and connections, no figures. Pixels, y downwards. */
export interface LayoutNode {
  readonly id: string;
  readonly width: number;
  readonly height: number;
}

export interface LayoutBox {
  readonly id: string;
  /** Room the title needs. */
  readonly minWidth: number;
  readonly nodes: readonly LayoutNode[];
}

export interface LayoutEdge {
  readonly id: string;
  readonly from: string;
  readonly to: string;
}

export interface LayoutInput {
  readonly boxes: readonly LayoutBox[];
  readonly free: readonly LayoutNode[];
  readonly edges: readonly LayoutEdge[];
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Rect extends Point {
  readonly width: number;
  readonly height: number;
}

export interface EdgeLayout {
  readonly points: readonly Point[];
  /** Middle of the edge, where its lock sits. */
  readonly middle: Point;
  /** The direction of the line at its middle: its words go above and below, or beside it. */
  readonly direction: "horizontal" | "vertical";
}

export interface Layout {
  readonly boxes: ReadonlyMap<string, Rect>;
  readonly nodes: ReadonlyMap<string, Rect>;
  readonly edges: ReadonlyMap<string, EdgeLayout>;
}
