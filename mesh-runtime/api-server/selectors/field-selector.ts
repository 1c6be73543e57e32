import type { KubeObject } from "../../api/meta.ts";
import { errors } from "../api-error.ts";

/** Tells whether an object matches. */
export type FieldMatcher = (object: KubeObject) => boolean;

/** Selectable fields beyond `metadata.name` and `metadata.namespace`, as built-in kinds have them. */
const selectable: Readonly<Record<string, readonly string[]>> = {
  "/pods": [
    "spec.nodeName",
    "spec.restartPolicy",
    "spec.schedulerName",
    "spec.serviceAccountName",
    "spec.hostNetwork",
    "status.phase",
    "status.podIP",
    "status.nominatedNodeName",
  ],
  "/services": ["spec.clusterIP", "spec.type"],
  "/nodes": ["spec.unschedulable"],
  "/namespaces": ["status.phase"],
  "/secrets": ["type"],
  "/events": [
    "involvedObject.kind",
    "involvedObject.namespace",
    "involvedObject.name",
    "involvedObject.uid",
    "involvedObject.apiVersion",
    "involvedObject.resourceVersion",
    "involvedObject.fieldPath",
    "reason",
    "reportingComponent",
    "source",
    "type",
  ],
};

const charsMax = 8_192;

/** Parses `fieldSelector`: comma-separated `path=value`, `==`, `!=`; `\` escapes. Throws 400. */
export function parseFieldSelector(text: string, resource: string): FieldMatcher {
  if (text.length > charsMax) {
    throw errors.badRequest(`invalid selector: longer than ${charsMax} characters`);
  }
  const terms = text.split(/(?<!\\),/).filter((term) => term.trim() !== "");
  const all = terms.map((term): FieldMatcher => {
    const parts = /^([^=!]+?)(!=|==|=)(.*)$/s.exec(term);
    const path = parts?.[1]?.trim();
    if (parts === null || path === undefined) {
      throw errors.badRequest(`invalid selector: '${term}'; can't understand '${term}'`);
    }
    const known = ["metadata.name", "metadata.namespace", ...(selectable[resource] ?? [])];
    if (!known.includes(path)) {
      throw errors.badRequest(`field label not supported: ${path}`);
    }
    const wanted = (parts[3] ?? "").replace(/\\(.)/gs, "$1");
    const isNegated = parts[2] === "!=";
    return (object) => (valueAt(object, path) === wanted) !== isNegated;
  });
  return (object) => all.every((matches) => matches(object));
}

function valueAt(object: KubeObject, path: string): string {
  let value: unknown = object;
  for (const name of path.split(".")) {
    value = typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;
  }
  if (value === undefined || value === null) {
    return path === "spec.unschedulable" || path === "spec.hostNetwork" ? "false" : "";
  }
  return typeof value === "object" ? ((value as { component?: string }).component ?? "") : String(value);
}
