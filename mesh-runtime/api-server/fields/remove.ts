import type { Structural } from "../../api/schema/structural.ts";
import { atomOf, fieldSchema, isObject, itemElement } from "./atom.ts";
import { emptySet, type FieldSet, isEmpty } from "./field-set.ts";

/**
 * The value without the members of `set`. A map or list that loses everything becomes null, which is how an emptied
 * field is told from an absent one.
 */
export function removeFields(schema: Structural | undefined, value: unknown, set: FieldSet): unknown {
  const atom = atomOf(schema, value);
  if (Array.isArray(value) && atom.shape === "list") {
    if (value.length === 0 || atom.merge === "atomic") {
      return null;
    }
    const items: unknown[] = [];
    value.forEach((item, index) => {
      const element = itemElement(atom, schema?.items, item) ?? `i:${index}`;
      if (!set.members.has(element)) {
        const below = set.children.get(element) ?? emptySet;
        items.push(isEmpty(below) ? item : removeFields(schema?.items, item, below));
      }
    });
    return items.length === 0 ? null : items;
  }
  if (isObject(value) && atom.shape === "map") {
    if (atom.atomic) {
      return null;
    }
    const out: Record<string, unknown> = {};
    for (const [name, item] of Object.entries(value)) {
      if (!set.members.has(`f:${name}`)) {
        const below = set.children.get(`f:${name}`) ?? emptySet;
        out[name] = isEmpty(below) ? item : removeFields(fieldSchema(schema, name), item, below);
      }
    }
    return Object.keys(out).length === 0 ? null : out;
  }
  return value;
}
