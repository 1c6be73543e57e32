import { chmod, mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { setImmediate } from "node:timers/promises";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Log } from "../mesh-runtime/common/log.ts";
import { startPostgres } from "./postgres.ts";

const silent: Log = { debug() {}, info() {}, warn() {}, error() {}, with: () => silent };

let base: string;
beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), "towpath-pg-"));
  // As root the server runs as somebody else, who must be able to walk here.
  await chmod(base, 0o711);
});
afterAll(async () => {
  await rm(base, { recursive: true, force: true });
});

const query = async (url: string, sql: string): Promise<unknown[]> => {
  const client = new pg.Client({ connectionString: url });
  client.on("error", () => undefined);
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
};
/** Asks again until the server is back. */
const untilAnswer = async (url: string, sql: string): Promise<unknown[]> => {
  for (const end = Date.now() + 30_000; ; ) {
    try {
      return await query(url, sql);
    } catch (error) {
      if (Date.now() > end) {
        throw error;
      }
      await setImmediate();
    }
  }
};

describe("embedded PostgreSQL", () => {
  test("keeps what was committed across a crash of the server and a restart", { timeout: 60_000 }, async () => {
    const options = { dataDir: join(base, "data"), runDir: join(base, "run"), log: silent };
    const first = await startPostgres(options);
    await query(first.url, "CREATE TABLE kept (value int)");
    await query(first.url, "INSERT INTO kept VALUES (1)");
    const pid = Number((await readFile(join(base, "data/cluster/postmaster.pid"), "utf8")).split("\n")[0]);
    process.kill(pid, "SIGKILL");
    expect(await untilAnswer(first.url, "SELECT value FROM kept")).toEqual([{ value: 1 }]);
    await first.close();

    const second = await startPostgres(options);
    expect(await query(second.url, "SELECT value FROM kept")).toEqual([{ value: 1 }]);
    const wrong = new URL(second.url);
    wrong.password = "guessed";
    await expect(query(wrong.href, "SELECT 1")).rejects.toThrow(/password/);
    await second.close();
    expect((await stat(join(base, "data/password"))).mode & 0o777).toBe(0o600);
    expect(await readdir(join(base, "data"))).not.toContain("initdb");
  });
});
