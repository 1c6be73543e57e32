/** Passes on what the telemetry's memory takes, as columns: identities once, counts as numbers. */
import { setImmediate as pause } from "node:timers/promises";
import type { Slots } from "@/server/telemetry/slots.ts";
import type { FedCounts } from "./messages.ts";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
/** Counts that are sent at once. */
const batchMax = 10_000;
/** Numbers begin anew when so many were given: series come and go. */
const idsMax = 200_000;
/** Longest time between two pauses of filling. */
const sliceMs = 4;

interface Counted {
  readonly count: number;
  readonly lastUnixMs?: number;
}

export interface FeedOptions<I, T> {
  /** What is told of an identity. */
  readonly describe: (identity: I) => T;
  readonly send: (fed: FedCounts<T>, transfer: ArrayBuffer[]) => void;
  readonly idsMax?: number;
}

/** Begin with `fill`; flush about once a second, and before whoever reads them is asked. */
export class MemoryFeed<I extends object, D extends Counted, T> {
  readonly #slots: Slots<I, D>;
  readonly #options: FeedOptions<I, T>;
  #ids = new WeakMap<I, number>();
  #given = 0;
  #anew = true;
  #fresh: T[] = [];
  #rows: number[] = [];
  /** What was taken at this time or later is still going to be filled in. */
  #filledToMs = 0;

  constructor(slots: Slots<I, D>, options: FeedOptions<I, T>) {
    this.#slots = slots;
    this.#options = options;
    slots.onTaken((identity, counts, timeMs) => {
      if (timeMs < this.#filledToMs) {
        this.#put(identity, counts, timeMs);
      }
    });
  }

  /**
   * Everything that is remembered, oldest first, in slices. Spans are as wide as slots may become while it goes on, so
   * that nothing moves from one that was read to one that was not.
   */
  async fill(nowMs: number): Promise<void> {
    let begun = performance.now();
    const endMs = nowMs + minuteMs;
    for (let at = Math.floor((nowMs - hourMs - 2 * minuteMs) / minuteMs) * minuteMs; at < endMs; ) {
      const age = nowMs - at;
      const to = at + (age > 4 * minuteMs ? minuteMs : age > minuteMs / 2 ? 10_000 : 1_000);
      this.#slots.each(at, to, (identity, counts, startMs) => this.#put(identity, counts, startMs));
      at = to;
      this.#filledToMs = to;
      if (performance.now() - begun > sliceMs) {
        await pause();
        begun = performance.now();
      }
    }
    this.#filledToMs = Number.POSITIVE_INFINITY;
    this.flush();
  }

  flush(): void {
    const rows = this.#rows;
    if (rows.length === 0) {
      return;
    }
    const length = rows.length / 4;
    const fed = {
      anew: this.#anew,
      fresh: this.#fresh,
      ids: new Uint32Array(length),
      counts: new Float64Array(length),
      lastUnixMs: new Float64Array(length),
      timesMs: new Float64Array(length),
    };
    for (let index = 0; index < length; index++) {
      fed.ids[index] = rows[index * 4] ?? 0;
      fed.counts[index] = rows[index * 4 + 1] ?? 0;
      fed.lastUnixMs[index] = rows[index * 4 + 2] ?? 0;
      fed.timesMs[index] = rows[index * 4 + 3] ?? 0;
    }
    this.#rows = [];
    this.#fresh = [];
    this.#anew = false;
    this.#options.send(fed, [fed.ids.buffer, fed.counts.buffer, fed.lastUnixMs.buffer, fed.timesMs.buffer]);
    if (this.#given > (this.#options.idsMax ?? idsMax)) {
      this.#ids = new WeakMap();
      this.#given = 0;
      this.#anew = true;
    }
  }

  #put(identity: I, counts: D, timeMs: number): void {
    let id = this.#ids.get(identity);
    if (id === undefined) {
      id = this.#given++;
      this.#ids.set(identity, id);
      this.#fresh.push(this.#options.describe(identity));
    }
    this.#rows.push(id, counts.count, counts.lastUnixMs ?? 0, timeMs);
    if (this.#rows.length >= batchMax * 4) {
      this.flush();
    }
  }
}
