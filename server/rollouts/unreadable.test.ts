import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { dana, silent } from "@/server/changes/test-changes.suite.ts";
import type { RolloutDetails, RolloutState } from "@/server/contracts/rollouts.ts";
import type { Log } from "@/server/log.ts";
import { TestRollouts, testSpec } from "./test-rollouts.suite.ts";

let company: TestRollouts;
beforeAll(async () => {
  company = await TestRollouts.start();
}, 240_000);
afterAll(() => company.close(), 240_000);

const soaking = (state: RolloutState, { nextVerdictUnixMs }: RolloutDetails): boolean =>
  state === "running" && nextVerdictUnixMs !== null;
const open = { steps: [{ weight: 10 }, { weight: 50 }, { weight: 100 }], analysis: { interval: "10s", passes: 90 } };
/** As another version of the portal, or somebody's hand, would have left it. */
const spoil = (id: string, data: object): Promise<unknown> =>
  company.company.database.db.rollout.update({ where: { id }, data });
const spoilt = async (more: object, data: object): Promise<RolloutDetails> => {
  const { id } = await company.start(more);
  const release = await company.until(soaking, id);
  await spoil(id, data);
  return release;
};
/** What is told, by level. */
const listen = (): Log & { readonly told: string[] } => {
  const told: string[] = [];
  return {
    ...silent,
    warn: (text: string) => void told.push(`warn ${text}`),
    error: (text: string) => void told.push(`error ${text}`),
    told,
  };
};

describe("a release whose row cannot be read", { timeout: 300_000 }, () => {
  test("is shown and told once; an abort gives all calls to the stable version before it ends", async () => {
    const { id } = await spoilt(open, { machine: { served: { fromUnixMs: "?" } } });
    const log = listen();
    const portal = company.through(company.company.deps, company.company.changes, {}, log);
    await company.tick(portal);
    await company.tick(portal);
    await portal.list({ limit: 1 }, dana);
    expect(log.told).toEqual(["error a release cannot be read"]);
    const { headline, actions } = await company.details(id);
    expect(headline).toBe("Cannot be read, and moves no more: an abort gives all calls to v1");
    expect(actions.filter(({ allowed }) => allowed).map(({ action }) => action)).toEqual(["abort"]);
    expect((await company.rollouts.series(id, 900)).versions.map(({ version }) => version)).toEqual(["v1", "v2"]);
    expect((await company.rollouts.report(id, dana)).events.length).toBeGreaterThan(0);
    await expect(company.rollouts.checkChain(id, company.asker())).rejects.toMatchObject({ code: "not-in-this-state" });
    await expect(company.act(id, "promote")).rejects.toMatchObject({ code: "not-in-this-state" });
    expect(await company.canaryShare()).toBe(10);
    expect((await company.act(id, "abort", { reason: "another portal" })).state).toBe("rolling-back");
    expect(await company.canaryShare()).toBe(0);
    const ended = await company.ended(id);
    expect([ended.state, await company.canaryShare()]).toEqual(["rolled-back", 0]);
    expect(ended.events.find(({ kind }) => kind === "abort")?.text).toBe(
      "Aborted unread: another portal. What it did is not known any more: all calls go to v1",
    );
    const { db } = company.company.database;
    expect(await db.setting.count({ where: { key: { startsWith: "held-shares/" } } })).toBe(0);
    const next = await company.start({ steps: [{ weight: 100 }] });
    await company.ended(next.id);
    await company.act(next.id, "undo");
    await company.ended(next.id);
  });

  test("takes back the pods that it started, whoever goes on with the way back", async () => {
    const { id } = await spoilt({ ...open, start: { image: "towpath/purchase-history:v2" } }, { machine: [] });
    const other = company.another();
    await company.act(id, "abort", {}, other.rollouts);
    await other.rollouts.settled();
    await other.changes.settled();
    expect((await company.ended(id)).state).toBe("rolled-back");
    const made = { apiVersion: "apps/v1", kind: "Deployment", namespace: "purchase-history" };
    expect(await company.company.cluster.read({ ...made, name: "purchase-history-v2" })).toBeUndefined();
  });

  test("that does not even say its versions goes on owning its service, and says so", async () => {
    const { id, spec } = await spoilt(open, { machine: {}, spec: {} });
    await expect(company.act(id, "abort")).rejects.toMatchObject({
      code: "not-in-this-state",
      message: expect.stringContaining("keeps the service until a portal runs that can read it") as string,
    });
    const { rollouts } = await company.rollouts.list({ limit: 1 }, dana);
    expect([rollouts[0]?.state, rollouts[0]?.headline]).toEqual([
      "running",
      "Cannot be read, and keeps its service: start the version of Towpath that wrote it",
    ]);
    const next = await company.start(open);
    await company.tick();
    expect([(await company.details(next.id)).state, await company.canaryShare()]).toEqual(["queued", 10]);
    await company.act(next.id, "abort");
    await spoil(id, { spec });
    await company.act(id, "abort");
    expect((await company.ended(id)).state).toBe("rolled-back");
    expect(await company.canaryShare()).toBe(0);
  });

  test("that waits in the queue ends at once, and leaves the shares of the one before it alone", async () => {
    const first = await company.start(open);
    await company.until(soaking, first.id);
    const second = await company.start(open);
    await spoil(second.id, { machine: {} });
    expect((await company.act(second.id, "abort")).state).toBe("failed");
    expect(await company.canaryShare()).toBe(10);
    await company.act(first.id, "abort");
    await company.ended(first.id);
  });

  test("that ended with pods to stop leaves them, told once; it can be tried again and nothing else", async () => {
    const { id } = await company.start({ steps: [{ weight: 100 }], stopOldAfterMinutes: 0 });
    await company.until((state) => state === "completed", id);
    const row = await company.company.database.db.rollout.findUniqueOrThrow({ where: { id } });
    await spoil(id, { machine: { leftover: { done: false } } });
    const log = listen();
    const portal = company.through(company.company.deps, company.company.changes, {}, log);
    for (let ticks = 0; ticks < 3; ticks++) {
      await company.tick(portal);
    }
    expect(log.told).toEqual(["error a release cannot be read"]);
    const { actions, headline } = await company.details(id);
    expect([headline, ...actions.filter(({ allowed }) => allowed).map(({ action }) => action)]).toEqual([
      "Cannot be read",
      "retry",
    ]);
    await expect(company.act(id, "undo")).rejects.toMatchObject({ code: "not-in-this-state" });
    await expect(company.act(id, "abort")).rejects.toMatchObject({ code: "not-in-this-state" });
    const again = await company.act(id, "retry");
    await company.ended(again.id);
    await spoil(id, { machine: row.machine });
    await company.act(id, "undo");
    await company.ended(id);
  });

  test("hides neither another release nor its bundle, which takes it back with the others", async () => {
    const recommendation = { namespace: "recommendation", name: "recommendation" };
    await company.versionsOf(recommendation);
    const { id, rollouts } = await company.rollouts.startBundle(
      {
        ...{ title: "both", order: "together", abortTogether: true, reason: "", openedUnixMs: Date.now() },
        specs: [testSpec(open), testSpec({ ...open, service: recommendation })],
      },
      company.asker(),
    );
    const [first = "", second = ""] = rollouts.map((one) => one.id);
    await company.until(soaking, first);
    await company.until(soaking, second);
    await spoil(first, { machine: {} });
    const shown = await company.rollouts.bundles(dana);
    expect(shown[0]?.rollouts.map(({ headline }) => headline.startsWith("Cannot be read"))).toEqual([true, false]);
    expect((await company.rollouts.list({ limit: 2 }, dana)).rollouts).toHaveLength(2);
    await company.rollouts.abortBundle(id, "sale is off", company.asker());
    const ended = await company.ended(first);
    await company.ended(second);
    await company.tick();
    expect((await company.rollouts.bundle(id, dana)).state).toBe("rolled-back");
    expect([ended.state, await company.canaryShare()]).toEqual(["rolled-back", 0]);
    expect(ended.events.some(({ text }) => text.includes(`Its bundle "both" is taken back: sale is off`))).toBe(true);
  });
});
