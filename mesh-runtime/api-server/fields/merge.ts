import type { Structural } from "../../api/schema/structural.ts";
import { type Atom, atomOf, fieldSchema, isObject, itemElement } from "./atom.ts";

const isNothing = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  (Array.isArray(value) && value.length === 0) ||
  (isObject(value) && Object.keys(value).length === 0);

/** Merges an applied configuration over the live object: what the configuration says wins, the rest stays. */
export function merge(schema: Structural | undefined, live: unknown, applied: unknown): unknown {
  if (applied === undefined) {
    return live;
  }
  if (live === undefined) {
    return applied;
  }
  const atom = atomOf(schema, applied);
  const isWhole =
    atom.shape === "leaf" ||
    (atom.shape === "map" && atom.atomic) ||
    (atom.shape === "list" && atom.merge === "atomic") ||
    atomOf(schema, live).shape !== atom.shape ||
    (isNothing(live) && isNothing(applied));
  if (isWhole) {
    return applied;
  }
  if (atom.shape === "list") {
    return mergeLists(schema, atom, asList(live), asList(applied));
  }
  const out: Record<string, unknown> = { ...(isObject(live) ? live : {}) };
  for (const [name, value] of Object.entries(isObject(applied) ? applied : {})) {
    out[name] = merge(fieldSchema(schema, name), out[name], value);
  }
  return out;
}

const asList = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/**
 * The applied order is kept; items that only the live list has stay where they were relative to the items that both
 * have. Live duplicates of one key (possible in objects written without apply) stay unless the key is applied.
 */
function mergeLists(
  schema: Structural | undefined,
  atom: Extract<Atom, { shape: "list" }>,
  live: readonly unknown[],
  applied: readonly unknown[],
): unknown[] {
  const elementOf = (item: unknown, index: number): string => itemElement(atom, schema?.items, item) ?? `i:${index}`;
  const left = live.map((item, index) => ({ item, element: elementOf(item, index) }));
  const right = applied.map((item, index) => ({ item, element: elementOf(item, index) }));
  const leftCount = new Map<string, number>();
  const leftItem = new Map<string, unknown>();
  for (const { item, element } of left) {
    leftCount.set(element, (leftCount.get(element) ?? 0) + 1);
    leftItem.set(element, item);
  }
  const isRight = new Set(right.map(({ element }) => element));
  const shared = right.map(({ element }) => element).filter((element) => leftItem.has(element));
  const done = new Set<string>();
  const out: unknown[] = [];
  const takeRight = ({ item, element }: { item: unknown; element: string }): void => {
    done.add(element);
    out.push(leftCount.get(element) === 1 ? merge(schema?.items, leftItem.get(element), item) : item);
    if (shared[0] === element) {
      shared.shift();
    }
  };
  let l = 0;
  let r = 0;
  while (l < left.length || r < right.length) {
    const a = left[l];
    const b = right[r];
    if (a !== undefined && b !== undefined && a.element === b.element) {
      takeRight(b);
      l++;
      r++;
    } else if (
      a !== undefined &&
      b !== undefined &&
      isRight.has(a.element) &&
      a.element !== shared[0] &&
      shared.length > 0
    ) {
      // In both lists, but its turn comes elsewhere in the applied order.
      l++;
    } else if (a !== undefined && !isRight.has(a.element)) {
      out.push(a.item);
      l++;
    } else {
      if (a !== undefined && done.has(a.element)) {
        l++;
      }
      if (b !== undefined) {
        takeRight(b);
        r++;
      }
    }
  }
  return out;
}
