import { afterAll, beforeAll, expect, test } from "vitest";
import { Mortal } from "./mortal.suite.ts";
import { allow, pat, TestChanges } from "./test-changes.suite.ts";

let company: TestChanges;
beforeAll(async () => {
  company = await TestChanges.start();
}, 60_000);
afterAll(() => company.close(), 60_000);

const hour = 3_600_000;
const records = () => company.database.db.auditRecord.findMany({ where: { actorId: "towpath" } });

/** Lets recommendation call web-api for an hour. */
async function grantForAnHour(): Promise<number> {
  const until = Date.now() + hour;
  const grant = await company.done(await company.apply("let-a-caller-in", allow("web-api", "recommendation", until)));
  expect(grant.state).toBe("verified");
  return until;
}

test("a rule with an end date is taken back then, not before, once, by Towpath itself and on record", async () => {
  const until = await grantForAnHour();
  await company.changes.upkeep(until - 1);
  expect(await company.policy("web-api-callers")).toBeDefined();

  await company.changes.upkeep(until);
  await company.changes.settled();
  await company.changes.upkeep(until + 1);
  await company.changes.settled();
  expect(await company.policy("web-api-callers")).toBeUndefined();
  expect((await company.changes.intents()).size).toBe(0);
  const [end, ...others] = (await company.changes.list({ limit: 50 }, pat)).changes;
  expect(end).toMatchObject({ state: "verified", author: { name: "Towpath" }, slug: "let-a-caller-in" });
  expect(others.filter(({ author }) => author.name === "Towpath")).toEqual([]);
  expect((await records()).map(({ action }) => action)).toEqual(["change-apply", "change-verified"]);
}, 60_000);

test("a rule is taken back once, whenever the portal dies meanwhile", async () => {
  const before = (await records()).length;
  let died = true;
  let rounds = 0;
  for (let at = 0; died; at++) {
    const until = await grantForAnHour();
    const mortal = new Mortal(company.deps, company.database, at);
    await mortal.until(mortal.changes.upkeep(until).then(() => mortal.changes.settled()));
    died = mortal.lastWord !== "";
    await mortal.bury();
    const next = company.through({});
    await next.resume();
    await next.settled();
    await next.upkeep(until);
    await next.settled();
    expect(await company.policy("web-api-callers"), `died before ${mortal.lastWord}`).toBeUndefined();
    rounds++;
    const actions = (await records()).slice(before).map(({ action }) => action);
    const each = ["change-apply", "change-verified"];
    expect(actions, `died before ${mortal.lastWord}`).toEqual(Array.from({ length: rounds }, () => each).flat());
  }
  expect(rounds).toBeGreaterThan(5);
}, 120_000);

test("what somebody edited is not overwritten when its time comes; it ends once it is put back", async () => {
  const until = await grantForAnHour();
  const before = (await records()).length;
  const edited = { spec: { action: "DENY" } };
  await company.patch("AuthorizationPolicy", "web-api", "web-api-callers", edited);
  await company.changes.upkeep(until);
  await company.changes.settled();
  expect(await company.policy("web-api-callers")).toMatchObject(edited);
  expect(await records()).toHaveLength(before);
  await company.patch("AuthorizationPolicy", "web-api", "web-api-callers", { spec: { action: "ALLOW" } });
  await company.changes.upkeep(until);
  await company.changes.settled();
  expect(await company.policy("web-api-callers")).toBeUndefined();
  expect(await records()).toHaveLength(before + 2);
}, 60_000);
