import type { Database, Transaction } from "@/server/db/client.ts";

export type EventLevel = "info" | "warning" | "error";

/** Appends a line to a change's history. */
export async function addEvent(
  db: Database | Transaction,
  changeId: string,
  level: EventLevel,
  text: string,
): Promise<void> {
  const sequence = await db.changeEvent.count({ where: { changeId } });
  await db.changeEvent.create({ data: { changeId, sequence, level, text: text.slice(0, 2_000) } });
}
