/** Observed requests as columns of numbers: kinds, and how often each was seen. Pure. */
import { floats } from "./column.ts";
import { RequestKinds, type SeenShape } from "./request-kinds.ts";

/** Kinds of requests and their counts in some window. */
export interface Shapes {
  readonly kinds: RequestKinds;
  /** By kind, at least as long as there are kinds; 0 where a kind was not seen in the window. */
  readonly count: Float64Array;
}

export interface SeenCounts {
  readonly count: number;
  readonly lastUnixMs: number;
}

/** Adds up what it is given, whenever it was seen. */
export class ShapeColumns implements Shapes {
  readonly kinds = new RequestKinds();
  readonly #count = floats();

  get count(): Float64Array {
    return this.#count.values;
  }

  add(shape: SeenShape, { count, lastUnixMs }: SeenCounts): void {
    const kind = this.kinds.of(shape);
    this.#count.set(kind, (this.#count.values[kind] ?? 0) + count);
    this.kinds.seenAt(kind, lastUnixMs);
  }
}
