/** Whose things a change touches, and what no change may write whatever asked for it. Pure. */
import type { ResourceRef } from "@/server/contracts/names.ts";
import { isWholeOurs } from "@/server/golden-paths/owned-part.ts";
import { apiVersions, type Rendered, type RenderedKind, resourceName } from "@/server/golden-paths/resource.ts";
import { dataplaneModeLabel, intentAnnotation, rootNamespace } from "@/server/inventory/labels.ts";
import { isUnchanged, type ResourceStep } from "./proposal.ts";

/** The namespace that an object belongs to; a Namespace belongs to itself. */
export const namespaceOf = ({ kind, namespace, name }: ResourceRef): string =>
  kind === "Namespace" ? name : namespace === "" ? rootNamespace : namespace;

/** Namespaces that the plan names, and those of everything that would be written: none is left out by a path's mistake. */
export const touchedNamespaces = (planned: readonly string[], steps: readonly ResourceStep[]): string[] =>
  [...new Set([...planned, ...steps.filter((step) => !isUnchanged(step)).map(({ ref }) => namespaceOf(ref))])].sort();

/** `<namespace>/<name>` of the services that are touched. */
export const touchedServices = (planned: readonly string[], steps: readonly ResourceStep[]): string[] =>
  [
    ...new Set([
      ...planned,
      ...steps.flatMap(({ ref }) => (ref.kind === "Service" ? [`${ref.namespace}/${ref.name}`] : [])),
    ]),
  ].sort();

const namespaceLabels: ReadonlySet<string> = new Set([
  dataplaneModeLabel,
  "istio.io/use-waypoint",
  "istio.io/use-waypoint-namespace",
  "istio.io/ingress-use-waypoint",
]);

/** The mesh's own namespaces: Kubernetes' hold nothing that a path is about. */
const systemNamespace = /^kube-/;

/** Kinds of which others own the object and paths write single fields at most. */
const partsOnly: ReadonlySet<string> = new Set(["Namespace", "ConfigMap", "Deployment"]);

/** Why a step may never be written, by nobody; empty when it may. */
export function forbiddenWrite({ ref, before, after }: ResourceStep): string {
  const name = resourceName(ref);
  const version: string | undefined = Object.hasOwn(apiVersions, ref.kind)
    ? apiVersions[ref.kind as RenderedKind]
    : undefined;
  if (version !== ref.apiVersion) {
    return `${name} is of a kind that no golden path writes.`;
  }
  if (systemNamespace.test(namespaceOf(ref))) {
    return `${name} belongs to Kubernetes itself.`;
  }
  if ((ref.kind === "Namespace") !== (ref.namespace === "")) {
    return `${name} is not where such an object belongs.`;
  }
  if (ref.kind === "ConfigMap" && !(ref.namespace === rootNamespace && ref.name === "istio")) {
    return `${name} is no setting of the mesh.`;
  }
  if (after !== undefined && (after.kind !== ref.kind || after.metadata.name !== ref.name)) {
    return `${name} would be written under another name.`;
  }
  if (after !== undefined && (after.metadata.namespace ?? "") !== ref.namespace) {
    return `${name} would be written in another namespace.`;
  }
  if (partsOnly.has(ref.kind) && (after === undefined ? before !== undefined : isWholeOurs(after))) {
    return `${name} belongs to somebody else as a whole.`;
  }
  return ref.kind === "Namespace" ? forbiddenLabel(name, before, after) : "";
}

function forbiddenLabel(name: string, before: Rendered | undefined, after: Rendered | undefined): string {
  if (before === undefined) {
    return `There is no ${name}.`;
  }
  const wrong = Object.keys(after?.metadata.labels ?? {}).find((label) => !namespaceLabels.has(label));
  const foreign = Object.keys(after?.metadata.annotations ?? {}).find((annotation) => annotation !== intentAnnotation);
  return wrong === undefined && foreign === undefined && after?.spec === undefined
    ? ""
    : `${name} would get ${wrong ?? foreign ?? "a spec"}, which no golden path writes.`;
}
