import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import type { Cluster } from "@/server/cluster/cluster.ts";
import { ClusterError } from "@/server/cluster/errors.ts";
import { pathForms } from "@/server/contracts/golden-paths/forms.ts";
import { listDrift, putBack } from "@/server/drift/drift.ts";
import { findingsIn } from "@/server/findings/findings.ts";
import { type Rendered, toYaml } from "@/server/golden-paths/resource.ts";
import { findRow } from "./change-row.ts";
import { rebuildIntents } from "./current-intents.ts";
import { Mortal } from "./mortal.suite.ts";
import { allow, giveWaypoint, lock, pat, TestChanges } from "./test-changes.suite.ts";
import { undoBlocked } from "./undo-blocked.ts";

let company: TestChanges;
beforeAll(async () => {
  company = await TestChanges.start();
}, 60_000);
afterAll(() => company.close(), 60_000);

const hour = 3_600_000;
const raise = (): never => {
  throw new Error("there is none");
};
const records = () =>
  company.database.db.auditRecord.findMany({ where: { actorId: "towpath" }, orderBy: { sequence: "asc" } });

/** Lets recommendation call web-api for an hour. */
async function grantForAnHour(): Promise<number> {
  const until = Date.now() + hour;
  const grant = await company.done(await company.apply("let-a-caller-in", allow("web-api", "recommendation", until)));
  expect(grant.state).toBe("verified");
  return until;
}

const service = { namespace: "web-api", name: "web-api" };
const keptClosed = { slug: "keep-closed", service };
const intents = async () => [...(await company.changes.intents()).values()];
/** Nobody is let in: an ALLOW policy without rules. */
const closed = { spec: { action: "ALLOW", rules: [] } };
const openForm = () => ({ ...allow("web-api", "recommendation"), callers: [], allowed: false });
const openAgain = async () =>
  company.done(await company.apply("let-a-caller-in", openForm(), { confirmation: "web-api" }));

test("a rule with an end date is taken back then, not before, once, by Towpath itself and on record", async () => {
  const until = await grantForAnHour();
  await company.changes.upkeep(until - 1);
  expect(await company.policy("web-api-callers")).toBeDefined();

  await company.changes.upkeep(until);
  await company.changes.settled();
  await company.changes.upkeep(until + 1);
  await company.changes.settled();
  expect(await company.policy("web-api-callers")).toMatchObject(closed);
  expect(await intents()).toEqual([keptClosed]);
  const [end, ...others] = (await company.changes.list({ limit: 50 }, pat)).changes;
  expect(end).toMatchObject({ state: "verified", author: { name: "Towpath" }, slug: "let-a-caller-in" });
  expect(others.filter(({ author }) => author.name === "Towpath")).toEqual([]);
  expect((await records()).map(({ action }) => action)).toEqual(["change-apply", "change-verified"]);
}, 60_000);

describe("a service whose last access ended by itself stays closed", { timeout: 60_000 }, () => {
  test("says so in the change, which nobody can undo, among the findings, and in the cluster alone", async () => {
    const change = await newest();
    expect(change.sentence).toContain("nobody is let in any more, until somebody is");
    const row = await findRow(company.database.db, change.id);
    // The tests' ends are yet to come.
    expect(row && undoBlocked(row, [], pat, Date.now() + 2 * hour)).toContain("has an end date");
    const found = findingsIn({ inventory: company.deps.inventory.current, target: "embedded" });
    expect(found).toMatchObject([{ level: "info", code: "kept-closed", path: { slug: "let-a-caller-in" } }]);
    // An empty database over the same mesh.
    const { db } = company.database;
    await db.intent.deleteMany();
    expect(await rebuildIntents(db, company.cluster)).toBe(1);
    expect(await intents()).toEqual([keptClosed]);
    expect((await listDrift({ ...company.deps, changes: company.changes }, {}, pat)).items).toEqual([]);
  });

  test("over what somebody wrote into it, once that is put back", async () => {
    await edit({ rules: [letIn("x/x")] });
    const drift = { ...company.deps, changes: company.changes };
    const [item] = (await listDrift(drift, {}, pat)).items;
    expect(item).toMatchObject({ kind: "edited", intents: [{ slug: "let-a-caller-in", endsUnixMs: null }] });
    expect(item?.intents[0]?.summary).toContain("nobody is let in");
    const { resource, live } = item ?? raise();
    const asked = { resource, live, openedUnixMs: Date.now(), reason: "" };
    await company.done(await putBack(drift, asked, { person: pat, address: "" }));
    expect(await company.policy("web-api-callers")).toMatchObject(closed);
    expect((await listDrift(drift, {}, pat)).items).toEqual([]);
  });

  test("until somebody lets a caller in, and again when that is undone", async () => {
    const granted = await company.done(await company.apply("let-a-caller-in", allow("web-api", "purchase-history")));
    expect((await intents()).map(({ slug }) => slug)).toEqual(["let-a-caller-in"]);
    await company.done(await company.undo(granted.id));
    expect(await intents()).toEqual([keptClosed]);
    expect(await company.policy("web-api-callers")).toMatchObject(closed);
  });

  test("until somebody opens it, which asks for its name", async () => {
    await expect(company.apply("let-a-caller-in", openForm())).rejects.toMatchObject({ code: "confirmation-needed" });
    expect(await openAgain()).toMatchObject({ state: "verified", title: "Open web-api again" });
    expect(await company.policy("web-api-callers")).toBeUndefined();
    expect(await intents()).toEqual([]);
  });

  test("at its waypoint, behind the guard, which stays", async () => {
    const waypoint = await company.done(await company.apply("give-a-waypoint", giveWaypoint("web-api")));
    expect(await end(await grantForAnHour())).toMatchObject({ state: "verified" });
    expect(await company.policy("web-api-waypoint-callers")).toMatchObject(closed);
    expect(await company.policy("web-api-only-waypoint")).toMatchObject({
      spec: { rules: [{ from: [{ source: { serviceAccounts: ["web-api/waypoint"] } }] }] },
    });
    await company.done(await company.undo(waypoint.id));
    expect(await company.policy("web-api-only-waypoint")).toBeUndefined();
    expect(await company.policy("web-api-callers")).toMatchObject(closed);
    await openAgain();
  });

  test("and is left to a lock-down that covers it", async () => {
    const locked = await company.done(await company.apply("lock-down", lock(), { confirmation: "web-api" }));
    expect(await end(await grantForAnHour())).toMatchObject({ state: "verified" });
    expect(await company.policy("web-api-callers")).toBeUndefined();
    expect((await intents()).map(({ slug }) => slug)).toEqual(["lock-down"]);
    await company.done(await company.undo(locked.id));
  });

  test("not when a person takes the last access back before its end", async () => {
    const until = await grantForAnHour();
    const back = { ...allow("web-api", "recommendation", until), allowed: false };
    await company.done(await company.apply("let-a-caller-in", back));
    expect(await company.policy("web-api-callers")).toBeUndefined();
    expect(await intents()).toEqual([]);
  });
});

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
    expect(await company.policy("web-api-callers"), `died before ${mortal.lastWord}`).toMatchObject(closed);
    expect(await intents(), `died before ${mortal.lastWord}`).toEqual([keptClosed]);
    rounds++;
    const actions = (await records()).slice(before).map(({ action }) => action);
    const each = ["change-apply", "change-verified"];
    expect(actions, `died before ${mortal.lastWord}`).toEqual(Array.from({ length: rounds }, () => each).flat());
  }
  expect(rounds).toBeGreaterThan(5);
  await openAgain();
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
/** By hand, and nobody knows of it. */
const remove = async () => {
  const [kind, namespace, name] = callersPolicy;
  await company.cluster.remove({ apiVersion: "security.istio.io/v1", kind, namespace, name });
  await company.seen(() => company.cluster.get(kind, namespace, name) === undefined);
};

describe("access ends when its date has come, whatever others edited by hand", { timeout: 60_000 }, () => {
  afterEach(async () => {
    await remove();
    await company.database.db.intent.deleteMany();
  });

  test.each([
    ["lets in somebody else too", { rules: [letIn(grantee, "purchase-history/purchase-history")] }],
    ["lets in anybody", { rules: [{}] }],
    ["is about more pods", { selector: null, rules: [letIn(grantee, "x/x")] }],
  ])("an edit that %s goes with it and is kept with the change, with its author", async (_what, spec) => {
    const until = await grantForAnHour();
    await edit(spec);
    const live = toYaml((await company.policy("web-api-callers")) as Rendered);
    const change = await end(until);
    const selector = { matchLabels: { app: "web-api" } };
    expect(await company.policy("web-api-callers")).toMatchObject({ spec: { ...closed.spec, selector } });
    expect(await intents()).toEqual([keptClosed]);
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
    expect(await intents()).toEqual([keptClosed]);
    expect(await company.policy("web-api-callers")).toMatchObject({ spec });
    // What keeps the service closed has its name: a refusal of somebody's own is an edit of it.
    const { items } = await listDrift({ ...company.deps, changes: company.changes }, {}, pat);
    expect(items.map(({ kind }) => kind)).toEqual("action" in spec ? ["edited"] : []);
  });

  test("of a policy that somebody took away what keeps the service closed is there again", async () => {
    const until = await grantForAnHour();
    await remove();
    expect(await end(until)).toMatchObject({ state: "verified" });
    expect(await company.policy("web-api-callers")).toMatchObject(closed);
  });

  test("under a lock-down what a refusal says is theirs from then on", async () => {
    const locked = await company.done(await company.apply("lock-down", lock(), { confirmation: "web-api" }));
    const until = await grantForAnHour();
    await edit({ action: "DENY" });
    await end(until);
    const policy = await company.policy("web-api-callers");
    expect(policy).toMatchObject({ spec: { action: "DENY" } });
    // Nothing on it says that a path stands behind it.
    expect(policy?.metadata).not.toHaveProperty("annotations");
    expect(policy?.metadata).not.toHaveProperty("labels");
    await company.done(await company.undo(locked.id));
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
    apply: {
      configurable: true,
      value: (...[object, options]: Parameters<Cluster["apply"]>) => {
        if (refuses) {
          tries++;
          return Promise.reject(new ClusterError("unreachable", 0, "nobody answers"));
        }
        return company.cluster.apply(object, options);
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
  expect(await company.policy("web-api-callers")).toMatchObject(closed);
  expect(await findings(until + 20 * hour)).toEqual([]);
  await openAgain();
}, 60_000);

test("an end that fails half-way does not let anybody in again", async () => {
  await company.done(await company.apply("give-a-waypoint", giveWaypoint("web-api")));
  const until = Date.now() + hour;
  const anyone = { ...allow("web-api", "recommendation", until), callers: [{ kind: "anyone" as const }] };
  await company.done(await company.apply("let-a-caller-in", anyone));
  let writes = 0;
  const cluster = Object.create(company.cluster, {
    apply: {
      configurable: true,
      value: (...[object, options]: Parameters<Cluster["apply"]>) =>
        options?.dryRun !== true && ++writes === 2
          ? Promise.reject(new ClusterError("refused", 422, "not today"))
          : company.cluster.apply(object, options),
    },
  }) as Cluster;
  const change = await end(until, company.through({ cluster }));
  expect(change).toMatchObject({ state: "failed" });
  expect(change.failure).toContain("nobody is let in again");
  // The way past the waypoint went first, and it does not come back.
  const onlyWaypoint = { spec: { rules: [{ from: [{ source: { serviceAccounts: ["web-api/waypoint"] } }] }] } };
  expect(await company.policy("web-api-only-waypoint")).toMatchObject(onlyWaypoint);
  expect(await company.policy("web-api-waypoint-callers")).not.toMatchObject(closed);
  expect(await findings(until + 31_000)).toMatchObject([{ message: expect.stringContaining("not today") }]);
  expect(await end(until + hour)).toMatchObject({ state: "verified" });
  expect(await company.policy("web-api-waypoint-callers")).toMatchObject(closed);
  expect(await company.policy("web-api-only-waypoint")).toMatchObject(onlyWaypoint);
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
