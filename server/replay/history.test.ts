import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { startTestDatabase, type TestDatabase } from "@/server/db/test-database.suite.ts";
import {
  ObservedTraffic,
  type ObservedWindow,
  type TrafficLimits,
  trafficLimits,
} from "@/server/impact/observed-traffic.ts";
import { TelemetryMemory } from "@/server/telemetry/memory.ts";
import { shapeKey } from "@/server/telemetry/records.ts";
import { writeHour, writeMinutes } from "@/server/telemetry/rollup.ts";
import { labels } from "@/server/telemetry/sample.suite.ts";
import { History, type HistoryOptions } from "./history.ts";
import { MemoryFeed } from "./memory-feed.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await startTestDatabase();
}, 60_000);
afterAll(() => database.close(), 60_000);
afterEach(async () => {
  await database.pool.query("TRUNCATE telemetry_minutes, telemetry_hours");
});

const hour = 3_600_000;
const day = 86_400;
/** Half past some hour. */
const now = Math.floor(Date.now() / hour) * hour + hour / 2;

/** A mesh that saw `count` requests of each path at a time and wrote them down. */
async function seen(atMs: number, count: number, ...paths: string[]): Promise<TelemetryMemory> {
  const memory = new TelemetryMemory();
  for (const path of paths) {
    const identity = {
      labels: labels("default/sleep", "default/httpbin", { reporter: "waypoint" }),
      destinationPort: 8000,
      method: "GET",
      path,
      responseCode: 200,
      decision: "allowed" as const,
    };
    memory.shapes.record(shapeKey(identity), () => identity, { count, lastUnixMs: atMs }, atMs);
  }
  await writeMinutes(database.pool, memory, atMs);
  return memory;
}

/** As the thread keeps it: what is in memory now, and the database. */
async function kept(memory: TelemetryMemory, options: HistoryOptions = {}, limits: TrafficLimits = trafficLimits) {
  const traffic = new ObservedTraffic(limits);
  const history = new History(database.pool, traffic, { freshMs: 0, ...options });
  const ids: number[] = [];
  const feed = new MemoryFeed(memory.shapes, {
    describe: (shape) => shape,
    send: (fed) => {
      ids.push(...fed.fresh.map((shape) => traffic.kindOf(shape)));
      for (const [at, id] of fed.ids.entries()) {
        traffic.add(ids[id] ?? 0, fed.counts[at] ?? 0, fed.lastUnixMs[at] ?? 0, fed.timesMs[at] ?? 0);
      }
    },
  });
  await feed.fill(now);
  const look = async (windowSeconds: number): Promise<ObservedWindow> => {
    await history.catchUp(now);
    return traffic.window(windowSeconds, now);
  };
  return { look, told: async (windowSeconds: number) => countsOf(await look(windowSeconds)) };
}

function countsOf({ shapes: { kinds, count } }: ObservedWindow): string[] {
  const counts: string[] = [];
  for (let kind = 0; kind < kinds.length; kind++) {
    if ((count[kind] ?? 0) > 0) {
      counts.push(`${kinds.pathOf(kinds.request.values[kind] ?? 0)} ${count[kind]}`);
    }
  }
  return counts.sort();
}

test("an hour, a day and a week count each request once, whether memory, minutes or hours hold it", {
  timeout: 30_000,
}, async () => {
  await seen(now - 3 * 24 * hour, 1_000, "/last-week");
  await writeHour(database.pool, now - 3 * 24 * hour + hour);
  await seen(now - 3 * hour, 100, "/today");
  await writeHour(database.pool, now - 2 * hour);
  // The hour before this one is over and not added up yet.
  await seen(now - hour, 10, "/just-now");
  const { look, told } = await kept(await seen(now - 60_000, 1, "/now"));
  expect(await told(3_600)).toEqual(["/now 1"]);
  expect(await told(day)).toEqual(["/just-now 10", "/now 1", "/today 100"]);
  expect(await told(7 * day)).toEqual(["/just-now 10", "/last-week 1000", "/now 1", "/today 100"]);
  await writeHour(database.pool, now);
  expect(await told(day)).toEqual(["/just-now 10", "/now 1", "/today 100"]);

  const { sinceUnixMs, shapes, notes } = await look(7 * day);
  expect(sinceUnixMs).toBe(Math.floor((now - 3 * 24 * hour) / hour) * hour);
  expect(Math.max(...shapes.kinds.lastUnixMs.values)).toBe(now - 60_000);
  expect(shapes.kinds.edges.map(({ destination_service_name }) => destination_service_name)).toEqual(["httpbin"]);
  expect(notes).toEqual([]);
});

test("what comes into the database later is found by the next look", { timeout: 30_000 }, async () => {
  const { told } = await kept(new TelemetryMemory());
  expect(await told(7 * day)).toEqual([]);
  await seen(now - hour, 10, "/just-now");
  expect(await told(7 * day)).toEqual(["/just-now 10"]);
  await seen(now - hour, 12, "/just-now", "/late");
  expect(await told(7 * day)).toEqual(["/just-now 12", "/late 12"]);
  await writeHour(database.pool, now);
  await seen(now - 5 * hour, 7, "/long-ago");
  await writeHour(database.pool, now - 4 * hour);
  expect(await told(7 * day)).toEqual(["/just-now 12", "/late 12", "/long-ago 7"]);
});

test("of an hour with too many rows the rest is counted and told", { timeout: 30_000 }, async () => {
  const paths = Array.from({ length: 6_000 }, (_, index) => `/path-${index}`);
  await seen(now - 3 * hour, 1, ...paths);
  await writeHour(database.pool, now - 2 * hour);
  const whole = await kept(new TelemetryMemory());
  expect((await whole.told(day)).length).toBe(6_000);
  const part = await kept(new TelemetryMemory(), { rowsOfHourMax: 5_500 });
  expect((await part.told(day)).length).toBe(5_500);
  expect((await part.look(day)).notes.join()).toContain("500 requests of rarer kinds are not");
});
