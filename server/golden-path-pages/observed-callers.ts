/** Who called a service in the last hour, and whom its rules let in. */
import type { GoldenPathOptions } from "@/server/contracts/golden-paths.ts";
import type { IntentSet } from "@/server/golden-paths/intent.ts";
import { intentsOf } from "@/server/golden-paths/intent.ts";
import type { Inventory, InventoryService } from "@/server/inventory/model.ts";
import type { TelemetryMemory } from "@/server/telemetry/memory.ts";
import { type EdgeTotals, figuresOf } from "@/server/traffic/graph/edge-totals.ts";
import { edgeId, type NodeFinder } from "@/server/traffic/graph/node-ref.ts";

type ServiceOption = GoldenPathOptions["services"][number];

/** When each edge was used last, by its id; milliseconds since the epoch. */
export function lastSeenOf(
  memory: TelemetryMemory,
  finder: NodeFinder,
  startMs: number,
  endMs: number,
): ReadonlyMap<string, number> {
  const lastSeen = new Map<string, number>();
  for (const { identity, counts } of memory.shapes.sum(startMs, endMs).values()) {
    const id = edgeId(finder.source(identity.labels), finder.destination(identity.labels));
    lastSeen.set(id, Math.max(lastSeen.get(id) ?? 0, counts.lastUnixMs));
  }
  return lastSeen;
}

export function observedCallers(
  { namespace, name }: InventoryService,
  seen: {
    readonly edges: readonly EdgeTotals[];
    readonly seconds: number;
    readonly lastSeen: ReadonlyMap<string, number>;
  },
  inventory: Inventory,
): ServiceOption["observed"] {
  return seen.edges
    .filter(({ to }) => to.id === `${namespace}/${name}`)
    .flatMap((edge) => {
      const figures = figuresOf(edge);
      if (figures.count + figures.denied === 0) {
        return [];
      }
      const caller = inventory.services.find((one) => `${one.namespace}/${one.name}` === edge.from.id);
      const pod = caller?.pods[0];
      return [
        {
          namespace: pod?.namespace ?? "",
          serviceAccount: pod?.serviceAccount ?? "",
          title: edge.from.kind === "unknown" ? "no identity" : edge.from.name,
          enrolled: pod !== undefined && (pod.captured || pod.proxy),
          allowed: figures.count,
          denied: figures.denied,
          rps: figures.count / seen.seconds,
          lastUnixMs: seen.lastSeen.get(edgeId(edge.from, edge.to)) ?? 0,
        },
      ];
    })
    .sort((one, other) => other.denied - one.denied || other.allowed - one.allowed);
}

export const allowedCallers = ({ namespace, name }: InventoryService, current: IntentSet): ServiceOption["allowed"] =>
  intentsOf(current, "let-a-caller-in")
    .filter(({ service }) => service.namespace === namespace && service.name === name)
    .map(({ caller, ports }) => ({ caller, ports: [...ports] }));
