/** Resources back to intents: the cluster describes itself. Pure. */
import type { KubeObject } from "@/mesh-runtime/api/meta.ts";
import { dataplaneModeLabel, intentAnnotation, managedByLabel, managedByTowpath } from "@/server/inventory/labels.ts";
import { type Intent, type IntentSet, intent, intentNamespace, intentSet } from "./intent.ts";

const annotationMax = 256 * 1024;

/** Field of an object that the portal applied. */
const wrote = (metadata: KubeObject["metadata"], field: string): boolean =>
  (metadata?.managedFields ?? []).some(
    ({ manager, operation, fieldsV1 }) =>
      manager === managedByTowpath && operation === "Apply" && JSON.stringify(fieldsV1 ?? {}).includes(`"f:${field}"`),
  );

/** Intents written on a resource; empty for an annotation that is damaged, or that somebody else wrote. */
export function intentsOfResource({ kind, metadata }: KubeObject): Intent[] {
  const joined: Intent[] =
    kind === "Namespace" && metadata?.labels?.[dataplaneModeLabel] === "ambient" && wrote(metadata, dataplaneModeLabel)
      ? [{ slug: "join-the-mesh", namespace: metadata.name ?? "" }]
      : [];
  // Who may write in one namespace says nothing for another: each intent is on some object of its own namespace.
  const home = kind === "Namespace" ? metadata?.name : metadata?.namespace;
  const text = metadata?.annotations?.[intentAnnotation];
  // An object that is ours as a whole carries the label; of others the annotation is ours alone.
  const ours = metadata?.labels?.[managedByLabel] === managedByTowpath || wrote(metadata, intentAnnotation);
  if (!ours || text === undefined || text.length > annotationMax) {
    return joined;
  }
  try {
    const told = intent.array().max(1_000).parse(JSON.parse(text));
    return [...joined, ...told.filter((one) => intentNamespace(one) === home)];
  } catch {
    return joined;
  }
}

/** The intents that a cluster's resources tell of. */
export const intentsOfCluster = (objects: Iterable<KubeObject>): IntentSet =>
  intentSet([...objects].flatMap(intentsOfResource));
