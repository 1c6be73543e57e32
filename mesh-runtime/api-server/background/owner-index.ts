import type { StoredObject, StoreEvent, StoreKey } from "../store/store.ts";

/** Who names whom as an owner, so that a deletion need not look at every object there is. */
export interface OwnerIndex {
  /** Keys of objects that name the owner; they may have changed since. */
  dependentsOf(uid: string | undefined): readonly StoreKey[];
  add(stored: StoredObject): void;
  /** Follows a write. */
  handle(event: StoreEvent): void;
}

export function createOwnerIndex(): OwnerIndex {
  const byOwner = new Map<string, Map<string, StoreKey>>();
  const ownersOf = (stored: StoredObject | undefined): readonly string[] =>
    (stored?.object.metadata?.ownerReferences ?? []).map(({ uid }) => uid);
  const textOf = ({ resource, namespace, name }: StoreKey): string => `${resource} ${namespace}/${name}`;
  const add = (stored: StoredObject): void => {
    const { resource, namespace, name } = stored;
    for (const uid of ownersOf(stored)) {
      const dependents = byOwner.get(uid) ?? new Map<string, StoreKey>();
      byOwner.set(uid, dependents.set(textOf(stored), { resource, namespace, name }));
    }
  };
  return {
    dependentsOf: (uid) => [...(byOwner.get(uid ?? "")?.values() ?? [])],
    add,
    handle({ type, current, previous }) {
      for (const uid of ownersOf(previous)) {
        const dependents = byOwner.get(uid);
        dependents?.delete(textOf(current));
        if (dependents?.size === 0) {
          byOwner.delete(uid);
        }
      }
      if (type !== "DELETED") {
        add(current);
      }
    },
  };
}
