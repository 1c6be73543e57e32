import { afterAll, beforeAll, expect, test } from "vitest";
import type { Cluster } from "@/server/cluster/cluster.ts";
import { ClusterError } from "@/server/cluster/errors.ts";
import { allow, dana, lock, peter, rita, TestChanges } from "./test-changes.suite.ts";

let company: TestChanges;
beforeAll(async () => {
  company = await TestChanges.start();
}, 60_000);
afterAll(() => company.close(), 60_000);

test("two teams that agree at the same time are both heard, and the change is applied once", async () => {
  const values = { ...lock("recommendation"), namespaces: ["recommendation", "purchase-history"] };
  const waiting = await company.apply("lock-down", values, { by: dana, confirmation: "2 namespaces" });
  const { etag } = waiting;
  const agree = (person: typeof rita) =>
    company.changes.approve(waiting.id, { teams: [], comment: "", etag }, { person, address: "" });
  await Promise.all([agree(rita), agree(peter)]);
  const done = await company.done(waiting);
  expect(done).toMatchObject({ state: "verified", approvals: [{ state: "approved" }, { state: "approved" }] });
  expect(done.events.filter(({ text }) => text.startsWith("Applied"))).toHaveLength(2);
}, 60_000);

test("what its author could apply alone by now still waits for those who were asked, when it is another by now", async () => {
  const { db } = company.database;
  const waiting = await company.apply("let-a-caller-in", allow("recommendation", "web-api"), { by: dana });
  const other = await company.done(await company.apply("let-a-caller-in", allow("recommendation", "purchase-history")));
  await db.userRole.create({ data: { userId: "dana", role: "platform" } });
  const agree = (etag: string) =>
    company.changes.approve(waiting.id, { teams: [], comment: "", etag }, { person: rita, address: "" });
  const asked = await agree(waiting.etag);
  expect(asked).toMatchObject({ state: "waiting", approvals: [{ team: "recommendation", state: "waiting" }] });
  await expect(agree(waiting.etag), "a version that nobody asks for any more").rejects.toMatchObject({
    code: "conflict",
  });
  await agree(asked.etag);
  expect(await company.done(waiting)).toMatchObject({ state: "verified" });
  await db.userRole.deleteMany({ where: { userId: "dana", role: "platform" } });
  await company.done(await company.undo(waiting.id));
  await company.done(await company.undo(other.id));
}, 60_000);

test("a rule whose end could not be written while the cluster was away ends when it is back", async () => {
  const until = Date.now() + 3_600_000;
  await company.done(await company.apply("let-a-caller-in", allow("web-api", "recommendation", until)));
  const away = new Proxy(company.cluster, {
    get(target, name) {
      if (name === "apply") {
        return async (...[object, options]: Parameters<Cluster["apply"]>) => {
          if (options?.dryRun !== true) {
            throw new ClusterError("unreachable", 0, "The mesh does not answer.");
          }
          return target.apply(object, options);
        };
      }
      const value: unknown = Reflect.get(target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  const cutOff = company.through({ cluster: away });
  await cutOff.upkeep(until);
  await cutOff.settled();
  expect(await company.policy("web-api-callers")).toMatchObject({ spec: { rules: [{}] } });
  await company.changes.upkeep(until + 3_600_000);
  await company.changes.settled();
  // Nobody is let in: it was the last access.
  expect(await company.policy("web-api-callers")).toMatchObject({ spec: { rules: [] } });
}, 60_000);
