import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Mortal } from "@/server/changes/mortal.suite.ts";
import { tryNamespaces } from "@/server/changes/namespace-locks.ts";
import { pat, peter } from "@/server/changes/test-changes.suite.ts";
import type { Cluster } from "@/server/cluster/cluster.ts";
import { pathForms } from "@/server/contracts/golden-paths/forms.ts";
import type { Owner } from "../ports.ts";
import { allToStable, service, shares, TestRelease } from "./test-release.suite.ts";
import { createTraffic } from "./traffic.ts";

let release: TestRelease;
beforeAll(async () => {
  release = await TestRelease.start();
}, 60_000);
afterAll(() => release.close(), 60_000);

/** Share of the new version in any rule. */
const toCanary = async (): Promise<number> => {
  const rules = (await release.weights()) ?? [];
  return Math.max(0, ...rules.map((rule) => rule["purchase-history-v2"] ?? 0));
};
const begun = async (weight = 10): Promise<Owner> => {
  const owner = await release.begin(peter);
  expect(await release.placed(owner, shares(weight))).toEqual({ state: "placed" });
  expect(await toCanary()).toBe(weight);
  return { ...owner, by: null };
};
const held = () => release.company.database.db.setting.count({ where: { key: { startsWith: "held-shares/" } } });

describe("going back at once", { timeout: 60_000 }, () => {
  test("waits for no lock; the books follow when it is free", async () => {
    const owner = await begun();
    const unlock = await tryNamespaces(release.company.deps.pool, [service.namespace]);
    await release.traffic.placeNow(owner, allToStable);
    expect(await toCanary()).toBe(0);
    expect(await release.traffic.place(owner, allToStable)).toMatchObject({ state: "moving" });
    expect(await release.traffic.inForce(service)).toEqual(shares(10));
    await unlock?.();
    expect(await release.placed(owner, allToStable)).toEqual({ state: "placed" });
    expect(await release.traffic.inForce(service)).toEqual(allToStable);
    expect(await toCanary()).toBe(0);
    expect(await held()).toBe(0);
  });

  test.each([
    ["more calls", shares(11)],
    ["copies", shares(10, { mirror: 1 })],
    ["calls with a header", shares(10, { match: [{ by: "header", name: "x-canary", value: "on" }] })],
    ["all calls", shares(0, { stable: "v2", canary: null })],
    ["a host", shares(0, { preview: { gateway: { namespace: "istio-ingress", name: "g" }, host: "v2.example.com" } })],
  ])("gives the new version never %s", async (_what, wanted) => {
    const owner = await begun();
    await expect(release.traffic.placeNow(owner, wanted)).rejects.toMatchObject({ code: "not-in-this-state" });
    expect(await toCanary()).toBe(10);
    expect(await held()).toBe(0);
  });

  test("is done when the proxies say so", async () => {
    const owner = await begun();
    release.acknowledging = false;
    await release.traffic.placeNow(owner, allToStable);
    expect(await release.traffic.place(owner, allToStable)).toMatchObject({ state: "moving" });
    release.acknowledging = true;
    expect(await release.placed(owner, allToStable)).toEqual({ state: "placed" });
  });

  test("writes over an edit, and makes a route that was removed again", async () => {
    const owner = await begun();
    await release.company.patch("HTTPRoute", service.namespace, service.name, { spec: { rules: [] } });
    await release.traffic.placeNow(owner, shares(5));
    expect(await toCanary()).toBe(5);
    await release.company.cluster.remove({
      ...{ apiVersion: "gateway.networking.k8s.io/v1", kind: "HTTPRoute" },
      ...service,
    });
    await release.traffic.placeNow(owner, allToStable);
    expect(await release.weights()).toHaveLength(1);
    expect(await toCanary()).toBe(0);
    expect(await release.placed(owner, allToStable)).toEqual({ state: "placed" });
  });

  test("leaves a service alone whose first step was never written", async () => {
    await release.company.database.db.intent.deleteMany({ where: { slug: "release-a-version" } });
    const route = { apiVersion: "gateway.networking.k8s.io/v1", kind: "HTTPRoute", ...service };
    await release.company.cluster.remove(route);
    for (const name of ["purchase-history-v1", "purchase-history-v2"]) {
      await release.company.cluster.remove({ apiVersion: "v1", kind: "Service", ...service, name });
    }
    await release.company.seen(
      () => release.company.cluster.get("Service", service.namespace, "purchase-history-v1") === undefined,
    );
    const owner = await release.begin(peter);
    await expect(release.traffic.placeNow(owner, allToStable)).rejects.toMatchObject({ code: "not-in-this-state" });
    expect(await release.company.cluster.read(route)).toBeUndefined();
  });
});

describe("a change that was planned before", { timeout: 60_000 }, () => {
  /** A change of the same service that stops before, or after, it writes the route. */
  const slow = (when: "before" | "after") => {
    const reached = Promise.withResolvers<void>();
    const go = Promise.withResolvers<void>();
    const cluster = new Proxy(release.company.cluster, {
      get(target, field): unknown {
        const apply: Cluster["apply"] = async (object, options) => {
          const stops = object.kind === "HTTPRoute" && options?.dryRun !== true;
          const early = stops && when === "before";
          if (early) {
            reached.resolve();
            await go.promise;
          }
          const answer = await target.apply(object, options);
          if (stops && !early) {
            reached.resolve();
            await go.promise;
          }
          return answer;
        };
        return field === "apply" ? apply : Reflect.get(target, field);
      },
    });
    const changes = release.company.through({ cluster });
    return {
      changes,
      reached: reached.promise,
      go: () => go.resolve(),
      start: () => {
        const values = pathForms.retries.parse({ service, attempts: 2 + (release.company.audited.length % 5) });
        return release.company.apply("retries", values, { by: pat, through: changes, force: true });
      },
    };
  };

  test.each(["before", "after"] as const)(
    "and is stopped %s its write of the route does not bring the old shares back",
    async (when) => {
      const owner = await begun();
      const other = slow(when);
      await other.start();
      await other.reached;
      await release.traffic.placeNow(owner, allToStable);
      expect(await release.traffic.place(owner, allToStable)).toMatchObject({ state: "moving" });
      other.go();
      await other.changes.settled();
      expect(await toCanary()).toBe(0);
      expect(await release.placed(owner, allToStable)).toEqual({ state: "placed" });
      expect(await toCanary()).toBe(0);
      const route = JSON.stringify(
        await release.company.cluster.read({
          ...{ apiVersion: "gateway.networking.k8s.io/v1", kind: "HTTPRoute" },
          ...service,
        }),
      );
      // What the other change was about is there all the same.
      expect(route).toContain('"retry"');
      expect(await release.traffic.drift(service)).toEqual([]);
    },
  );

  test("a step forward of the release itself is overtaken", async () => {
    const owner = await begun();
    const other = slow("before");
    const traffic = release.trafficThrough(other.changes);
    expect(await traffic.place(owner, shares(50))).toMatchObject({ state: "moving" });
    await other.reached;
    await release.traffic.placeNow(owner, allToStable);
    other.go();
    await other.changes.settled();
    expect(await toCanary()).toBe(0);
    expect(await release.placed(owner, allToStable)).toEqual({ state: "placed" });
    expect(await release.traffic.inForce(service)).toEqual(allToStable);
  });

  test("to the end of the release, overtaken, leaves the old version's Service that calls go to again", async () => {
    const owner = await begun();
    const other = slow("after");
    const traffic = release.trafficThrough(other.changes);
    const end = shares(0, { stable: "v2", canary: null, round: 3 });
    expect(await traffic.place({ ...owner, by: "peter" }, end)).toMatchObject({ state: "moving" });
    await other.reached;
    await release.traffic.placeNow(owner, allToStable);
    other.go();
    await other.changes.settled();
    const old = { apiVersion: "v1", kind: "Service", ...service, name: "purchase-history-v1" };
    expect(await release.company.cluster.read(old)).toBeDefined();
    expect(await toCanary()).toBe(0);
    expect(await release.placed(owner, allToStable)).toEqual({ state: "placed" });
    expect(await release.company.cluster.read(old)).toBeDefined();
    expect(await release.traffic.drift(service)).toEqual([]);
  });

  test("what is written after the books are right is free again", async () => {
    const owner = await begun();
    await release.traffic.placeNow(owner, allToStable);
    await release.placed(owner, allToStable);
    expect(await release.placed({ ...owner, by: "peter" }, shares(25, { round: 1 }))).toEqual({ state: "placed" });
    expect(await toCanary()).toBe(25);
  });
});

test("shares that were held for a release that ended are let go by whoever sets others", async () => {
  const owner = await begun();
  await release.traffic.placeNow(owner, allToStable);
  await release.company.database.db.rollout.updateMany({ data: { state: "failed" } });
  const form = { service, ...shares(30, { round: 7 }), enabled: true };
  const change = await release.company.apply("release-a-version", form, { force: true });
  expect(await release.company.done(change)).toMatchObject({ state: "verified" });
  expect(await toCanary()).toBe(30);
  expect(await held()).toBe(0);
}, 60_000);

describe("a portal process that dies on the way back", { timeout: 120_000 }, () => {
  test("at every write: the next one finishes it, and the old shares never return", async () => {
    const words = new Set<string>();
    for (let at = 0, living = false; !living; at++) {
      const owner = await begun(10);
      const mortal = new Mortal(release.company.deps, release.company.database, at);
      const traffic = createTraffic({ ...mortal.deps, changes: mortal.changes });
      const work = async (): Promise<void> => {
        await traffic.placeNow(owner, allToStable);
        await release.placed(owner, allToStable, traffic, () => mortal.lastWord === "");
        await mortal.changes.settled();
      };
      living = (await mortal.until(work())) !== "died";
      words.add(mortal.lastWord);
      await mortal.bury();
      const next = release.company.through({});
      await next.resume();
      const after = release.trafficThrough(next);
      await after.placeNow(owner, allToStable);
      expect(await toCanary(), `died before ${mortal.lastWord}`).toBe(0);
      await next.settled();
      expect(await release.placed(owner, allToStable, after)).toEqual({ state: "placed" });
      expect(await toCanary(), `died before ${mortal.lastWord}`).toBe(0);
      expect(await release.traffic.inForce(service)).toEqual(allToStable);
      expect(await held()).toBe(0);
    }
    expect([...words].join(" ")).toMatch(/setting\.upsert.*HTTPRoute/s);
    expect(words.size).toBeGreaterThan(5);
  });
});
