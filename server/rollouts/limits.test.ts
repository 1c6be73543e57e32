import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { dana } from "@/server/changes/test-changes.suite.ts";
import type { RolloutDetails, RolloutState } from "@/server/contracts/rollouts.ts";
import { toJson } from "@/server/db/client.ts";
import { service, TestRollouts, testSpec } from "./test-rollouts.suite.ts";

let company: TestRollouts;
beforeAll(async () => {
  company = await TestRollouts.start();
}, 240_000);
afterAll(() => company.close(), 240_000);
const limit = async (ranges: readonly object[]): Promise<void> => {
  const guardrails = { paths: [{ slug: "release-a-version", ranges }], freezes: [], approvalHours: 72 };
  const value = toJson({ guardrails: { ...guardrails }, changedBy: null, changedUnixMs: null });
  const { setting } = company.company.database.db;
  await setting.upsert({ where: { key: "guardrails" }, create: { key: "guardrails", value }, update: { value } });
};
afterEach(() => limit([]));

const soaking = (state: RolloutState, { nextVerdictUnixMs }: RolloutDetails): boolean =>
  state === "running" && nextVerdictUnixMs !== null;
const share = { field: "weight", min: 5, max: 50 };
const unjudged = {
  steps: [
    { weight: 10, analysis: false },
    { weight: 100, analysis: false },
  ],
};
const patient = { interval: "10s", passes: 90 };
const form = (weight: number) => ({
  ...{ service, stable: "v1", canary: "v2", weight, match: [], mirror: 0, sticky: null, round: 0, preview: null },
  enabled: true,
});

describe("a limit of the share that platform engineers set", { timeout: 300_000 }, () => {
  test("lets a judged release go to its end, and back again", async () => {
    await limit([share]);
    const { id } = await company.start();
    expect((await company.ended(id)).state).toBe("completed");
    expect(await company.canaryShare()).toBe(100);
    await company.act(id, "undo");
    expect([(await company.ended(id)).state, await company.canaryShare()]).toEqual(["undone", 0]);
  });

  test("keeps a release that nobody judges at it, from its preview on", async () => {
    await limit([share]);
    const { first } = await company.rollouts.preview(testSpec(unjudged), company.asker().person);
    expect(first.findings.filter(({ level }) => level === "error").map(({ field }) => field)).toEqual([
      "steps.1.weight",
    ]);
    expect([first.applicable, first.blockedBecause]).toEqual([
      false,
      expect.stringContaining("Step 2: more than 50 % takes a release that is judged"),
    ]);
    await expect(company.start(unjudged)).rejects.toMatchObject({
      code: "blocked-by-findings",
      fields: [{ path: "steps.1.weight" }],
    });
    const bundle = { title: "x", order: "together" as const, abortTogether: true, reason: "", openedUnixMs: 0 };
    const specs = [testSpec(unjudged), testSpec({ service: { ...service, name: "web-api" } })];
    await expect(company.rollouts.startBundle({ ...bundle, specs }, company.asker())).rejects.toMatchObject({
      code: "blocked-by-findings",
    });
  });

  test("is asked again when a release is tried again", async () => {
    const { id } = await company.start(unjudged);
    await company.act(id, "abort");
    await company.ended(id);
    await limit([share]);
    await expect(company.act(id, "retry")).rejects.toMatchObject({ code: "blocked-by-findings" });
  });

  test("holds for what people give by hand: forms, and steps that nobody judged", async () => {
    await limit([share]);
    await expect(company.company.apply("release-a-version", form(60))).rejects.toMatchObject({
      code: "blocked-by-findings",
    });
    const { id } = await company.start({ steps: [{ weight: 10 }, { weight: 50 }, { weight: 100 }], analysis: patient });
    await company.until(soaking, id);
    const refused = { code: "not-in-this-state", message: expect.stringContaining("More than 50 %") as string };
    await expect(company.act(id, "promote-fully")).rejects.toMatchObject(refused);
    const offers = (await company.details(id)).actions.filter(({ allowed }) => allowed).map(({ action }) => action);
    expect(offers).toContain("promote");
    expect(offers).not.toContain("promote-fully");
    await company.act(id, "promote");
    await company.until((state, details) => soaking(state, details) && details.weight === 50, id);
    await company.act(id, "promote");
    await company.until((state, details) => soaking(state, details) && details.weight === 100, id);
    await company.act(id, "abort");
    await company.ended(id);
  });
});

test("a preview warns where half of the calls go to fewer pods", { timeout: 300_000 }, async () => {
  const asked = async (more: object): Promise<string[]> => {
    const { first } = await company.rollouts.preview(testSpec(more), company.asker().person);
    return first.findings.filter(({ code }) => code === "few-pods").map(({ level, field }) => `${level} ${field}`);
  };
  const { inventory } = company.company.deps;
  const pods = inventory.current.services.find(({ name }) => name === service.name)?.pods ?? [];
  expect(pods.map(({ version }) => version).sort()).toEqual(["v1", "v2"]);
  expect(await asked({})).toEqual([]);
  const image = { image: "towpath/purchase-history:v3" };
  expect(await asked({ canary: "v3", start: image })).toEqual([]);
});

describe("releases that wait", { timeout: 300_000 }, () => {
  test("are at most twenty of a service, however many ask at once", async () => {
    const { id } = await company.start({ analysis: patient });
    await company.until(soaking, id);
    const asked = await Promise.allSettled(Array.from({ length: 24 }, () => company.start({ analysis: patient })));
    const refused = asked.filter(({ status }) => status === "rejected");
    expect(refused).toHaveLength(5);
    expect(refused[0]).toMatchObject({ reason: { code: "too-many-requests" } });
    const { db } = company.company.database;
    await db.rollout.deleteMany({ where: { state: "queued" } });
    await company.act(id, "abort");
    await company.ended(id);
  });

  test("are at most fifty of a person, of all services", async () => {
    const { db } = company.company.database;
    const template = { spec: {}, state: "queued", machine: {}, startedById: "pat", openedAt: new Date() };
    const others = Array.from({ length: 49 }, (_, at) => ({ ...template, namespace: "shop", service: `cart-${at}` }));
    await db.rollout.createMany({ data: others });
    const specs = [testSpec(), testSpec({ service: { namespace: "recommendation", name: "recommendation" } })];
    await company.versionsOf({ namespace: "recommendation", name: "recommendation" });
    const bundle = { title: "x", order: "together" as const, abortTogether: true, reason: "", openedUnixMs: 0, specs };
    const tooMany = {
      code: "too-many-requests",
      message: expect.stringContaining("49 releases that you asked") as string,
    };
    await expect(company.rollouts.startBundle(bundle, company.asker())).rejects.toMatchObject(tooMany);
    await db.rollout.create({ data: { ...template, namespace: "shop", service: "cart" } });
    await expect(company.start()).rejects.toMatchObject({ code: "too-many-requests" });
    const { id } = await company.start({}, company.rollouts, dana);
    await company.act(id, "abort");
    await company.ended(id);
    await db.rollout.deleteMany({ where: { namespace: "shop" } });
  });
});

test("who looks at a chain too often is told when to look again", async () => {
  const { id } = await company.start({ analysis: patient });
  for (let times = 0; times < 6; times++) {
    await company.rollouts.checkChain(id, company.asker());
  }
  await expect(company.rollouts.checkChain(id, company.asker())).rejects.toMatchObject({ code: "too-many-requests" });
  await company.act(id, "abort");
  await company.ended(id);
});
