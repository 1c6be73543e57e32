import type { AuditEntry } from "@/server/audit/audit-log.ts";
import type { ChangeNotifier } from "@/server/changes/change-events.ts";
import type { Database, Transaction } from "@/server/db/client.ts";

/** What keeping the books of releases needs. */
export interface StoreDeps {
  readonly db: Database;
  /** Tells who watches a release in this process. */
  readonly notifier: Pick<ChangeNotifier, "moved">;
  /** `within`: the transaction that it is a part of. */
  audit(entry: AuditEntry, within?: Transaction): Promise<void>;
}
