/** What the traffic of the last hour tells golden paths, from the telemetry memory. Pure but for the cache. */
import { pathTemplate } from "@/mesh-runtime/api/path-template.ts";
import { durationBoundsMs } from "@/mesh-runtime/api/telemetry.ts";
import type { ServiceRef } from "@/server/contracts/names.ts";
import type { SeenCall, SeenPath, TrafficInsight } from "@/server/golden-paths/insight.ts";
import type { LiveInventory } from "@/server/inventory/live-inventory.ts";
import type { Inventory } from "@/server/inventory/model.ts";
import type { TelemetryMemory } from "@/server/telemetry/memory.ts";
import { quantileMs } from "@/server/telemetry/records.ts";
import { isRefusal } from "./graph/edge-totals.ts";
import { countsEdge, edgeId, NodeFinder, type NodeRef } from "./graph/node-ref.ts";

const windowSeconds = 3_600;
/** With fewer samples of a path its service's figure says more. */
const samplesMin = 20;
const pathsMax = 100;
/** An insight is shared for so long: forms ask again at every key. */
const freshMs = 5_000;

/** The newest insight; each part is computed when it is asked for. */
export class Insights {
  readonly #memory: TelemetryMemory;
  readonly #inventory: LiveInventory;
  #made: { readonly atMs: number; readonly inventory: Inventory; readonly insight: TrafficInsight } | undefined;

  constructor(memory: TelemetryMemory, inventory: LiveInventory) {
    this.#memory = memory;
    this.#inventory = inventory;
  }

  current(nowMs: number = Date.now()): TrafficInsight {
    const inventory = this.#inventory.current;
    const made = this.#made;
    if (made !== undefined && made.inventory === inventory && nowMs - made.atMs < freshMs) {
      return made.insight;
    }
    const insight = insightOf(this.#memory, inventory, nowMs);
    this.#made = { atMs: nowMs, inventory, insight };
    return insight;
  }
}

/** Insight into the hour before `nowMs`. */
export function insightOf(memory: TelemetryMemory, inventory: Inventory, nowMs: number): TrafficInsight {
  const finder = new NodeFinder(inventory);
  const startMs = nowMs - windowSeconds * 1_000;
  const endMs = nowMs + 1_000;
  const edges = once(() => collectDurations(memory, finder, startMs, endMs));
  const paths = once(() => collectPaths(memory, finder, startMs, endMs));
  const samples = once(() => collectSamples(memory, finder, startMs));
  const calls = once(() => edges().flatMap((edge) => callOf(edge)));
  const p99Of = (id: string): number => {
    const buckets = durationBoundsMs.map(() => 0).concat(0);
    for (const { to, buckets: more } of edges()) {
      if (to.id === id) {
        for (const [index, count] of more.entries()) {
          buckets[index] = (buckets[index] ?? 0) + count;
        }
      }
    }
    return quantileMs(buckets, 0.99) ?? 0;
  };
  return {
    seconds: windowSeconds,
    paths(service) {
      const id = idOf(service);
      const found = paths().get(id);
      if (found === undefined) {
        return [];
      }
      const whole = p99Of(id);
      return [...found.values()]
        .sort((one, other) => other.requests - one.requests)
        .slice(0, pathsMax)
        .map((path) => ({ ...path, p99Ms: p99OfSamples(samples().get(`${id} ${path.method} ${path.path}`)) ?? whole }));
    },
    p99Ms: (service) => p99Of(idOf(service)),
    get calls() {
      return calls();
    },
  };
}

const idOf = ({ namespace, name }: ServiceRef): string => `${namespace}/${name}`;

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

interface EdgeDurations {
  readonly from: NodeRef;
  readonly to: NodeRef;
  requests: number;
  readonly buckets: number[];
}

/** Requests of each edge that were not refused, with their durations. */
function collectDurations(
  memory: TelemetryMemory,
  finder: NodeFinder,
  startMs: number,
  endMs: number,
): EdgeDurations[] {
  const edges = new Map<string, EdgeDurations>();
  for (const { identity, counts } of memory.requests.sum(startMs, endMs).values()) {
    const { labels, responseFlags } = identity;
    if (isRefusal(responseFlags) || !countsEdge(labels, responseFlags, finder)) {
      continue;
    }
    const from = finder.source(labels);
    const to = finder.destination(labels);
    const id = edgeId(from, to);
    const edge = edges.get(id) ?? { from, to, requests: 0, buckets: [] };
    edges.set(id, edge);
    edge.requests += counts.count;
    for (const [index, count] of counts.buckets.entries()) {
      edge.buckets[index] = (edge.buckets[index] ?? 0) + count;
    }
  }
  return [...edges.values()];
}

const isOurs = ({ kind }: NodeRef): boolean => kind === "service" || kind === "gateway";

const callOf = ({ from, to, requests, buckets }: EdgeDurations): SeenCall[] =>
  requests > 0 && isOurs(from) && to.kind === "service"
    ? [
        {
          from: { namespace: from.namespace, name: from.name },
          to: { namespace: to.namespace, name: to.name },
          requests,
          requestsPerSecond: requests / windowSeconds,
          p99Ms: quantileMs(buckets, 0.99) ?? 0,
        },
      ]
    : [];

type CountedPath = Omit<SeenPath, "p99Ms">;

/** Methods and path templates by service. */
function collectPaths(
  memory: TelemetryMemory,
  finder: NodeFinder,
  startMs: number,
  endMs: number,
): Map<string, Map<string, CountedPath>> {
  const services = new Map<string, Map<string, CountedPath>>();
  for (const { identity, counts } of memory.shapes.sum(startMs, endMs).values()) {
    const { labels, method, path, responseCode, decision } = identity;
    if (method === "" || !countsEdge(labels, "-", finder)) {
      continue;
    }
    const { id } = finder.destination(labels);
    const paths = services.get(id) ?? new Map<string, CountedPath>();
    services.set(id, paths);
    const key = `${method} ${path}`;
    const known = paths.get(key);
    const failed = decision === "allowed" && (responseCode === 0 || responseCode >= 500) ? counts.count : 0;
    paths.set(key, {
      method,
      path,
      requests: (known?.requests ?? 0) + counts.count,
      errors: (known?.errors ?? 0) + failed,
    });
  }
  return services;
}

/** Durations of sampled requests that were answered, by `<service> <method> <path template>`. */
function collectSamples(memory: TelemetryMemory, finder: NodeFinder, startMs: number): Map<string, number[]> {
  const samples = new Map<string, number[]>();
  for (const { timeUnixMs, labels, method, path, responseCode, responseFlags, durationMs } of memory.access) {
    if (method === "" || timeUnixMs < startMs || isRefusal(responseFlags)) {
      continue;
    }
    // Failed requests are always kept, so they would outweigh the others.
    if (responseCode === 0 || responseCode >= 400 || !countsEdge(labels, responseFlags, finder)) {
      continue;
    }
    const key = `${finder.destination(labels).id} ${method} ${pathTemplate(path)}`;
    const durations = samples.get(key) ?? [];
    samples.set(key, durations);
    durations.push(durationMs);
  }
  return samples;
}

function p99OfSamples(durations: readonly number[] | undefined): number | undefined {
  if (durations === undefined || durations.length < samplesMin) {
    return undefined;
  }
  const sorted = durations.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * 0.99) - 1)];
}
