/** Keeps a copy of the cluster's objects somewhere else up to date: only what is new is told. */
import { setImmediate as pause } from "node:timers/promises";
import type { ClusterObjects } from "@/server/inventory/cluster-objects.ts";
import type { FedObjects } from "./messages.ts";

/** Objects that are sent at once: copying them takes time. */
const batchMax = 100;

type List = keyof ClusterObjects;

/** Objects do not change: a new version is another object. */
export class ObjectsFeed {
  readonly #send: (fed: FedObjects) => void;
  readonly #known = new Map<List, ReadonlyMap<object, number>>();
  #sent: ClusterObjects | undefined;
  #given = 0;
  #last: Promise<void> = Promise.resolve();

  constructor(send: (fed: FedObjects) => void) {
    this.#send = send;
  }

  /** Resolves when all of it is told; many objects are told in several goes. */
  tell(objects: ClusterObjects): Promise<void> {
    this.#last = this.#last.then(() => this.#tell(objects));
    return this.#last;
  }

  async #tell(objects: ClusterObjects): Promise<void> {
    if (objects === this.#sent) {
      return;
    }
    for (const [name, list] of Object.entries(objects) as [List, readonly object[] | undefined][]) {
      if (list !== undefined && list !== this.#sent?.[name]) {
        await this.#tellList(name, list);
      }
    }
    this.#sent = objects;
  }

  async #tellList(name: List, list: readonly object[]): Promise<void> {
    const known = this.#known.get(name) ?? new Map<object, number>();
    const ids = new Map<object, number>();
    let added: [number, object][] = [];
    const order = [...known.keys()];
    const changed = !this.#known.has(name) || list.length !== order.length || list.some((one, at) => one !== order[at]);
    for (const object of list) {
      let id = known.get(object);
      if (id === undefined) {
        id = this.#given++;
        added.push([id, object]);
        if (added.length >= batchMax) {
          this.#send({ list: name, added });
          added = [];
          await pause();
        }
      }
      ids.set(object, id);
    }
    if (changed) {
      this.#send({ list: name, added, order: Uint32Array.from(ids.values()) });
    }
    this.#known.set(name, ids);
  }
}

/** The other end. */
export class ObjectsCopy {
  readonly #objects = new Map<List, Map<number, object>>();
  #lists: Partial<Record<List, readonly object[]>> = {};

  take({ list, added, order }: FedObjects): void {
    const objects = this.#objects.get(list) ?? new Map<number, object>();
    this.#objects.set(list, objects);
    for (const [id, object] of added) {
      objects.set(id, object);
    }
    if (order !== undefined) {
      const kept = [...order].flatMap((id) => {
        const object = objects.get(id);
        return object === undefined ? [] : [[id, object] as const];
      });
      this.#objects.set(list, new Map(kept));
      this.#lists = { ...this.#lists, [list]: kept.map(([, object]) => object) };
    }
  }

  /** Another object whenever something changed. */
  get current(): ClusterObjects {
    // Every list came from one of the same name.
    return this.#lists as unknown as ClusterObjects;
  }
}
