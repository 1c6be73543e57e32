/** Observed traffic added up: one row per call, port and request. Pure. */
import type { CallJudge } from "./call-judge.ts";
import type { ShapeColumns } from "./shape-columns.ts";

/** In place of a request where method and path do not matter, or were not seen. */
export const noRequest = 0xffff_ffff;

/** One row per call, port and request, and whether connections or requests are counted in it. */
export class CallRows {
  readonly judges: readonly CallJudge[];
  readonly place: number[] = [];
  readonly request: number[] = [];
  readonly http: boolean[] = [];
  readonly count: number[] = [];
  readonly lastUnixMs: number[] = [];
  length = 0;
  /** Calls of which a proxy saw requests: connections of the same would count them twice. */
  readonly httpCalls = new Set<number>();
  readonly #places = new Map<number, number>();
  readonly #placeKeys: number[] = [];
  readonly #byKey = new Map<number, number>();

  constructor(judges: readonly CallJudge[]) {
    this.judges = judges;
  }

  add(call: number, shapes: ShapeColumns, index: number, requestsMatter: boolean): void {
    const request = shapes.request.values[index] ?? 0;
    const http = shapes.requests[request]?.method !== "";
    if (http) {
      this.httpCalls.add(call);
    }
    const placeKey = call * 0x1_0000 + (shapes.port.values[index] ?? 0);
    let place = this.#places.get(placeKey);
    if (place === undefined) {
      place = this.#placeKeys.length;
      this.#placeKeys.push(placeKey);
      this.#places.set(placeKey, place);
    }
    const kept = http && requestsMatter ? request : noRequest;
    // Connections and requests that are not told apart are still counted apart.
    const key = place * 0x400_0000 + (kept === noRequest ? (http ? 0x3ff_fffe : 0x3ff_ffff) : kept);
    const row = this.#byKey.get(key);
    const count = shapes.count.values[index] ?? 0;
    const last = shapes.lastUnixMs.values[index] ?? 0;
    if (row === undefined) {
      this.#byKey.set(key, this.length++);
      this.place.push(place);
      this.request.push(kept);
      this.http.push(http);
      this.count.push(count);
      this.lastUnixMs.push(last);
    } else {
      this.count[row] = (this.count[row] ?? 0) + count;
      this.lastUnixMs[row] = Math.max(this.lastUnixMs[row] ?? 0, last);
    }
  }

  placeOf(row: number): { readonly call: number; readonly port: number } {
    const key = this.#placeKeys[this.place[row] ?? 0] ?? 0;
    return { call: Math.floor(key / 0x1_0000), port: key % 0x1_0000 };
  }
}
