/** Releases as the portal takes them along, over a real mesh under load. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RolloutDetails } from "../../server/contracts/rollouts.ts";
import { refOf, TestMesh } from "../mesh.ts";
import { PortalHost } from "./portal-host.ts";
import { ask, at, Load, openShops } from "./shops.ts";

let mesh: TestMesh;
let portal: PortalHost;
beforeAll(async () => {
  mesh = await TestMesh.start();
  await Promise.all([
    openShops(mesh),
    PortalHost.start(mesh).then((started) => {
      portal = started;
    }),
  ]);
}, 240_000);
afterAll(async () => {
  await portal?.[Symbol.asyncDispose]();
  await mesh?.[Symbol.asyncDispose]();
});

const analysis = { interval: "3s", passes: 1, misses: 0, minRequests: 20, inconclusive: 1_000 };
/** Slower than any good answer on a busy machine. */
const latency = [{ quantile: 95, maxMs: 1_000 }];
const half = [{ weight: 50 }, { weight: 100 }];

const spec = (name: string, more: object = {}) => ({
  ...{ service: { namespace: at, name }, kind: "progressive", stable: "v1", canary: "v2", steps: half, analysis },
  ...more,
});
const ended = ({ state }: RolloutDetails): boolean => ["completed", "rolled-back", "failed"].includes(state);
/** Half of the calls go to the new version. */
const inForce = ({ state, weight }: RolloutDetails): boolean => state === "running" && weight === 50;
const details = (verdict: RolloutDetails["verdicts"][number] | undefined): string =>
  (verdict?.measures ?? []).map(({ detail }) => detail).join("; ");
const story = ({ events }: RolloutDetails): string => events.map(({ text }) => text).join("\n");

describe.concurrent("under load", () => {
  test("a good version gets copies, 1, 10, 50 and 100 % by itself, and nobody's call fails", async () => {
    const load = new Load(mesh, "good");
    const shares = [{ weight: 1, analysis: false }, { weight: 10 }, { weight: 50 }, { weight: 100 }];
    const steps = [{ weight: 0, mirror: 100 }, ...shares];
    const { id } = await portal.call("start", spec("good", { steps, analysis: { ...analysis, minRequests: 5 } }));
    const release = await portal.until(id, ended, "the good version is released", 150_000);
    const seen = await load.stop();
    expect([release.state, story(release)]).toEqual(["completed", expect.stringContaining("has 10 %")]);
    const copied = release.verdicts.filter(({ step }) => step === 0).at(-1);
    expect([copied?.verdict, details(copied)]).toEqual(["pass", expect.stringContaining("are copies")]);
    expect({ ...seen, total: 0, v1: 0, v2: 0 }).toEqual({ total: 0, v1: 0, v2: 0, failed: 0, lost: 0 });
    expect(seen.v1).toBeGreaterThan(0);
    expect(seen.v2).toBeGreaterThan(0);
    expect(await ask(mesh, "good", 30)).toMatchObject({ v1: 0, v2: 30 });
  });

  test("a bad version that gets copies first goes back before any caller had an answer of it", async () => {
    const steps = [{ weight: 0, mirror: 100 }, ...half];
    const rules = { ...analysis, maxFailedRequests: 1 };
    const { id } = await portal.call("start", spec("copied", { kind: "mirror-first", steps, analysis: rules }));
    await portal.until(id, ({ state }) => state === "running", "it gets copies alone");
    const load = new Load(mesh, "copied");
    const release = await portal.until(id, ended, "it is taken back");
    const seen = await load.stop();
    expect([release.state, story(release)]).toEqual(["rolled-back", expect.stringMatching(/analysis.*copies failed/)]);
    expect(seen).toEqual({ total: seen.v1, v1: seen.v1, v2: 0, failed: 0, lost: 0 });
    expect({ requests: release.canaryRequests, errors: release.canaryErrors }).toEqual({ requests: 0, errors: 0 });
    expect(await ask(mesh, "copied", 40)).toMatchObject({ v1: 40, v2: 0 });
  });

  test.each([
    ["fails", "failing", /5xx|errors|fail/i],
    ["is slow", "slow", /p95|slow|ms/i],
    ["fails and is slow", "both", /5xx|errors|fail|p95/i],
  ])(
    "a version that %s goes back by itself within two intervals, and what callers saw is counted",
    async (_what, name, why) => {
      const { id } = await portal.call("start", spec(name, { analysis: { ...analysis, latency } }));
      // Before, the Service's pods of both versions answered, and that is nothing of the release's.
      await portal.until(id, inForce, `${name} gets half of the calls`);
      const load = new Load(mesh, name);
      const release = await portal.until(id, ended, `${name} is taken back`);
      const seen = await load.stop();
      expect([release.state, story(release)]).toEqual(["rolled-back", expect.stringMatching(why)]);
      const judged = release.verdicts.filter(({ canaryRequests }) => canaryRequests >= analysis.minRequests);
      expect(judged.length).toBeLessThanOrEqual(2);
      expect(release.verdicts.at(-1)?.verdict).toBe("fail");
      expect({ requests: release.canaryRequests, errors: release.canaryErrors }).toEqual({
        requests: seen.v2,
        errors: seen.failed,
      });
      expect(seen.lost).toBe(0);
      expect(await ask(mesh, name, 60)).toMatchObject({ v1: 60, v2: 0 });
    },
  );

  test("a version that burns slowly is found, though it began well", async () => {
    const steps = [{ weight: 50, hold: "10m" }, { weight: 100 }];
    const rules = { ...analysis, minSuccess: 90, maxWorse: 8 };
    const { id } = await portal.call("start", spec("burning", { steps, analysis: rules }));
    await portal.until(id, inForce, "it gets half of the calls");
    const load = new Load(mesh, "burning");
    const release = await portal.until(id, ended, "the burning version is taken back", 120_000);
    await load.stop();
    expect(release.state).toBe("rolled-back");
    expect(release.verdicts.map(({ verdict }) => verdict)).toContain("pass");
    expect(await ask(mesh, "burning", 40)).toMatchObject({ v2: 0 });
  });

  test("with too few requests there is no verdict: it waits, and asks a person", async () => {
    const few = { ...analysis, interval: "2s", inconclusive: 3, onInconclusive: "ask" };
    const { id } = await portal.call("start", spec("quiet", { analysis: few }));
    const { id: behind } = await portal.call("start", spec("quiet"));
    await ask(mesh, "quiet", 4);
    const asking = await portal.until(id, ({ hold }) => hold === "inconclusive", "a person is asked");
    expect([asking.state, asking.weight]).toEqual(["paused", 50]);
    expect(new Set(asking.verdicts.map(({ verdict }) => verdict))).toEqual(new Set(["inconclusive"]));
    const queued = await portal.call("details", behind);
    expect([queued.state, queued.queuePlace]).toEqual(["queued", 1]);
    await portal.call("act", id, "abort");
    expect((await portal.until(id, ended, "it is aborted")).state).toBe("rolled-back");
    await portal.until(behind, ({ state }) => state === "running", "the one behind it begins");
    await portal.call("act", behind, "abort");
    await portal.until(behind, ended, "that one is aborted");
  });

  test("somebody who edits the weights by hand pauses the release, which says who and what", async () => {
    const steps = [{ weight: 20, gate: true, analysis: false }, { weight: 100 }];
    const { id } = await portal.call("start", spec("edited", { steps }));
    await portal.until(id, ({ hold }) => hold === "gate", "the first step is in force");
    const route = refOf({ apiVersion: "gateway.networking.k8s.io/v1", kind: "HTTPRoute" });
    const key = { namespace: at, name: "edited" };
    const { items } = await mesh.client.list(route, { namespace: at, fieldSelector: "metadata.name=edited" });
    const { rules } = (items[0] as unknown as { spec: { rules: { backendRefs: { weight: number }[] }[] } }).spec;
    const edited = rules.map((rule) => ({
      ...rule,
      backendRefs: rule.backendRefs.map((ref) => ({ ...ref, weight: 50 })),
    }));
    await mesh.client.patch(
      route,
      key,
      { type: "merge", body: { spec: { rules: edited } } },
      { fieldManager: "kubectl-edit" },
    );
    const paused = await portal.until(id, ({ hold }) => hold === "drift", "the edit is seen");
    expect(paused.state).toBe("paused");
    expect(paused.drift.map(({ manager }) => manager)).toContain("kubectl-edit");
    expect(paused.drift.map(({ words }) => words).join()).toMatch(/edited-v2 was 20 %, is 50 %/);
    await portal.call("act", id, "abort");
    await portal.until(id, ended, "it is aborted");
    expect(await ask(mesh, "edited", 40)).toMatchObject({ v2: 0 });
  });

  test("of releases that belong together the one that goes back takes the completed one with it", async () => {
    const loads = [new Load(mesh, "first"), new Load(mesh, "second")];
    const { id } = await portal.call("startBundle", "both shops", [spec("first"), spec("second")]);
    const { rollouts } = await portal.call("bundle", id);
    const [first, second] = rollouts.map((release) => release.id);
    await portal.until(first ?? "", ({ state }) => state === "completed", "the first is completed");
    expect((await portal.until(second ?? "", ended, "the second is taken back")).state).toBe("rolled-back");
    await portal.until(first ?? "", ({ state }) => state === "undone" || state === "rolled-back", "the first follows");
    await Promise.all(loads.map((load) => load.stop()));
    expect(await ask(mesh, "first", 40)).toMatchObject({ v2: 0 });
    expect(await ask(mesh, "second", 40)).toMatchObject({ v2: 0 });
  });
}, 180_000);

describe("when something breaks", () => {
  test("a portal that is killed in the middle of a step goes on where it was", async () => {
    const load = new Load(mesh, "first");
    const { id } = await portal.call("start", spec("first"));
    await portal.until(id, inForce, "half the calls go to the new version");
    await portal.kill();
    expect((await ask(mesh, "first", 60)).v2).toBeGreaterThan(5);
    await portal.run();
    const release = await portal.until(id, ended, "it completes after the crash");
    const seen = await load.stop();
    expect([release.state, seen.failed, seen.lost]).toEqual(["completed", 0, 0]);
    expect(await ask(mesh, "first", 20)).toMatchObject({ v1: 0, v2: 20 });
  }, 120_000);

  test("a portal that is killed while it goes back ends back", async () => {
    const { id } = await portal.call("start", spec("quiet"));
    await portal.until(id, inForce, "half the calls go to the new version");
    void portal.call("act", id, "abort").catch(() => undefined);
    await portal.until(id, ({ state }) => state === "rolling-back" || state === "rolled-back", "it goes back");
    await portal.kill();
    await portal.run();
    expect((await portal.until(id, ended, "it is back after the crash")).state).toBe("rolled-back");
    expect(await ask(mesh, "quiet", 40)).toMatchObject({ v2: 0 });
  }, 120_000);

  test("without figures of the proxies a release stays where it is, and goes on when they come again", async () => {
    const load = new Load(mesh, "edited");
    const steps = [{ weight: 50, hold: "8s" }, { weight: 100 }];
    const { id } = await portal.call("start", spec("edited", { steps }));
    await portal.until(id, inForce, "the step is in force");
    portal.cutOff = true;
    const held = await portal.until(id, ({ hold }) => hold === "no-telemetry", "it holds");
    expect([held.state, held.weight]).toEqual(["paused", 50]);
    portal.cutOff = false;
    expect((await portal.until(id, ended, "it goes on")).state).toBe("completed");
    expect((await load.stop()).lost).toBe(0);
  }, 120_000);
});
