import type { ClusterDelta } from "../api/telemetry.ts";
import type { ClusterSnapshot } from "../l7/upstream/upstreams.ts";

const countedInSnapshots = [
  "requests",
  "retries",
  "retriesSucceeded",
  "retriesForbidden",
  "timeouts",
  "overflows",
  "ejections",
] as const;
/** What the engine's snapshots do not know: told by outcomes. */
const countedHere = ["rateLimited", "faultsInjected", "mirrored", "notMirrored"] as const;
type CountedAlone = Exclude<(typeof countedHere)[number], "mirrored">;
const counted = [...countedInSnapshots, ...countedHere];

/** Counts of a cluster since the start. */
export type ClusterTotals = Record<(typeof counted)[number], number>;

/** A cluster on all threads together. */
export interface ClusterState {
  readonly key: string;
  readonly totals: Readonly<ClusterTotals>;
  readonly endpoints: number;
  /** Endpoints that this thread uses. */
  readonly healthy: number;
  readonly activeRequests: number;
  readonly ejected: ClusterDelta["ejected"];
  /** The engine has it; otherwise something was once counted under that name. */
  readonly configured: boolean;
}

/** Clusters that are remembered; a configuration has as many as it names, this holds for made-up ones too. */
const clustersMax = 10_000;
const deltasMax = 2_000;
const ejectedMax = 256;
const copiedMax = 64;

const zero = (): ClusterTotals => ({
  requests: 0,
  retries: 0,
  retriesSucceeded: 0,
  retriesForbidden: 0,
  timeouts: 0,
  overflows: 0,
  ejections: 0,
  rateLimited: 0,
  faultsInjected: 0,
  mirrored: 0,
  notMirrored: 0,
});

/** Copies since the last push by whose requests they were, `<namespace>/<hostname>`. */
type Copies = Map<string, number>;

/** Counters of clusters for pushes and the metrics page. */
export class ClusterCounters {
  readonly #snapshots: () => readonly ClusterSnapshot[];
  /** Counted here, and taken over from other threads. */
  readonly #own = new Map<string, ClusterTotals>();
  /** How clusters stand on another thread, as it said last. */
  #elsewhere: ReadonlyMap<string, ClusterDelta> = new Map();
  #taken = new Map<string, ClusterTotals>();
  #copies = new Map<string, Copies>();
  /** Clusters of the last push with a pod ejected: they are told once more when all are back. */
  #ejected = new Set<string>();

  constructor(snapshots: () => readonly ClusterSnapshot[]) {
    this.#snapshots = snapshots;
  }

  /** Counts something at a cluster; `key` as in the configuration. */
  count(key: string, what: CountedAlone): void {
    const own = this.#of(key);
    if (own !== undefined) {
      own[what]++;
    }
  }

  /** Counts a copy that was sent to a cluster; `of` is `<namespace>/<hostname>` of the service that was called. */
  countCopy(key: string, of: string): void {
    const own = this.#of(key);
    if (own !== undefined) {
      own.mirrored++;
      this.#addCopies(key, of, 1);
    }
  }

  /** Takes over what another thread of this proxy counted since it last said so, and how its clusters stand now. */
  absorb(deltas: readonly ClusterDelta[]): void {
    for (const delta of deltas) {
      const own = this.#of(delta.cluster);
      if (own !== undefined) {
        for (const name of counted) {
          own[name] += delta[name] ?? 0;
        }
        for (const { serviceNamespace, service, count } of delta.copiesOf ?? []) {
          this.#addCopies(delta.cluster, `${serviceNamespace}/${service}`, count);
        }
      }
    }
    this.#elsewhere = new Map(deltas.map((delta) => [delta.cluster, delta]));
  }

  /** The other threads are gone; what they counted stays. */
  forgetElsewhere(): void {
    this.#elsewhere = new Map();
  }

  /** Every cluster, as far as the engine has it or something was counted. */
  all(): ClusterState[] {
    const states: ClusterState[] = [];
    const known = new Set<string>();
    for (const snapshot of this.#snapshots()) {
      known.add(snapshot.cluster.key);
      states.push(this.#state(snapshot.cluster.key, snapshot));
    }
    for (const key of this.#own.keys()) {
      if (!known.has(key)) {
        states.push(this.#state(key, undefined));
      }
    }
    return states;
  }

  /** What changed since the last call; clusters where nothing happened and nobody is ejected are left out. */
  take(nowUnixMs: number): ClusterDelta[] {
    const deltas: ClusterDelta[] = [];
    const taken = new Map<string, ClusterTotals>();
    const ejected = new Set<string>();
    for (const { key, totals, healthy: _healthy, configured: _configured, ...state } of this.all()) {
      taken.set(key, totals);
      const before = this.#taken.get(key);
      const changed = zero();
      let sum = 0;
      for (const name of counted) {
        // An engine that was built anew counts from zero.
        changed[name] = Math.max(0, totals[name] - (before?.[name] ?? 0));
        sum += changed[name];
      }
      if (state.ejected.length > 0) {
        ejected.add(key);
      }
      const worthTelling = sum > 0 || state.ejected.length > 0 || this.#ejected.has(key);
      if (worthTelling && deltas.length < deltasMax) {
        const copiesOf = copiesOfCluster(this.#copies.get(key));
        deltas.push({ timeUnixMs: nowUnixMs, cluster: key, ...serviceOf(key), ...changed, ...copiesOf, ...state });
      }
    }
    this.#taken = taken;
    this.#ejected = ejected;
    this.#copies = new Map();
    return deltas;
  }

  #addCopies(key: string, of: string, count: number): void {
    const copies: Copies = this.#copies.get(key) ?? new Map();
    this.#copies.set(key, copies);
    if (copies.has(of) || copies.size < copiedMax) {
      copies.set(of, (copies.get(of) ?? 0) + count);
    }
  }

  #of(key: string): ClusterTotals | undefined {
    let own = this.#own.get(key);
    if (own === undefined && this.#own.size < clustersMax) {
      own = zero();
      this.#own.set(key, own);
    }
    return own;
  }

  #state(key: string, snapshot: ClusterSnapshot | undefined): ClusterState {
    const totals = zero();
    const own = this.#own.get(key);
    for (const name of countedInSnapshots) {
      totals[name] = (snapshot?.[name] ?? 0) + (own?.[name] ?? 0);
    }
    for (const name of countedHere) {
      totals[name] = own?.[name] ?? 0;
    }
    const elsewhere = this.#elsewhere.get(key);
    const ejected = new Map((elsewhere?.ejected ?? []).map((entry) => [entry.pod, entry]));
    for (const { endpoint, untilMs, reason } of snapshot?.ejected ?? []) {
      const pod = `${endpoint.workload.namespace}/${endpoint.workload.name}`;
      ejected.set(pod, { pod, untilUnixMs: untilMs, reason });
    }
    return {
      key,
      totals,
      endpoints: snapshot?.endpoints ?? 0,
      healthy: snapshot?.healthy ?? 0,
      activeRequests: (snapshot?.activeRequests ?? 0) + (elsewhere?.activeRequests ?? 0),
      ejected: [...ejected.values()].slice(0, ejectedMax),
      configured: snapshot !== undefined,
    };
  }
}

function copiesOfCluster(copies: Copies | undefined): Pick<ClusterDelta, "copiesOf"> {
  return copies === undefined
    ? {}
    : {
        copiesOf: [...copies].map(([of, count]) => {
          const [serviceNamespace = "", service = ""] = of.split("/");
          return { serviceNamespace, service, count };
        }),
      };
}

/** `<namespace>/<hostname>|<port>|<subset>`; something else is no service. */
export function serviceOf(clusterKey: string): { readonly service: string; readonly serviceNamespace: string } {
  const [, serviceNamespace = "", service = ""] = /^([^/|]+)\/([^/|]+)\|/.exec(clusterKey) ?? [];
  return { service, serviceNamespace };
}
