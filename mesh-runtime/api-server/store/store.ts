import type { KubeObject } from "../../api/meta.ts";

/** One object as it is kept. Immutable: whoever changes it clones first. */
export interface StoredObject {
  /** `<group>/<plural>`, `/pods` for core. */
  readonly resource: string;
  /** Empty for cluster-scoped kinds. */
  readonly namespace: string;
  readonly name: string;
  /** The revision that wrote it, the same as `metadata.resourceVersion`. */
  readonly revision: number;
  readonly object: KubeObject;
  /** `object` as JSON, made once and sent many times. */
  readonly json: string;
}

/** One write. `current` of a deletion is the last state, with the revision of the deletion. */
export interface StoreEvent {
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  readonly revision: number;
  readonly current: StoredObject;
  readonly previous: StoredObject | undefined;
}

export interface StoreKey {
  readonly resource: string;
  readonly namespace: string;
  readonly name: string;
}

export type StoreErrorCode =
  /** Create of a key that exists. */
  | "exists"
  /** Update or delete of a key that does not exist. */
  | "missing"
  /** The object was written since the revision that the caller knows. */
  | "stale"
  /** The revision is older than the history. */
  | "compacted"
  /** The revision is not there yet. */
  | "future"
  /** Another process has the store open. */
  | "inUse";

export class StoreError extends Error {
  override readonly name = "StoreError";
  readonly code: StoreErrorCode;
  constructor(code: StoreErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/**
 * Keeps objects under one sequence of revisions, with a window of history. Writes are durable when they return.
 * Synchronous: a read and the write that depends on it happen in one turn, so nobody comes in between.
 */
export interface Store {
  /** The last revision. */
  readonly revision: number;
  get(key: StoreKey): StoredObject | undefined;
  /** By namespace and name; one namespace or all. `at` gives the state of an older revision. */
  list(resource: string, options?: { readonly namespace?: string | undefined; readonly at?: number }): StoredObject[];
  create(key: StoreKey, object: KubeObject): StoredObject;
  /** `expected`: fails with `stale` when the object has another revision by now. */
  update(key: StoreKey, object: KubeObject, expected?: number): StoredObject;
  /** Removes; `object` replaces the last state that watchers see. */
  delete(key: StoreKey, object?: KubeObject, expected?: number): StoredObject;
  /** Everything of a resource after `revision`, oldest first. */
  eventsSince(resource: string, revision: number): readonly StoreEvent[];
  /** Calls back after each write of a resource, in order. Listeners must not throw and must not write. */
  subscribe(resource: string, listener: (event: StoreEvent) => void): () => void;
  /** Calls back after each write of any resource. */
  subscribeAll(listener: (event: StoreEvent) => void): () => void;
  close(): void;
}

/** Order of lists: by namespace, then name, by code units as etcd orders keys. */
export function byKey(a: StoreKey, b: StoreKey): number {
  if (a.namespace !== b.namespace) {
    return a.namespace < b.namespace ? -1 : 1;
  }
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}
