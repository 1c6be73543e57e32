import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { dana, peter } from "@/server/changes/test-changes.suite.ts";
import type { Cluster } from "@/server/cluster/cluster.ts";
import { ClusterError } from "@/server/cluster/errors.ts";
import type { Guardrails } from "@/server/contracts/guardrails.ts";
import { rolloutSpec } from "@/server/contracts/rollout-spec.ts";
import { toJson } from "@/server/db/client.ts";
import type { Owner } from "../ports.ts";
import { allToStable, service, shares, TestRelease } from "./test-release.suite.ts";

let release: TestRelease;
beforeAll(async () => {
  release = await TestRelease.start();
}, 60_000);
afterAll(() => release.close(), 60_000);

const half = [{ "purchase-history-v1": 50, "purchase-history-v2": 50 }];
const changesOf = async ({ rolloutId }: Owner) => {
  const rows = await release.company.database.db.change.findMany({ where: { rolloutId }, orderBy: { number: "asc" } });
  return rows.map(({ state, authorId }) => `${state} by ${authorId}`);
};
const guard = async (guardrails: Guardrails): Promise<void> => {
  const value = toJson({ guardrails, changedBy: null, changedUnixMs: null });
  await release.company.database.db.setting.upsert({
    where: { key: "guardrails" },
    create: { key: "guardrails", value },
    update: { value },
  });
};
const none: Guardrails = { paths: [], freezes: [], approvalHours: 72 };

describe("shares that a release wants", { timeout: 60_000 }, () => {
  test("are a change like any other, by whoever asked, else by the portal", async () => {
    const owner = await release.begin(peter);
    expect(await release.placed(owner, shares(10))).toEqual({ state: "placed" });
    expect(await release.weights()).toEqual([{ "purchase-history-v1": 90, "purchase-history-v2": 10 }]);
    expect(await release.traffic.inForce(service)).toEqual(shares(10));
    expect(await release.placed({ ...owner, by: null }, shares(50))).toEqual({ state: "placed" });
    expect(await release.weights()).toEqual(half);
    expect(await changesOf(owner)).toEqual(["verified by peter", "verified by towpath"]);
    const { changes } = await release.company.changes.list({ limit: 2 }, peter);
    expect(changes.map(({ rollout }) => rollout?.id)).toEqual([owner.rolloutId, owner.rolloutId]);
  });

  test("are written once, however often and from wherever they are asked for", async () => {
    const owner = await release.begin(peter);
    const other = release.trafficThrough(release.company.through({}));
    const answers = await Promise.all(
      [release.traffic, other, release.traffic, other].map((traffic) => traffic.place(owner, shares(20))),
    );
    expect(answers.every(({ state }) => state === "moving" || state === "placed")).toBe(true);
    expect(await release.placed(owner, shares(20))).toEqual({ state: "placed" });
    expect(await release.placed(owner, shares(20), other)).toEqual({ state: "placed" });
    expect(await changesOf(owner)).toEqual(["verified by peter"]);
  });

  test("are in force when the proxies say so, not before", async () => {
    const owner = await release.begin(peter);
    release.acknowledging = false;
    expect(await release.traffic.place(owner, shares(30))).toMatchObject({ state: "moving" });
    expect(await release.traffic.place(owner, shares(30))).toMatchObject({
      state: "moving",
      words: expect.stringContaining("is being applied"),
    });
    release.acknowledging = true;
    expect(await release.placed(owner, shares(30))).toEqual({ state: "placed" });
  });
});

describe("the first change of a release", { timeout: 60_000 }, () => {
  const wanted = (more: object = {}) =>
    rolloutSpec.parse({
      ...{ service, kind: "weighted", stable: "v1", canary: "v2", steps: [{ weight: 15 }, { weight: 100 }] },
      ...more,
    });

  test("is shown before, with who must agree to it", async () => {
    const mine = await release.traffic.preview(wanted(), "peter");
    expect(mine).toMatchObject({ applicable: true, blockedBecause: "", approval: [] });
    const route = mine.resources.find(({ resource }) => resource.kind === "HTTPRoute");
    expect(route?.after).toContain("weight: 15");
    const others = await release.traffic.preview(wanted(), "dana");
    expect(others.approval.map(({ team }) => team)).toEqual(["purchase-history"]);
  });

  test("shuts a version out that has no pods yet", async () => {
    const start = { image: "towpath/purchase-history:v9" };
    const preview = await release.traffic.preview(wanted({ canary: "v9", start }), "peter");
    expect(preview).toMatchObject({ applicable: true, blockedBecause: "" });
    const route = preview.resources.find(({ resource }) => resource.kind === "HTTPRoute");
    expect(route?.after).toContain("name: purchase-history-v1");
    expect(route?.after).not.toContain("v9");
  });
});

describe("other teams", { timeout: 60_000 }, () => {
  const decide = async (owner: Owner, how: "approve" | "reject"): Promise<void> => {
    const [row] = await release.company.database.db.change.findMany({
      where: { rolloutId: owner.rolloutId, state: "waiting" },
    });
    const request = { etag: row?.etag ?? "", teams: [], comment: "since I say so" };
    await release.company.changes[how](row?.id ?? "", request, { person: peter, address: "" });
  };

  test("agree to the first step; later ones of the same release are theirs too", async () => {
    const owner = await release.begin(dana);
    const asked = await release.placed(owner, shares(5));
    expect(asked).toMatchObject({ state: "waiting", words: expect.stringContaining("purchase-history") });
    expect(await release.placed(owner, shares(5))).toEqual(asked);
    await decide(owner, "approve");
    expect(await release.placed(owner, shares(5))).toEqual({ state: "placed" });
    expect(await release.placed({ ...owner, by: null }, shares(50))).toEqual({ state: "placed" });
    expect(await release.placed(owner, shares(60))).toEqual({ state: "placed" });
    expect(await changesOf(owner)).toEqual(["verified by dana", "verified by towpath", "verified by dana"]);
  });

  test("are asked again by the next release", async () => {
    const owner = await release.begin(dana);
    expect(await release.placed(owner, shares(70))).toMatchObject({ state: "waiting" });
    await decide(owner, "reject");
    const refused = { state: "refused", reason: "rejected", words: expect.stringContaining("since I say so") };
    expect(await release.placed(owner, shares(70))).toMatchObject(refused);
    expect(await release.placed({ ...owner, by: null }, shares(70))).toMatchObject(refused);
    // Another step asks another question.
    expect(await release.placed(owner, shares(70, { round: 1 }))).toMatchObject({ state: "waiting" });
  });

  test("are not left with a question that nobody asks any more", async () => {
    const owner = await release.begin(dana);
    const standing = await release.traffic.inForce(service);
    expect(await release.placed(owner, shares(80))).toMatchObject({ state: "waiting" });
    expect(await release.placed(owner, standing ?? allToStable)).toEqual({ state: "placed" });
    expect(await changesOf(owner)).toEqual(["withdrawn by dana"]);
  });
});

describe("what keeps a step back", { timeout: 60_000 }, () => {
  afterEach(() => guard(none));

  test("a freeze, but never the way back", async () => {
    const owner = await release.begin(peter);
    await release.placed(owner, shares(10));
    const now = Date.now();
    const freeze = { id: "a", title: "Sales", namespaces: [], startUnixMs: now - 1_000, endUnixMs: now + 3_600_000 };
    await guard({ ...none, freezes: [freeze] });
    expect(await release.traffic.frozen(service, now)).toContain("Sales");
    expect(await release.traffic.frozen(service, now + 7_200_000)).toBe("");
    expect(await release.placed({ ...owner, by: null }, shares(50))).toMatchObject({
      state: "refused",
      reason: "freeze",
    });
    expect(await release.placed({ ...owner, by: null }, allToStable)).toEqual({ state: "placed" });
    expect(await release.traffic.inForce(service)).toEqual(allToStable);
  });

  test("a path that was switched off, but never the way back", async () => {
    const owner = await release.begin(peter);
    await release.placed(owner, shares(10));
    const off: Guardrails["paths"][number] = {
      ...{ slug: "release-a-version", who: "nobody", approval: true, defaults: {}, ranges: [] },
    };
    await guard({ ...none, paths: [off] });
    expect(await release.placed(owner, shares(50))).toMatchObject({ state: "refused", reason: "refused" });
    expect(await release.placed(owner, allToStable)).toEqual({ state: "placed" });
  });

  test("an edit by somebody else, until a person says to write over it", async () => {
    const owner = await release.begin(peter);
    await release.placed(owner, shares(10));
    const { namespace, name } = service;
    const route = await release.company.cluster.read({
      ...{ apiVersion: "gateway.networking.k8s.io/v1", kind: "HTTPRoute", namespace, name },
    });
    const edited = JSON.parse(JSON.stringify(route).replaceAll('"weight":10}', '"weight":33}')) as { spec: object };
    await release.company.patch("HTTPRoute", namespace, name, { spec: edited.spec });
    const byItself = { ...owner, by: null };
    for (const wanted of [shares(10), shares(50)]) {
      expect(await release.placed(byItself, wanted)).toMatchObject({ state: "refused", reason: "drift" });
    }
    expect(await release.placed({ ...owner, overwrite: true }, shares(50))).toEqual({ state: "placed" });
    expect(await release.weights()).toEqual(half);
  });

  test("a refusal by the cluster, told once; then it is tried again", async () => {
    const owner = await release.begin(peter);
    let refusing = true;
    const cluster = new Proxy(release.company.cluster, {
      get(target, field): unknown {
        const apply: Cluster["apply"] = async (object, options) => {
          if (refusing && object.kind === "HTTPRoute" && options?.dryRun !== true) {
            throw new ClusterError("refused", 422, "spec.rules: Invalid value");
          }
          return target.apply(object, options);
        };
        return field === "apply" ? apply : Reflect.get(target, field);
      },
    });
    const changes = release.company.through({ cluster });
    const traffic = release.trafficThrough(changes, cluster);
    const before = await release.weights();
    const answer = async () => {
      let placement = await traffic.place(owner, shares(40));
      while (placement.state === "moving") {
        await changes.settled();
        placement = await traffic.place(owner, shares(40));
      }
      return placement;
    };
    expect(await answer()).toMatchObject({
      state: "refused",
      reason: "refused",
      words: expect.stringContaining("Invalid value"),
    });
    expect(await release.weights()).toEqual(before);
    refusing = false;
    await release.company.database.db.change.updateMany({
      where: { rolloutId: owner.rolloutId },
      data: { finishedAt: new Date(Date.now() - 60_000) },
    });
    expect(await answer()).toEqual({ state: "placed" });
  });

  test("nobody shares calls past a release that runs", async () => {
    const owner = await release.begin(peter);
    await release.placed(owner, shares(10));
    const form = { service, ...shares(90), enabled: true };
    await expect(release.company.apply("release-a-version", form)).rejects.toMatchObject({ code: "release-running" });
    expect(await release.traffic.inForce(service)).toEqual(shares(10));
  });
});
