/** A real PostgreSQL with the portal's tables, for tests. */
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startPostgres } from "@/supervisor/postgres.ts";
import { createDatabase, type Database } from "./client.ts";
import { migrate } from "./migrate.ts";
import { createPool, type Pool } from "./pool.ts";

export interface TestDatabase {
  readonly url: string;
  readonly pool: Pool;
  readonly db: Database;
  close(): Promise<void>;
}

export const migrationsDir = fileURLToPath(new URL("../../prisma/migrations", import.meta.url));
const silent = { debug() {}, info() {}, warn() {}, error() {}, with: () => silent };

export async function startTestDatabase(): Promise<TestDatabase> {
  const base = await mkdtemp(join(tmpdir(), "towpath-db-"));
  // As root the server runs as somebody else, who must be able to walk here.
  await chmod(base, 0o711);
  const server = await startPostgres({ dataDir: join(base, "data"), runDir: join(base, "run"), log: silent });
  const pool = createPool(server.url, silent);
  await migrate(pool, migrationsDir, silent);
  return {
    url: server.url,
    pool,
    db: createDatabase(pool),
    async close() {
      await pool.end();
      await server.close();
      await rm(base, { recursive: true, force: true });
    },
  };
}
