import { StoreError, type StoreEvent } from "./store.ts";

/** The last writes, for watches that resume and for lists of an older state. In memory; a restart begins a new window. */
export interface History {
  add(event: StoreEvent): void;
  /** Events of a resource after `revision`; throws `compacted` when some of them are gone, `future` when ahead. */
  since(resource: string, revision: number, latest: number): readonly StoreEvent[];
}

/** Keeps at least `eventsMax` and at most twice as many events. `start`: the revision at which the window begins. */
export function createHistory(start: number, eventsMax: number): History {
  let events: StoreEvent[] = [];
  let compacted = start;
  return {
    add(event) {
      events.push(event);
      if (events.length >= eventsMax * 2) {
        const dropped = events.length - eventsMax;
        compacted = events[dropped - 1]?.revision ?? compacted;
        events = events.slice(dropped);
      }
    },
    since(resource, revision, latest) {
      if (revision > latest) {
        throw new StoreError("future", `Too large resource version: ${revision}, current: ${latest}`);
      }
      if (revision < compacted) {
        throw new StoreError("compacted", `too old resource version: ${revision} (${compacted})`);
      }
      return events.filter((event) => event.revision > revision && event.current.resource === resource);
    },
  };
}
