import type { L7Cluster } from "../../xds/proxy-config.ts";
import type { Endpoint, MeshView } from "../mesh-view.ts";
import { outsideEndpoints } from "../outside-endpoints.ts";
import { anyOf, leastRequest, type Pool, poolAt, poolsOf, sticky, weighted } from "./balancing.ts";
import { EndpointState } from "./endpoint-state.ts";
import type { Home } from "./locality-preference.ts";
import { OutlierDetection } from "./outlier-detection.ts";
import { spread } from "./spread.ts";
import type { ClusterSnapshot } from "./upstreams.ts";

export interface UpstreamContext {
  readonly view: MeshView;
  /** Where the proxy is; asked for again after changes of the mesh, since its own pod may become known late. */
  readonly home: Home | (() => Home);
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** From 0 to below 1. */
  readonly random: () => number;
}

/** Tries beyond the first to find an endpoint that was not tried before (Istio, `hostSelectionRetryMaxAttempts`). */
const otherChoices = 5;

/** One cluster: its endpoints with what is known of them, what is under way, and what was counted. */
export class ClusterUpstream {
  cluster: L7Cluster;
  readonly #context: UpstreamContext;
  readonly #outliers = new OutlierDetection();
  #states = new Map<string, EndpointState>();
  #pools: readonly Pool[] = [];
  #members: ReadonlySet<string> | undefined;
  /** What the states were last made from. */
  #viewVersion = -1;
  #endpoints: readonly Endpoint[] | undefined;
  #home: Home | undefined;
  /** Until when some endpoint is warming up. */
  #warmUntilMs = 0;
  #turn = 0;

  activeRequests = 0;
  activeRetries = 0;
  requests = 0;
  retries = 0;
  retriesSucceeded = 0;
  retriesForbidden = 0;
  timeouts = 0;
  overflows = 0;

  constructor(cluster: L7Cluster, context: UpstreamContext) {
    this.#context = context;
    this.cluster = cluster;
    this.#take(cluster);
  }

  /** New settings; what is known of endpoints stays. */
  configure(cluster: L7Cluster): void {
    if (cluster !== this.cluster) {
      this.cluster = cluster;
      this.#take(cluster);
    }
  }

  /** One more request may begin. */
  get admits(): boolean {
    const { maxRequests } = this.cluster.limits;
    return maxRequests === 0 || this.activeRequests < maxRequests;
  }

  /** One more retry may be under way beside `others`: by the budget if there is one, by `maxRetries` otherwise (as Envoy). */
  admitsRetry(others: number): boolean {
    const { retryBudget, limits } = this.cluster;
    if (retryBudget !== undefined) {
      return (
        others < Math.max(Math.floor((retryBudget.percent / 100) * this.activeRequests), retryBudget.minConcurrency)
      );
    }
    return limits.maxRetries === 0 || others < limits.maxRetries;
  }

  get random(): () => number {
    return this.#context.random;
  }

  /** An endpoint that may be used now; another than those in `tried` where possible. */
  choose(hash: number | undefined, tried: readonly EndpointState[] | undefined): EndpointState | undefined {
    this.#refresh();
    if (hash !== undefined && this.cluster.loadBalancing.policy === "CONSISTENT_HASH") {
      // Istio: a retry stays where its hash leads.
      return sticky(this.#pools, hash);
    }
    let chosen = this.#chooseFrom(this.#anyPool());
    if (tried === undefined) {
      return chosen;
    }
    for (let choice = 0; choice < otherChoices && chosen !== undefined && tried.includes(chosen); choice++) {
      chosen = this.#chooseFrom(this.#anyPool());
    }
    if (chosen === undefined || !tried.includes(chosen)) {
      return chosen;
    }
    const fresh = this.#pools.flatMap(({ members }) => members.filter((state) => !tried.includes(state)));
    return leastRequest(fresh, this.#context.random) ?? chosen;
  }

  /** Notes for outlier detection how a try at an endpoint ended, as an HTTP status. */
  record(state: EndpointState, status: number): void {
    if (this.#outliers.record(state, status, this.#states.size, this.#context.now)) {
      this.#divide();
    }
  }

  snapshot(): ClusterSnapshot {
    this.#refresh();
    const ejected: ClusterSnapshot["ejected"][number][] = [];
    let healthy = 0;
    for (const {
      endpoint,
      usable,
      ejected: out,
      ejectedUntilMs: untilMs,
      ejectionReason: reason,
    } of this.#states.values()) {
      healthy += usable ? 1 : 0;
      if (out) {
        ejected.push({ endpoint, untilMs, reason });
      }
    }
    return {
      cluster: this.cluster,
      endpoints: this.#states.size,
      healthy,
      activeRequests: this.activeRequests,
      activeRetries: this.activeRetries,
      requests: this.requests,
      retries: this.retries,
      retriesSucceeded: this.retriesSucceeded,
      retriesForbidden: this.retriesForbidden,
      timeouts: this.timeouts,
      overflows: this.overflows,
      ejections: this.#outliers.ejections,
      ejected,
    };
  }

  #take({ members, outlierDetection }: L7Cluster): void {
    this.#members = members === undefined ? undefined : new Set(members);
    this.#outliers.configure(outlierDetection, this.#states.values(), this.#context.now());
    this.#viewVersion = -1;
    this.#endpoints = undefined;
  }

  #anyPool(): Pool | undefined {
    const pools = this.#pools;
    return pools.length < 2 ? pools[0] : poolAt(pools, this.#context.random());
  }

  #chooseFrom(pool: Pool | undefined): EndpointState | undefined {
    if (pool === undefined) {
      return undefined;
    }
    const { policy, warmupMs } = this.cluster.loadBalancing;
    const { random, now } = this.#context;
    switch (policy) {
      case "LEAST_REQUEST":
      case "ROUND_ROBIN": {
        const byLoad = policy === "LEAST_REQUEST";
        if (this.#warmUntilMs > 0 && pool.members.length > 1) {
          const nowMs = now();
          if (nowMs < this.#warmUntilMs) {
            return weighted(pool.members, nowMs, warmupMs, byLoad);
          }
          this.#warmUntilMs = 0;
        }
        if (byLoad) {
          return leastRequest(pool.members, random);
        }
        const state = pool.turn();
        if (state !== undefined) {
          state.turn = ++this.#turn;
        }
        return state;
      }
      // Without a hash (no such header) anybody will do, as in Envoy.
      case "CONSISTENT_HASH":
      case "RANDOM":
        return anyOf(pool.members, random);
      default:
        return policy satisfies never;
    }
  }

  /** Follows the mesh and the sweeps of outlier detection; next to nothing when neither has news. */
  #refresh(): void {
    if (this.#viewVersion !== this.#context.view.version) {
      this.#follow();
    }
    if (this.#outliers.dueMs !== Number.POSITIVE_INFINITY) {
      const nowMs = this.#context.now();
      if (nowMs >= this.#outliers.dueMs && this.#outliers.sweep(this.#states.values(), nowMs)) {
        this.#divide();
      }
    }
  }

  #follow(): void {
    const { view, home } = this.#context;
    this.#viewVersion = view.version;
    const endpoints = this.#told();
    const at = typeof home === "function" ? home() : home;
    if (endpoints === this.#endpoints && sameHome(at, this.#home)) {
      return;
    }
    this.#endpoints = endpoints;
    this.#home = at;
    const former = this.#states;
    this.#states = new Map();
    for (const endpoint of this.#chosen(endpoints)) {
      this.#states.set(endpoint.key, this.#stateFor(endpoint, former.get(endpoint.key)));
      former.delete(endpoint.key);
    }
    for (const state of former.values()) {
      this.#outliers.forget(state);
    }
    this.#divide();
  }

  #stateFor(endpoint: Endpoint, state: EndpointState | undefined): EndpointState {
    if (state === undefined) {
      return new EndpointState(endpoint);
    }
    if (endpoint.healthy && !state.endpoint.healthy) {
      state.warmingSinceMs = this.#context.now();
    }
    state.endpoint = endpoint;
    return state;
  }

  /** What the mesh says: of a service the same array until something about it changes. */
  #told(): readonly Endpoint[] {
    const { view } = this.#context;
    const { service, port, outside } = this.cluster;
    if (outside !== undefined) {
      return outsideEndpoints(this.cluster, outside);
    }
    return service === ""
      ? [...(this.#members ?? [])].flatMap((uid) => view.podEndpoint(uid, port) ?? [])
      : (view.endpoints(service, port) ?? none);
  }

  /** Those of the subset. Behind a waypoint subsets are the waypoint's business. */
  #chosen(endpoints: readonly Endpoint[]): readonly Endpoint[] {
    const { service } = this.cluster;
    const members = this.#members;
    return members === undefined || service === "" || this.#context.view.throughWaypoint(service)
      ? endpoints
      : endpoints.filter(({ workload }) => members.has(workload.uid));
  }

  #divide(): void {
    const { loadBalancing } = this.cluster;
    const { warmupMs, locality } = loadBalancing;
    const states = [...this.#states.values()];
    const nowMs = this.#context.now();
    this.#warmUntilMs =
      warmupMs === 0 ? 0 : states.reduce((until, { warmingSinceMs }) => Math.max(until, warmingSinceMs + warmupMs), 0);
    const parts = spread(states, locality, this.#home ?? nowhere, this.#outliers.panicPercent);
    const weightOf = (state: EndpointState): number => (warmupMs === 0 ? 1 : state.warmth(nowMs, warmupMs));
    this.#pools = poolsOf(parts, weightOf, this.#context.random);
  }
}

const none: readonly Endpoint[] = [];

const nowhere: Home = { region: "", zone: "", subzone: "", node: "" };

const sameHome = (one: Home, other: Home | undefined): boolean =>
  one.region === other?.region && one.zone === other.zone && one.subzone === other.subzone && one.node === other.node;
