/** Kinds of requests as numbers: who called whom, where and what was asked are kept once each. Pure. */
import { floats, numbers } from "./column.ts";
import { edgeKey, onlyEdge, type SeenEdge } from "./edge-names.ts";
import { PairIndex } from "./pair-index.ts";

/** What is needed of a shape. */
export interface SeenShape {
  readonly labels: SeenEdge;
  readonly destinationPort: number;
  /** Empty for connections. */
  readonly method: string;
  readonly path: string;
}

/** In place of a kind that is not kept any more. */
export const noKind = 0xffff_ffff;

/** Distinct values in the order in which they came. */
class Values<T> {
  readonly list: T[] = [];
  readonly #ids = new Map<string, number>();

  id(key: string, value: () => T): number {
    let id = this.#ids.get(key);
    if (id === undefined) {
      id = this.list.length;
      this.list.push(value());
      this.#ids.set(key, id);
    }
    return id;
  }
}

/** A kind is a place (an edge and a port) and a request (a method and a path). Numbers are dense and begin at 0. */
export class RequestKinds {
  /** By kind. */
  readonly place = numbers();
  readonly request = numbers();
  readonly lastUnixMs = floats();
  /** By place. */
  readonly placeEdge = numbers();
  readonly placePort = numbers();
  /** By request. */
  readonly requestPath = numbers();
  readonly requestMethod = numbers();
  readonly #edges = new Values<SeenEdge>();
  readonly #paths = new Values<string>();
  readonly #methods = new Values<string>();
  readonly #places = new PairIndex();
  readonly #requests = new PairIndex();
  readonly #kinds = new PairIndex();

  get length(): number {
    return this.#kinds.size;
  }

  get edges(): readonly SeenEdge[] {
    return this.#edges.list;
  }

  get paths(): readonly string[] {
    return this.#paths.list;
  }

  /** The empty one is that of connections. */
  get methods(): readonly string[] {
    return this.#methods.list;
  }

  get placeCount(): number {
    return this.#places.size;
  }

  get requestCount(): number {
    return this.#requests.size;
  }

  /** The number of a kind, a new one when it is seen for the first time. */
  of({ labels, destinationPort, method, path }: SeenShape): number {
    return this.#kind(this.#place(labels, destinationPort), this.#request(method, path));
  }

  seenAt(kind: number, unixMs: number): void {
    if (unixMs > (this.lastUnixMs.values[kind] ?? 0)) {
      this.lastUnixMs.set(kind, unixMs);
    }
  }

  methodOf(request: number): string {
    return this.methods[this.requestMethod.values[request] ?? 0] ?? "";
  }

  pathOf(request: number): string {
    return this.paths[this.requestPath.values[request] ?? 0] ?? "";
  }

  /** A copy with some kinds only, and their new numbers by the old ones (`noKind` for those that are left out). */
  only(keep: (kind: number) => boolean): { readonly kinds: RequestKinds; readonly renumbered: Uint32Array } {
    const kinds = new RequestKinds();
    const renumbered = new Uint32Array(this.length).fill(noKind);
    const places = new Map<number, number>();
    const requests = new Uint32Array(this.requestCount).fill(noKind);
    for (let kind = 0; kind < this.length; kind++) {
      if (!keep(kind)) {
        continue;
      }
      const place = this.place.values[kind] ?? 0;
      const request = this.request.values[kind] ?? 0;
      if (requests[request] === noKind) {
        requests[request] = kinds.#request(this.methodOf(request), this.pathOf(request));
      }
      let newPlace = places.get(place);
      if (newPlace === undefined) {
        const edge = this.edges[this.placeEdge.values[place] ?? 0];
        newPlace = edge === undefined ? 0 : kinds.#place(edge, this.placePort.values[place] ?? 0);
        places.set(place, newPlace);
      }
      const id = kinds.#kind(newPlace, requests[request] ?? 0);
      kinds.seenAt(id, this.lastUnixMs.values[kind] ?? 0);
      renumbered[kind] = id;
    }
    return { kinds, renumbered };
  }

  #place(labels: SeenEdge, port: number): number {
    const edge = this.#edges.id(edgeKey(labels), () => onlyEdge(labels));
    const known = this.#places.size;
    const place = this.#places.add(edge, port);
    if (place === known) {
      this.placeEdge.set(place, edge);
      this.placePort.set(place, port);
    }
    return place;
  }

  #request(method: string, path: string): number {
    const pathId = this.#paths.id(path, () => path);
    const methodId = this.#methods.id(method, () => method);
    const known = this.#requests.size;
    const request = this.#requests.add(pathId, methodId);
    if (request === known) {
      this.requestPath.set(request, pathId);
      this.requestMethod.set(request, methodId);
    }
    return request;
  }

  #kind(place: number, request: number): number {
    const known = this.#kinds.size;
    const kind = this.#kinds.add(place, request);
    if (kind === known) {
      this.place.set(kind, place);
      this.request.set(kind, request);
      this.lastUnixMs.set(kind, 0);
    }
    return kind;
  }
}
