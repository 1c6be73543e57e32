import type { GraphNode } from "@/server/contracts/traffic.ts";
import { targetSide } from "./layout/label-room.ts";
import type { LayoutNode } from "./layout/layout-input.ts";

/** Advance width of a character of the node title, in pixels at 12.5 px. */
const perCharacter = 7.3;
const bounds = { min: 148, max: 232 };

const between = (value: number) => Math.round(Math.min(bounds.max, Math.max(bounds.min, value)));

/** Reserved size of a node: it depends on name and number of versions, never on figures, so that nothing jumps. */
export function nodeSize(node: GraphNode): LayoutNode {
  if (node.kind === "outside" || node.kind === "unknown") {
    return { id: node.id, width: between(62 + 6.6 * node.name.length), height: targetSide };
  }
  const versions = node.versions.length;
  const badge = node.waypoint !== "" || node.kind === "waypoint" ? 22 : 0;
  const width = between(44 + badge + perCharacter * node.name.length);
  return {
    id: node.id,
    width: versions > 1 ? Math.max(168, width) : width,
    height: versions > 1 ? 40 + 35 * versions : 66,
  };
}

/** Room that the title of a box needs, with its badge. */
export const boxTitleWidth = (title: string): number => Math.round(24 + 6.7 * title.length + 26);
