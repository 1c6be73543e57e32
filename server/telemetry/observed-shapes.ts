/** Observed requests of an hour, a day or a week, as columns: memory for the last hour, the database for what is older. */
import { setImmediate as pause } from "node:timers/promises";
import type { EdgeLabels } from "@/mesh-runtime/api/telemetry.ts";
import type { Pool } from "@/server/db/pool.ts";
import { ShapeColumns } from "@/server/impact/shape-columns.ts";
import type { TelemetryMemory } from "./memory.ts";

const hourMs = 3_600_000;
/** More distinct shapes than this are not read; the least frequent are left out. */
const rowsMax = 200_000;
const chunk = 20_000;

export interface ObservedShapes {
  readonly shapes: ShapeColumns;
  /** Start of what is known. */
  readonly sinceUnixMs: number;
  readonly notes: readonly string[];
}

/** Rejects when the database cannot be read. */
export async function observedShapes(
  memory: TelemetryMemory,
  pool: Pool,
  windowSeconds: number,
  nowMs: number,
): Promise<ObservedShapes> {
  const startMs = nowMs - windowSeconds * 1_000;
  if (windowSeconds * 1_000 <= hourMs) {
    const oldest = memory.shapes.oldestMs ?? nowMs;
    return { shapes: await recent(memory, startMs, nowMs), sinceUnixMs: Math.max(startMs, oldest), notes: [] };
  }
  // Whole hours come from the database, the one that has begun from memory.
  const hourStart = Math.floor(nowMs / hourMs) * hourMs;
  const shapes = await recent(memory, hourStart, nowMs);
  const { rows } = await pool.query<Row>(query, [new Date(startMs), new Date(hourStart), rowsMax + 1]);
  let sinceUnixMs = shapes.length === 0 ? nowMs : hourStart;
  for (const [index, row] of rows.slice(0, rowsMax).entries()) {
    sinceUnixMs = Math.min(sinceUnixMs, row.since);
    shapes.add(
      { labels: { ...unknownLabels, ...labelsOf(row) }, destinationPort: row.port, method: row.method, path: row.path },
      { count: row.count, lastUnixMs: row.last },
    );
    if (index % chunk === chunk - 1) {
      await pause();
    }
  }
  return {
    shapes,
    sinceUnixMs: Math.max(startMs, sinceUnixMs),
    notes:
      rows.length > rowsMax ? [`Only the ${rowsMax.toLocaleString("en")} most frequent kinds of requests count.`] : [],
  };
}

async function recent(memory: TelemetryMemory, startMs: number, nowMs: number): Promise<ShapeColumns> {
  const shapes = new ShapeColumns();
  let index = 0;
  for (const { identity, counts } of memory.shapes.sum(startMs, nowMs + 1_000).values()) {
    shapes.add(identity, counts);
    if (++index % chunk === 0) {
      await pause();
    }
  }
  return shapes;
}

interface Row {
  readonly reporter: EdgeLabels["reporter"];
  readonly source_workload: string;
  readonly source_workload_namespace: string;
  readonly source_canonical_service: string;
  readonly destination_workload: string;
  readonly destination_workload_namespace: string;
  readonly destination_canonical_service: string;
  readonly destination_service: string;
  readonly destination_service_name: string;
  readonly destination_service_namespace: string;
  readonly port: number;
  readonly method: string;
  readonly path: string;
  readonly count: number;
  readonly last: number;
  /** Start of the first hour that it was seen in, milliseconds since the epoch. */
  readonly since: number;
}

const labelNames = [
  "reporter",
  "source_workload",
  "source_workload_namespace",
  "source_canonical_service",
  "destination_workload",
  "destination_workload_namespace",
  "destination_canonical_service",
  "destination_service",
  "destination_service_name",
  "destination_service_namespace",
] as const;

/** An hour that is over is written some minutes later: until then its minutes are read. */
const query = `
  WITH seen AS (
    SELECT bucket, labels, data FROM telemetry_hours
    WHERE kind = 'shapes' AND bucket >= $1::timestamptz AND bucket < $2::timestamptz
    UNION ALL
    SELECT bucket, labels, data FROM telemetry_minutes
    WHERE kind = 'shapes' AND bucket >= $2::timestamptz - interval '1 hour' AND bucket < $2::timestamptz
      AND NOT EXISTS (
        SELECT 1 FROM telemetry_hours WHERE bucket = $2::timestamptz - interval '1 hour' AND kind = 'shapes')
  )
  SELECT ${labelNames.map((name) => `labels->'labels'->>'${name}' AS ${name}`).join(", ")},
         (labels->>'destinationPort')::int AS port, labels->>'method' AS method, labels->>'path' AS path,
         sum((data->>'count')::float8) AS count,
         max(greatest((data->>'lastUnixMs')::float8, extract(epoch FROM bucket)::float8 * 1000)) AS last,
         min(extract(epoch FROM bucket)::float8 * 1000) AS since
  FROM seen
  GROUP BY ${[...labelNames, "port", "method", "path"].map((_, index) => index + 1).join(", ")}
  ORDER BY count DESC LIMIT $3`;

const labelsOf = (row: Row): Pick<EdgeLabels, (typeof labelNames)[number]> =>
  // The names are those of the query.
  Object.fromEntries(labelNames.map((name) => [name, row[name] ?? "unknown"])) as Pick<
    EdgeLabels,
    (typeof labelNames)[number]
  >;

/** What impact does not ask for. */
const unknownLabels: EdgeLabels = {
  reporter: "source",
  source_workload: "unknown",
  source_workload_namespace: "unknown",
  source_principal: "unknown",
  source_app: "unknown",
  source_version: "unknown",
  source_cluster: "unknown",
  source_canonical_service: "unknown",
  source_canonical_revision: "unknown",
  destination_workload: "unknown",
  destination_workload_namespace: "unknown",
  destination_principal: "unknown",
  destination_app: "unknown",
  destination_version: "unknown",
  destination_service: "unknown",
  destination_service_name: "unknown",
  destination_service_namespace: "unknown",
  destination_cluster: "unknown",
  destination_canonical_service: "unknown",
  destination_canonical_revision: "unknown",
  request_protocol: "http",
  connection_security_policy: "unknown",
};
