import type { Structural } from "../../api/schema/structural.ts";
import { atomOf, fieldSchema, isDeclared, isObject, itemElement, schemaBelow } from "./atom.ts";
import { type FieldSet, FieldSetBuilder } from "./field-set.ts";

/** The fields that an applied configuration claims: leaves, atomic nodes whole, list items, empty maps. */
export function fieldsOf(schema: Structural | undefined, value: unknown): FieldSet {
  const set = new FieldSetBuilder();
  claim(schema, value, [], set);
  return set.build();
}

function claim(schema: Structural | undefined, value: unknown, path: readonly string[], set: FieldSetBuilder): void {
  const atom = atomOf(schema, value);
  if (atom.shape === "leaf") {
    set.insert(path);
  } else if (atom.shape === "list") {
    if (atom.merge === "atomic") {
      set.insert(path);
    } else if (Array.isArray(value)) {
      for (const item of value) {
        const element = itemElement(atom, schema?.items, item);
        if (element !== undefined) {
          claim(schema?.items, item, [...path, element], set);
          set.insert([...path, element]);
        }
      }
    }
  } else if (atom.atomic) {
    set.insert(path);
  } else if (isObject(value)) {
    for (const [name, below] of Object.entries(value)) {
      const at = [...path, `f:${name}`];
      claim(fieldSchema(schema, name), below, at, set);
      const isEmptyMap = isObject(below) && Object.keys(below).length === 0;
      if (below === null || isEmptyMap || !isDeclared(schema, name)) {
        set.insert(at);
      }
    }
  }
}

/**
 * The set with every declared field that has children made a member: a field of a struct is there as soon as
 * something below it is, a key of a map is owned by itself.
 */
export function withStructFields(set: FieldSet, schema: Structural | undefined): FieldSet {
  const members = new Set(set.members);
  const children = new Map<string, FieldSet>();
  for (const [element, child] of set.children) {
    if (element.startsWith("f:") && isDeclared(schema, element.slice(2))) {
      members.add(element);
    }
    children.set(element, withStructFields(child, schemaBelow(schema, element)));
  }
  return { members, children };
}
