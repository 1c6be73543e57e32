import { expect, test } from "vitest";
import { createHistory } from "./history.ts";
import type { StoreEvent } from "./store.ts";

const event = (revision: number, chars = 10): StoreEvent => ({
  type: "ADDED",
  revision,
  previous: undefined,
  current: { resource: "/pods", namespace: "", name: "x", revision, object: {}, json: "x".repeat(chars) },
});

test("large objects shorten the window instead of filling the memory", () => {
  const history = createHistory(0, { eventsMax: 100, charsMax: 1_000 });
  for (let revision = 1; revision <= 20; revision++) {
    history.add(event(revision, 100));
  }
  expect(() => history.since("/pods", 1, 20)).toThrow(expect.objectContaining({ code: "compacted" }));
  expect(history.since("/pods", 18, 20).map(({ revision }) => revision)).toEqual([19, 20]);
});

test("one event larger than the limit is still there for who knows the one before", () => {
  const history = createHistory(0, { eventsMax: 100, charsMax: 10 });
  history.add(event(1, 50));
  history.add(event(2, 50));
  expect(history.since("/pods", 1, 2).map(({ revision }) => revision)).toEqual([2]);
});
