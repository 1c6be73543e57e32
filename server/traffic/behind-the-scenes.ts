/** What layer 7 proxies did at a service for its callers. Pure. */
import type { BehindTheScenes } from "@/server/contracts/traffic.ts";
import type { TelemetryMemory } from "@/server/telemetry/memory.ts";
import { type ClusterCounts, clusterCounters } from "@/server/telemetry/records.ts";
import type { NodeFinder } from "./graph/node-ref.ts";

/** A proxy that was not heard of for this long says nothing about now. */
const staleMs = 10_000;

type Ejected = BehindTheScenes["ejected"][number];

/** Pods that get no requests now, by node of the graph. */
export function ejectedByNode(
  memory: Pick<TelemetryMemory, "clusterStates">,
  finder: NodeFinder,
  nowMs: number,
): ReadonlyMap<string, readonly Ejected[]> {
  const found = new Map<string, Map<string, Ejected>>();
  for (const { serviceNamespace, service, ejected, seenUnixMs } of memory.clusterStates.values()) {
    const node = nowMs - seenUnixMs > staleMs ? undefined : finder.ofHost(serviceNamespace, service);
    if (node === undefined || ejected.length === 0) {
      continue;
    }
    // Several proxies judge apart: a pod counts once, until the last of them takes it back.
    const pods = found.get(node.id) ?? new Map<string, Ejected>();
    found.set(node.id, pods);
    for (const entry of ejected) {
      const known = pods.get(entry.pod);
      if (known === undefined || known.untilUnixMs < entry.untilUnixMs) {
        pods.set(entry.pod, entry);
      }
    }
  }
  return new Map([...found].map(([id, pods]) => [id, [...pods.values()]]));
}

/** Everything over a span at one node; null where no layer 7 proxy serves it. */
export function behindTheScenesOf(
  memory: Pick<TelemetryMemory, "clusters" | "clusterStates">,
  finder: NodeFinder,
  nodeId: string,
  startMs: number,
  endMs: number,
): BehindTheScenes | null {
  const sum: { -readonly [K in keyof ClusterCounts]-?: number } = {
    retries: 0,
    retriesSucceeded: 0,
    retriesForbidden: 0,
    timeouts: 0,
    overflows: 0,
    rateLimited: 0,
    faultsInjected: 0,
    mirrored: 0,
    notMirrored: 0,
    ejections: 0,
  };
  let seen = false;
  for (const { identity, counts } of memory.clusters.sum(startMs, endMs).values()) {
    if (finder.ofHost(identity.serviceNamespace, identity.service)?.id === nodeId) {
      seen = true;
      for (const counter of clusterCounters) {
        sum[counter] += counts[counter] ?? 0;
      }
    }
  }
  return seen ? { ...sum, ejected: [...(ejectedByNode(memory, finder, endMs).get(nodeId) ?? [])] } : null;
}
