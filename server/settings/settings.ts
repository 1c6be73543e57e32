import * as z from "zod";
import { type Database, toJson } from "@/server/db/client.ts";

const ticketLeadTimeKey = "ticket-lead-time-ms";

/** How long a change took by ticket, as a person entered it; null until then. Milliseconds. */
export async function readTicketLeadTime(db: Database): Promise<number | null> {
  const row = await db.setting.findUnique({ where: { key: ticketLeadTimeKey } });
  return z
    .number()
    .positive()
    .nullable()
    .catch(null)
    .parse(row?.value ?? null);
}

export async function writeTicketLeadTime(db: Database, ticketMs: number | null): Promise<void> {
  if (ticketMs === null) {
    await db.setting.deleteMany({ where: { key: ticketLeadTimeKey } });
    return;
  }
  const value = toJson(ticketMs);
  await db.setting.upsert({
    where: { key: ticketLeadTimeKey },
    create: { key: ticketLeadTimeKey, value },
    update: { value },
  });
}
