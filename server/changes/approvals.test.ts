import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { SignedIn } from "@/server/auth/signed-in.ts";
import type { ChangeSummary } from "@/server/contracts/changes.ts";
import { toJson } from "@/server/db/client.ts";
import { writeGuardrails } from "@/server/guardrails/guardrails.ts";
import { alex, allow, dana, lock, otto, pat, peter, rita, TestChanges, vic } from "./test-changes.suite.ts";

let company: TestChanges;
beforeAll(async () => {
  company = await TestChanges.start();
}, 60_000);
afterAll(() => company.close(), 60_000);
/** Nothing that one test left waiting disturbs another. */
afterEach(async () => {
  await company.changes.settled();
  await company.database.db.change.updateMany({ where: { state: "waiting" }, data: { state: "withdrawn" } });
});

const asker = (person: SignedIn) => ({ person, address: "" });
/** What the change would write as the person sees it. */
const seen = async (id: string, by: SignedIn): Promise<string> => (await company.changes.details(id, by)).etag;
const approve = async (
  id: string,
  by: SignedIn,
  more: { teams?: string[]; comment?: string; etag?: string } = {},
): Promise<ChangeSummary> =>
  company.changes.approve(id, { teams: [], comment: "", etag: await seen(id, by), ...more }, asker(by));
const reject = async (id: string, by: SignedIn, comment = "not now"): Promise<ChangeSummary> =>
  company.changes.reject(id, { teams: [], comment, etag: await seen(id, by) }, asker(by));
/** Dana wants to let web-api call another team's service. */
const ask = (to = "recommendation", by = dana): Promise<ChangeSummary> =>
  company.apply("let-a-caller-in", allow(to, by === dana ? "web-api" : "recommendation"), { by });
const takeBack = async (id: string): Promise<void> => {
  await company.done(await company.undo(id));
};
const guard = async (paths: object[], freezes: object[] = []): Promise<void> => {
  const guardrails = { paths, freezes, approvalHours: 72 };
  const value = toJson({ guardrails, changedBy: null, changedUnixMs: null });
  await company.database.db.setting.upsert({
    where: { key: "guardrails" },
    create: { key: "guardrails", value },
    update: { value },
  });
};
const always = { id: "x", title: "Christmas", namespaces: [], startUnixMs: 0, endUnixMs: 4_000_000_000_000 };

describe("a change of another team's service", { timeout: 60_000 }, () => {
  test("is previewed with who must agree, waits, and is applied by the last agreement", async () => {
    const preview = await company.changes.preview("let-a-caller-in", allow("recommendation", "web-api"), dana);
    expect(preview).toMatchObject({
      applicable: true,
      button: "Request approval from recommendation",
      approval: [{ team: "recommendation", namespaces: ["recommendation"] }],
    });
    const waiting = await ask();
    expect(waiting).toMatchObject({ state: "waiting", withdrawable: true, approvals: [{ mine: false }] });
    expect(await company.policy("recommendation-callers", "recommendation")).toBeUndefined();
    expect((await company.changes.list({ limit: 10, forMe: true }, rita)).changes.map(({ id }) => id)).toEqual([
      waiting.id,
    ]);
    expect((await company.changes.list({ limit: 10, forMe: true }, peter)).changes).toEqual([]);

    expect((await company.changes.details(waiting.id, rita)).approvals).toMatchObject([{ mine: true }]);
    await approve(waiting.id, rita, { comment: "fine" });
    const done = await company.done(waiting);
    expect(done).toMatchObject({
      state: "verified",
      author: { id: "dana" },
      approvals: [{ state: "approved", by: { id: "rita" }, comment: "fine" }],
    });
    expect(await company.policy("recommendation-callers", "recommendation")).toBeDefined();

    // Taking it back needs the same team.
    const undo = await company.undo(done.id, dana);
    expect(undo).toMatchObject({ state: "waiting", approvals: [{ team: "recommendation" }] });
    await approve(undo.id, rita);
    expect((await company.done(undo)).state).toBe("verified");
    expect(await company.policy("recommendation-callers", "recommendation")).toBeUndefined();
    const actions = company.audited.filter(({ outcome }) => outcome === "done").map(({ action }) => action);
    expect(actions).toEqual([
      ...["change-propose", "change-approve", "change-apply", "change-verified"],
      ...["change-propose", "change-approve", "change-undo", "change-verified"],
    ]);
  });

  test.each([
    ["its author", dana, "own-change"],
    ["a developer of another team", peter, "not-waiting"],
    ["a viewer", vic, "not-waiting"],
    ["an auditor", alex, "not-waiting"],
  ] as const)("is not decided by %s, and the attempt is on record", async (_who, by, code) => {
    const waiting = await ask();
    company.audited.splice(0);
    await expect(approve(waiting.id, by)).rejects.toMatchObject({ code });
    await expect(reject(waiting.id, by)).rejects.toMatchObject({ code });
    expect(company.audited.map(({ actor, outcome }) => `${actor?.id} ${outcome}`)).toEqual([
      `${by.id} refused`,
      `${by.id} refused`,
    ]);
    expect((await company.changes.details(waiting.id, pat)).state).toBe("waiting");
  });

  test("is not decided by its author through a second role either", async () => {
    const waiting = await ask();
    // Meanwhile the author became a platform engineer, and joined the team that is asked.
    const promoted = { ...dana, roles: ["developer", "platform"] as const, teams: [...dana.teams, ...rita.teams] };
    await expect(approve(waiting.id, promoted)).rejects.toMatchObject({ code: "own-change" });
    await expect(approve(waiting.id, promoted, { teams: ["recommendation"] })).rejects.toMatchObject({
      code: "own-change",
    });
  });

  test("is decided by a platform engineer for any team", async () => {
    const waiting = await ask();
    await approve(waiting.id, otto);
    expect((await company.done(waiting)).state).toBe("verified");
    await takeBack(waiting.id);
  });

  test("of several teams waits for each; nobody speaks for a team that is not theirs", async () => {
    const values = { ...lock("recommendation"), namespaces: ["recommendation", "purchase-history"] };
    const waiting = await company.apply("lock-down", values, { by: dana, confirmation: "2 namespaces" });
    await expect(approve(waiting.id, rita, { teams: ["purchase-history"] })).rejects.toMatchObject({
      code: "not-waiting",
    });
    expect(await approve(waiting.id, rita)).toMatchObject({ state: "waiting" });
    await expect(approve(waiting.id, rita)).rejects.toMatchObject({ code: "not-waiting" });
    await approve(waiting.id, peter);
    expect((await company.done(waiting)).state).toBe("verified");
    await takeBack(waiting.id);
  });

  test("is rejected with a comment only, withdrawn by its author only, and then decided no more", async () => {
    const rejected = await ask();
    await expect(reject(rejected.id, rita, " ")).rejects.toMatchObject({ code: "invalid-input" });
    expect(await reject(rejected.id, rita, "too many callers")).toMatchObject({
      state: "rejected",
      approvals: [{ state: "rejected", comment: "too many callers" }],
    });
    await expect(approve(rejected.id, rita)).rejects.toMatchObject({ code: "not-waiting" });

    const withdrawn = await ask();
    const withdraw = (by: SignedIn) => company.changes.withdraw(withdrawn.id, { comment: "" }, asker(by));
    await expect(withdraw(rita)).rejects.toMatchObject({ code: "forbidden" });
    expect(await withdraw(dana)).toMatchObject({ state: "withdrawn", withdrawable: false });
    await expect(approve(withdrawn.id, rita)).rejects.toMatchObject({ code: "not-waiting" });
    expect(await company.policy("recommendation-callers", "recommendation")).toBeUndefined();
  });

  test("expires, also when the decision comes before the leader notices", async () => {
    const [noticed, late] = [await ask(), await ask("purchase-history")];
    await company.changes.upkeep(Date.now());
    expect((await company.changes.details(noticed.id, pat)).state).toBe("waiting");
    const { db } = company.database;
    await db.change.updateMany({ where: { state: "waiting" }, data: { expiresAt: new Date(Date.now() - 1) } });
    await expect(approve(late.id, peter)).rejects.toMatchObject({ code: "not-waiting" });
    await company.changes.upkeep(Date.now());
    await company.changes.upkeep(Date.now());
    for (const { id } of [noticed, late]) {
      const details = await company.changes.details(id, pat);
      expect(details).toMatchObject({ state: "expired", expiresUnixMs: null });
      expect(details.events.filter(({ text }) => text.startsWith("No word from"))).toHaveLength(1);
    }
  });

  test("that would write something else by now is not applied: all are asked again, with the new version", async () => {
    const waiting = await ask();
    const other = await company.done(
      await company.apply("let-a-caller-in", allow("recommendation", "purchase-history")),
    );
    expect(await approve(waiting.id, rita)).toMatchObject({
      state: "waiting",
      approvals: [{ state: "waiting", by: null }],
    });
    const details = await company.done(waiting);
    expect(details.resources[0]?.before).toContain("purchase-history");
    expect(details.events.at(-1)?.text).toContain("something else would be written");
    expect(JSON.stringify(await company.policy("recommendation-callers", "recommendation"))).not.toContain(
      "web-api/web-api",
    );
    await approve(waiting.id, rita);
    expect((await company.done(waiting)).state).toBe("verified");
    await takeBack(waiting.id);
    await takeBack(other.id);
  });

  test("asks those too who own what the author has lost meanwhile", async () => {
    const { db } = company.database;
    const values = { ...lock("web-api"), namespaces: ["web-api", "recommendation"] };
    const waiting = await company.apply("lock-down", values, { by: dana, confirmation: "2 namespaces" });
    expect(waiting.approvals.map(({ team }) => team)).toEqual(["recommendation"]);
    await db.membership.update({
      where: { userId_teamName: { userId: "dana", teamName: "web-api" } },
      data: { teamName: "purchase-history" },
    });
    try {
      const after = await approve(waiting.id, rita);
      expect(after.state).toBe("waiting");
      expect(after.approvals.map(({ team, state }) => `${team} ${state}`)).toEqual([
        "recommendation waiting",
        "web-api waiting",
      ]);
    } finally {
      await db.membership.update({
        where: { userId_teamName: { userId: "dana", teamName: "purchase-history" } },
        data: { teamName: "web-api" },
      });
    }
    expect(await company.policy("deny-all")).toBeUndefined();
  });

  test("is applied once when two agree at the same time", async () => {
    const waiting = await ask();
    const answers = await Promise.allSettled([approve(waiting.id, rita), approve(waiting.id, pat)]);
    expect(answers.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    const done = await company.done(waiting);
    expect(done.events.filter(({ text }) => text.startsWith("Applied"))).toHaveLength(1);
    await takeBack(waiting.id);
  });
});

describe("guardrails", { timeout: 60_000 }, () => {
  afterEach(() => guard([]));

  test("of the whole mesh and of what nobody owns stay with the platform engineers", async () => {
    const mesh = await company.changes.preview("lock-down", { ...lock(), scope: "mesh", namespaces: [] }, dana);
    expect(mesh.approval.map(({ team }) => team)).toEqual(["platform"]);
    await guard([{ slug: "lock-down", approval: true, who: "owners", defaults: {}, ranges: [] }]);
    const own = await company.apply("lock-down", lock(), { by: dana, confirmation: "web-api" });
    expect(own).toMatchObject({ state: "waiting", approvals: [{ team: "platform" }] });
    // A team of that name speaks for its namespaces, not for the platform engineers.
    const member = { ...rita, teams: [{ name: "platform", title: "Platform", namespaces: ["default"] }] };
    await expect(approve(own.id, member)).rejects.toMatchObject({ code: "not-waiting" });
    await approve(own.id, pat);
    expect((await company.done(own)).state).toBe("verified");
    await guard([]);
    await takeBack(own.id);
  });

  test.each(["platform", "nobody"])("keep a path for %s, in preview and when applying", async (who) => {
    await guard([{ slug: "lock-down", approval: false, who, defaults: {}, ranges: [] }]);
    const preview = await company.changes.preview("lock-down", lock(), dana);
    expect(preview).toMatchObject({ applicable: false, findings: [{ code: "path-restricted", level: "error" }] });
    company.audited.splice(0);
    await expect(company.apply("lock-down", lock(), { by: dana, confirmation: "web-api" })).rejects.toMatchObject({
      code: "path-restricted",
    });
    expect(company.audited).toMatchObject([{ action: "change-apply", outcome: "refused" }]);
    const platform = company.apply("lock-down", lock(), { confirmation: "web-api" });
    if (who === "nobody") {
      await expect(platform).rejects.toMatchObject({ code: "path-restricted" });
    } else {
      await takeBack((await company.done(await platform)).id);
    }
  });

  test("freeze: only platform engineers break it, with a reason that is on record, or undo", async () => {
    const before = await company.done(await company.apply("let-a-caller-in", allow("web-api", "recommendation")));
    await guard([], [always]);
    const values = allow("web-api", "purchase-history");
    expect(await company.changes.preview("let-a-caller-in", values, dana)).toMatchObject({
      applicable: false,
      findings: expect.arrayContaining([expect.objectContaining({ code: "frozen", level: "error" })]),
    });
    await expect(company.apply("let-a-caller-in", values, { by: dana })).rejects.toMatchObject({ code: "frozen" });
    await expect(company.undo(before.id, dana)).rejects.toMatchObject({ code: "frozen" });
    await expect(company.apply("let-a-caller-in", values)).rejects.toMatchObject({ code: "frozen" });
    const broken = await company.done(await company.apply("let-a-caller-in", values, { reason: "an outage" }));
    expect(broken.events[0]).toMatchObject({ level: "warning", text: expect.stringContaining("an outage") });
    expect(company.audited.find(({ detail }) => detail?.includes("Breaks a freeze"))).toMatchObject({
      actor: { id: "pat" },
    });
    await takeBack(broken.id);
    await takeBack(before.id);
  });

  test("are written by platform engineers, once for what was read", async () => {
    const { db } = company.database;
    const request = { paths: [], freezes: [], approvalHours: 5, etag: "old" };
    const write = (by: SignedIn, etag: string) =>
      writeGuardrails(db, { ...request, etag }, by, (entry, within) => company.deps.audit(entry, within), "");
    await expect(write(dana, "old")).rejects.toMatchObject({ code: "forbidden" });
    await expect(write(pat, "old")).rejects.toMatchObject({ code: "conflict" });
  });
});
