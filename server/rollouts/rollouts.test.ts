import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { dana, vic } from "@/server/changes/test-changes.suite.ts";
import { service, TestRollouts, testSpec } from "./test-rollouts.suite.ts";
import { readyPod } from "./traffic/test-versions.suite.ts";
import { createWorkloads } from "./workloads/workloads.ts";

let company: TestRollouts;
beforeAll(async () => {
  company = await TestRollouts.start();
}, 60_000);
afterAll(() => company.close(), 60_000);

const soaking =
  (weight: number) =>
  (
    _state: string,
    details: { weight: number; track: readonly { state: string }[]; state: string; nextVerdictUnixMs: number | null },
  ): boolean =>
    details.state === "running" && details.weight === weight && details.nextVerdictUnixMs !== null;
const open = { steps: [{ weight: 10 }, { weight: 50 }, { weight: 100 }], analysis: { interval: "10s", passes: 90 } };

describe("releases", { timeout: 60_000 }, () => {
  test("pods that it starts itself get no call before a step gives them any", async () => {
    const { deps, changes } = company.company;
    const workloads = createWorkloads(deps);
    const atStart: unknown[] = [];
    const through = company.through(deps, changes, {
      workloads: {
        ...workloads,
        async start(...asked) {
          atStart.push(await company.world.weights());
          await workloads.start(...asked);
        },
      },
    });
    const { id } = await company.start({ ...open, start: { image: "towpath/purchase-history:v2" } }, through);
    const { track } = await company.until(soaking(10), id, through);
    expect(track[0]?.state).toBe("current");
    expect(atStart).toEqual([[{ "purchase-history-v1": 100 }]]);
    // Another program under its name holds it, until a person lets that one be judged.
    const container = { name: "purchase-history", image: "towpath/purchase-history:v3" };
    const template = { spec: { containers: [container] } };
    await company.company.patch("Deployment", service.namespace, "purchase-history-v2", { spec: { template } });
    await company.tick(through);
    const { hold, holding, drift } = await company.details(id);
    expect([hold, holding?.act, drift]).toEqual([
      "drift",
      "resume",
      [
        expect.objectContaining({
          manager: "kubectl-edit",
          words: expect.stringContaining("v3 runs, it was") as string,
        }),
      ],
    ]);
    await company.act(id, "resume", {}, through);
    await company.until(soaking(10), id, through);
    await company.act(id, "abort", {}, through);
    expect((await company.ended(id, through)).state).toBe("rolled-back");
    expect(await company.canaryShare()).toBe(0);
  });

  test("one goes from its first step to all calls, each move a change of its own, and is undone", async () => {
    const { id } = await company.start();
    const done = await company.ended(id);
    expect([done.state, done.weight]).toEqual(["completed", 100]);
    expect(await company.canaryShare()).toBe(100);
    expect(done.changes.length).toBe(3);
    expect(done.verdicts.map(({ verdict, step }) => [step, verdict])).toEqual([
      [0, "pass"],
      [1, "pass"],
    ]);
    expect(done.events.some(({ changeNumber }) => changeNumber === done.changes[0]?.number)).toBe(true);
    // In the route when it is answered: nobody looked at the release in between.
    expect((await company.act(id, "undo")).state).toBe("rolling-back");
    expect(await company.canaryShare()).toBe(0);
    expect((await company.ended(id)).state).toBe("undone");
    expect(await company.canaryShare()).toBe(0);
  });

  test("blue-green is switched back at once after its end, too; what came before it is undone after it", async () => {
    const blueGreen = { kind: "blue-green", steps: [{ weight: 0 }, { weight: 100 }] };
    const first = await company.start(blueGreen);
    await company.ended(first.id);
    const second = await company.start({ ...blueGreen, stable: "v2", canary: "v1" });
    expect((await company.ended(second.id)).state).toBe("completed");
    expect(await company.canaryShare()).toBe(0);
    await company.act(second.id, "undo");
    expect(await company.canaryShare()).toBe(100);
    await company.ended(second.id);
    await company.act(first.id, "undo");
    expect((await company.ended(first.id)).state).toBe("undone");
    expect(await company.canaryShare()).toBe(0);
  });

  test("pods of the old version stop though its Service stays, and start again before an undo", async () => {
    const { id } = await company.start({ stopOldAfterMinutes: 0 });
    await company.ended(id);
    await company.tick();
    const old = { apiVersion: "apps/v1", kind: "Deployment", ...service, name: "purchase-history-v1" };
    const replicas = async () => (await company.company.cluster.read(old)) as { spec?: { replicas?: number } };
    expect((await replicas()).spec?.replicas).toBe(0);
    await company.act(id, "undo");
    expect((await company.ended(id)).state).toBe("undone");
    expect((await replicas()).spec?.replicas).toBe(2);
    expect(await company.canaryShare()).toBe(0);
  });

  test("an abort is in the route when it is answered, whoever leads, and its books follow", async () => {
    const { id } = await company.start(open);
    await company.until(soaking(10), id);
    expect(await company.canaryShare()).toBe(10);
    const other = company.another();
    const { state } = await company.act(id, "abort", { reason: "errors" }, other.rollouts);
    expect(state).toBe("rolling-back");
    expect(await company.canaryShare()).toBe(0);
    await other.rollouts.settled();
    const ended = await company.ended(id);
    expect(ended.state).toBe("rolled-back");
    expect(ended.events.at(-1)?.text).toContain("Aborted: errors");
    await other.changes.settled();
  });

  test.each([
    ["an abort", false],
    ["an abort of what cannot be read", true],
  ])(
    "%s while no pod of stable is ready leaves the calls where they are answered, until one is",
    async (_what, unread) => {
      const { id } = await company.start(open);
      await company.until(soaking(10), id);
      const { company: world } = company;
      if (unread) {
        await world.database.db.rollout.update({ where: { id }, data: { machine: {} } });
      }
      const ready = (): number =>
        createWorkloads(world.deps)
          .pods(service, "v1")
          .filter((pod) => pod.ready).length;
      await readyPod(world, "v1", false);
      await world.seen(() => ready() === 0);
      const held = await company.act(id, "abort");
      expect([held.state, held.hold, held.wayBack?.goes, held.events.at(-1)?.level]).toEqual([
        "rolling-back",
        "no-stable-pods",
        "waits",
        "error",
      ]);
      await company.tick();
      expect([(await company.details(id)).hold, await company.canaryShare()]).toEqual(["no-stable-pods", 10]);
      await readyPod(world, "v1");
      await world.seen(() => ready() === 1);
      const ended = await company.ended(id);
      expect([ended.state, ended.events.at(-1)?.level, await company.canaryShare()]).toEqual([
        "rolled-back",
        "warning",
        0,
      ]);
    },
  );

  test("proxies that are slow to confirm going back: when it has ended, nothing is held any more", async () => {
    const { id } = await company.start(open);
    await company.until(soaking(10), id);
    company.world.acknowledging = false;
    await company.act(id, "abort");
    for (let ticks = 0; ticks < 4; ticks++) {
      await company.rollouts.tick();
      await company.rollouts.settled();
    }
    expect((await company.details(id)).state).toBe("rolling-back");
    expect(await company.canaryShare()).toBe(0);
    company.world.acknowledging = true;
    await company.ended(id);
    const { db } = company.company.database;
    expect(await db.setting.count({ where: { key: { startsWith: "held-shares/" } } })).toBe(0);
  });

  test("a failed interval takes the calls back, and says what the canary served", async () => {
    company.verdict = "fail";
    company.canary = { requests: 20, errors: 12 };
    const { id } = await company.start();
    const ended = await company.ended(id);
    company.verdict = "pass";
    company.canary = { requests: 0, errors: 0 };
    expect([ended.state, ended.headline]).toEqual([
      "rolled-back",
      `Rolled back: ${ended.canaryErrors} of ${ended.canaryRequests} failed`,
    ]);
    expect(await company.canaryShare()).toBe(0);
    const { db } = company.company.database;
    const records = await db.auditRecord.findMany({
      where: { object: { startsWith: `release ${ended.number}:` } },
      orderBy: { sequence: "asc" },
    });
    expect(records.map(({ action, outcome }) => `${action} ${outcome}`)).toEqual([
      "rollout-start done",
      "rollout-ended failed",
    ]);
    const retried = await company.act(id, "retry");
    expect(retried.number).toBe(ended.number + 1);
    await company.act(retried.id, "abort");
    await company.ended(retried.id);
  });

  test("one at a time: the next waits in the queue and begins when the first has ended", async () => {
    const first = await company.start(open);
    const second = await company.start(open);
    expect([second.state, second.queuePlace]).toEqual(["queued", 1]);
    await company.until(soaking(10), first.id);
    expect((await company.details(second.id)).state).toBe("queued");
    await company.act(first.id, "abort");
    await company.ended(first.id);
    await company.until(soaking(10), second.id);
    await company.act(second.id, "abort");
    await company.ended(second.id);
  });

  test("a command for a release that moved on is refused, and so is what its state does not allow", async () => {
    const { id } = await company.start(open);
    const { revision } = await company.until(soaking(10), id);
    await company.act(id, "pause", { revision });
    await expect(company.act(id, "promote", { revision })).rejects.toMatchObject({ code: "conflict" });
    await expect(company.act(id, "undo")).rejects.toMatchObject({ code: "not-in-this-state" });
    await company.act(id, "promote");
    await company.until(soaking(50), id);
    expect(await company.canaryShare()).toBe(50);
    await company.act(id, "abort");
    await company.ended(id);
  });

  test("viewers start nothing, other teams move nothing; both are on record", async () => {
    await expect(company.start({}, company.rollouts, vic)).rejects.toMatchObject({ code: "forbidden" });
    const { id, number } = await company.start(open);
    await expect(
      company.rollouts.act(id, "abort", { revision: null, reason: "", step: null }, company.asker(dana)),
    ).rejects.toMatchObject({ code: "forbidden" });
    const { db } = company.company.database;
    const refused = await db.auditRecord.findMany({ where: { outcome: "refused" }, orderBy: { sequence: "asc" } });
    expect(refused.map(({ actorId, action }) => `${actorId} ${action}`)).toEqual([
      "vic rollout-start",
      "dana rollout-abort",
    ]);
    const details = await company.rollouts.details(id, dana);
    expect(details.actions.every(({ allowed }) => !allowed)).toBe(true);
    await company.act(id, "abort");
    expect((await company.ended(id)).number).toBe(number);
  });

  test("without figures or cluster it holds, and goes on by itself", async () => {
    const { id } = await company.start(open);
    await company.until(soaking(10), id);
    company.fresh = false;
    await company.tick();
    expect((await company.details(id)).hold).toBe("no-telemetry");
    company.fresh = true;
    company.connected = false;
    await company.tick();
    expect((await company.details(id)).hold).toBe("mesh-unreachable");
    company.connected = true;
    await company.tick();
    expect((await company.details(id)).hold).toBeNull();
    const judged = await company.until((_state, { verdicts }) => verdicts.length > 0, id);
    await company.act(id, "abort");
    const { finishedUnixMs } = await company.ended(id);
    await company.tick(company.rollouts, company.company.changes, 1_800);
    const { endUnixMs, marks, versions, storedUntilUnixMs } = await company.rollouts.series(id, 900);
    expect(storedUntilUnixMs).toBeNull();
    expect(Math.abs(endUnixMs - (finishedUnixMs ?? 0))).toBeLessThanOrEqual(70_000);
    expect(marks.length).toBeGreaterThan(0);
    expect(versions[0]?.rps.at(-1)).toBe(0);
    await company.tick(company.rollouts, company.company.changes, 3_600);
    // What telemetry has forgotten is what the analysis wrote down of its intervals, whose clock runs ahead here.
    const finishedAt = new Date(judged.verdicts.at(-1)?.toUnixMs ?? 0);
    await company.company.database.db.rollout.update({ where: { id }, data: { finishedAt } });
    const written = await company.rollouts.series(id, 900);
    expect(written.storedUntilUnixMs).toBe(written.endUnixMs);
    const drawn = written.versions.map(({ rps }) => rps.filter((one) => one !== null));
    expect(drawn.map((points) => points.length > 0)).toEqual([true, true]);
    expect(drawn[0]?.length).toBeLessThan(versions[0]?.rps.length ?? 0);
    const report = await company.rollouts.report(id, dana);
    expect([report.of.events, report.events.length]).toEqual([report.events.length, report.of.events]);
  });

  test("a form may not move the shares of a release, and no change of it is undone alone", async () => {
    const { id } = await company.start(open);
    const { changes } = await company.until(soaking(10), id);
    const form = {
      service: service,
      stable: "v1",
      canary: null,
      weight: 0,
      match: [],
      mirror: 0,
      sticky: null,
      round: 0,
      preview: null,
      enabled: true,
    };
    await expect(company.company.apply("release-a-version", form)).rejects.toMatchObject({ code: "release-running" });
    const undo = company.company.changes.undo(
      changes[0]?.id ?? "",
      { openedUnixMs: Date.now(), reason: "", force: false },
      company.asker(),
    );
    await expect(undo).rejects.toMatchObject({ code: expect.stringMatching(/release-running|not-undoable/) as string });
    await company.act(id, "abort");
    await company.ended(id);
  });

  test("a bundle in order: the second begins after the first, and its abort takes the first back too", async () => {
    const other = { namespace: "recommendation", name: "recommendation" };
    await company.versionsOf(other);
    const specs = [testSpec(), testSpec({ service: other, ...open })];
    const request = {
      title: "v2 of both",
      order: "in-order" as const,
      abortTogether: true,
      specs,
      openedUnixMs: Date.now(),
      reason: "",
    };
    const { id, rollouts } = await company.rollouts.startBundle(request, company.asker());
    const [first = "", second = ""] = rollouts.map((one) => one.id);
    await company.until((state) => state === "preparing" || state === "running", first);
    expect((await company.details(second)).state).toBe("queued");
    await company.until(soaking(10), second);
    expect((await company.details(first)).state).toBe("completed");
    await company.act(second, "abort");
    expect((await company.ended(second)).state).toBe("rolled-back");
    await company.until((state) => state === "undone", first);
    await company.tick();
    expect((await company.rollouts.bundle(id, dana)).state).toBe("rolled-back");
    expect(await company.canaryShare()).toBe(0);
  });

  test("a bundle that goes back after one of it was overtaken by a later release ends, and names it", async () => {
    const other = { namespace: "recommendation", name: "recommendation" };
    const specs = [testSpec(), testSpec({ service: other, ...open })];
    const request = { title: "v2 again", order: "in-order" as const, abortTogether: true, specs, reason: "" };
    const { id, rollouts } = await company.rollouts.startBundle(
      { ...request, openedUnixMs: Date.now() },
      company.asker(),
    );
    const [first = "", second = ""] = rollouts.map((one) => one.id);
    await company.until(soaking(10), second);
    const later = await company.start({ stable: "v2", canary: "v1" });
    await company.ended(later.id);
    await company.act(second, "abort");
    expect((await company.ended(second)).state).toBe("rolled-back");
    await company.tick();
    const { state, words } = await company.rollouts.bundle(id, dana);
    expect([state, words]).toEqual(["failed", expect.stringContaining(`Release ${later.number} came after it`)]);
    expect((await company.details(first)).state).toBe("completed");
    await company.act(later.id, "undo");
    await company.ended(later.id);
    await company.act(first, "undo");
    await company.ended(first);
  });
});
