import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { allow, dana, lock, pat, TestChanges, vic } from "@/server/changes/test-changes.suite.ts";
import { resourcePath } from "@/server/cluster/kinds.ts";
import type { DriftItem } from "@/server/contracts/drift.ts";
import { toJson } from "@/server/db/client.ts";
import { listDrift, putBack, takeOver } from "./drift.ts";

let company: TestChanges;
beforeAll(async () => {
  company = await TestChanges.start();
  await company.done(await company.apply("let-a-caller-in", allow("web-api", "recommendation")));
  await company.done(await company.apply("lock-down", lock(), { confirmation: "web-api" }));
}, 60_000);
afterAll(() => company.close(), 60_000);

const deps = () => ({ db: company.database.db, cluster: company.cluster, changes: company.changes });
const drift = async (by = pat): Promise<DriftItem[]> => (await listDrift(deps(), {}, by)).items;
const asker = { person: pat, address: "" };
const request = ({ resource, live }: Pick<DriftItem, "resource" | "live">) => ({
  resource,
  live,
  openedUnixMs: Date.now(),
  reason: "",
});
const callers = { kind: "AuthorizationPolicy" as const, namespace: "web-api", name: "web-api-callers" };
const edit = async (body: object): Promise<DriftItem> => {
  await company.patch(callers.kind, callers.namespace, callers.name, body);
  const [item] = await drift();
  if (item === undefined) {
    throw new Error("no drift");
  }
  return item;
};
/** Whatever a test left is put back. */
afterEach(async () => {
  for (const item of await drift()) {
    await company.done(await putBack(deps(), request(item), asker));
  }
  expect(await drift()).toEqual([]);
});

const rule = (...accounts: string[]) => ({
  from: [{ source: { serviceAccounts: accounts } }],
  to: [{ operation: { ports: ["8080"] } }],
});

describe("what others changed", { timeout: 30_000 }, () => {
  test("is nothing where everything is as the paths have it", async () => {
    expect(await drift()).toEqual([]);
  });

  test("names who did it, shows both versions, and is put back by a change", async () => {
    const item = await edit({ spec: { action: "DENY" } });
    expect(item).toMatchObject({
      kind: "edited",
      by: "kubectl-edit",
      resource: { kind: "AuthorizationPolicy", name: "web-api-callers" },
      expected: expect.stringContaining("action: ALLOW"),
      live: expect.stringContaining("action: DENY"),
      intents: [{ key: "let-a-caller-in/web-api/web-api/recommendation/recommendation", slug: "let-a-caller-in" }],
      takeOver: "",
      mine: true,
    });
    expect(item.takeOverBlocked).toContain("cannot be told");
    expect(item.atUnixMs).toBeGreaterThan(0);
    await expect(takeOver(deps(), request(item), asker)).rejects.toMatchObject({ code: "not-readable-back" });
    const done = await company.done(await putBack(deps(), request(item), asker));
    expect(done).toMatchObject({ state: "verified", undoable: false });
    expect(await company.policy("web-api-callers")).toMatchObject({ spec: { action: "ALLOW" } });
  });

  test("that changed again since it was looked at is a conflict with both versions", async () => {
    const item = await edit({ spec: { action: "DENY" } });
    await edit({ spec: { action: "ALLOW", rules: [rule("a/b")] } });
    await expect(putBack(deps(), request(item), asker)).rejects.toMatchObject({
      code: "conflict",
      conflicts: [{ live: expect.stringContaining("a/b") }],
    });
  });

  test("another caller is taken over as the rule of a path, and undone", async () => {
    // As people add to a list: at its end.
    const item = await edit({
      spec: { rules: [rule("recommendation/recommendation", "purchase-history/purchase-history")] },
    });
    expect(item.takeOver).toContain("purchase-history");
    const done = await company.done(await takeOver(deps(), request(item), asker));
    expect(done.state).toBe("verified");
    const key = "let-a-caller-in/web-api/web-api/purchase-history/purchase-history";
    expect((await company.changes.intents()).has(key)).toBe(true);
    expect(await drift()).toEqual([]);
    await company.done(await company.undo(done.id));
    expect((await company.changes.intents()).has(key)).toBe(false);
    expect(JSON.stringify(await company.policy("web-api-callers"))).not.toContain("purchase-history");
  });

  test("a caller that was exchanged for another is taken over", async () => {
    const item = await edit({ spec: { rules: [rule("purchase-history/purchase-history")] } });
    const done = await company.done(await takeOver(deps(), request(item), asker));
    expect([...(await company.changes.intents()).keys()].filter((key) => key.startsWith("let"))).toEqual([
      "let-a-caller-in/web-api/web-api/purchase-history/purchase-history",
    ]);
    await company.done(await company.undo(done.id));
  });

  test("what was removed ends when it is taken over", async () => {
    const path = resourcePath("AuthorizationPolicy", "web-api", "deny-all");
    await company.connection.request({ method: "DELETE", path });
    await company.seen(() => company.cluster.get("AuthorizationPolicy", "web-api", "deny-all") === undefined);
    const [item] = await drift();
    expect(item).toMatchObject({ kind: "removed", live: "", takeOver: "lock down ends" });
    const done = await company.done(await takeOver(deps(), request(item as DriftItem), asker));
    expect((await company.changes.intents()).has("lock-down/web-api")).toBe(false);
    await company.done(await company.undo(done.id));
    expect(await company.policy("deny-all")).toBeDefined();
  });

  test("nobody removed what an older version never wrote: it is said, put there by one click, and taken for no wish", async () => {
    const mesh = { ...lock(), scope: "mesh" as const, namespaces: [], keepGatewaysOpen: false };
    const locked = await company.done(await company.apply("lock-down", mesh, { confirmation: "mesh" }));
    const name = "deny-all-istio-waypoint";
    // As a version left it that knew no lock of waypoints to come.
    await company.connection.request({ method: "DELETE", path: resourcePath(callers.kind, "istio-system", name) });
    await company.seen(() => company.cluster.get(callers.kind, "istio-system", name) === undefined);
    const [gone] = await drift();
    expect(gone).toMatchObject({ kind: "removed", takeOver: "lock down ends" });
    const { db } = company.database;
    const { resources } = await db.change.findUniqueOrThrow({ where: { id: locked.id } });
    const older = (resources as unknown as { ref: { name: string } }[]).filter(({ ref }) => ref.name !== name);
    await db.change.update({ where: { id: locked.id }, data: { resources: toJson(older) } });

    const [item] = await drift();
    expect(item).toMatchObject({ kind: "missing", takeOver: "", resource: { name }, by: "" });
    expect(item?.effect).toContain("A waypoint that no other lock covers");
    expect(item?.takeOverBlocked).toContain("Nobody removed it");
    await expect(takeOver(deps(), request(item as DriftItem), asker)).rejects.toMatchObject({
      code: "not-readable-back",
    });
    await company.done(await putBack(deps(), request(item as DriftItem), asker));
    expect(await drift()).toEqual([]);
    await company.done(await company.apply("lock-down", { ...mesh, locked: false }));
    expect(await company.policy(name, "istio-system")).toBeUndefined();
  });

  test("of other people is not mine, and a viewer settles nothing", async () => {
    const item = await edit({ spec: { action: "DENY" } });
    expect((await drift(dana))[0]?.mine).toBe(true);
    expect((await drift(vic))[0]?.mine).toBe(false);
    await expect(putBack(deps(), request(item), { person: vic, address: "" })).rejects.toMatchObject({
      code: "forbidden",
    });
  });
});
