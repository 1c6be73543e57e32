import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { dana } from "@/server/changes/test-changes.suite.ts";
import type { RolloutDetails, RolloutState } from "@/server/contracts/rollouts.ts";
import { service, TestRollouts, testSpec } from "./test-rollouts.suite.ts";
import { createTraffic } from "./traffic/traffic.ts";
import { createWorkloads } from "./workloads/workloads.ts";

let company: TestRollouts;
const other = { namespace: "recommendation", name: "recommendation" };
beforeAll(async () => {
  company = await TestRollouts.start();
  await company.versionsOf(other);
}, 60_000);
afterAll(() => company.close(), 60_000);
let frozen = "";
beforeEach(() => {
  frozen = "";
});

const open = { steps: [{ weight: 10 }, { weight: 50 }, { weight: 100 }], analysis: { interval: "10s", passes: 90 } };
const soaking = (_state: RolloutState, { state, nextVerdictUnixMs }: RolloutDetails): boolean =>
  state === "running" && nextVerdictUnixMs !== null;
const form = (stable: string, canary: string | null = null) => ({
  ...{ service, stable, canary, weight: 0, match: [], mirror: 0, sticky: null, round: 0, preview: null },
  enabled: true,
});
const through = (): TestRollouts["rollouts"] => {
  const { deps, changes } = company.company;
  const traffic = createTraffic({ ...deps, changes });
  return company.through(deps, changes, { traffic: { ...traffic, frozen: async () => frozen } });
};

describe("a release among others", { timeout: 60_000 }, () => {
  test("one whose cluster calls hang holds up no other", async () => {
    const { deps, changes } = company.company;
    const traffic = createTraffic({ ...deps, changes });
    const hung = Promise.withResolvers<[]>();
    let hangs = false;
    const rollouts = company.through(deps, changes, {
      traffic: {
        ...traffic,
        drift: (of) => (hangs && of.name === service.name ? hung.promise : traffic.drift(of)),
      },
    });
    const slow = await company.start(open, rollouts);
    await company.until(soaking, slow.id, rollouts);
    const quick = await company.start({ service: other, ...open }, rollouts);
    hangs = true;
    for (let ticks = 0; ticks < 20 && (await company.details(quick.id)).state !== "running"; ticks++) {
      await rollouts.tick();
      await changes.settled();
    }
    expect((await company.details(quick.id)).state).toBe("running");
    hangs = false;
    hung.resolve([]);
    await company.act(slow.id, "abort", {}, rollouts);
    await company.act(quick.id, "abort", {}, rollouts);
    await company.ended(slow.id, rollouts);
    await company.ended(quick.id, rollouts);
  });

  test("a bundle that cannot be read holds up no release, and hides no other bundle", async () => {
    const { db } = company.company.database;
    const request = {
      ...{ title: "both", order: "in-order" as const, abortTogether: true, reason: "", openedUnixMs: Date.now() },
      specs: [testSpec(open), testSpec({ service: other, ...open })],
    };
    const strange = await company.rollouts.startBundle(request, company.asker());
    const whole = await company.rollouts.startBundle(request, company.asker());
    const { count } = await db.rollout.updateMany({
      where: { bundleId: strange.id },
      data: { state: "completed", spec: {}, machine: {} },
    });
    expect(count).toBe(2);
    const [first = ""] = whole.rollouts.map(({ id }) => id);
    await company.until(soaking, first);
    expect((await company.rollouts.bundles(dana)).map(({ id }) => id)).toContain(whole.id);
    await company.rollouts.abortBundle(whole.id, "", company.asker());
    await company.ended(first);
    await company.tick();
    expect((await company.rollouts.bundle(whole.id, dana)).state).toBe("rolled-back");
    await db.rollout.deleteMany({ where: { bundleId: strange.id } });
    await db.rolloutBundle.delete({ where: { id: strange.id } });
  });

  test("one that failed is not tried again more often than releases may wait", async () => {
    const { id } = await company.start(open);
    await company.act(id, "abort");
    await company.ended(id);
    const first = await company.act(id, "retry");
    const waiting: string[] = [first.id];
    for (let tries = 1; tries < 20; tries++) {
      waiting.push((await company.act(id, "retry")).id);
    }
    await expect(company.act(id, "retry")).rejects.toMatchObject({ code: "too-many-requests" });
    for (const one of waiting.toReversed()) {
      await company.act(one, "abort");
    }
    await company.ended(first.id);
  });

  test("old pods are not stopped in a freeze, but after it", async () => {
    const rollouts = through();
    const { id } = await company.start({ stopOldAfterMinutes: 1 }, rollouts);
    await company.ended(id, rollouts);
    const old = { apiVersion: "apps/v1", kind: "Deployment", ...service, name: "purchase-history-v1" };
    const replicas = async (): Promise<number | undefined> =>
      ((await company.company.cluster.read(old)) as { spec?: { replicas?: number } }).spec?.replicas;
    frozen = "Nothing is changed in purchase-history";
    await company.tick(rollouts, company.company.changes, 120);
    expect(await replicas()).toBe(2);
    frozen = "";
    await company.tick(rollouts);
    expect(await replicas()).toBe(0);
    await company.act(id, "undo", {}, rollouts);
    await company.ended(id, rollouts);
    expect(await replicas()).toBe(2);
  });

  test("what somebody moved by hand since is not undone with an old release", async () => {
    const { id } = await company.start();
    await company.ended(id);
    await company.company.apply("release-a-version", form("v1"));
    await company.company.changes.settled();
    const { actions } = await company.details(id);
    expect(actions.find(({ action }) => action === "undo")).toMatchObject({
      allowed: false,
      because: expect.stringContaining("Calls go to v1 by now") as string,
    });
    await expect(company.act(id, "undo")).rejects.toMatchObject({ code: "not-in-this-state" });
  });

  test("another team's release starts no pods before the owners agree, though nothing else has to change", async () => {
    const { deps, changes } = company.company;
    const workloads = createWorkloads(deps);
    const started: string[] = [];
    const rollouts = company.through(deps, changes, {
      workloads: { ...workloads, start: async (_owner, _stable, canary) => void started.push(canary) },
    });
    const evil = { ...open, canary: "v2", start: { image: "example.com/evil:v2" } };
    const { id } = await company.start(evil, rollouts, dana);
    const waiting = await company.until((state) => state === "waiting", id, rollouts);
    expect([waiting.state, started]).toEqual(["waiting", []]);
    // Whoever is asked reads what they agree to.
    const asked = await company.company.changes.details(waiting.changes[0]?.id ?? "", dana);
    expect(asked.reason).toContain(
      "starts as many pods as v1 has of example.com/evil:v2 with the service account and secrets of v1",
    );
    await company.act(id, "abort", {}, rollouts);
    await company.ended(id, rollouts);
    expect(started).toEqual([]);
  });
});
