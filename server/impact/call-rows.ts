/** Observed traffic added up: one row per call, port and request. Pure. */
import { floats, numbers } from "./column.ts";
import { PairIndex } from "./pair-index.ts";
import type { ShapeColumns } from "./shape-columns.ts";

/** In place of a request where method and path do not matter, or were not seen. */
export const noRequest = 0xffff_ffff;
/** The same for requests, which are counted apart from connections. */
const anyRequest = 0xffff_fffe;

/** One row per call, port and request, and whether connections or requests are counted in it. */
export class CallRows {
  /** Number of the call and port. */
  readonly place = numbers();
  readonly request = numbers();
  readonly count = floats();
  readonly lastUnixMs = floats();
  /** Calls of which a proxy saw requests: connections of the same would count them twice. */
  readonly httpCalls = new Set<number>();
  readonly #http = numbers();
  readonly #places = new PairIndex();
  readonly #calls = numbers();
  readonly #ports = numbers();
  readonly #rows: PairIndex;

  /** `expected`: how many shapes will be added at most. */
  constructor(expected: number) {
    this.#rows = new PairIndex(expected);
  }

  get length(): number {
    return this.#rows.size;
  }

  add(call: number, shapes: ShapeColumns, index: number, requestsMatter: boolean): void {
    const request = shapes.request.values[index] ?? 0;
    const port = shapes.port.values[index] ?? 0;
    const http = shapes.isHttp.values[request] === 1;
    if (http) {
      this.httpCalls.add(call);
    }
    const places = this.#places.size;
    const place = this.#places.add(call, port);
    if (place === places) {
      this.#calls.set(place, call);
      this.#ports.set(place, port);
    }
    const rows = this.#rows.size;
    const row = this.#rows.add(place, http ? (requestsMatter ? request : anyRequest) : noRequest);
    const count = shapes.count.values[index] ?? 0;
    const last = shapes.lastUnixMs.values[index] ?? 0;
    if (row === rows) {
      this.place.set(row, place);
      this.request.set(row, http && requestsMatter ? request : noRequest);
      this.#http.set(row, http ? 1 : 0);
      this.count.set(row, count);
      this.lastUnixMs.set(row, last);
    } else {
      this.count.set(row, (this.count.values[row] ?? 0) + count);
      this.lastUnixMs.set(row, Math.max(this.lastUnixMs.values[row] ?? 0, last));
    }
  }

  callOf(row: number): number {
    return this.#calls.values[this.place.values[row] ?? 0] ?? 0;
  }

  portOf(row: number): number {
    return this.#ports.values[this.place.values[row] ?? 0] ?? 0;
  }

  isHttp(row: number): boolean {
    return this.#http.values[row] === 1;
  }
}
