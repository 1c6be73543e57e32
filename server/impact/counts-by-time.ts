/** How often each kind of request was seen in each span of time, in plain memory. Pure. */
import { noKind } from "./request-kinds.ts";

interface Span {
  readonly startMs: number;
  readonly kinds: Uint32Array;
  readonly counts: Float64Array;
  /** Requests of kinds that are not kept. */
  readonly leftOut: number;
}

/** What a window adds up to. */
export interface WindowSum {
  /** Start of the first span in which something was seen. */
  readonly sinceUnixMs: number | undefined;
  readonly leftOut: number;
}

/** Spans of one width, each with the counts of the kinds that were seen in it. */
export class CountsByTime {
  readonly #widthMs: number;
  readonly #entriesMax: number;
  /** Being filled; a map costs more than a span, so they are closed soon. */
  readonly #open = new Map<number, Map<number, number>>();
  #spans: Span[] = [];
  /** Counts that are kept, but for those of open spans. */
  entries = 0;
  /** What is older was given up for lack of room; 0 when nothing was. */
  forgottenBeforeMs = 0;

  constructor(widthMs: number, entriesMax: number) {
    this.#widthMs = widthMs;
    this.#entriesMax = entriesMax;
  }

  get oldestMs(): number | undefined {
    const starts = [...this.#spans.map(({ startMs }) => startMs), ...this.#open.keys()];
    return starts.length === 0 ? undefined : starts.reduce((one, other) => Math.min(one, other));
  }

  add(kind: number, count: number, timeMs: number): void {
    const startMs = Math.floor(timeMs / this.#widthMs) * this.#widthMs;
    let open = this.#open.get(startMs);
    if (open === undefined) {
      open = new Map();
      this.#open.set(startMs, open);
    }
    open.set(kind, (open.get(kind) ?? 0) + count);
  }

  /** The whole of a span, in place of what was known of it. */
  put(startMs: number, counts: ReadonlyMap<number, number>, leftOut: number): void {
    this.#keep(this.#spans.filter((span) => span.startMs !== startMs));
    this.#open.delete(startMs);
    this.#push(startMs, counts, leftOut);
  }

  /** Ends the filling of spans that began before `beforeMs`, and gives up those before `keepFromMs`. */
  tidy(beforeMs: number, keepFromMs: number): void {
    for (const [startMs, counts] of this.#open) {
      if (startMs < beforeMs) {
        this.#open.delete(startMs);
        this.#push(startMs, counts, 0);
      }
    }
    if (this.#spans.some(({ startMs }) => startMs < keepFromMs)) {
      this.#keep(this.#spans.filter(({ startMs }) => startMs >= keepFromMs));
    }
  }

  /** Adds up the spans that begin in the window, by kind. */
  sum(startMs: number, endMs: number, into: Float64Array): WindowSum {
    let sinceUnixMs: number | undefined;
    let leftOut = 0;
    const since = (at: number): void => {
      sinceUnixMs = Math.min(sinceUnixMs ?? at, at);
    };
    for (const span of this.#spans) {
      if (span.startMs < startMs || span.startMs >= endMs) {
        continue;
      }
      since(span.startMs);
      leftOut += span.leftOut;
      const { kinds, counts } = span;
      for (let index = 0; index < kinds.length; index++) {
        const kind = kinds[index] ?? 0;
        into[kind] = (into[kind] ?? 0) + (counts[index] ?? 0);
      }
    }
    for (const [at, counts] of this.#open) {
      if (at >= startMs && at < endMs) {
        since(at);
        for (const [kind, count] of counts) {
          into[kind] = (into[kind] ?? 0) + count;
        }
      }
    }
    return { sinceUnixMs, leftOut };
  }

  /** Kinds have new numbers; those without are counted as left out. */
  renumber(renumbered: Uint32Array): void {
    for (const [startMs, counts] of this.#open) {
      this.#open.delete(startMs);
      this.#push(startMs, counts, 0);
    }
    this.#keep(
      this.#spans.map((span) => {
        const kept = span.kinds.reduce((sum, kind) => sum + (renumbered[kind] === noKind ? 0 : 1), 0);
        const kinds = new Uint32Array(kept);
        const counts = new Float64Array(kept);
        let { leftOut } = span;
        let at = 0;
        for (const [index, old] of span.kinds.entries()) {
          const kind = renumbered[old] ?? noKind;
          const count = span.counts[index] ?? 0;
          if (kind === noKind) {
            leftOut += count;
          } else {
            kinds[at] = kind;
            counts[at++] = count;
          }
        }
        return { startMs: span.startMs, kinds, counts, leftOut };
      }),
    );
  }

  #push(startMs: number, counts: ReadonlyMap<number, number>, leftOut: number): void {
    const spans = [
      ...this.#spans,
      { startMs, kinds: Uint32Array.from(counts.keys()), counts: Float64Array.from(counts.values()), leftOut },
    ];
    this.#keep(spans);
    while (this.entries > this.#entriesMax && this.#spans.length > 1) {
      const oldest = this.#spans.reduce((first, { startMs: at }) => Math.min(first, at), Number.POSITIVE_INFINITY);
      this.forgottenBeforeMs = Math.max(this.forgottenBeforeMs, oldest + this.#widthMs);
      this.#keep(this.#spans.filter((span) => span.startMs !== oldest));
    }
  }

  #keep(spans: Span[]): void {
    this.#spans = spans;
    this.entries = spans.reduce((sum, { kinds }) => sum + kinds.length, 0);
  }
}
