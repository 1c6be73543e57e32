import type { LayoutInput } from "./layout-input.ts";

/**
 * The structure of a picture as text: layout runs again only when this changes. Figures are no part
 * of it: a refusal or a busier edge moves nothing.
 */
export function layoutKey({ boxes, free, edges }: LayoutInput): string {
  const node = ({ id, width, height }: { id: string; width: number; height: number }) => `${id}:${width}x${height}`;
  return [
    ...boxes.map((box) => `${box.id}[${box.nodes.map(node).sort().join(",")}]`).sort(),
    ...free.map(node).sort(),
    ...edges.map((edge) => edge.id).sort(),
  ].join(";");
}
