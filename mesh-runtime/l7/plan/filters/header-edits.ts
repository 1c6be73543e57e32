import type { Fields } from "../../../http1/index.ts";
import { isAuthority } from "../../../http1/index.ts";
import type { L7HeaderEdit, L7HeaderValue } from "../../../xds/proxy-config.ts";
import { fieldValue, isEditable } from "./field-text.ts";

/** Header edits with lower-case names and values that may be written. */
export interface RequestEdits {
  readonly edits: readonly L7HeaderEdit[];
  /** `Host` or `:authority` was set: the authority to send; empty: kept. */
  readonly authority: string;
}

/**
 * Prepares edits of request fields. Fields that are not to be touched are left out; a Host that is set becomes the
 * authority, as Istio has it.
 */
export function requestEdits(edits: readonly L7HeaderEdit[]): RequestEdits {
  let authority = "";
  for (const { set, add } of edits) {
    for (const { name, value } of [...add, ...set]) {
      if (/^(?:host|:authority)$/i.test(name) && isAuthority(value)) {
        authority = value;
      }
    }
  }
  return { edits: responseEdits(edits), authority };
}

/** Prepares edits of response fields. */
export const responseEdits = (edits: readonly L7HeaderEdit[]): readonly L7HeaderEdit[] =>
  edits.map(prepared).filter(({ set, add, remove }) => set.length + add.length + remove.length > 0);

function prepared({ set, add, remove }: L7HeaderEdit): L7HeaderEdit {
  return {
    set: set.flatMap(field),
    add: add.flatMap(field),
    remove: remove.map((name) => name.toLowerCase()).filter(isEditable),
  };
}

function field({ name, value }: L7HeaderValue): L7HeaderValue[] {
  const lowerName = name.toLowerCase();
  const text = fieldValue(value);
  return text === undefined || !isEditable(lowerName) ? [] : [{ name: lowerName, value: text }];
}

/** Applies prepared edits: what is removed first, then set, then added (Gateway API, HTTPHeaderFilter; Envoy's order). */
export function applyEdits(fields: Fields, edits: readonly L7HeaderEdit[]): void {
  for (const { set, add, remove } of edits) {
    for (const name of remove) {
      fields.remove(name);
    }
    for (const { name, value } of set) {
      fields.set(name, value);
    }
    for (const { name, value } of add) {
      fields.add(name, value);
    }
  }
}
