import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestDatabase, type TestDatabase } from "@/server/db/test-database.suite.ts";
import { TelemetryMemory } from "./memory.ts";
import { observedShapes } from "./observed-shapes.ts";
import { shapeKey } from "./records.ts";
import { writeHour, writeMinutes } from "./rollup.ts";
import { labels } from "./sample.suite.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await startTestDatabase();
}, 60_000);
afterAll(() => database.close(), 60_000);

const hour = 3_600_000;
const day = 86_400;
/** Half past some hour. */
const now = Math.floor(Date.now() / hour) * hour + hour / 2;

/** A mesh that saw `count` requests at a time and wrote them down. */
async function seen(atMs: number, count: number, path = "/headers"): Promise<TelemetryMemory> {
  const memory = new TelemetryMemory();
  const identity = {
    labels: labels("default/sleep", "default/httpbin", { reporter: "waypoint" }),
    destinationPort: 8000,
    method: "GET",
    path,
    responseCode: 200,
    decision: "allowed" as const,
  };
  memory.shapes.record(shapeKey(identity), () => identity, { count, lastUnixMs: atMs }, atMs);
  await writeMinutes(database.pool, memory, atMs);
  return memory;
}

async function told(memory: TelemetryMemory, windowSeconds: number): Promise<string[]> {
  const { shapes } = await observedShapes(memory, database.pool, windowSeconds, now);
  const counts = new Map<string, number>();
  for (let index = 0; index < shapes.length; index++) {
    const path = shapes.requests[shapes.request.values[index] ?? 0]?.path ?? "";
    counts.set(path, (counts.get(path) ?? 0) + (shapes.count.values[index] ?? 0));
  }
  return [...counts].map(([path, count]) => `${path} ${count}`).sort();
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
  const memory = await seen(now - 60_000, 1, "/now");
  expect(await told(memory, 3_600)).toEqual(["/now 1"]);
  expect(await told(memory, day)).toEqual(["/just-now 10", "/now 1", "/today 100"]);
  expect(await told(memory, 7 * day)).toEqual(["/just-now 10", "/last-week 1000", "/now 1", "/today 100"]);
  await writeHour(database.pool, now);
  expect(await told(memory, day)).toEqual(["/just-now 10", "/now 1", "/today 100"]);

  const { sinceUnixMs, shapes } = await observedShapes(memory, database.pool, 7 * day, now);
  expect(sinceUnixMs).toBe(Math.floor((now - 3 * 24 * hour) / hour) * hour);
  expect(Math.max(...shapes.lastUnixMs.values)).toBe(now - 60_000);
  expect(shapes.edges.map(({ destination_service_name }) => destination_service_name)).toEqual(["httpbin"]);
});
