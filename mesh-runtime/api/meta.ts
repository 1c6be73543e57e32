/**
 * What every Kubernetes object has. Field names and meanings follow k8s.io/apimachinery `meta/v1`; zod schemas for
 * these types are in `schema/object-meta.ts`.
 */

/** Any JSON value, as it comes from a request body. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

export interface OwnerReference {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  controller?: boolean | undefined;
  blockOwnerDeletion?: boolean | undefined;
}

/** One writer's fields. `fieldsV1` is the FieldsV1 trie (`f:name`, `k:{...}`, `v:...`, `.`). */
export interface ManagedFieldsEntry {
  manager?: string | undefined;
  operation?: "Apply" | "Update" | undefined;
  apiVersion?: string | undefined;
  /** RFC 3339, seconds. */
  time?: string | undefined;
  fieldsType?: "FieldsV1" | undefined;
  fieldsV1?: { [key: string]: unknown } | undefined;
  subresource?: string | undefined;
}

export interface ObjectMeta {
  name?: string | undefined;
  generateName?: string | undefined;
  namespace?: string | undefined;
  uid?: string | undefined;
  /** Opaque; equality only. */
  resourceVersion?: string | undefined;
  /** Grows when the wish (`spec`, for some kinds everything but metadata and status) changes. */
  generation?: number | undefined;
  /** RFC 3339, seconds. */
  creationTimestamp?: string | null | undefined;
  deletionTimestamp?: string | undefined;
  deletionGracePeriodSeconds?: number | undefined;
  labels?: { [key: string]: string } | undefined;
  annotations?: { [key: string]: string } | undefined;
  ownerReferences?: OwnerReference[] | undefined;
  finalizers?: string[] | undefined;
  managedFields?: ManagedFieldsEntry[] | undefined;
  selfLink?: string | undefined;
}

/** An object of any kind. The typed interface of a kind (`Pod`, `Service`…) is assignable to it. */
export interface KubeObject {
  apiVersion?: string | undefined;
  kind?: string | undefined;
  metadata?: ObjectMeta | undefined;
}

export interface ListMeta {
  resourceVersion?: string | undefined;
  continue?: string | undefined;
  remainingItemCount?: number | undefined;
}

export interface KubeList<T extends KubeObject = KubeObject> {
  apiVersion: string;
  kind: string;
  metadata: ListMeta;
  items: T[];
}

/** `metav1.Condition`. `observedGeneration` is a string in Istio's own kinds. */
export interface Condition {
  type: string;
  status: "True" | "False" | "Unknown";
  reason?: string | undefined;
  message?: string | undefined;
  lastTransitionTime?: string | undefined;
  observedGeneration?: number | string | undefined;
}

export interface LabelSelector {
  matchLabels?: { [key: string]: string } | undefined;
  matchExpressions?:
    | { key: string; operator: "In" | "NotIn" | "Exists" | "DoesNotExist"; values?: string[] | undefined }[]
    | undefined;
}

export interface GroupVersionKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

/** `apps/v1`, or `v1` for the core group. */
export function apiVersionOf(group: string, version: string): string {
  return group === "" ? version : `${group}/${version}`;
}

/** Splits `apps/v1`; the core group is "". Undefined when there is more than one slash or an empty part. */
export function parseApiVersion(apiVersion: string): { group: string; version: string } | undefined {
  const parts = apiVersion.split("/");
  const [first, second] = parts;
  if (parts.length === 1 && first) {
    return { group: "", version: first };
  }
  if (parts.length === 2 && first && second) {
    return { group: first, version: second };
  }
  return undefined;
}
