import type { AuditAction, AuditList, AuditQuery, AuditRecord } from "@/server/contracts/audit.ts";
import { auditAction } from "@/server/contracts/audit.ts";
import type { Database } from "@/server/db/client.ts";

export interface AuditEntry {
  readonly actor: { readonly id: string; readonly name: string; readonly initials: string } | null;
  readonly action: AuditAction;
  readonly object: string;
  readonly outcome: "done" | "refused" | "failed";
  readonly detail?: string;
  readonly address?: string;
}

/** Appends a record. Records cannot be changed or removed afterwards: the database refuses. */
export async function appendAudit(db: Pick<Database, "auditRecord">, entry: AuditEntry): Promise<void> {
  await db.auditRecord.create({
    data: {
      actorId: entry.actor?.id ?? null,
      actorName: entry.actor?.name ?? "",
      actorInitials: entry.actor?.initials ?? "",
      action: entry.action,
      object: entry.object.slice(0, 500),
      outcome: entry.outcome,
      detail: (entry.detail ?? "").slice(0, 2_000),
      address: entry.address ?? "",
    },
  });
}

/** Newest first. */
export async function listAudit(db: Database, query: AuditQuery): Promise<AuditList> {
  const rows = await db.auditRecord.findMany({
    where: {
      ...(query.before === undefined ? {} : { sequence: { lt: BigInt(query.before) } }),
      ...(query.actor === undefined ? {} : { actorId: query.actor }),
      ...(query.action === undefined ? {} : { action: query.action }),
      ...(query.outcome === undefined ? {} : { outcome: query.outcome }),
    },
    orderBy: { sequence: "desc" },
    take: query.limit + 1,
  });
  return { records: rows.slice(0, query.limit).map(toRecord), more: rows.length > query.limit };
}

type Row = Awaited<ReturnType<Database["auditRecord"]["findMany"]>>[number];

function toRecord(row: Row): AuditRecord {
  return {
    sequence: Number(row.sequence),
    timeUnixMs: row.time.getTime(),
    actor: row.actorId === null ? null : { id: row.actorId, name: row.actorName, initials: row.actorInitials },
    action: auditAction.parse(row.action),
    object: row.object,
    outcome: row.outcome === "refused" || row.outcome === "failed" ? row.outcome : "done",
    detail: row.detail,
    address: row.address,
  };
}

/** RFC 4180; a leading `=`, `+`, `-` or `@` is disarmed so that spreadsheets do not run it. */
export function toCsv(records: readonly AuditRecord[]): string {
  const cell = (value: string | number): string => {
    const text = String(value);
    const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
    return `"${safe.replaceAll('"', '""')}"`;
  };
  const head = ["sequence", "time", "actor", "action", "object", "outcome", "detail", "address"];
  const rows = records.map((record) => [
    record.sequence,
    new Date(record.timeUnixMs).toISOString(),
    record.actor?.name ?? "",
    record.action,
    record.object,
    record.outcome,
    record.detail,
    record.address,
  ]);
  return [head, ...rows].map((row) => `${row.map(cell).join(",")}\r\n`).join("");
}
