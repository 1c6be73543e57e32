import type { ClusterDelta } from "../api/telemetry.ts";
import type { ClusterSnapshot } from "../l7/upstream/upstreams.ts";

/** What the engine's snapshots do not know: told by outcomes. Totals since the start. */
interface OwnCounts {
  rateLimited: number;
  faultsInjected: number;
  mirrored: number;
}

const countedInSnapshots = [
  "retries",
  "retriesSucceeded",
  "retriesForbidden",
  "timeouts",
  "overflows",
  "ejections",
] as const;
const countedHere = ["rateLimited", "faultsInjected", "mirrored"] as const;
type Total = (typeof countedInSnapshots)[number] | (typeof countedHere)[number];
type Totals = Record<Total, number>;

/** Clusters that are remembered; a configuration has as many as it names, this holds for made-up ones too. */
const clustersMax = 10_000;
const deltasMax = 2_000;
const ejectedMax = 256;

/** Counters of clusters for pushes and the metrics page. */
export class ClusterCounters {
  readonly #snapshots: () => readonly ClusterSnapshot[];
  readonly #own = new Map<string, OwnCounts>();
  #taken = new Map<string, Totals>();
  /** Clusters of the last push with a pod ejected: they are told once more when all are back. */
  #ejected = new Set<string>();

  constructor(snapshots: () => readonly ClusterSnapshot[]) {
    this.#snapshots = snapshots;
  }

  /** Counts something at a cluster; `key` as in the configuration. */
  count(key: string, what: keyof OwnCounts): void {
    let own = this.#own.get(key);
    if (own === undefined) {
      if (this.#own.size >= clustersMax) {
        return;
      }
      own = { rateLimited: 0, faultsInjected: 0, mirrored: 0 };
      this.#own.set(key, own);
    }
    own[what]++;
  }

  /** Every cluster with its snapshot, as far as the engine still has it, and what was counted here. */
  all(): { readonly key: string; readonly snapshot: ClusterSnapshot | undefined; readonly own: Readonly<OwnCounts> }[] {
    const none: OwnCounts = { rateLimited: 0, faultsInjected: 0, mirrored: 0 };
    const found = this.#snapshots().map((snapshot) => {
      const { key } = snapshot.cluster;
      return { key, snapshot, own: this.#own.get(key) ?? none };
    });
    const known = new Set(found.map(({ key }) => key));
    const gone = [...this.#own].filter(([key]) => !known.has(key));
    return [...found, ...gone.map(([key, own]) => ({ key, snapshot: undefined, own }))];
  }

  /** What changed since the last call; clusters where nothing happened and nobody is ejected are left out. */
  take(nowUnixMs: number): ClusterDelta[] {
    const deltas: ClusterDelta[] = [];
    const taken = new Map<string, Totals>();
    const ejected = new Set<string>();
    for (const { key, snapshot, own } of this.all()) {
      const totals = totalsOf(snapshot, own);
      taken.set(key, totals);
      const before = this.#taken.get(key);
      const changed: Totals = { ...totals };
      let sum = 0;
      for (const name of [...countedInSnapshots, ...countedHere]) {
        // An engine that was built anew counts from zero.
        changed[name] = Math.max(0, totals[name] - (before?.[name] ?? 0));
        sum += changed[name];
      }
      const out = snapshot?.ejected ?? [];
      if (out.length > 0) {
        ejected.add(key);
      }
      if ((sum > 0 || out.length > 0 || this.#ejected.has(key)) && deltas.length < deltasMax) {
        deltas.push({
          timeUnixMs: nowUnixMs,
          cluster: key,
          ...serviceOf(key),
          ...changed,
          ejected: out.slice(0, ejectedMax).map(({ endpoint, untilMs, reason }) => ({
            pod: `${endpoint.workload.namespace}/${endpoint.workload.name}`,
            untilUnixMs: untilMs,
            reason,
          })),
          endpoints: snapshot?.endpoints ?? 0,
          activeRequests: snapshot?.activeRequests ?? 0,
        });
      }
    }
    this.#taken = taken;
    this.#ejected = ejected;
    return deltas;
  }
}

function totalsOf(snapshot: ClusterSnapshot | undefined, own: OwnCounts): Totals {
  return {
    retries: snapshot?.retries ?? 0,
    retriesSucceeded: snapshot?.retriesSucceeded ?? 0,
    retriesForbidden: snapshot?.retriesForbidden ?? 0,
    timeouts: snapshot?.timeouts ?? 0,
    overflows: snapshot?.overflows ?? 0,
    ejections: snapshot?.ejections ?? 0,
    ...own,
  };
}

/** `<namespace>/<hostname>|<port>|<subset>`; something else is no service. */
export function serviceOf(clusterKey: string): { readonly service: string; readonly serviceNamespace: string } {
  const [, serviceNamespace = "", service = ""] = /^([^/|]+)\/([^/|]+)\|/.exec(clusterKey) ?? [];
  return { service, serviceNamespace };
}
