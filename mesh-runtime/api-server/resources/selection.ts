import type { KindDefinition } from "../../api/kind.ts";
import type { KubeObject } from "../../api/meta.ts";
import { parseFieldSelector } from "../selectors/field-selector.ts";
import { parseLabelSelector } from "../selectors/label-selector.ts";
import { resourceOf } from "./deps.ts";

/** Which objects of a collection a request is about. */
export interface Selection {
  readonly isFiltered: boolean;
  matches(object: KubeObject): boolean;
}

/** From `labelSelector` and `fieldSelector`. Throws 400. */
export function selectionOf(query: URLSearchParams, kind: KindDefinition): Selection {
  const labels = query.get("labelSelector") ?? "";
  const fields = query.get("fieldSelector") ?? "";
  const byLabels = parseLabelSelector(labels);
  const byFields = parseFieldSelector(fields, resourceOf(kind));
  return {
    isFiltered: labels !== "" || fields !== "",
    matches: (object) => byLabels(object.metadata?.labels) && byFields(object),
  };
}
