import type { KubeObject } from "../../api/meta.ts";
import { visibleTo } from "../auth/visible-secrets.ts";
import type { ObjectRequest } from "../http/request.ts";
import { parseFieldSelector } from "../selectors/field-selector.ts";
import { parseLabelSelector } from "../selectors/label-selector.ts";
import { resourceOf } from "./deps.ts";

/** Which objects of a collection a request is about. */
export interface Selection {
  readonly isFiltered: boolean;
  matches(object: KubeObject): boolean;
}

/** From `labelSelector` and `fieldSelector`, within what the sender may see. Throws 400. */
export function selectionOf({ query, kind, user }: Pick<ObjectRequest, "query" | "kind" | "user">): Selection {
  const labels = query.get("labelSelector") ?? "";
  const fields = query.get("fieldSelector") ?? "";
  const byLabels = parseLabelSelector(labels);
  const byFields = parseFieldSelector(fields, resourceOf(kind));
  const visible = visibleTo(user, kind);
  return {
    isFiltered: labels !== "" || fields !== "" || visible !== undefined,
    matches: (object) => byLabels(object.metadata?.labels) && byFields(object) && visible?.(object) !== false,
  };
}
