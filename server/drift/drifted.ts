/** What is live against what the paths render. Pure. */
import type { KubeObject } from "@/mesh-runtime/api/meta.ts";
import type { DriftItem } from "@/server/contracts/drift.ts";
import type { ResourceRef } from "@/server/contracts/names.ts";
import { orderFree } from "@/server/golden-paths/order-free.ts";
import { isWholeOurs, ownedPart } from "@/server/golden-paths/owned-part.ts";
import { canonical, type Rendered, refOf, resourceKey } from "@/server/golden-paths/resource.ts";
import { managedByLabel, managedByTowpath } from "@/server/inventory/labels.ts";

export interface Drifted {
  readonly ref: ResourceRef;
  readonly kind: DriftItem["kind"];
  readonly expected: Rendered;
  /** As far as paths own it; undefined when it is gone. */
  readonly live: Rendered | undefined;
  readonly object: KubeObject | undefined;
}

/** Content alone, without an order that means nothing; the annotation tells intents, which are compared by themselves. */
export const contentOf = (resource: Rendered): object => ({
  labels: resource.metadata.labels ?? {},
  spec: orderFree(resource) ?? null,
  data: resource.data ?? null,
});

/** Whether both mean the same to the mesh. */
export const sameContent = (one: Rendered | undefined, other: Rendered | undefined): boolean =>
  one === undefined || other === undefined ? one === other : canonical(contentOf(one)) === canonical(contentOf(other));

/** Objects that are not as they are rendered. */
export function findDrifted(
  rendered: ReadonlyMap<string, Rendered>,
  readLive: (ref: ResourceRef) => KubeObject | undefined,
  busy: ReadonlySet<string>,
): Drifted[] {
  return [...rendered].flatMap(([key, expected]): Drifted[] => {
    const ref = refOf(expected);
    if (busy.has(key)) {
      return [];
    }
    const object = readLive(ref);
    const live = object === undefined ? undefined : ownedPart(object, [expected]);
    if (sameContent(expected, live)) {
      return [];
    }
    const kind =
      object === undefined
        ? "removed"
        : isWholeOurs(expected) && object.metadata?.labels?.[managedByLabel] !== managedByTowpath
          ? "in-the-way"
          : "edited";
    return [{ ref, kind, expected, live, object }];
  });
}

/** The object without what paths own of it. */
export const bareOf = ({ apiVersion, kind, metadata }: Rendered): Rendered => ({
  apiVersion,
  kind,
  metadata: { name: metadata.name, ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }) },
});

/** Whether a rendering gives what is live; an object of others that no path writes to any more is as it is. */
export function gives(
  next: ReadonlyMap<string, Rendered>,
  expected: Rendered,
  object: KubeObject | undefined,
): boolean {
  const rendered = next.get(resourceKey(refOf(expected)));
  if (object === undefined) {
    return rendered === undefined;
  }
  const live = ownedPart(object, [expected, rendered]);
  return sameContent(rendered ?? (isWholeOurs(expected) ? undefined : bareOf(live)), live);
}
