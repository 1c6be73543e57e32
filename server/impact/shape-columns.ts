/** Observed requests as columns of numbers: who called whom and what was asked are kept once each. Pure. */
import type { EdgeLabels } from "@/mesh-runtime/api/telemetry.ts";
import { floats, numbers } from "./column.ts";

/** What is needed of a shape. */
export interface SeenShape {
  readonly labels: EdgeLabels;
  readonly destinationPort: number;
  /** Empty for connections. */
  readonly method: string;
  readonly path: string;
}

export interface SeenCounts {
  readonly count: number;
  readonly lastUnixMs: number;
}

export class ShapeColumns {
  /** Labels of each distinct edge; what else they say is that of the first. */
  readonly edges: EdgeLabels[] = [];
  readonly requests: { readonly method: string; readonly path: string }[] = [];
  readonly edge = numbers();
  readonly request = numbers();
  readonly port = numbers();
  readonly count = floats();
  readonly lastUnixMs = floats();
  /** By request: 1 for HTTP, 0 for connections. */
  readonly isHttp = numbers();
  length = 0;
  readonly #edges = new Map<string, number>();
  /** By path, then method. */
  readonly #requests = new Map<string, Map<string, number>>();

  add({ labels, destinationPort, method, path }: SeenShape, { count, lastUnixMs }: SeenCounts): void {
    const index = this.length++;
    this.edge.set(index, this.#edge(labels));
    this.request.set(index, this.#request(method, path));
    this.port.set(index, destinationPort);
    this.count.set(index, count);
    this.lastUnixMs.set(index, lastUnixMs);
  }

  #edge(labels: EdgeLabels): number {
    const key = `${labels.reporter}|${labels.source_workload_namespace}|${labels.source_workload}|${labels.source_canonical_service}|${labels.destination_workload_namespace}|${labels.destination_workload}|${labels.destination_canonical_service}|${labels.destination_service}|${labels.destination_service_name}|${labels.destination_service_namespace}`;
    let id = this.#edges.get(key);
    if (id === undefined) {
      id = this.edges.length;
      this.edges.push(labels);
      this.#edges.set(key, id);
    }
    return id;
  }

  #request(method: string, path: string): number {
    let methods = this.#requests.get(path);
    if (methods === undefined) {
      methods = new Map();
      this.#requests.set(path, methods);
    }
    let id = methods.get(method);
    if (id === undefined) {
      id = this.requests.length;
      this.isHttp.set(id, method === "" ? 0 : 1);
      this.requests.push({ method, path });
      methods.set(method, id);
    }
    return id;
  }
}
