import { StoreError, type StoreEvent } from "./store.ts";

/** The last writes, for watches that resume and for lists of an older state. In memory; a restart begins a new window. */
export interface History {
  add(event: StoreEvent): void;
  /** Events of a resource after `revision`; throws `compacted` when some of them are gone, `future` when ahead. */
  since(resource: string, revision: number, latest: number): readonly StoreEvent[];
}

/** How much is kept. */
export interface HistoryLimits {
  /** At least this many events, at most twice as many. */
  readonly eventsMax: number;
  /** Characters of the objects in all events; large objects shorten the window rather than fill the memory. */
  readonly charsMax?: number;
}

const defaultCharsMax = 64 << 20;

/** `start`: the revision at which the window begins. */
export function createHistory(start: number, { eventsMax, charsMax = defaultCharsMax }: HistoryLimits): History {
  let events: StoreEvent[] = [];
  let chars = 0;
  let compacted = start;
  const drop = (count: number): void => {
    compacted = events[count - 1]?.revision ?? compacted;
    chars = events.slice(count).reduce((sum, { current }) => sum + current.json.length, 0);
    events = events.slice(count);
  };
  return {
    add(event) {
      events.push(event);
      chars += event.current.json.length;
      if (events.length >= eventsMax * 2) {
        drop(events.length - eventsMax);
      } else if (chars > charsMax && events.length > 1) {
        drop(Math.ceil(events.length / 2));
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
