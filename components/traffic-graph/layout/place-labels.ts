import { glyphsRoom, labelRoom, sharedArea, targetRoom } from "./label-room.ts";
import type { EdgeLayout, Layout, Point, Rect } from "./layout-input.ts";

type Place = Pick<EdgeLayout, "middle" | "direction">;

/** Between two places that are tried. */
const step = 12;
/** From the ends of the line: the arrow head stays seen. */
const endDistance = 20;
const placesMax = 80;

const lengthOf = (start: Point, end: Point): number => Math.hypot(end.x - start.x, end.y - start.y);

function lineLength(points: readonly Point[]): number {
  return points.slice(1).reduce((sum, end, index) => sum + lengthOf(points[index] ?? end, end), 0);
}

/** Places along the line, the given one first, then those nearest to it. */
function placesOf({ points, middle, direction }: EdgeLayout): Place[] {
  const whole = lineLength(points);
  const stride = Math.max(step, whole / placesMax);
  const places: Place[] = [];
  let before = 0;
  points.slice(1).forEach((end, index) => {
    const start = points[index] ?? end;
    const length = lengthOf(start, end);
    for (let at = Math.ceil(before / stride) * stride; at <= before + length; at += stride) {
      if (at >= endDistance && at <= whole - endDistance && length > 0) {
        const part = (at - before) / length;
        places.push({
          middle: { x: start.x + (end.x - start.x) * part, y: start.y + (end.y - start.y) * part },
          direction: Math.abs(start.y - end.y) < 1 ? "horizontal" : "vertical",
        });
      }
    }
    before += length;
  });
  const near = (place: Place) => lengthOf(place.middle, middle);
  return [{ middle, direction }, ...places.sort((a, b) => near(a) - near(b))];
}

const shared = (room: Rect, taken: readonly Rect[]): number =>
  taken.reduce((sum, other) => sum + sharedArea(room, other), 0);

/** The first place with room for everything, else for the glyphs, else for the target, else where least is covered. */
function choose(places: readonly Place[], nodes: readonly Rect[], labels: readonly Place[]): Place | undefined {
  for (const roomOf of [labelRoom, glyphsRoom, targetRoom]) {
    const taken = [...nodes, ...labels.map(roomOf)];
    const free = places.find((place) => shared(roomOf(place), taken) === 0);
    if (free) {
      return free;
    }
  }
  const taken = [...nodes, ...labels.map(targetRoom)];
  const covered = places.map((place) => ({ place, area: shared(targetRoom(place), taken) }));
  return covered.sort((a, b) => a.area - b.area)[0]?.place;
}

/**
 * Moves labels along their lines until none lies on another one or on a node, as far as the lines have room for it.
 * Short lines choose first; a label that lies free stays. Depends on the structure alone, never on figures. Pure.
 */
export function placeLabels(layout: Layout): Layout {
  const nodes = [...layout.nodes.values()];
  const chosen = new Map<string, Place>();
  const order = [...layout.edges].sort(
    ([a, one], [b, other]) => lineLength(one.points) - lineLength(other.points) || (a < b ? -1 : 1),
  );
  for (const [id, edge] of order) {
    const place = choose(placesOf(edge), nodes, [...chosen.values()]);
    if (place) {
      chosen.set(id, place);
    }
  }
  return {
    ...layout,
    edges: new Map([...layout.edges].map(([id, edge]) => [id, { ...edge, ...chosen.get(id) }])),
  };
}
