import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import type { Cluster } from "@/server/cluster/cluster.ts";
import { ClusterError } from "@/server/cluster/errors.ts";
import { pathForms } from "@/server/contracts/golden-paths/forms.ts";
import { listDrift } from "@/server/drift/drift.ts";
import { findingsIn } from "@/server/findings/findings.ts";
import { type Rendered, toYaml } from "@/server/golden-paths/resource.ts";
import { Mortal } from "./mortal.suite.ts";
import { allow, giveWaypoint, pat, TestChanges } from "./test-changes.suite.ts";

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

const callersPolicy = ["AuthorizationPolicy", "web-api", "web-api-callers"] as const;
const letIn = (...serviceAccounts: string[]) => ({
  from: [{ source: { serviceAccounts } }],
  to: [{ operation: { ports: ["8080"] } }],
});
const grantee = "recommendation/recommendation";
const edit = (spec: object) => company.patch(...callersPolicy, { spec });
const newest = async () => {
  const [change] = (await company.changes.list({ limit: 1 }, pat)).changes;
  return company.changes.details(change?.id ?? "", pat);
};
const end = async (at: number, through = company.changes) => {
  await through.upkeep(at);
  await through.settled();
  return newest();
};
const remove = async () => {
  const [kind, namespace, name] = callersPolicy;
  await company.cluster.remove({ apiVersion: "security.istio.io/v1", kind, namespace, name });
  await company.seen(() => company.cluster.get(kind, namespace, name) === undefined);
};

describe("access ends when its date has come, whatever others edited by hand", { timeout: 60_000 }, () => {
  afterEach(remove);

  test.each([
    ["lets in somebody else too", { rules: [letIn(grantee, "purchase-history/purchase-history")] }],
    ["lets in anybody", { rules: [{}] }],
    ["is about more pods", { selector: null, rules: [letIn(grantee, "x/x")] }],
  ])("an edit that %s goes with it and is kept with the change, with its author", async (_what, spec) => {
    const until = await grantForAnHour();
    await edit(spec);
    const live = toYaml((await company.policy("web-api-callers")) as Rendered);
    const change = await end(until);
    expect(await company.policy("web-api-callers")).toBeUndefined();
    expect((await company.changes.intents()).size).toBe(0);
    expect(change).toMatchObject({ state: "verified", author: { name: "Towpath" } });
    expect(change.overwritten).toMatchObject([
      {
        resource: "AuthorizationPolicy web-api/web-api-callers",
        by: "kubectl-edit",
        expected: expect.stringContaining(grantee),
      },
    ]);
    const { rules } = parse(change.overwritten[0]?.live ?? "").spec;
    expect(rules).toEqual(parse(live).spec.rules);
    expect(change.events[0]).toMatchObject({
      level: "warning",
      text: expect.stringContaining("what kubectl-edit edited"),
    });
    expect((await records()).at(-2)?.detail).toContain("kubectl-edit");
  });

  test("of one caller, another one whose access has no end stays in, and whoever was added by hand does not", async () => {
    const stays = await company.done(await company.apply("let-a-caller-in", allow("web-api", "purchase-history")));
    const until = await grantForAnHour();
    await edit({ rules: [letIn("purchase-history/purchase-history", grantee, "x/x")] });
    await end(until);
    expect(await company.policy("web-api-callers")).toMatchObject({
      spec: { action: "ALLOW", rules: [letIn("purchase-history/purchase-history")] },
    });
    await company.done(await company.undo(stays.id, pat, true));
  });

  test.each([
    ["refuses them", { action: "DENY" }],
    ["lets nobody in", { rules: [] }],
  ])("an edit that %s stays as it is: it may be an emergency brake", async (_what, spec) => {
    const until = await grantForAnHour();
    await edit(spec);
    const change = await end(until);
    expect(change).toMatchObject({ state: "verified", overwritten: [{ by: "kubectl-edit" }] });
    expect((await company.changes.intents()).size).toBe(0);
    const policy = await company.policy("web-api-callers");
    expect(policy).toMatchObject({ spec });
    // It is theirs from now on: nothing on it says that a path stands behind it.
    expect(policy?.metadata).not.toHaveProperty("annotations");
    expect(policy?.metadata).not.toHaveProperty("labels");
  });

  test("whom an edit shut out is not let in again by it", async () => {
    const stays = await company.done(await company.apply("let-a-caller-in", allow("web-api", "purchase-history")));
    const until = await grantForAnHour();
    await edit({ rules: [letIn(grantee)] });
    await end(until);
    const policy = await company.policy("web-api-callers");
    expect(policy).toMatchObject({ spec: { action: "ALLOW" } });
    expect((policy as { spec: { rules?: unknown[] } }).spec.rules ?? []).toEqual([]);
    const [item] = (await listDrift({ ...company.deps, changes: company.changes }, {}, pat)).items;
    expect(item).toMatchObject({ kind: "edited", resource: { name: "web-api-callers" } });
    await company.done(await company.undo(stays.id, pat, true));
  });

  test("what others changed says when it will be overwritten", async () => {
    const until = await grantForAnHour();
    await edit({ rules: [{}] });
    const [item] = (await listDrift({ ...company.deps, changes: company.changes }, {}, pat)).items;
    expect(item?.intents).toMatchObject([{ slug: "let-a-caller-in", endsUnixMs: until }]);
    await end(until);
  });
});

const findings = async (nowUnixMs: number) =>
  findingsIn({
    inventory: company.deps.inventory.current,
    target: "embedded",
    overdue: await company.changes.overdueEnds(nowUnixMs),
  }).filter(({ code }) => code === "past-its-end");

test("access that cannot be ended is an error on record, tried again later each time, and ends at last", async () => {
  const until = await grantForAnHour();
  let refuses = true;
  let tries = 0;
  const cluster = Object.create(company.cluster, {
    remove: {
      configurable: true,
      value: (...[ref, options]: Parameters<Cluster["remove"]>) => {
        if (refuses) {
          tries++;
          return Promise.reject(new ClusterError("unreachable", 0, "nobody answers"));
        }
        return company.cluster.remove(ref, options);
      },
    },
  }) as Cluster;
  const through = company.through({ cluster });
  expect(await findings(until + 31_000)).toMatchObject([
    { level: "error", message: expect.stringContaining("could not be taken back yet") },
  ]);
  await through.upkeep(until);
  expect(await findings(until + 31_000)).toMatchObject([
    {
      level: "error",
      place: "Service web-api/web-api",
      message: expect.stringMatching(/recommendation\/recommendation .* still in force.*nobody answers/),
      path: { slug: "let-a-caller-in", values: { allowed: false } },
    },
  ]);
  const waits: number[] = [];
  for (let now = until, last = until; waits.length < 8; now += 5_000) {
    const before = tries;
    await through.upkeep(now);
    if (tries > before) {
      waits.push(now - last);
      last = now;
    }
  }
  expect(waits).toEqual([5_000, 10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000]);
  refuses = false;
  await end(until + 10 * hour, through);
  expect(await company.policy("web-api-callers")).toBeUndefined();
  expect(await findings(until + 20 * hour)).toEqual([]);
}, 60_000);

test("an end that fails half-way does not let anybody in again", async () => {
  await company.done(await company.apply("give-a-waypoint", giveWaypoint("web-api")));
  const until = await grantForAnHour();
  let removals = 0;
  const cluster = Object.create(company.cluster, {
    remove: {
      configurable: true,
      value: (...[ref, options]: Parameters<Cluster["remove"]>) =>
        options?.dryRun !== true && ++removals === 2
          ? Promise.reject(new ClusterError("refused", 422, "not today"))
          : company.cluster.remove(ref, options),
    },
  }) as Cluster;
  const change = await end(until, company.through({ cluster }));
  expect(change).toMatchObject({ state: "failed" });
  expect(change.failure).toContain("nobody is let in again");
  // The guard that belonged to the access went first, and it does not come back.
  expect(await company.policy("web-api-only-waypoint")).toBeUndefined();
  expect(await company.policy("web-api-waypoint-callers")).toBeDefined();
  expect(await findings(until + 31_000)).toMatchObject([{ message: expect.stringContaining("not today") }]);
  expect(await end(until + hour)).toMatchObject({ state: "verified" });
  expect(await company.policy("web-api-waypoint-callers")).toBeUndefined();
}, 60_000);

test("a block that somebody edited is not opened over the edit; it ends once that is put back", async () => {
  const until = Date.now() + hour;
  const values = pathForms["block-a-caller"].parse({
    service: { namespace: "recommendation", name: "recommendation" },
    callers: [{ kind: "identity", namespace: "web-api", serviceAccount: "web-api" }],
    ports: [80],
    until,
  });
  await company.done(await company.apply("block-a-caller", values));
  const [name = ""] = company.cluster
    .list("AuthorizationPolicy")
    .flatMap(({ metadata }) => (metadata?.namespace === "recommendation" ? [metadata.name ?? ""] : []));
  const before = await company.policy(name, "recommendation");
  const { rules } = (before as { spec: { rules: unknown[] } }).spec;
  await company.patch("AuthorizationPolicy", "recommendation", name, { spec: { rules: [{}] } });
  await end(until);
  expect(await company.policy(name, "recommendation")).toMatchObject({ spec: { rules: [{}] } });
  expect(await findings(until + 31_000)).toMatchObject([
    { level: "warning", message: expect.stringContaining("kubectl-edit") },
  ]);
  await company.patch("AuthorizationPolicy", "recommendation", name, { spec: { rules } });
  await end(until + hour);
  expect(await company.policy(name, "recommendation")).toBeUndefined();
}, 60_000);
