import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { silent } from "@/server/changes/test-changes.suite.ts";
import { startTestDatabase, type TestDatabase } from "@/server/db/test-database.suite.ts";
import { seedPeople } from "@/server/seed/people.ts";
import { readHistory } from "./history.ts";
import { type Keeping, keepHistories } from "./keep-histories.ts";
import { staysKind } from "./rows.ts";
import { addEvents } from "./transition.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await startTestDatabase();
  await seedPeople(database.db);
}, 240_000);
afterAll(() => database.close(), 240_000);

const dayMs = 24 * 3_600_000;
const now = Date.parse("2026-06-01T12:00:00Z");
const all = { verdicts: 10_000, events: 10_000 };
const keep = (bounds: Keeping = {}, at = now): Promise<number> =>
  keepHistories(at, { db: database.db, log: silent }, bounds);

/** One that ended `daysAgo`, with so many intervals and events. */
async function released(state: string, daysAgo: number | null, verdicts: number, events: number): Promise<string> {
  const { db } = database;
  const { id } = await db.rollout.create({
    data: {
      ...{ namespace: "shop", service: `cart-${Math.random()}`, spec: {}, machine: {}, state, startedById: "pat" },
      openedAt: new Date(now),
      finishedAt: daysAgo === null ? null : new Date(now - daysAgo * dayMs),
    },
  });
  const total = { requests: 10, errors: 1 };
  await db.rolloutVerdict.createMany({
    data: Array.from({ length: verdicts }, (_, sequence) => ({
      ...{ rolloutId: id, sequence, step: 0, fromAt: new Date(now), toAt: new Date(now), verdict: "pass" },
      ...{ counts: { stable: total, canary: total }, measures: [] },
    })),
  });
  await db.rolloutEvent.createMany({
    data: Array.from({ length: events }, (_, sequence) => ({
      ...{ rolloutId: id, sequence, level: "info", actorId: sequence === 0 ? "pat" : null, text: `event ${sequence}` },
      kind: sequence === 1 ? staysKind : "step",
    })),
  });
  return id;
}
const rowsOf = async (rolloutId: string): Promise<readonly number[]> => [
  await database.db.rolloutVerdict.count({ where: { rolloutId } }),
  await database.db.rolloutEvent.count({ where: { rolloutId } }),
];

describe("rows of releases that ended", { timeout: 300_000 }, () => {
  test("go after thirty days, and the newest 500 of each are read as before", async () => {
    const [old, young, running] = [
      await released("rolled-back", 31, 620, 30),
      await released("completed", 29, 7, 7),
      await released("running", null, 7, 7),
    ];
    const before = await readHistory(old, all, database.db);
    expect(await keep()).toBe(1);
    // The last ones number what comes later; what bundles ask for by its kind stays too.
    expect(await rowsOf(old)).toEqual([1, 2]);
    expect([await rowsOf(young), await rowsOf(running)]).toEqual([
      [7, 7],
      [7, 7],
    ]);
    const after = await readHistory(old, all, database.db);
    expect(after).toEqual({ ...before, verdicts: before.verdicts.slice(-500) });
    expect(after.of).toEqual({ verdicts: 620, events: 30 });
    expect(after.events[0]?.actor?.id).toBe("pat");
    expect(await readHistory(old, { verdicts: 3, events: 2 }, database.db)).toEqual({
      ...{ verdicts: before.verdicts.slice(-3), events: before.events.slice(-2), of: before.of },
    });
    expect(await keep()).toBe(0);
  });

  test("of one that was undone later are kept anew, in order and none twice", async () => {
    const { db } = database;
    const id = await released("completed", 40, 3, 3);
    await keep();
    await db.$transaction((within) =>
      addEvents(
        id,
        ["begins", "ends"].map((text) => ({ level: "info" as const, kind: "undo", text, by: null })),
        within,
      ),
    );
    const texts = async (): Promise<string[]> => (await readHistory(id, all, db)).events.map(({ text }) => text);
    const whole = ["event 0", "event 1", "event 2", "begins", "ends"];
    expect(await texts()).toEqual(whole);
    await db.rollout.update({ where: { id }, data: { state: "undone", finishedAt: new Date(now + dayMs) } });
    expect(await keep()).toBe(0);
    expect(await keep({}, now + 32 * dayMs)).toBeGreaterThan(0);
    expect([await texts(), (await rowsOf(id))[1]]).toEqual([whole, 2]);
  });

  test("go earlier where many releases ended since, oldest first, a few at a time", async () => {
    await database.db.rollout.deleteMany({});
    const ids: string[] = [];
    for (let day = 25; day > 0; day--) {
      ids.push(await released("completed", day, 2, 2));
    }
    expect(await keep({ wholeMax: 3 })).toBe(20);
    expect(await keep({ wholeMax: 3 })).toBe(2);
    expect(await keep({ wholeMax: 3 })).toBe(0);
    const left = await Promise.all(ids.map(async (id) => (await rowsOf(id))[0]));
    expect(left).toEqual([...Array.from({ length: 22 }, () => 1), 2, 2, 2]);
  });
});
