import { createHash } from "node:crypto";
import type { Pool } from "@/server/db/pool.ts";
import type { Log } from "@/server/log.ts";
import type { SecuredRecord, TelemetryMemory } from "./memory.ts";
import {
  clusterKey,
  connectionKey,
  copyOutcomeKey,
  denialKey,
  nameKey,
  requestKey,
  shadowKey,
  shapeKey,
} from "./records.ts";
import type { Slots } from "./slots.ts";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
/** So long into a minute the one before is still written. */
const lateMs = 25_000;
const minutesKeptMs = 26 * hourMs;
const hoursKeptDays = 90;
/** Rows in one statement. */
const chunkRows = 500;

const slotKinds = [
  "requests",
  "connections",
  "denials",
  "shapes",
  "clusters",
  "shadows",
  "names",
  "copyOutcomes",
] as const;
type SlotKind = (typeof slotKinds)[number];

interface Row {
  readonly kind: string;
  readonly series: string;
  readonly labels: unknown;
  readonly data: unknown;
}

const hash = (key: string): string => createHash("sha256").update(key).digest("base64url").slice(0, 24);
const slotsOf = (memory: TelemetryMemory, kind: SlotKind): Slots<unknown, unknown> =>
  // Each kind has its own identity and counts; here they are only carried.
  memory[kind] as unknown as Slots<unknown, unknown>;

/**
 * Writes the minute of `atMs` (and early in it the one before, for late arrivals) as it stands in memory. Writing a minute again
 * replaces it, so it can be written as often as one likes and a crash loses seconds only.
 */
export async function writeMinutes(pool: Pool, memory: TelemetryMemory, atMs: number): Promise<void> {
  const minute = Math.floor(atMs / minuteMs) * minuteMs;
  const late = atMs - minute < lateMs ? [minute - minuteMs] : [];
  for (const start of [...late, minute]) {
    await upsert(pool, "telemetry_minutes", start, rowsOf(memory, start, start + minuteMs));
  }
}

/** Adds the minutes of the hour before up into one row a series, once it is over. */
export async function writeHour(pool: Pool, nowMs: number): Promise<void> {
  const end = Math.floor(nowMs / hourMs) * hourMs;
  await pool.query(
    `INSERT INTO telemetry_hours (bucket, kind, series, labels, data)
     SELECT $1::timestamptz, kind, series, (array_agg(labels))[1],
            jsonb_build_object('count', sum(coalesce((data->>'count')::numeric, (data->>'opened')::numeric, 0)),
                               'durationSumMs', sum(coalesce((data->>'durationSumMs')::numeric, 0)),
                               'lastUnixMs', max(coalesce((data->>'lastUnixMs')::numeric, 0)))
     FROM telemetry_minutes WHERE bucket >= $1 AND bucket < $2 AND kind <> 'secured'
     GROUP BY kind, series ON CONFLICT (bucket, kind, series) DO UPDATE SET data = EXCLUDED.data`,
    [new Date(end - hourMs), new Date(end)],
  );
  await pool.query("DELETE FROM telemetry_minutes WHERE bucket < $1", [new Date(nowMs - minutesKeptMs)]);
  await pool.query("DELETE FROM telemetry_hours WHERE bucket < $1", [new Date(nowMs - hoursKeptDays * 24 * hourMs)]);
}

/** Puts the last hour back into memory, so that graph and impact survive a restart. */
export async function reload(pool: Pool, memory: TelemetryMemory, nowMs: number, log: Log): Promise<void> {
  const { rows } = await pool.query<Row & { bucket: Date }>(
    "SELECT bucket, kind, series, labels, data FROM telemetry_minutes WHERE bucket >= $1 ORDER BY bucket",
    [new Date(nowMs - hourMs)],
  );
  for (const { bucket, kind, labels, data } of rows) {
    const known = slotKinds.find((candidate) => candidate === kind);
    if (known !== undefined) {
      slotsOf(memory, known).load(keyOf(known, labels), labels, data, bucket.getTime(), minuteMs);
      memory.newestUnixMs = Math.max(memory.newestUnixMs, bucket.getTime());
    } else if (kind === "secured") {
      memory.restoreSecured(data as SecuredRecord);
    }
  }
  log.info("reloaded telemetry", { rows: rows.length });
}

function keyOf(kind: SlotKind, labels: unknown): string {
  // Rows are ours: written by `rowsOf` from the very types that are read here.
  switch (kind) {
    case "requests":
      return requestKey(labels as Parameters<typeof requestKey>[0]);
    case "connections":
      return connectionKey(labels as Parameters<typeof connectionKey>[0]);
    case "denials":
      return denialKey(labels as Parameters<typeof denialKey>[0]);
    case "shapes":
      return shapeKey(labels as Parameters<typeof shapeKey>[0]);
    case "clusters":
      return clusterKey(labels as Parameters<typeof clusterKey>[0]);
    case "copyOutcomes":
      return copyOutcomeKey(labels as Parameters<typeof copyOutcomeKey>[0]);
    case "names":
      return nameKey(labels as Parameters<typeof nameKey>[0]);
    case "shadows":
      return shadowKey(labels as Parameters<typeof shadowKey>[0]);
  }
}

function rowsOf(memory: TelemetryMemory, startMs: number, endMs: number): Row[] {
  const rows: Row[] = [];
  for (const kind of slotKinds) {
    for (const [key, { identity, counts }] of slotsOf(memory, kind).sum(startMs, endMs)) {
      rows.push({ kind, series: hash(key), labels: identity, data: counts });
    }
  }
  for (const [key, record] of memory.secured) {
    if (record.edge.timeUnixMs >= startMs && record.edge.timeUnixMs < endMs) {
      rows.push({ kind: "secured", series: hash(key), labels: {}, data: record });
    }
  }
  return rows;
}

async function upsert(pool: Pool, table: "telemetry_minutes", startMs: number, rows: readonly Row[]): Promise<void> {
  for (let at = 0; at < rows.length; at += chunkRows) {
    const chunk = rows.slice(at, at + chunkRows);
    await pool.query(
      `INSERT INTO ${table} (bucket, kind, series, labels, data)
       SELECT $1, r.kind, r.series, r.labels, r.data
       FROM jsonb_to_recordset($2::jsonb) AS r(kind text, series text, labels jsonb, data jsonb)
       ON CONFLICT (bucket, kind, series) DO UPDATE SET data = EXCLUDED.data`,
      [new Date(startMs), JSON.stringify(chunk)],
    );
  }
}
