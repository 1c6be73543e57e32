import type { TrafficGraph } from "@/server/contracts/traffic.ts";
import type { LiveInventory } from "@/server/inventory/live-inventory.ts";
import { findPolicies } from "@/server/policies/applied.ts";
import type { Ownership } from "@/server/teams/ownership.ts";
import type { TelemetryMemory } from "@/server/telemetry/memory.ts";
import { ejectedByNode } from "./behind-the-scenes.ts";
import { buildGraph } from "./graph/build-graph.ts";
import type { CopyRecords } from "./graph/copies.ts";
import type { TrafficRecords } from "./graph/edge-totals.ts";
import { NodeFinder } from "./graph/node-ref.ts";

/** Figures lag a little: proxies push once a second, and a half-told second would make the rate tremble. */
export const settleMs = 1_500;

/** The traffic graph of now or of some time in the last hour; frames are shared by all who watch. */
export class Traffic {
  readonly #memory: TelemetryMemory;
  readonly #inventory: LiveInventory;
  readonly #ownership: Ownership;
  readonly #frames = new Map<number, { second: number; graph: TrafficGraph }>();
  #revision = 0;

  constructor(memory: TelemetryMemory, inventory: LiveInventory, ownership: Ownership) {
    this.#memory = memory;
    this.#inventory = inventory;
    this.#ownership = ownership;
  }

  /** Records of a span, ending at `endMs`. */
  records(windowSeconds: number, endMs: number): TrafficRecords {
    const startMs = endMs - windowSeconds * 1_000;
    return {
      requests: this.#memory.requests.sum(startMs, endMs).values(),
      connections: this.#memory.connections.sum(startMs, endMs).values(),
      denials: this.#memory.denials.sum(startMs, endMs).values(),
    };
  }

  /** Mirrored requests of a span, ending at `endMs`. */
  copies(windowSeconds: number, endMs: number): CopyRecords {
    return this.#memory.copies.sum(endMs - windowSeconds * 1_000, endMs).values();
  }

  /** End of the newest window whose figures are settled. */
  liveEnd(nowMs: number = Date.now()): number {
    return Math.floor((nowMs - settleMs) / 1_000) * 1_000;
  }

  async graph(windowSeconds: number, endUnixMs?: number): Promise<TrafficGraph> {
    await this.#ownership.refresh();
    if (endUnixMs !== undefined) {
      return this.#build(windowSeconds, endUnixMs);
    }
    const end = this.liveEnd();
    const known = this.#frames.get(windowSeconds);
    if (known?.second === end) {
      return known.graph;
    }
    const graph = this.#build(windowSeconds, end);
    this.#frames.set(windowSeconds, { second: end, graph });
    if (this.#frames.size > 16) {
      this.#frames.delete(this.#frames.keys().next().value ?? 0);
    }
    return graph;
  }

  #build(windowSeconds: number, endUnixMs: number): TrafficGraph {
    const inventory = this.#inventory.current;
    const policies = findPolicies(inventory);
    return buildGraph({
      inventory,
      teamOf: this.#ownership.ownerOf,
      isAuthorized: (service) => policies.isAuthorized(service),
      records: this.records(windowSeconds, endUnixMs),
      copies: this.copies(windowSeconds, endUnixMs),
      ejected: new Map(
        [...ejectedByNode(this.#memory, new NodeFinder(inventory), endUnixMs)].map(([id, pods]) => [id, pods.length]),
      ),
      windowSeconds,
      endUnixMs,
      newestUnixMs: this.#memory.newestUnixMs,
      revision: ++this.#revision,
    });
  }
}
