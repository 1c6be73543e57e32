import type { AuditEntry } from "@/server/audit/audit-log.ts";
import type { Cluster } from "@/server/cluster/cluster.ts";
import type { PortalConfig } from "@/server/config.ts";
import type { ProbeResult } from "@/server/contracts/changes.ts";
import type { Database, Transaction } from "@/server/db/client.ts";
import type { Pool } from "@/server/db/pool.ts";
import type { TrafficInsight } from "@/server/golden-paths/insight.ts";
import type { Probe } from "@/server/golden-paths/probe.ts";
import type { LiveInventory } from "@/server/inventory/live-inventory.ts";
import type { Log } from "@/server/log.ts";
import type { ReplayThread } from "@/server/replay/replay-thread.ts";
import type { TelemetryMemory } from "@/server/telemetry/memory.ts";

/** What the life of a change needs. */
export interface ChangeDeps {
  readonly config: PortalConfig;
  readonly db: Database;
  readonly pool: Pool;
  readonly cluster: Cluster;
  readonly inventory: LiveInventory;
  readonly telemetry: TelemetryMemory;
  /** What would happen to observed traffic. */
  readonly replay: Pick<ReplayThread, "assess">;
  readonly log: Log;
  /** What observed traffic tells the paths' findings and defaults. */
  insight(): TrafficInsight;
  /** Sends one request for proof of a change that touches these namespaces; never throws. */
  probe(probe: Probe, touched: readonly string[]): Promise<ProbeResult>;
  /** How long connections to a waypoint that is left may take to end; a few seconds when not said. */
  readonly drainMs?: number;
  /** `within`: the transaction that it is a part of. */
  audit(entry: AuditEntry, within?: Transaction): Promise<void>;
}
