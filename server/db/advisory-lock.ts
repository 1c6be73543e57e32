import { createHash } from "node:crypto";
import type { Log } from "@/server/log.ts";
import type { Pool, PoolClient } from "./pool.ts";

const retryMs = 2_000;

/** A 64-bit key for PostgreSQL's advisory locks. */
function lockKey(name: string): string {
  return createHash("sha256").update(name).digest().readBigInt64BE(0).toString();
}

/**
 * Takes all the named locks at once or none, without waiting. They hold across portal processes and end with the
 * database connection, so a crash frees them. Answers how to give them back, or `undefined`.
 */
export async function tryLock(pool: Pool, names: readonly string[]): Promise<(() => Promise<void>) | undefined> {
  const client = await pool.connect();
  // The server may go while the locks are held: that frees them, and must not end this process.
  const lost = (): void => undefined;
  client.on("error", lost);
  const held: string[] = [];
  const release = async (): Promise<void> => {
    try {
      for (const key of held) {
        await client.query("SELECT pg_advisory_unlock($1)", [key]);
      }
      client.off("error", lost);
      client.release();
    } catch (error) {
      client.release(error instanceof Error ? error : true);
    }
  };
  try {
    for (const key of [...new Set(names)].sort().map(lockKey)) {
      const { rows } = await client.query<{ ok: boolean }>("SELECT pg_try_advisory_lock($1) AS ok", [key]);
      if (rows[0]?.ok !== true) {
        await release();
        return undefined;
      }
      held.push(key);
    }
  } catch (error) {
    await release();
    throw error;
  }
  return release;
}

export interface Leadership {
  /** Whether this process does the background work right now. */
  readonly leading: boolean;
  close(): Promise<void>;
}

/**
 * Of several portal processes on one database, one leads; when it ends or loses its connection, another takes over.
 * `askAgainMs`: how often one that does not lead asks.
 */
export function leadOne(
  pool: Pool,
  name: string,
  onLead: () => void,
  log: Log,
  askAgainMs: number = retryMs,
): Leadership {
  let client: PoolClient | undefined;
  let closed = false;
  let timer: NodeJS.Timeout | undefined;
  const again = (): void => {
    if (!closed) {
      timer = setTimeout(() => void attempt(), askAgainMs);
      timer.unref();
    }
  };
  const attempt = async (): Promise<void> => {
    let candidate: PoolClient | undefined;
    try {
      candidate = await pool.connect();
      const asking = candidate;
      // From the first question on: a connection that breaks with nobody listening ends the process.
      const lost = (): void => {
        if (client === asking) {
          client = undefined;
          asking.release(true);
          again();
        }
      };
      asking.on("error", lost);
      const { rows } = await asking.query<{ ok: boolean }>("SELECT pg_try_advisory_lock($1) AS ok", [lockKey(name)]);
      const won = rows[0]?.ok === true;
      if (!won || closed) {
        asking.off("error", lost);
        // A connection that goes back to the pool keeps its locks.
        asking.release(won);
        again();
        return;
      }
      client = asking;
      onLead();
    } catch (error) {
      log.warn("cannot reach the database to lead", { error: String(error) });
      if (client === undefined) {
        candidate?.release(true);
        again();
      }
    }
  };
  void attempt();
  return {
    get leading() {
      return client !== undefined;
    },
    async close() {
      closed = true;
      clearTimeout(timer);
      const held = client;
      client = undefined;
      held?.release(true);
    },
  };
}
