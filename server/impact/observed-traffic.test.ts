import { expect, test } from "vitest";
import { labels } from "@/server/telemetry/sample.suite.ts";
import { hourMs, minuteMs, ObservedTraffic, type ObservedWindow, trafficLimits } from "./observed-traffic.ts";

const now = 1_000 * hourMs + hourMs / 2;
const small = { ...trafficLimits, kindsMax: 10, kindsKept: 4 };

const shape = (path: string) => ({
  labels: labels("default/sleep", "default/httpbin"),
  destinationPort: 8000,
  method: "GET",
  path,
});

function see(traffic: ObservedTraffic, path: string, count: number, agoMs = 0): void {
  traffic.add(traffic.kindOf(shape(path)), count, now - agoMs, now - agoMs);
}

function told({ shapes: { kinds, count } }: ObservedWindow): string[] {
  return Array.from({ length: kinds.length }, (_, kind) => kind).flatMap((kind) =>
    (count[kind] ?? 0) === 0 ? [] : [`${kinds.pathOf(kinds.request.values[kind] ?? 0)} ${count[kind]}`],
  );
}

test("counts of an hour end with the hour, before and after spans are closed", () => {
  const traffic = new ObservedTraffic();
  see(traffic, "/old", 1, 59 * minuteMs);
  see(traffic, "/older", 1, 61 * minuteMs);
  see(traffic, "/new", 2, 1_000);
  see(traffic, "/new", 3);
  expect(told(traffic.window(3_600, now))).toEqual(["/old 1", "/new 5"]);
  traffic.tidy(now);
  expect(told(traffic.window(3_600, now))).toEqual(["/old 1", "/new 5"]);
  see(traffic, "/old", 4, 59 * minuteMs);
  expect(told(traffic.window(3_600, now))).toEqual(["/old 5", "/new 5"]);
  traffic.tidy(now + 2 * hourMs);
  expect(traffic.minutes.entries).toBe(0);
});

test("of too many kinds the most frequent stay, under new numbers, and the others are told", () => {
  const traffic = new ObservedTraffic(small);
  for (let index = 0; index < 11; index++) {
    see(traffic, `/path-${index}`, index < 3 ? 100 + index : 5, (index % 2) * 10 * minuteMs);
  }
  const before = traffic.kindOf(shape("/path-2"));
  const renumbered = traffic.tidy(now);
  expect(renumbered?.[before]).toBe(traffic.kindOf(shape("/path-2")));
  const window = traffic.window(3_600, now);
  // Of those that are alike the first.
  expect(told(window)).toEqual(["/path-0 100", "/path-1 101", "/path-2 102", "/path-3 5"]);
  expect(window.notes).toEqual([
    "Only the 4 most frequent kinds of requests are judged; 35 requests of rarer kinds are not.",
  ]);
  see(traffic, "/path-0", 1);
  expect(told(traffic.window(3_600, now))[0]).toBe("/path-0 101");
});

test("without room for a week the oldest hours go, and the window says from when on it knows", () => {
  const traffic = new ObservedTraffic({ ...trafficLimits, hourEntriesMax: 3 });
  const start = now - hourMs / 2;
  for (let hour = 1; hour <= 5; hour++) {
    traffic.hours.put(start - hour * hourMs, new Map([[traffic.kindOf(shape(`/hour-${hour}`)), hour]]), 0);
  }
  const window = traffic.window(86_400, now);
  expect(told(window)).toEqual(["/hour-1 1", "/hour-2 2", "/hour-3 3"]);
  expect(window.sinceUnixMs).toBe(start - 3 * hourMs);
  expect(window.notes.join()).toContain("does not count");
  expect(traffic.window(3_600, now).notes).toEqual([]);
});

test("an hour that is read again replaces what was known of it", () => {
  const traffic = new ObservedTraffic();
  const start = now - hourMs / 2 - hourMs;
  traffic.hours.put(start, new Map([[traffic.kindOf(shape("/a")), 1]]), 0);
  traffic.hours.put(start, new Map([[traffic.kindOf(shape("/a")), 3]]), 0);
  expect(told(traffic.window(86_400, now))).toEqual(["/a 3"]);
});
