import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Cluster } from "@/server/cluster/cluster.ts";
import { ClusterError } from "@/server/cluster/errors.ts";
import type { PortalError } from "@/server/errors.ts";
import { intentKey } from "@/server/golden-paths/intent.ts";
import { sampleInventory } from "@/server/inventory/sample.suite.ts";
import { joinedLately } from "./joined-lately.ts";
import { alex, allow, dana, lock, pat, TestChanges, vic } from "./test-changes.suite.ts";

let company: TestChanges;
beforeAll(async () => {
  company = await TestChanges.start();
}, 60_000);
afterAll(() => company.close(), 60_000);

describe("a change", { timeout: 30_000 }, () => {
  test("is applied, proven by the proxies, and undone to the former state", async () => {
    const change = await company.done(await company.apply("lock-down", lock(), { confirmation: "web-api" }));
    expect(change).toMatchObject({
      state: "verified",
      receipt: { complete: true, message: "Enforced on 2 of 2 proxies after 7 ms" },
      resources: [{ action: "create" }],
      undoable: true,
    });
    expect(change.leadTimeMs).toBeGreaterThanOrEqual(4_000);
    expect(await company.policy("deny-all")).toMatchObject({ spec: {} });
    expect([...(await company.changes.intents()).keys()]).toEqual(["lock-down/web-api"]);

    const back = await company.done(await company.undo(change.id));
    expect(back).toMatchObject({ state: "verified", undoOf: { number: change.number } });
    expect(await company.policy("deny-all")).toBeUndefined();
    expect((await company.changes.intents()).size).toBe(0);
    expect((await company.changes.details(change.id, pat)).state).toBe("undone");
    await expect(company.undo(change.id)).rejects.toMatchObject({ code: "not-undoable" });
  });

  test("that would change nothing, lacks its word, or names what does not exist is refused", async () => {
    await expect(company.apply("lock-down", { ...lock(), locked: false })).rejects.toMatchObject({ code: "no-change" });
    await expect(company.apply("lock-down", lock(), { confirmation: "other" })).rejects.toMatchObject({
      code: "confirmation-needed",
    });
    await expect(company.apply("lock-down", lock("nosuch"))).rejects.toMatchObject({ code: "blocked-by-findings" });
    await expect(company.apply("lock-down", lock(), { confirmation: "web-api", etag: "old" })).rejects.toMatchObject({
      code: "conflict",
    });
  });

  test("of one's own namespace needs nobody else", async () => {
    const own = await company.done(
      await company.apply("let-a-caller-in", allow("web-api", "recommendation"), { by: dana }),
    );
    expect(own).toMatchObject({ state: "verified", approvals: [] });
    await company.done(await company.undo(own.id, dana));
  });

  test("that lets a caller in right after it joined says which connections are cut", async () => {
    const { db } = company.database;
    const inventory = { current: sampleInventory({ enrolled: ["web-api", "recommendation"] }) };
    const caller = { kind: "identity" as const, namespace: "recommendation", serviceAccount: "recommendation" };
    const service = { namespace: "web-api", name: "web-api" };
    const after = { slug: "let-a-caller-in" as const, service, caller, ports: [8080], requests: [], until: null };
    const intentChanges = [{ key: intentKey(after), before: undefined, after }];
    const told = async (at?: number) => (await joinedLately({ intentChanges }, { db, inventory }, at)).length;
    expect(await told()).toBe(0);
    const joined = { slug: "join-the-mesh" as const, namespace: "recommendation" };
    await db.intent.create({ data: { key: intentKey(joined), ...joined, values: joined } });
    expect(await told()).toBe(1);
    expect(await told(Date.now() + 7_200_000)).toBe(0);
    await db.intent.deleteMany();
  });

  test.each([vic, alex])("is not for $roles, and the attempt is on record", async (by) => {
    company.audited.splice(0);
    await expect(company.apply("let-a-caller-in", allow("web-api", "recommendation"), { by })).rejects.toMatchObject({
      code: "forbidden",
    });
    expect(company.audited).toMatchObject([{ actor: { id: by.id }, action: "change-apply", outcome: "refused" }]);
  });

  test("composes with what is there, and only the newest of a target can be undone", async () => {
    const first = await company.done(await company.apply("let-a-caller-in", allow("web-api", "recommendation")));
    const twice = { ...allow("web-api", "recommendation"), ports: [80] };
    await expect(company.apply("let-a-caller-in", twice)).rejects.toMatchObject({ code: "no-change" });
    const second = await company.done(await company.apply("let-a-caller-in", { ...allow("web-api", "web-api") }));
    expect(await company.policy("web-api-callers")).toMatchObject({
      spec: {
        rules: [{ from: [{ source: { serviceAccounts: ["recommendation/recommendation", "web-api/web-api"] } }] }],
      },
    });
    // Another caller of the same service is another target: each can be taken back on its own.
    await company.done(await company.undo(first.id));
    expect(await company.policy("web-api-callers")).toMatchObject({
      spec: {
        rules: [
          { from: [{ source: { serviceAccounts: ["web-api/web-api"] } }], to: [{ operation: { ports: ["8080"] } }] },
        ],
      },
    });
    const third = await company.done(
      await company.apply("let-a-caller-in", { ...allow("web-api", "web-api"), allowed: false }),
    );
    await expect(company.undo(second.id)).rejects.toMatchObject({ code: "not-undoable" });
    expect((await company.done(await company.undo(third.id))).state).toBe("verified");
    await company.done(await company.undo(second.id));
    expect(await company.policy("web-api-callers")).toBeUndefined();
  });

  test("meets somebody else's edit with both versions, and overwrites it only when told to", async () => {
    await company.done(await company.apply("let-a-caller-in", allow("web-api", "recommendation")));
    await company.patch("AuthorizationPolicy", "web-api", "web-api-callers", { spec: { action: "DENY" } });
    const edited = company.apply("let-a-caller-in", allow("web-api", "web-api"));
    await expect(edited).rejects.toMatchObject({
      code: "conflict",
      conflicts: [
        { expected: expect.stringContaining("action: ALLOW"), live: expect.stringContaining("action: DENY") },
      ],
    });
    // Not the version that was shown: somebody edits it again before it is overwritten.
    const { etag: shown } = await edited.catch((error: unknown) => error as PortalError);
    expect(shown).not.toBe("");
    await company.patch("AuthorizationPolicy", "web-api", "web-api-callers", { spec: { action: "AUDIT" } });
    const values = allow("web-api", "web-api");
    for (const etag of [shown, ""]) {
      await expect(company.apply("let-a-caller-in", values, { force: true, etag })).rejects.toMatchObject({
        code: "conflict",
        conflicts: [{ live: expect.stringContaining("action: AUDIT") }],
      });
    }
    const forced = await company.done(
      await company.apply("let-a-caller-in", allow("web-api", "web-api"), { force: true }),
    );
    expect(forced.state).toBe("verified");
    expect(await company.policy("web-api-callers")).toMatchObject({ spec: { action: "ALLOW" } });
  });

  test("by the second of two people shows what moved since their preview, both versions", async () => {
    const values = allow("web-api", "purchase-history");
    const { etag } = await company.changes.preview("let-a-caller-in", values, dana);
    const first = await company.done(
      await company.apply("let-a-caller-in", { ...allow("web-api", "web-api"), allowed: false }),
    );
    // Whichever portal process is asked, and after a restart.
    const through = company.through({});
    await expect(company.apply("let-a-caller-in", values, { by: dana, etag, through })).rejects.toMatchObject({
      code: "conflict",
      conflicts: [
        {
          resource: "AuthorizationPolicy web-api/web-api-callers",
          expected: expect.stringContaining("- web-api/web-api"),
          live: expect.not.stringContaining("- web-api/web-api"),
        },
      ],
    });
    await company.done(await company.undo(first.id));
  });

  test("is told that something moved, not what, once its preview is forgotten", async () => {
    const values = allow("web-api", "purchase-history");
    const { etag } = await company.changes.preview("let-a-caller-in", values, dana);
    const gone = { ...allow("web-api", "web-api"), allowed: false };
    const first = await company.done(await company.apply("let-a-caller-in", gone));
    const { db } = company.database;
    expect(await db.seenPreview.count({ where: { etag } })).toBe(1);
    await company.changes.upkeep(Date.now() + 29 * 60_000);
    expect(await db.seenPreview.count({ where: { etag } })).toBe(1);
    await company.changes.upkeep(Date.now() + 31 * 60_000);
    expect(await db.seenPreview.count()).toBe(0);
    await expect(company.apply("let-a-caller-in", values, { by: dana, etag, force: true })).rejects.toMatchObject({
      code: "conflict",
      conflicts: [],
      etag: "",
    });
    await company.done(await company.undo(first.id));
  });

  test("is proven by requests, once, also when the portal ended meanwhile; one that fails makes a warning", async () => {
    const { db } = company.database;
    const change = await company.done(await company.apply("let-a-caller-in", allow("recommendation", "web-api")));
    const probe = (sentence: string) => ({ sentence, expect: { kind: "reaches" } });
    // As it stands right after the proxies have confirmed it.
    await db.change.update({
      where: { id: change.id },
      data: { probePlan: [probe("as a: GET /"), probe("as b: GET /")], probesPending: true },
    });
    const sent: string[] = [];
    const next = company.through({
      async probe({ sentence }, touched) {
        sent.push(`${sentence} ${touched.join()}`);
        const passed = sentence.startsWith("as a");
        const answer = { status: passed ? 200 : 403, words: passed ? "200" : "403 from the mesh", passed };
        return { sentence, command: "", expected: "reaches", expectedStatus: 0, atUnixMs: 1, ms: 1, ...answer };
      },
    });
    expect(await next.isMoving(change.id)).toBe(true);
    await next.resume();
    const proven = await company.done(change, next);
    await next.resume();
    await next.settled();
    expect(sent).toEqual(["as a: GET / recommendation", "as b: GET / recommendation"]);
    expect(await next.isMoving(change.id)).toBe(false);
    expect(proven).toMatchObject({ state: "verified", probes: [{ passed: true }, { passed: false }] });
    expect(proven.events.slice(-2)).toMatchObject([
      { level: "info", text: "as a: GET / → 200" },
      { level: "warning", text: expect.stringContaining("as b: GET / → 403 from the mesh") },
    ]);
    await company.done(await company.undo(change.id));
  });

  test("that fails half-way leaves everything as it was", async () => {
    const before = await company.policy("web-api-callers");
    let writes = 0;
    const failing = Object.create(company.cluster, {
      apply: {
        configurable: true,
        value: (...[object, options]: Parameters<Cluster["apply"]>) =>
          options?.dryRun !== true && ++writes === 2
            ? Promise.reject(new ClusterError("refused", 422, "not today"))
            : company.cluster.apply(object, options),
      },
    }) as Cluster;
    const through = company.through({ cluster: failing });
    const values = { ...lock(), namespaces: ["recommendation", "web-api"] };
    const change = await company.done(
      await company.apply("lock-down", values, { through, confirmation: "2 namespaces" }),
      through,
    );
    expect(change).toMatchObject({ state: "failed", receipt: null, undoable: false });
    expect(change.failure).toContain("not today");
    expect(await company.policy("deny-all")).toBeUndefined();
    expect(await company.policy("deny-all", "recommendation")).toBeUndefined();
    expect(await company.policy("web-api-callers")).toEqual(before);
    expect((await company.changes.intents()).has("lock-down/web-api")).toBe(false);
  });

  test("survives an empty database: the resources tell what was filled in", async () => {
    const known = await company.changes.intents();
    expect(known.size).toBeGreaterThan(1);
    await company.database.db.intent.deleteMany();
    await company.through({}).resume();
    expect(await company.changes.intents()).toEqual(known);
  });
});
