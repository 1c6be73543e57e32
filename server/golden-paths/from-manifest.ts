/** Resources back to intents: the cluster describes itself. Pure. */
import type { KubeObject } from "@/mesh-runtime/api/meta.ts";
import { dataplaneModeLabel, intentAnnotation, managedByLabel, managedByTowpath } from "@/server/inventory/labels.ts";
import { type Intent, type IntentSet, intent, intentSet } from "./intent.ts";

const annotationMax = 256 * 1024;

/** Intents written on a resource of ours; empty for others, and for an annotation that is damaged. */
export function intentsOfResource({ kind, metadata }: KubeObject): Intent[] {
  if (kind === "Namespace") {
    const applied = (metadata?.managedFields ?? []).some(
      ({ manager, operation, fieldsV1 }) =>
        manager === managedByTowpath &&
        operation === "Apply" &&
        JSON.stringify(fieldsV1 ?? {}).includes(`f:${dataplaneModeLabel}`),
    );
    return applied && metadata?.labels?.[dataplaneModeLabel] === "ambient"
      ? [{ slug: "join-the-mesh", namespace: metadata.name ?? "" }]
      : [];
  }
  const text = metadata?.annotations?.[intentAnnotation];
  if (metadata?.labels?.[managedByLabel] !== managedByTowpath || text === undefined || text.length > annotationMax) {
    return [];
  }
  try {
    return intent.array().max(1_000).parse(JSON.parse(text));
  } catch {
    return [];
  }
}

/** The intents that a cluster's resources tell of. */
export const intentsOfCluster = (objects: Iterable<KubeObject>): IntentSet =>
  intentSet([...objects].flatMap(intentsOfResource));
