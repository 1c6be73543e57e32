import { expect, test } from "vitest";
import { openSqliteStore } from "../store/sqlite-store.ts";
import { expireEvents } from "./event-expiry.ts";

test("Events go an hour after they were last seen, by whichever time they carry", () => {
  const store = openSqliteStore({ path: ":memory:" });
  const add = (name: string, event: object) =>
    store.create({ resource: "/events", namespace: "web", name }, { metadata: { name }, ...event });
  add("fresh", { lastTimestamp: "2026-01-01T11:30:00Z" });
  add("again", { metadata: { creationTimestamp: "2026-01-01T01:00:00Z" }, eventTime: "2026-01-01T11:59:00Z" });
  add("old", { lastTimestamp: "2026-01-01T10:59:00Z" });
  add("odd", { lastTimestamp: "nonsense" });
  expireEvents({ store, now: () => new Date("2026-01-01T12:00:00Z") });
  expect(store.list("/events").map(({ name }) => name)).toEqual(["again", "fresh"]);
  store.close();
});
