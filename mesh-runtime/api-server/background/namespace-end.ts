import type { KubeObject } from "../../api/meta.ts";
import { removeInBackground } from "../resources/delete.ts";
import { type ResourceDeps, resourceOf } from "../resources/deps.ts";
import type { StoreEvent } from "../store/store.ts";

interface NamespaceLike extends KubeObject {
  spec?: { finalizers?: string[] };
}

/** Empties namespaces that end, then lets them go. */
export interface NamespaceEnd {
  handle(event: StoreEvent): void;
  sweep(): void;
}

export function createNamespaceEnd(deps: ResourceDeps): NamespaceEnd {
  const { store, kinds } = deps;
  const namespaced = kinds.filter((kind) => kind.namespaced);
  const settle = (name: string): void => {
    const stored = store.get({ resource: "/namespaces", namespace: "", name });
    if (stored?.object.metadata?.deletionTimestamp === undefined) {
      return;
    }
    let left = 0;
    for (const kind of namespaced) {
      for (const content of store.list(resourceOf(kind), { namespace: name })) {
        if (content.object.metadata?.deletionTimestamp === undefined) {
          removeInBackground(deps, kind, content);
        }
      }
      left += store.list(resourceOf(kind), { namespace: name }).length;
    }
    const fresh = store.get(stored);
    if (left > 0 || fresh === undefined) {
      return;
    }
    const namespace = fresh.object as NamespaceLike;
    const { finalizers: _held, ...spec } = namespace.spec ?? {};
    const emptied = { ...namespace, spec } as KubeObject;
    if ((namespace.metadata?.finalizers ?? []).length === 0) {
      store.delete(fresh, emptied);
    } else if ((namespace.spec?.finalizers ?? []).length > 0) {
      store.update(fresh, emptied);
    }
  };
  return {
    handle({ current }) {
      if (current.resource === "/namespaces") {
        settle(current.name);
      } else if (current.namespace !== "") {
        settle(current.namespace);
      }
    },
    sweep() {
      for (const { name } of store.list("/namespaces")) {
        settle(name);
      }
    },
  };
}
