import { cp, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { durationBoundsMs } from "@/mesh-runtime/api/telemetry.ts";
import { appendAudit, listAudit, toCsv } from "@/server/audit/audit-log.ts";
import { findSession, forgetExpired, openSession } from "@/server/auth/sessions.ts";
import { createSignInLink, readSignInLink, redeemSignInLink } from "@/server/auth/sign-in-links.ts";
import { createLog } from "@/server/log.ts";
import { people, seedPeople } from "@/server/seed/people.ts";
import { TelemetryMemory } from "@/server/telemetry/memory.ts";
import { reload, writeHour, writeMinutes } from "@/server/telemetry/rollup.ts";
import { labels } from "@/server/telemetry/sample.suite.ts";
import { leadOne, tryLock } from "./advisory-lock.ts";
import { migrate } from "./migrate.ts";
import { createPool } from "./pool.ts";
import { migrationsDir, startTestDatabase, type TestDatabase } from "./test-database.suite.ts";

const log = { ...createLog("test"), info() {}, warn() {} };
let database: TestDatabase;
beforeAll(async () => {
  database = await startTestDatabase();
  await seedPeople(database.db);
}, 60_000);
afterAll(() => database.close(), 60_000);

describe("migrations", { timeout: 30_000 }, () => {
  test("are applied once, also by two processes at a time", async () => {
    const { pool } = database;
    await Promise.all([migrate(pool, migrationsDir, log), migrate(pool, migrationsDir, log)]);
    const { rows } = await pool.query('SELECT migration_name, length(checksum) AS digits FROM "_prisma_migrations"');
    const names = (await readdir(migrationsDir)).filter((name) => /^\d{4}_/.test(name)).sort();
    expect(names.length).toBeGreaterThan(2);
    expect(rows).toEqual(names.map((name) => ({ migration_name: name, digits: 64 })));
  });

  test("that were edited after they were applied stop the start", async () => {
    const copy = await mkdtemp(join(tmpdir(), "towpath-migrations-"));
    await cp(migrationsDir, copy, { recursive: true });
    await writeFile(join(copy, "0001_init/migration.sql"), "SELECT 1;\n");
    await expect(migrate(database.pool, copy, log)).rejects.toThrow("was edited after it was applied");
    await rm(copy, { recursive: true });
  });

  test("leave nothing behind when one fails", async () => {
    const copy = await mkdtemp(join(tmpdir(), "towpath-migrations-"));
    await cp(migrationsDir, copy, { recursive: true });
    await cp(join(copy, "0001_init"), join(copy, "0002_broken"), { recursive: true });
    await writeFile(join(copy, "0002_broken/migration.sql"), "CREATE TABLE half (a int); SELECT nonsense;");
    await expect(migrate(database.pool, copy, log)).rejects.toThrow("nonsense");
    const { rows } = await database.pool.query("SELECT to_regclass('half') AS half");
    expect(rows).toEqual([{ half: null }]);
    await rm(copy, { recursive: true });
  });
});

describe("audit", { timeout: 30_000 }, () => {
  test("cannot be changed, removed or emptied", async () => {
    const { db, pool } = database;
    await appendAudit(db, { actor: null, action: "sign-in", object: "x", outcome: "refused", detail: "=cmd()" });
    for (const sql of ["UPDATE audit SET object = 'y'", "DELETE FROM audit", "TRUNCATE audit"]) {
      await expect(pool.query(sql)).rejects.toThrow("cannot be changed or removed");
    }
    const { records } = await listAudit(db, { limit: 10 });
    expect(records).toMatchObject([{ object: "x", outcome: "refused", actor: null }]);
    // A spreadsheet must not run what somebody typed.
    expect(toCsv(records)).toContain(`"'=cmd()"`);
  });
});

describe("sign-in links", { timeout: 30_000 }, () => {
  const now = new Date("2026-01-01T12:00:00Z");
  const later = (hours: number): Date => new Date(now.getTime() + hours * 3_600_000);

  test("can be looked at without being used up, and are used once", async () => {
    const { db } = database;
    const token = await createSignInLink(db, "dana", now);
    await readSignInLink(db, token, now);
    expect((await readSignInLink(db, token, now)).person.name).toBe("Dana Keller");
    const attempts = await Promise.allSettled([redeemSignInLink(db, token, now), redeemSignInLink(db, token, now)]);
    expect(attempts.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    await expect(readSignInLink(db, token, now)).rejects.toMatchObject({ code: "sign-in-link-used" });
  });

  test("of an earlier start stop working, as do those whose day is over", async () => {
    const { db } = database;
    const first = await createSignInLink(db, "pat", now);
    const second = await createSignInLink(db, "pat", now);
    await expect(redeemSignInLink(db, first, later(0))).rejects.toMatchObject({ code: "sign-in-link-expired" });
    await expect(redeemSignInLink(db, second, later(25))).rejects.toMatchObject({ code: "sign-in-link-expired" });
    await expect(redeemSignInLink(db, "made-up", now)).rejects.toMatchObject({ code: "sign-in-link-unknown" });
  });

  test("leave only hashes of tokens in the database", async () => {
    const { db, pool } = database;
    const token = await createSignInLink(db, "alex", now);
    const session = await redeemSignInLink(db, token, now);
    const { rows } = await pool.query("SELECT token_hash FROM sessions UNION SELECT token_hash FROM sign_in_links");
    expect(JSON.stringify(rows)).not.toContain(token);
    expect(JSON.stringify(rows)).not.toContain(session.token);
  });
});

describe("sessions", { timeout: 30_000 }, () => {
  test("carry the person's roles and teams until they end", async () => {
    const { db } = database;
    const now = new Date();
    const { token, expiresAt } = await openSession(db, "dana", now);
    expect(await findSession(db, token, now)).toMatchObject({
      roles: ["developer"],
      teams: [{ namespaces: ["web-api"] }],
    });
    expect(await findSession(db, token, expiresAt)).toBeUndefined();
    await forgetExpired(db, new Date(expiresAt.getTime() + 1));
    expect(await db.session.count()).toBe(0);
  });

  test("seeding twice leaves people as they are", async () => {
    await database.db.user.update({ where: { id: "pat" }, data: { name: "Patricia" } });
    await seedPeople(database.db);
    expect(await database.db.user.count()).toBe(people.length);
    expect((await database.db.user.findUnique({ where: { id: "pat" } }))?.name).toBe("Patricia");
  });
});

describe("advisory locks", { timeout: 30_000 }, () => {
  test("are taken all or none, and free again afterwards", async () => {
    const { pool } = database;
    const first = await tryLock(pool, ["a", "b"]);
    expect(first).toBeDefined();
    expect(await tryLock(pool, ["c", "b"])).toBeUndefined();
    const other = await tryLock(pool, ["c"]);
    expect(other).toBeDefined();
    await first?.();
    await other?.();
    const again = await tryLock(pool, ["a", "b", "c"]);
    expect(again).toBeDefined();
    await again?.();
  });

  test("let one of two lead", async () => {
    const led: string[] = [];
    const first = Promise.withResolvers<void>();
    const one = leadOne(database.pool, "test", () => first.resolve(void led.push("one")), log);
    await first.promise;
    const two = leadOne(database.pool, "test", () => led.push("two"), log);
    await database.pool.query("SELECT 1");
    expect([one.leading, two.leading, led]).toEqual([true, false, ["one"]]);
    await Promise.all([one.close(), two.close()]);
  });
});

describe("of several processes that would lead", { timeout: 60_000 }, () => {
  /** A process of its own, which asks this often; `led` resolves when it leads. */
  const portal = (askAgainMs: number) => {
    const pool = createPool(database.url, log);
    const led = Promise.withResolvers<void>();
    let times = 0;
    const leadership = leadOne(
      pool,
      "leaders",
      () => {
        times++;
        led.resolve();
      },
      log,
      askAgainMs,
    );
    const end = async (): Promise<void> => {
      await leadership.close();
      await pool.end();
    };
    return { leadership, led: led.promise, end, times: () => times };
  };
  const never = 3_600_000;

  test("another takes over when the leader ends", async () => {
    const first = portal(20);
    await first.led;
    const second = portal(20);
    await first.end();
    await second.led;
    expect([first.leadership.leading, second.leadership.leading, second.times()]).toEqual([false, true, 1]);
    await second.end();
  });

  test("another takes over when the leader loses its connection, which knows that it leads no more", async () => {
    const first = portal(never);
    await first.led;
    const second = portal(20);
    const { rowCount } = await database.pool.query(
      "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted",
    );
    expect(rowCount).toBe(1);
    await second.led;
    while (first.leadership.leading) {
      await new Promise(setImmediate);
    }
    expect([second.leadership.leading, first.times(), second.times()]).toEqual([true, 1, 1]);
    await Promise.all([first.end(), second.end()]);
  });

  test("one that lost its connection leads again when nobody else does", async () => {
    const only = portal(20);
    await only.led;
    await database.pool.query("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted");
    while (only.times() < 2) {
      await new Promise(setImmediate);
    }
    expect(only.leadership.leading).toBe(true);
    await only.end();
    expect(only.leadership.leading).toBe(false);
  });
});

describe("telemetry", { timeout: 30_000 }, () => {
  test("of the last hour is back after a restart, counted once however often it was written", async () => {
    const { pool } = database;
    const now = Math.floor(Date.now() / 60_000) * 60_000 + 30_000;
    const batch = (count: number, name: string) => ({
      proxy: "ztunnel~node-a",
      node: "node-a",
      batch: name,
      requests: [
        {
          labels: labels("default/sleep", "web-api/web-api"),
          responseCode: 200,
          responseFlags: "-" as const,
          count,
          durationSumMs: 5,
          durationBuckets: durationBoundsMs.map(() => 0).concat(count),
          requestBytes: 1,
          responseBytes: 1,
        },
      ],
      connections: [],
      denials: [],
      shapes: [],
      access: [],
      secured: [],
      clusters: [],
      shadows: [],
      copies: [],
      names: [],
      spans: [],
      status: [],
    });
    const before = new TelemetryMemory();
    before.take("metrics", batch(3, "1"), now, now);
    await writeMinutes(pool, before, now);
    before.take("metrics", batch(4, "2"), now, now);
    // The answer got lost and the proxy sends it again.
    expect(before.take("metrics", batch(4, "2"), now, now)).toBe(false);
    await writeMinutes(pool, before, now);

    const after = new TelemetryMemory();
    await reload(pool, after, now, log);
    const sums = [...after.requests.sum(now - 3_600_000, now + 60_000).values()];
    expect(sums.map(({ counts }) => counts.count)).toEqual([7]);
    expect(sums[0]?.identity.labels).toEqual(labels("default/sleep", "web-api/web-api"));
    await writeHour(pool, now + 3_600_000);
    const { rows } = await pool.query("SELECT data->>'count' AS count FROM telemetry_hours");
    expect(rows).toEqual([{ count: "7" }]);
  });
});
