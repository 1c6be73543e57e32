import type { ProbeResult } from "@/server/contracts/changes.ts";
import { toJson } from "@/server/db/client.ts";
import { addEvent } from "./add-event.ts";
import type { ChangeNotifier } from "./change-events.ts";
import { type ChangeRow, probePlanOf } from "./change-row.ts";
import type { ChangeDeps } from "./deps.ts";
import { probesMax } from "./probes-of.ts";

/**
 * Sends the requests that show a change's effect, one after the other, and keeps what came back. One that does not show
 * it makes a warning: the proxies have confirmed the change, so it stays verified.
 */
export async function proveChange(row: ChangeRow, { db, probe }: ChangeDeps, notifier: ChangeNotifier): Promise<void> {
  const results: ProbeResult[] = [];
  for (const one of probePlanOf(row).slice(0, probesMax)) {
    results.push(await probe(one, row.namespaces));
  }
  await db.$transaction(async (within) => {
    await within.change.update({
      where: { id: row.id },
      data: { probeResults: toJson(results), probesPending: false },
    });
    for (const { passed, sentence, words } of results) {
      const text = `${sentence} → ${words}${passed ? "" : ". That is not what this change should do: look at it, or undo it."}`;
      await addEvent(within, row.id, passed ? "info" : "warning", text);
    }
  });
  notifier.moved(row.id);
}
