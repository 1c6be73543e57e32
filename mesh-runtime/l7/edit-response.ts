import { type Fields, isHopByHop } from "../http1/index.ts";
import type { L7HeaderEdit } from "../xds/proxy-config.ts";

/** Edits the fields of a response as routes say; what frames a message or concerns one connection cannot be edited. */
export function editResponse(fields: Fields, edits: readonly L7HeaderEdit[]): void {
  for (const { set, add, remove } of edits) {
    for (const { name, value } of set) {
      const lower = name.toLowerCase();
      if (!isHopByHop(lower)) {
        fields.set(lower, value);
      }
    }
    for (const { name, value } of add) {
      const lower = name.toLowerCase();
      if (!isHopByHop(lower)) {
        fields.add(lower, value);
      }
    }
    for (const name of remove) {
      fields.remove(name.toLowerCase());
    }
  }
}
