import { afterAll, beforeAll, expect, test } from "vitest";
import { allow, dana, lock, pat, rita, TestChanges } from "@/server/changes/test-changes.suite.ts";
import { resourcePath } from "@/server/cluster/kinds.ts";
import type { DriftItem } from "@/server/contracts/drift.ts";
import { listDrift, takeOver } from "./drift.ts";

let company: TestChanges;
beforeAll(async () => {
  company = await TestChanges.start();
  await company.done(await company.apply("let-a-caller-in", allow("recommendation", "web-api")));
  await company.done(await company.apply("lock-down", lock("recommendation"), { confirmation: "recommendation" }));
}, 60_000);
afterAll(() => company.close(), 60_000);

test("that a removed rule of another team ends is that team's word too, though nothing is written for it", async () => {
  const deps = { db: company.database.db, cluster: company.cluster, changes: company.changes };
  const path = resourcePath("AuthorizationPolicy", "recommendation", "deny-all");
  await company.connection.request({ method: "DELETE", path });
  await company.seen(() => company.cluster.get("AuthorizationPolicy", "recommendation", "deny-all") === undefined);
  const [item] = (await listDrift(deps, {}, dana)).items;
  const { resource, live } = item as DriftItem;
  const request = { resource, live, openedUnixMs: Date.now(), reason: "" };

  const waiting = await takeOver(deps, request, { person: dana, address: "" });
  expect(waiting).toMatchObject({ state: "waiting", approvals: [{ team: "recommendation" }] });
  expect((await company.changes.intents()).has("lock-down/recommendation")).toBe(true);
  const { etag } = waiting;
  await company.changes.approve(waiting.id, { teams: [], comment: "", etag }, { person: rita, address: "" });
  expect(await company.done(waiting)).toMatchObject({ state: "verified", namespaces: ["recommendation"] });
  expect((await company.changes.intents()).has("lock-down/recommendation")).toBe(false);
  await company.done(await company.undo(waiting.id, pat));
}, 60_000);
