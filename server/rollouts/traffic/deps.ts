import type { Changes } from "@/server/changes/changes.ts";
import type { Cluster } from "@/server/cluster/cluster.ts";
import type { Database } from "@/server/db/client.ts";
import type { LiveInventory } from "@/server/inventory/live-inventory.ts";

/** What writing shares needs. */
export interface TrafficDeps {
  readonly db: Database;
  readonly cluster: Cluster;
  readonly inventory: Pick<LiveInventory, "current">;
  readonly changes: Changes;
}
