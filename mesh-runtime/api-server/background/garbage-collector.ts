import type { KindDefinition } from "../../api/kind.ts";
import type { KubeObject, OwnerReference } from "../../api/meta.ts";
import { parseApiVersion } from "../../api/meta.ts";
import { remove, removeInBackground } from "../resources/delete.ts";
import { type ResourceDeps, resourceOf } from "../resources/deps.ts";
import type { StoredObject, StoreEvent } from "../store/store.ts";
import { createOwnerIndex } from "./owner-index.ts";

const foreground = "foregroundDeletion";
const orphan = "orphan";

/**
 * Follows owner references: an object whose owners are all gone is deleted; an owner that is deleted in the
 * foreground waits for its dependents, one deleted with `orphan` lets go of them first.
 */
export interface GarbageCollector {
  /** Looks at what an event may have made garbage. */
  handle(event: StoreEvent): void;
  /** Looks at everything: after a restart. */
  sweep(): void;
}

export function createGarbageCollector(deps: ResourceDeps): GarbageCollector {
  const { store, kinds } = deps;
  const index = createOwnerIndex();
  const kindOf = (resource: string): KindDefinition | undefined => kinds.find((kind) => resourceOf(kind) === resource);

  const ownerOf = (reference: OwnerReference, namespace: string): StoredObject | undefined => {
    const { group } = parseApiVersion(reference.apiVersion) ?? { group: "?" };
    const kind = kinds.find((candidate) => candidate.group === group && candidate.kind === reference.kind);
    if (kind === undefined) {
      return undefined;
    }
    const found = store.get({
      resource: resourceOf(kind),
      namespace: kind.namespaced ? namespace : "",
      name: reference.name,
    });
    return found?.object.metadata?.uid === reference.uid ? found : undefined;
  };
  /** A reference to a kind that is not served says nothing: its owner cannot be looked up. */
  const isKnown = ({ apiVersion, kind }: OwnerReference): boolean => {
    const { group } = parseApiVersion(apiVersion) ?? { group: "?" };
    return kinds.some((candidate) => candidate.group === group && candidate.kind === kind);
  };
  const dependentsOf = (owner: StoredObject): { kind: KindDefinition; stored: StoredObject }[] =>
    index.dependentsOf(owner.object.metadata?.uid).flatMap((key) => {
      const stored = store.get(key);
      const kind = kindOf(key.resource);
      // A namespaced owner has dependents in its own namespace only.
      const isNear = owner.namespace === "" || key.namespace === owner.namespace;
      return stored === undefined || kind === undefined || !isNear ? [] : [{ kind, stored }];
    });

  const collect = (kind: KindDefinition, stored: StoredObject): void => {
    const references = stored.object.metadata?.ownerReferences ?? [];
    if (references.length === 0 || stored.object.metadata?.deletionTimestamp !== undefined) {
      return;
    }
    const isGarbage = references.every(
      (reference) => isKnown(reference) && ownerOf(reference, stored.namespace) === undefined,
    );
    if (isGarbage) {
      removeInBackground(deps, kind, stored);
    }
  };
  const settleOwner = (kind: KindDefinition, stored: StoredObject): void => {
    const { deletionTimestamp, finalizers = [] } = stored.object.metadata ?? {};
    if (deletionTimestamp === undefined) {
      return;
    }
    if (finalizers.includes(orphan)) {
      for (const dependent of dependentsOf(stored)) {
        store.update(dependent.stored, withoutOwner(dependent.stored.object, stored.object.metadata?.uid));
      }
      release(kind, stored, orphan);
    } else if (finalizers.includes(foreground)) {
      const dependents = dependentsOf(stored);
      for (const dependent of dependents) {
        if (dependent.stored.object.metadata?.deletionTimestamp === undefined) {
          remove(deps, dependent.kind, dependent.stored, { ...asked, policy: "Foreground" });
        }
      }
      const isWaiting = dependentsOf(stored).some(({ stored: { object } }) =>
        (object.metadata?.ownerReferences ?? []).some(
          ({ uid, blockOwnerDeletion }) => uid === stored.object.metadata?.uid && blockOwnerDeletion === true,
        ),
      );
      if (!isWaiting) {
        release(kind, stored, foreground);
      }
    }
  };
  const release = (kind: KindDefinition, stored: StoredObject, finalizer: string): void => {
    const fresh = store.get(stored);
    if (fresh === undefined) {
      return;
    }
    const finalizers = (fresh.object.metadata?.finalizers ?? []).filter((name) => name !== finalizer);
    const { finalizers: _before, ...metadata } = fresh.object.metadata ?? {};
    const object = { ...fresh.object, metadata: { ...metadata, ...(finalizers.length > 0 ? { finalizers } : {}) } };
    const isPodEnding = kind.plural === "pods" && (metadata.deletionGracePeriodSeconds ?? 0) > 0;
    if (finalizers.length === 0 && !isPodEnding) {
      store.delete(fresh, object);
    } else {
      store.update(fresh, object);
    }
  };

  return {
    handle(event) {
      const { type, current } = event;
      index.handle(event);
      const kind = kindOf(current.resource);
      if (kind === undefined) {
        return;
      }
      if (type !== "DELETED") {
        const fresh = store.get(current);
        if (fresh !== undefined) {
          collect(kind, fresh);
          settleOwner(kind, store.get(current) ?? fresh);
        }
        return;
      }
      for (const dependent of dependentsOf(current)) {
        collect(dependent.kind, dependent.stored);
      }
      // An owner in the foreground may have waited for this one.
      for (const reference of current.object.metadata?.ownerReferences ?? []) {
        const owner = ownerOf(reference, current.namespace);
        const ownerKind = owner === undefined ? undefined : kindOf(owner.resource);
        if (owner !== undefined && ownerKind !== undefined) {
          settleOwner(ownerKind, owner);
        }
      }
    },
    sweep() {
      for (const kind of kinds) {
        store.list(resourceOf(kind)).forEach(index.add);
      }
      for (const kind of kinds) {
        for (const stored of store.list(resourceOf(kind))) {
          collect(kind, stored);
          const fresh = store.get(stored);
          if (fresh !== undefined) {
            settleOwner(kind, fresh);
          }
        }
      }
    },
  };
}

const asked = { graceSeconds: undefined, dryRun: false, uid: undefined, resourceVersion: undefined } as const;

function withoutOwner(object: KubeObject, uid: string | undefined): KubeObject {
  const { ownerReferences = [], ...metadata } = object.metadata ?? {};
  const rest = ownerReferences.filter((reference) => reference.uid !== uid);
  return { ...object, metadata: rest.length > 0 ? { ...metadata, ownerReferences: rest } : metadata };
}
