import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ChangeSummary } from "@/server/contracts/changes.ts";
import type { DriftItem } from "@/server/contracts/drift.ts";
import { pathForms } from "@/server/contracts/golden-paths/forms.ts";
import { listDrift, putBack, takeOver } from "@/server/drift/drift.ts";
import type { Changes } from "./changes.ts";
import { dieAt, inCluster, onRecord, type Process } from "./dying.suite.ts";
import { allow, dana, giveWaypoint, lock, pat, rita, TestChanges } from "./test-changes.suite.ts";

let company: TestChanges;
beforeAll(async () => {
  company = await TestChanges.start({ routes: true });
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

describe("a portal process that dies while it gives a waypoint and takes it back", { timeout: 400_000 }, () => {
  test("at every write: done once and wholly, or not begun; all of it on record", async () => {
    const without = await inCluster(company);
    const whole = await company.done(await applyThrough(company.changes));
    const withWaypoint = await inCluster(company);
    expect(withWaypoint).not.toEqual(without);
    await company.done(await company.undo(whole.id));
    expect(await inCluster(company)).toEqual(without);

    const words = { applied: new Set<string>(), undone: new Set<string>() };
    const check = (what: string, got: object, expected: object): void =>
      expect({ what, got }).toEqual({ what, got: expected });
    const end = (action: string) => ({ state: "verified", complete: true, audit: [action, "change-verified"] });
    let living = false;
    for (let at = 0; !living; at++) {
      const applied = await dieAt(company, at, ({ changes }) => applyThrough(changes));
      words.applied.add(applied.lastWord);
      const what = `died before write ${at}, ${applied.lastWord}`;
      if (applied.change === undefined) {
        check(`apply, ${what}: not begun`, await inCluster(company), without);
      } else {
        check(`apply, ${what}: on record`, await onRecord(company, applied.change), end("change-apply"));
        check(`apply, ${what}: in the cluster`, await inCluster(company), withWaypoint);
      }
      const change = applied.change ?? (await company.done(await applyThrough(company.changes)));
      const undone = await dieAt(company, at, ({ changes }) => undoThrough(changes, change.id));
      words.undone.add(undone.lastWord);
      const also = `died before write ${at}, ${undone.lastWord}`;
      if (undone.change === undefined) {
        check(`undo, ${also}: not begun`, await inCluster(company), withWaypoint);
        await company.done(await company.undo(change.id));
      } else {
        check(`undo, ${also}: on record`, await onRecord(company, undone.change), end("change-undo"));
      }
      check(`undo, ${also}: in the cluster`, await inCluster(company), without);
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

const callers = "web-api-callers";
const drifted = async (): Promise<DriftItem[]> =>
  (await listDrift({ ...company.deps, changes: company.changes }, {}, pat)).items;
/** An edit by hand that a form can tell: one more caller. */
const edit = async (): Promise<void> => {
  const accounts = ["recommendation/recommendation", "purchase-history/purchase-history"];
  const rules = [{ from: [{ source: { serviceAccounts: accounts } }], to: [{ operation: { ports: ["8080"] } }] }];
  await company.patch("AuthorizationPolicy", "web-api", callers, { spec: { rules } });
};
const settleThrough = async (way: typeof putBack, { deps, changes }: Process): Promise<ChangeSummary> => {
  const [item] = await drifted();
  const { resource, live } = item as DriftItem;
  return way({ ...deps, changes }, { resource, live, openedUnixMs: Date.now(), reason: "" }, asker);
};

/** What is begun in a process that dies, from the same start each time. */
interface Crash {
  /** Whatever must be so before; comes back with what the process does. */
  begin(): Promise<(process: Process) => Promise<unknown>>;
  /** Back to where it began, whether it was done or not; with what was done. */
  back(change: ChangeSummary | undefined): Promise<unknown>;
  readonly audit: readonly string[];
}

let waiting: ChangeSummary;
const undo = async (change: ChangeSummary | undefined) =>
  change === undefined ? undefined : company.done(await company.undo(change.id));
const faults = pathForms["test-with-faults"].parse({
  service: { namespace: "web-api", name: "web-api" },
  abort: { percent: 50, status: 503 },
});

const crashes: Readonly<Record<string, Crash>> = {
  "the last agreement, and what it applies": {
    async begin() {
      waiting = await company.apply("let-a-caller-in", allow("recommendation", "web-api"), { by: dana });
      return ({ changes }) =>
        changes.approve(waiting.id, { teams: [], comment: "", etag: waiting.etag }, { person: rita, address: "" });
    },
    async back() {
      const { state } = await company.changes.details(waiting.id, pat);
      await (state === "waiting"
        ? company.changes.withdraw(waiting.id, { comment: "" }, { person: dana, address: "" })
        : undo(waiting));
    },
    audit: ["change-propose", "change-approve", "change-apply", "change-verified"],
  },
  "an edit that is put back": {
    async begin() {
      await edit();
      return (process) => settleThrough(putBack, process);
    },
    back: async () =>
      (await drifted()).length === 0 ? undefined : company.done(await settleThrough(putBack, company)),
    audit: ["change-apply", "change-verified"],
  },
  "an edit that is taken over": {
    async begin() {
      await edit();
      return (process) => settleThrough(takeOver, process);
    },
    back: async (change) => (change === undefined ? company.done(await settleThrough(putBack, company)) : undo(change)),
    audit: ["change-apply", "change-verified"],
  },
  "a route that becomes one of another kind": {
    async begin() {
      return ({ changes }) => company.apply("test-with-faults", faults, { through: changes });
    },
    back: undo,
    audit: ["change-apply", "change-verified"],
  },
};

describe("a portal process that dies at every write of", { timeout: 400_000 }, () => {
  test.each(Object.entries(crashes))("%s: done once and wholly, or not begun", async (name, { begin, back, audit }) => {
    const route = name.startsWith("a route");
    const around: ChangeSummary[] = [];
    if (route) {
      const retries = pathForms.retries.parse({ service: faults.service });
      around.push(await company.done(await company.apply("give-a-waypoint", giveWaypoint("web-api"))));
      around.push(await company.done(await company.apply("retries", retries)));
    }
    let done: string[] | undefined;
    const words = new Set<string>();
    for (let at = 0, living = false; !living; at++) {
      const work = await begin();
      const without = await inCluster(company);
      const { change, died, lastWord } = await dieAt(company, at, work);
      words.add(lastWord);
      const what = `died before write ${at}, ${lastWord}`;
      const of = change ?? (name.startsWith("the last") ? waiting : undefined);
      const { state } = of === undefined ? { state: "" } : await company.changes.details(of.id, pat);
      if (of === undefined || state === "waiting") {
        expect({ what, cluster: await inCluster(company) }).toEqual({ what, cluster: without });
      } else {
        const cluster = await inCluster(company);
        done ??= cluster;
        expect({ what, cluster, ...(await onRecord(company, of)) }).toEqual({
          ...{ what, cluster: done, state: "verified", complete: true, audit },
        });
        expect(cluster.filter((line) => line.includes(":"))).toEqual([]);
      }
      await back(change);
      living = !died;
    }
    expect(done).toBeDefined();
    expect(words.size).toBeGreaterThan(3);
    for (const change of around.toReversed()) {
      await company.done(await company.undo(change.id));
    }
  });
});
