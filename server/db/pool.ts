import pg from "pg";
import type { Log } from "@/server/log.ts";

/** Connections of one portal process; the embedded server allows 50. */
const connectionsMax = 12;

/** The one pool; Prisma and plain SQL share it. A lost server is noticed on the next query, which connects anew. */
export function createPool(url: string, log: Log): pg.Pool {
  const pool = new pg.Pool({ connectionString: url, max: connectionsMax, connectionTimeoutMillis: 5_000 });
  pool.on("error", (error) => log.warn("lost a database connection", { error: error.message }));
  return pool;
}

export type Pool = pg.Pool;
export type PoolClient = pg.PoolClient;
