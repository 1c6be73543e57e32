import type { KubeObject } from "../api/meta.ts";

/**
 * Names a resource of the API and the type of its objects. A kind declared in `mesh-runtime/api` is one.
 * `T` is carried at compile time only: `client.get<Pod>(pod, key)`, or once with `typed<Pod>(pod)`.
 */
export interface ResourceRef<T extends KubeObject = KubeObject> {
  /** API group, empty for core. */
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly namespaced: boolean;
  /** Never set: carries `T`. */
  readonly objectType?: T;
}

/** Where one object is. `namespace` is left out for cluster-scoped kinds. */
export interface ObjectKey {
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
}

/** Names a resource, with the type of its objects. Takes a kind's declaration or the bare names. */
export const typed = <T extends KubeObject>({
  group,
  version,
  kind,
  plural,
  namespaced,
}: ResourceRef): ResourceRef<T> => ({
  group,
  version,
  kind,
  plural,
  namespaced,
});

/** Path of a collection (all namespaces when `namespace` is left out) or of one object. */
export function resourcePath(
  ref: ResourceRef,
  { namespace, name, subresource }: ObjectKey & { readonly subresource?: string | undefined } = {},
): string {
  const base = ref.group === "" ? `/api/${ref.version}` : `/apis/${ref.group}/${ref.version}`;
  const scope = ref.namespaced && namespace !== undefined ? `/namespaces/${encodeURIComponent(namespace)}` : "";
  const object = name === undefined ? "" : `/${encodeURIComponent(name)}`;
  return `${base}${scope}/${ref.plural}${object}${subresource === undefined ? "" : `/${subresource}`}`;
}

/** Store key of an object: `namespace/name`, or `name` for cluster-scoped kinds. */
export const keyOf = ({ namespace, name }: ObjectKey): string =>
  namespace ? `${namespace}/${name ?? ""}` : (name ?? "");
