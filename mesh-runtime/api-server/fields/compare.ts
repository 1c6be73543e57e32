import type { Structural } from "../../api/schema/structural.ts";
import { type Atom, atomOf, fieldSchema, isObject, itemElement, sameValue } from "./atom.ts";
import { type FieldSet, FieldSetBuilder } from "./field-set.ts";

/** What changed between two objects, as sets of fields. */
export interface Comparison {
  readonly added: FieldSet;
  readonly modified: FieldSet;
  readonly removed: FieldSet;
}

interface Walk {
  readonly added: FieldSetBuilder;
  readonly modified: FieldSetBuilder;
  readonly removed: FieldSetBuilder;
}

/** Compares two states of an object field by field; atomic nodes count as one field. */
export function compare(schema: Structural | undefined, before: unknown, after: unknown): Comparison {
  const walk: Walk = {
    added: new FieldSetBuilder(),
    modified: new FieldSetBuilder(),
    removed: new FieldSetBuilder(),
  };
  visit(schema, before, after, [], walk);
  return { added: walk.added.build(), modified: walk.modified.build(), removed: walk.removed.build() };
}

const isNothing = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  (Array.isArray(value) ? value.length === 0 : isObject(value) && Object.keys(value).length === 0);

function visit(
  schema: Structural | undefined,
  before: unknown,
  after: unknown,
  path: readonly string[],
  walk: Walk,
): void {
  const shapeBefore = atomOf(schema, before);
  const shapeAfter = atomOf(schema, after);
  if (after === undefined) {
    descend(shapeBefore, schema, before, after, path, walk);
  } else if (before === undefined || shapeBefore.shape === shapeAfter.shape) {
    descend(shapeAfter, schema, before, after, path, walk);
  } else {
    // A map became a leaf or the like: everything below is gone, everything new is there.
    descend(shapeBefore, schema, before, undefined, path, walk);
    descend(shapeAfter, schema, undefined, after, path, walk);
    walk.modified.insert(path);
  }
}

function descend(
  atom: Atom,
  schema: Structural | undefined,
  before: unknown,
  after: unknown,
  path: readonly string[],
  walk: Walk,
): void {
  // Absent, null and empty are told apart, so a change between them counts as one field.
  const isLeaf =
    atom.shape === "leaf" ||
    (atom.shape === "map" ? atom.atomic : atom.merge === "atomic") ||
    (isNothing(before) && isNothing(after));
  if (before === undefined) {
    walk.added.insert(path);
  } else if (after === undefined) {
    walk.removed.insert(path);
  } else if (isLeaf && !sameValue(before, after)) {
    walk.modified.insert(path);
  }
  if (isLeaf) {
    return;
  }
  if (atom.shape === "map") {
    const left = isObject(before) ? before : {};
    const right = isObject(after) ? after : {};
    for (const name of new Set([...Object.keys(left), ...Object.keys(right)])) {
      visit(fieldSchema(schema, name), left[name], right[name], [...path, `f:${name}`], walk);
    }
  } else if (atom.shape === "list") {
    const left = itemsByElement(atom, schema, before);
    const right = itemsByElement(atom, schema, after);
    for (const element of new Set([...left.keys(), ...right.keys()])) {
      visitItems(schema?.items, left.get(element) ?? [], right.get(element) ?? [], [...path, element], walk);
    }
  }
}

function itemsByElement(
  atom: Extract<Atom, { shape: "list" }>,
  schema: Structural | undefined,
  list: unknown,
): Map<string, unknown[]> {
  const out = new Map<string, unknown[]>();
  (Array.isArray(list) ? list : []).forEach((item, index) => {
    const element = itemElement(atom, schema?.items, item) ?? `i:${index}`;
    out.set(element, [...(out.get(element) ?? []), item]);
  });
  return out;
}

/** Items of one key; duplicates (which apply itself never writes) are compared as a whole. */
function visitItems(
  schema: Structural | undefined,
  left: readonly unknown[],
  right: readonly unknown[],
  path: readonly string[],
  walk: Walk,
): void {
  if (left.length <= 1 && right.length <= 1) {
    visit(schema, left[0], right[0], path, walk);
  } else if (left.length === 0) {
    walk.added.insert(path);
  } else if (right.length === 0) {
    walk.removed.insert(path);
  } else if (!sameValue(left, right)) {
    walk.modified.insert(path);
  }
}
