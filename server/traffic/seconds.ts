/** Requests of a service second by second, from the memory's fine slots. Pure. */
import type { ServiceRef } from "@/server/contracts/names.ts";
import type { Inventory } from "@/server/inventory/model.ts";
import type { TelemetryMemory } from "@/server/telemetry/memory.ts";
import { countsEdge, NodeFinder } from "./graph/node-ref.ts";

const spanSeconds = 600;

/** Counts in each second of the last ten minutes, by caller; coarser counts are spread evenly. */
export function secondsOfService(
  memory: TelemetryMemory,
  inventory: Inventory,
  { namespace, name }: ServiceRef,
  nowMs: number,
): ReadonlyMap<string, readonly number[]> {
  const finder = new NodeFinder(inventory);
  const startMs = nowMs - spanSeconds * 1_000;
  const callers = new Map<string, number[]>();
  memory.shapes.each(startMs, nowMs, ({ labels, method }, { count }, slotMs, widthMs) => {
    if (method === "" || !countsEdge(labels, "-", finder) || finder.destination(labels).id !== `${namespace}/${name}`) {
      return;
    }
    const caller = finder.source(labels).id;
    const counts = callers.get(caller) ?? Array.from({ length: spanSeconds }, () => 0);
    callers.set(caller, counts);
    const seconds = Math.max(1, Math.round(widthMs / 1_000));
    for (let second = 0; second < seconds; second++) {
      const index = Math.floor((slotMs - startMs) / 1_000) + second;
      if (index >= 0 && index < spanSeconds) {
        counts[index] = (counts[index] ?? 0) + count / seconds;
      }
    }
  });
  return callers;
}
