/** Observed traffic added up: one row per call, port and request. Pure. */
import { numbers } from "./column.ts";
import { PairIndex } from "./pair-index.ts";
import type { RequestKinds } from "./request-kinds.ts";
import type { Shapes } from "./shape-columns.ts";

/** In place of a request where method and path do not matter, or were not seen. */
export const noRequest = 0xffff_ffff;
/** The same for requests, which are counted apart from connections. */
const anyRequest = 0xffff_fffe;

/** Which call each edge is. */
export interface CallsOfEdges {
  /** -1 for edges that do not count. */
  readonly ofEdge: Int32Array;
  /** 1 where the reporter of the edge tells method and path and they matter. */
  readonly seesRequests: Uint8Array;
}

/** One row per call, port and request, and whether connections or requests are counted in it. */
export class CallRows {
  length = 0;
  /** Number of the call and port. */
  readonly place: Uint32Array;
  readonly request: Uint32Array;
  readonly count: Float64Array;
  readonly lastUnixMs: Float64Array;
  /** Calls of which a proxy saw requests: connections of the same would count them twice. */
  readonly httpCalls = new Set<number>();
  readonly #http: Uint8Array;
  readonly #places = new PairIndex();
  readonly #calls = numbers();
  readonly #ports = numbers();
  /** Rows that several kinds may add to. */
  readonly #shared = new PairIndex();
  readonly #sharedRows = numbers();

  constructor({ length }: RequestKinds) {
    this.place = new Uint32Array(length);
    this.request = new Uint32Array(length);
    this.count = new Float64Array(length);
    this.lastUnixMs = new Float64Array(length);
    this.#http = new Uint8Array(length);
  }

  callOf(row: number): number {
    return this.#calls.values[this.place[row] ?? 0] ?? 0;
  }

  callOfPlace(place: number): number {
    return this.#calls.values[place] ?? 0;
  }

  portOfPlace(place: number): number {
    return this.#ports.values[place] ?? 0;
  }

  isHttp(row: number): boolean {
    return this.#http[row] === 1;
  }

  /** Adds everything; pauses every `chunk` kinds. */
  *addAll({ kinds, count }: Shapes, calls: CallsOfEdges, chunk: number): Generator<undefined, void, undefined> {
    const { placeOf, seesRequests, alone } = this.#placesOf(kinds, calls);
    const isHttp = Uint8Array.from(kinds.methods, (method) => (method === "" ? 0 : 1));
    const places = kinds.place.values;
    const requests = kinds.request.values;
    const methods = kinds.requestMethod.values;
    const seen = kinds.lastUnixMs.values;
    const httpPlaces = new Uint8Array(this.#places.size);
    for (let kind = 0; kind < kinds.length; kind++) {
      const number = count[kind] ?? 0;
      const seenPlace = places[kind] ?? 0;
      const place = placeOf[seenPlace] ?? -1;
      if (number > 0 && place >= 0) {
        const request = requests[kind] ?? 0;
        const http = isHttp[methods[request] ?? 0] ?? 0;
        const matters = http === 1 && seesRequests[seenPlace] === 1;
        const last = seen[kind] ?? 0;
        if (matters && alone[place] === 1) {
          this.#begin(place, request, http, number, last);
        } else {
          this.#join(place, matters ? request : noRequest, http, number, last);
        }
        if (http === 1) {
          httpPlaces[place] = 1;
        }
      }
      if (kind % chunk === chunk - 1) {
        yield;
      }
    }
    for (let place = 0; place < this.#places.size; place++) {
      if (httpPlaces[place] === 1) {
        this.httpCalls.add(this.callOfPlace(place));
      }
    }
  }

  /** The call and port of each place where something was seen, and whether it is the only one of them. */
  #placesOf(kinds: RequestKinds, { ofEdge, seesRequests }: CallsOfEdges) {
    const placeOf = new Int32Array(kinds.placeCount).fill(-1);
    const sees = new Uint8Array(kinds.placeCount);
    const seenAt = numbers();
    for (let seenPlace = 0; seenPlace < kinds.placeCount; seenPlace++) {
      const edge = kinds.placeEdge.values[seenPlace] ?? 0;
      const call = ofEdge[edge] ?? -1;
      if (call < 0) {
        continue;
      }
      const port = kinds.placePort.values[seenPlace] ?? 0;
      const place = this.#places.add(call, port);
      this.#calls.set(place, call);
      this.#ports.set(place, port);
      seenAt.set(place, (seenAt.values[place] ?? 0) + 1);
      placeOf[seenPlace] = place;
      sees[seenPlace] = seesRequests[edge] ?? 0;
    }
    const alone = Uint8Array.from(seenAt.values.subarray(0, this.#places.size), (places) => (places === 1 ? 1 : 0));
    return { placeOf, seesRequests: sees, alone };
  }

  #begin(place: number, request: number, http: number, count: number, lastUnixMs: number): number {
    const row = this.length++;
    this.place[row] = place;
    this.request[row] = request;
    this.#http[row] = http;
    this.count[row] = count;
    this.lastUnixMs[row] = lastUnixMs;
    return row;
  }

  #join(place: number, request: number, http: number, count: number, lastUnixMs: number): void {
    const known = this.#shared.size;
    const shared = this.#shared.add(place, http === 1 && request === noRequest ? anyRequest : request);
    if (shared === known) {
      this.#sharedRows.set(shared, this.#begin(place, request, http, count, lastUnixMs));
      return;
    }
    const row = this.#sharedRows.values[shared] ?? 0;
    this.count[row] = (this.count[row] ?? 0) + count;
    this.lastUnixMs[row] = Math.max(this.lastUnixMs[row] ?? 0, lastUnixMs);
  }
}
