/** Hours that are over, from the database into memory: once each, newest first. */
import type { Pool } from "@/server/db/pool.ts";
import { edgeNames, type SeenEdge } from "@/server/impact/edge-names.ts";
import { hourMs, minuteMs, type ObservedTraffic, weekMs } from "@/server/impact/observed-traffic.ts";

/** Rows of one statement. */
const chunkRows = 5_000;

export interface HistoryOptions {
  /** What was looked up is good for so long. */
  readonly freshMs?: number;
  /** Called after each hour: kinds may get other numbers then. */
  readonly onHour?: () => void;
  /** More rows of an hour are not read; what they count is noted as left out. */
  readonly rowsOfHourMax?: number;
}

interface Hour {
  readonly startMs: number;
  /** Where it is, and a fingerprint while it may still be written. */
  readonly version: string;
  readonly table: "telemetry_hours" | "telemetry_minutes";
}

export class History {
  readonly #pool: Pool;
  readonly #traffic: ObservedTraffic;
  readonly #options: Required<HistoryOptions>;
  /** Versions of the hours that were read. */
  readonly #read = new Map<number, string>();
  #running: Promise<void> | undefined;
  #caughtUpMs = Number.NEGATIVE_INFINITY;
  /** An hour is being read: kinds must keep their numbers. */
  reading = false;

  constructor(pool: Pool, traffic: ObservedTraffic, options: HistoryOptions = {}) {
    this.#pool = pool;
    this.#traffic = traffic;
    this.#options = { freshMs: 5_000, rowsOfHourMax: 1_000_000, onHour: () => undefined, ...options };
  }

  /** Reads what is new. Rejects when the database cannot be read; what was read stays. */
  catchUp(nowMs: number): Promise<void> {
    if (this.#running === undefined && nowMs - this.#caughtUpMs < this.#options.freshMs && nowMs >= this.#caughtUpMs) {
      return Promise.resolve();
    }
    this.#running ??= this.#catchUp(nowMs).finally(() => {
      this.#running = undefined;
      this.reading = false;
    });
    return this.#running;
  }

  async #catchUp(nowMs: number): Promise<void> {
    for (const hour of await this.#unread(nowMs)) {
      this.reading = true;
      await this.#readHour(hour);
      this.reading = false;
      this.#options.onHour();
    }
    for (const startMs of this.#read.keys()) {
      if (startMs < nowMs - weekMs - hourMs) {
        this.#read.delete(startMs);
      }
    }
    this.#caughtUpMs = nowMs;
  }

  async #unread(nowMs: number): Promise<Hour[]> {
    const end = Math.floor(nowMs / hourMs) * hourMs;
    const last = end - hourMs;
    const { rows } = await this.#pool.query<{ start: number }>(hoursQuery, [
      new Date(Math.ceil((nowMs - weekMs) / hourMs) * hourMs),
      new Date(last),
    ]);
    const wanted = rows.map(({ start }): Hour => ({ startMs: start, version: "hour", table: "telemetry_hours" }));
    const newest = await this.#lastHour(last, wanted[0]?.startMs === last);
    return [...(newest === undefined ? [] : [newest]), ...wanted.filter(({ startMs }) => startMs !== last)].filter(
      ({ startMs, version }) => {
        const read = this.#read.get(startMs);
        // Older hours do not change any more.
        return read === undefined || (version === "hour" ? !read.startsWith("hour") : read !== version);
      },
    );
  }

  /** An hour that is over is written some minutes later, and again for a while: until then its minutes are read. */
  async #lastHour(startMs: number, written: boolean): Promise<Hour | undefined> {
    const table = written ? "telemetry_hours" : "telemetry_minutes";
    const { rows } = await this.#pool.query<{ rows: number; count: number }>(
      `SELECT count(*)::int AS rows, coalesce(sum((data->>'count')::float8), 0) AS count
       FROM ${table} WHERE bucket >= $1 AND bucket < $2 AND kind = 'shapes'`,
      [new Date(startMs), new Date(startMs + hourMs)],
    );
    const { rows: number = 0, count = 0 } = rows[0] ?? {};
    return number === 0 ? undefined : { startMs, table, version: `${written ? "hour" : "minutes"} ${number} ${count}` };
  }

  async #readHour({ startMs, table, version }: Hour): Promise<void> {
    const counts = new Map<number, number>();
    const step = table === "telemetry_hours" ? hourMs : minuteMs;
    let taken = 0;
    let leftOut = 0;
    for (let bucket = startMs; bucket < startMs + hourMs; bucket += step) {
      for (let after: string | undefined = ""; after !== undefined; ) {
        if (taken >= this.#options.rowsOfHourMax) {
          leftOut += await this.#rest(table, bucket, after);
          break;
        }
        const { rows }: { rows: Row[] } = await this.#pool.query<Row>(rowsQuery(table), [
          new Date(bucket),
          after,
          Math.min(chunkRows, this.#options.rowsOfHourMax - taken),
        ]);
        for (const row of rows) {
          const kind = this.#traffic.kindOf({
            labels: edgeOf(row),
            destinationPort: row.port,
            method: row.method,
            path: row.path,
          });
          counts.set(kind, (counts.get(kind) ?? 0) + row.count);
          this.#traffic.kinds.seenAt(kind, Math.max(row.last, bucket));
        }
        taken += rows.length;
        after = rows.at(-1)?.series;
      }
    }
    this.#traffic.hours.put(startMs, counts, leftOut);
    this.#read.set(startMs, version);
  }

  async #rest(table: Hour["table"], bucket: number, after: string): Promise<number> {
    const { rows } = await this.#pool.query<{ count: number }>(
      `SELECT coalesce(sum((data->>'count')::float8), 0) AS count FROM ${table}
       WHERE bucket = $1 AND kind = 'shapes' AND series > $2`,
      [new Date(bucket), after],
    );
    return rows[0]?.count ?? 0;
  }
}

/** One look at the index an hour, instead of one at every row. */
const hoursQuery = `
  SELECT extract(epoch FROM hour)::float8 * 1000 AS start
  FROM generate_series($1::timestamptz, $2::timestamptz, interval '1 hour') AS hour
  WHERE EXISTS (SELECT 1 FROM telemetry_hours WHERE bucket = hour AND kind = 'shapes')
  ORDER BY hour DESC`;

type Row = Readonly<Record<(typeof edgeNames)[number], string | null>> & {
  readonly series: string;
  readonly port: number;
  readonly method: string;
  readonly path: string;
  readonly count: number;
  readonly last: number;
};

const rowsQuery = (table: Hour["table"]): string => `
  SELECT series, ${edgeNames.map((name) => `labels->'labels'->>'${name}' AS ${name}`).join(", ")},
         (labels->>'destinationPort')::int AS port, labels->>'method' AS method, labels->>'path' AS path,
         (data->>'count')::float8 AS count, coalesce((data->>'lastUnixMs')::float8, 0) AS last
  FROM ${table} WHERE bucket = $1 AND kind = 'shapes' AND series > $2 ORDER BY series LIMIT $3`;

const edgeOf = (row: Row): SeenEdge =>
  // The names are those of the query.
  Object.fromEntries(edgeNames.map((name) => [name, row[name] ?? "unknown"])) as SeenEdge;
