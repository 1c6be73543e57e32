import type { AuditEntry } from "@/server/audit/audit-log.ts";
import type { Cluster } from "@/server/cluster/cluster.ts";
import type { PortalConfig } from "@/server/config.ts";
import type { Database } from "@/server/db/client.ts";
import type { Pool } from "@/server/db/pool.ts";
import type { TrafficInsight } from "@/server/golden-paths/insight.ts";
import type { LiveInventory } from "@/server/inventory/live-inventory.ts";
import type { Log } from "@/server/log.ts";
import type { TelemetryMemory } from "@/server/telemetry/memory.ts";

/** What the life of a change needs. */
export interface ChangeDeps {
  readonly config: PortalConfig;
  readonly db: Database;
  readonly pool: Pool;
  readonly cluster: Cluster;
  readonly inventory: LiveInventory;
  readonly telemetry: TelemetryMemory;
  readonly log: Log;
  /** What traffic tells the paths. */
  insight(): TrafficInsight;
  audit(entry: AuditEntry): Promise<void>;
}
