import type { L7Cluster } from "../../xds/proxy-config.ts";
import type { Endpoint } from "../mesh-view.ts";
import { ClusterConnections } from "./cluster-connections.ts";
import type { Dial } from "./dial-upstream.ts";
import type { CallWaiter, UpstreamCall } from "./upstream-call.ts";

const sweepMs = 5_000;

/** Connections to endpoints, by cluster. Needs no control plane: pools live as long as their connections. */
export class UpstreamPools {
  readonly #dial: Dial;
  readonly #clusters = new Map<string, ClusterConnections>();
  readonly #sweep: NodeJS.Timeout;
  #closed = false;

  constructor(dial: Dial) {
    this.#dial = dial;
    this.#sweep = setInterval(() => this.#closeIdle(), sweepMs).unref();
  }

  /** Connections of all clusters, idle ones too. */
  get size(): number {
    let size = 0;
    for (const cluster of this.#clusters.values()) {
      size += cluster.connections;
    }
    return size;
  }

  /** A connection at once where one is kept; otherwise `undefined`, and the waiter hears later. */
  acquire(cluster: L7Cluster, endpoint: Endpoint, http2: boolean, waiter: CallWaiter): UpstreamCall | undefined {
    const connections = this.#connectionsOf(cluster);
    return http2 ? connections.http2(endpoint).acquire(waiter) : connections.http1(endpoint).acquire(waiter);
  }

  /** The waiter wants no connection any more. */
  cancel(cluster: L7Cluster, endpoint: Endpoint, http2: boolean, waiter: CallWaiter): void {
    const connections = this.#connectionsOf(cluster);
    if (http2) {
      connections.http2(endpoint).cancel(waiter);
    } else {
      connections.http1(endpoint).cancel(waiter);
    }
  }

  /** Closes idle connections now and later ones once they are idle. */
  close(): void {
    this.#closed = true;
    clearInterval(this.#sweep);
    this.#closeIdle();
  }

  #connectionsOf(cluster: L7Cluster): ClusterConnections {
    let connections = this.#clusters.get(cluster.key);
    if (connections === undefined) {
      connections = new ClusterConnections(cluster, this.#dial);
      this.#clusters.set(cluster.key, connections);
    }
    connections.limits = cluster.limits;
    return connections;
  }

  #closeIdle(): void {
    for (const [key, cluster] of this.#clusters) {
      cluster.sweep(this.#closed);
      if (cluster.empty && cluster.open === 0) {
        this.#clusters.delete(key);
      }
    }
  }
}
