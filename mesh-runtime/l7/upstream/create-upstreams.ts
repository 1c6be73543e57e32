import type { L7Cluster } from "../../xds/proxy-config.ts";
import { ClusterUpstream, type UpstreamContext } from "./cluster-upstream.ts";
import { UpstreamTries } from "./upstream-tries.ts";
import type { Admission, ClusterSnapshot, UpstreamFacts, Upstreams } from "./upstreams.ts";

const overflow: Admission = { refused: "overflow" };

/** The clusters of a proxy. No sockets and no timers: everything happens when it is asked. */
export function createUpstreams(context: UpstreamContext): Upstreams {
  return new Clusters(context);
}

class Clusters implements Upstreams {
  readonly #context: UpstreamContext;
  #byKey = new Map<string, ClusterUpstream>();
  /** Clusters that are no longer, or never were, in the configuration, while somebody still holds them. */
  readonly #loose = new WeakMap<L7Cluster, ClusterUpstream>();

  constructor(context: UpstreamContext) {
    this.#context = context;
  }

  update(clusters: readonly L7Cluster[]): void {
    const former = this.#byKey;
    const next = new Map<string, ClusterUpstream>();
    for (const cluster of clusters) {
      const known = former.get(cluster.key);
      known?.configure(cluster);
      next.set(cluster.key, known ?? new ClusterUpstream(cluster, this.#context));
    }
    for (const [key, upstream] of former) {
      if (!next.has(key)) {
        this.#loose.set(upstream.cluster, upstream);
      }
    }
    this.#byKey = next;
  }

  cluster(key: string): L7Cluster | undefined {
    return this.#byKey.get(key)?.cluster;
  }

  begin(cluster: L7Cluster, facts: UpstreamFacts): Admission {
    const upstream = this.#byKey.get(cluster.key) ?? this.#looseOf(cluster);
    if (!upstream.admits) {
      upstream.overflows++;
      return overflow;
    }
    return new UpstreamTries(upstream, facts);
  }

  snapshot(): readonly ClusterSnapshot[] {
    return [...this.#byKey.values()].map((upstream) => upstream.snapshot());
  }

  #looseOf(cluster: L7Cluster): ClusterUpstream {
    let upstream = this.#loose.get(cluster);
    if (upstream === undefined) {
      upstream = new ClusterUpstream(cluster, this.#context);
      this.#loose.set(cluster, upstream);
    }
    return upstream;
  }
}
