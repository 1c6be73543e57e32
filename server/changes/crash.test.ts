import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ChangeSummary } from "@/server/contracts/changes.ts";
import { findDrifted } from "@/server/drift/drifted.ts";
import { render } from "@/server/golden-paths/render.ts";
import type { Changes } from "./changes.ts";
import { cachedObjects } from "./live-objects.ts";
import { Mortal } from "./mortal.suite.ts";
import { allow, giveWaypoint, lock, pat, TestChanges } from "./test-changes.suite.ts";

let company: TestChanges;
beforeAll(async () => {
  company = await TestChanges.start();
  // What a waypoint moves: callers, a lock, a guard.
  await company.done(await company.apply("let-a-caller-in", allow("web-api", "recommendation")));
  await company.done(await company.apply("lock-down", lock(), { confirmation: "web-api" }));
}, 60_000);
afterAll(() => company.close(), 60_000);

const asker = { person: pat, address: "" };
const applyThrough = (through: Changes): Promise<ChangeSummary> =>
  company.apply("give-a-waypoint", giveWaypoint("web-api"), { through });
const undoThrough = (through: Changes, id: string): Promise<ChangeSummary> =>
  through.undo(id, { openedUnixMs: Date.now(), reason: "", force: false }, asker);

/** Everything of ours in the cluster, each with its content. */
async function inCluster(): Promise<string[]> {
  const { current, inventory } = await company.changes.context();
  const rendered = render(current, inventory);
  return [
    ...[...rendered.keys()].sort(),
    ...findDrifted(rendered, cachedObjects(company.cluster), new Set()).map(
      ({ kind, ref }) => `${kind}: ${ref.kind} ${ref.name}`,
    ),
    ...company.cluster
      .list("AuthorizationPolicy")
      .map(({ metadata }) => `AuthorizationPolicy ${metadata?.namespace}/${metadata?.name}`)
      .filter((key) => !rendered.has(key))
      .map((key) => `left over: ${key}`),
  ];
}

/** What is on record of a change: its end, and who did what. */
async function onRecord({ id, number }: ChangeSummary): Promise<object> {
  const { db } = company.database;
  const { state, receipt } = await company.changes.details(id, pat);
  const records = await db.auditRecord.findMany({ orderBy: { sequence: "asc" } });
  const ours = records.filter(({ object }) => object === `change ${number}` || object.startsWith(`change ${number}:`));
  return { state, complete: receipt?.complete, audit: ours.map(({ action }) => action) };
}

const newest = async (): Promise<number> => (await company.changes.list({ limit: 1 }, pat)).changes[0]?.number ?? 0;

/** Runs `work` in a process that dies before its write number `at`, then starts another one. */
async function dieAt(
  at: number,
  work: (through: Changes) => Promise<ChangeSummary>,
): Promise<{ change: ChangeSummary | undefined; died: boolean; lastWord: string }> {
  const before = await newest();
  const mortal = new Mortal(company.deps, company.database, at);
  const summary = await mortal.until(work(mortal.changes));
  if (summary !== "died") {
    await mortal.until(mortal.changes.settled());
  }
  const died = mortal.lastWord !== "";
  await mortal.bury();
  // The process that comes after it.
  const next = company.through({});
  await next.resume();
  await next.settled();
  await next.upkeep(Date.now());
  await next.settled();
  const [change] = (await company.changes.list({ limit: 1 }, pat)).changes;
  return {
    change: change !== undefined && change.number > before ? change : undefined,
    died,
    lastWord: mortal.lastWord,
  };
}

describe("a portal process that dies while it gives a waypoint and takes it back", { timeout: 400_000 }, () => {
  test("at every write: done once and wholly, or not begun; all of it on record", async () => {
    const without = await inCluster();
    const whole = await company.done(await applyThrough(company.changes));
    const withWaypoint = await inCluster();
    expect(withWaypoint).not.toEqual(without);
    await company.done(await company.undo(whole.id));
    expect(await inCluster()).toEqual(without);

    const words = { applied: new Set<string>(), undone: new Set<string>() };
    const check = (what: string, got: object, expected: object): void =>
      expect({ what, got }).toEqual({ what, got: expected });
    const end = (action: string) => ({ state: "verified", complete: true, audit: [action, "change-verified"] });
    let living = false;
    for (let at = 0; !living; at++) {
      const applied = await dieAt(at, applyThrough);
      words.applied.add(applied.lastWord);
      const what = `died before write ${at}, ${applied.lastWord}`;
      if (applied.change === undefined) {
        check(`apply, ${what}: not begun`, await inCluster(), without);
      } else {
        check(`apply, ${what}: on record`, await onRecord(applied.change), end("change-apply"));
        check(`apply, ${what}: in the cluster`, await inCluster(), withWaypoint);
      }
      const change = applied.change ?? (await company.done(await applyThrough(company.changes)));
      const undone = await dieAt(at, (through) => undoThrough(through, change.id));
      words.undone.add(undone.lastWord);
      const also = `died before write ${at}, ${undone.lastWord}`;
      if (undone.change === undefined) {
        check(`undo, ${also}: not begun`, await inCluster(), withWaypoint);
        await company.done(await company.undo(change.id));
      } else {
        check(`undo, ${also}: on record`, await onRecord(undone.change), end("change-undo"));
      }
      check(`undo, ${also}: in the cluster`, await inCluster(), without);
      living = !applied.died && !undone.died;
    }
    // It did die at writes of each sort: records, intents, Gateway, policies, label.
    const all = [...words.applied].join(" ");
    for (const part of [
      "transaction",
      "changeEvent",
      "change.update",
      '"Gateway"',
      '"AuthorizationPolicy"',
      '"Namespace"',
      "remove",
    ]) {
      expect(all).toContain(part);
    }
    expect(words.applied.size).toBeGreaterThan(10);
  });
});
