import { describe, expect, test } from "vitest";
import type { L7RateLimit } from "../../../xds/proxy-config.ts";
import { PlannerMemory } from "../planner-memory.ts";
import {
  type Asked,
  exact,
  forwarded,
  match,
  path,
  peerOf,
  type Rig,
  replied,
  replyField,
  rig,
  route,
  rule,
  service,
  statusOf,
} from "../planner-rig.suite.ts";

type Limit = L7RateLimit["limits"][number];

const limit = (more: Partial<Limit> = {}): Limit => ({
  name: "",
  requests: 10,
  periodMs: 1_000,
  burst: 10,
  per: "Total",
  header: "",
  matches: [],
  overrides: [],
  ...more,
});

interface Limited extends Rig {
  clock: number;
  /** The next configuration. */
  again(...next: Limit[]): Rig;
}

function limited(...limits: Limit[]): Limited {
  const memory = new PlannerMemory();
  const planner = (given: Limit[]): Rig =>
    rig(service({}, { rateLimits: [{ policy: "default/limit", limits: given }] }), { memory, now: () => whole.clock });
  const whole: Limited = { ...planner(limits), clock: 1_000_000, again: (...next) => planner(next) };
  return whole;
}

const sleep = peerOf();
const other = peerOf({ principal: "cluster.local/ns/default/sa/other" });
const nobody = peerOf({ principal: undefined });
const passed = (planner: Rig, count: number, asked: Asked = {}) =>
  Array.from({ length: count }, () => statusOf(planner.now(asked))).filter((status) => status === 200).length;

test("the eleventh of ten a second is refused, and told when to come back", () => {
  const planner = limited(limit({ per: "Identity" }));
  expect(passed(planner, 10, { peer: sleep })).toBe(10);
  const refused = planner.now({ peer: sleep });
  expect(replied(refused)).toMatchObject({
    reply: { status: 429, flag: "RL", body: "local_rate_limited" },
    refusal: { reason: "rate-limited", policy: "default/limit", rule: 0, attribute: "source.principal" },
  });
  expect(replyField(refused, "retry-after")).toEqual(["1"]);
  expect(replyField(refused, "ratelimit-limit")).toEqual(["10"]);
  expect(replyField(refused, "ratelimit-remaining")).toEqual(["0"]);
  expect(replyField(refused, "ratelimit-reset")).toEqual(["1"]);
  expect(statusOf(planner.now({ peer: other }))).toBe(200);
  planner.clock += 100;
  expect(passed(planner, 5, { peer: sleep })).toBe(1);
});

test("allowed requests are told what is left", () => {
  const planner = limited(limit({ requests: 2, periodMs: 60_000, burst: 2 }));
  const left = () =>
    Object.fromEntries(forwarded(planner.now()).responseEdits.flatMap(({ set }) => set.map((f) => [f.name, f.value])));
  expect(left()).toEqual({ "ratelimit-limit": "2", "ratelimit-remaining": "1", "ratelimit-reset": "30" });
  expect(left()).toEqual({ "ratelimit-limit": "2", "ratelimit-remaining": "0", "ratelimit-reset": "60" });
  expect(replyField(planner.now(), "retry-after")).toEqual(["30"]);
});

describe("what is counted apart", () => {
  test("in total: nothing", () => {
    const planner = limited(limit());
    expect(passed(planner, 6, { peer: sleep }) + passed(planner, 6, { peer: other })).toBe(10);
  });

  test("by identity: pods of one account together, anonymous callers together", () => {
    const planner = limited(limit({ per: "Identity" }));
    const twin = peerOf({ sourceIp: "10.0.0.9" });
    expect(passed(planner, 6, { peer: sleep }) + passed(planner, 6, { peer: twin })).toBe(10);
    expect(passed(planner, 6, { peer: nobody }) + passed(planner, 6, { peer: peerOf({ principal: undefined }) })).toBe(
      10,
    );
  });

  test("by header: its values; requests without it together", () => {
    const planner = limited(limit({ per: "Header", header: "X-User" }));
    const by = (user: string) => passed(planner, 11, { headers: { "X-USER": user } });
    expect([by("a"), by("b"), by("a"), by("x".repeat(1_000)), by(`${"x".repeat(1_000)}y`)]).toEqual([
      10, 10, 0, 10, 10,
    ]);
    expect([passed(planner, 11), passed(planner, 11, { peer: other })]).toEqual([10, 0]);
  });

  test("exceptions have rates of their own", () => {
    const overrides = [{ value: "default/other", requests: 1, burst: 1 }];
    const planner = limited(limit({ per: "Identity", overrides }));
    expect([passed(planner, 20, { peer: other }), passed(planner, 20, { peer: sleep })]).toEqual([1, 10]);
  });
});

describe("several limits", () => {
  test("all must have room, and what one refuses counts in none", () => {
    const planner = limited(
      limit({ requests: 100, burst: 100 }),
      limit({
        name: "posts",
        requests: 1,
        burst: 1,
        matches: [match({ method: { type: "Exact", value: "POST", ignoreCase: false } })],
      }),
    );
    expect(passed(planner, 50, { method: "POST" })).toBe(1);
    expect(passed(planner, 150)).toBe(99);
  });

  test("the answer tells of the tightest", () => {
    const planner = limited(limit({ requests: 100, burst: 100 }), limit({ requests: 5, burst: 5 }));
    const told = forwarded(planner.now()).responseEdits[0]?.set[0];
    expect(told).toEqual({ name: "ratelimit-limit", value: "5" });
  });

  test("matches are those of routes; one that cannot be used limits everything", () => {
    const some = limited(
      limit({ burst: 1, matches: [path("PathPrefix", "/a"), match({ headers: [exact("x", "1")] })] }),
    );
    expect(passed(some, 9)).toBe(9);
    expect([passed(some, 2, { target: "/a/b" }), passed(some, 2, { headers: { x: "1" } })]).toEqual([1, 0]);
    expect(passed(limited(limit({ burst: 1, matches: [path("RegularExpression", "(")] })), 9)).toBe(1);
  });
});

test("counts outlive a configuration, other limits begin anew", () => {
  const planner = limited(limit({ name: "a" }));
  expect(passed(planner, 20)).toBe(10);
  expect(passed(planner.again(limit({ name: "a" })), 20)).toBe(0);
  expect(passed(planner.again(limit({ name: "b" })), 20)).toBe(10);
});

test("ports of a service count together", () => {
  const memory = new PlannerMemory();
  const rateLimits = [{ policy: "default/limit", limits: [limit()] }];
  const [http, other] = [80, 81].map((port) => rig(service({ port }, { rateLimits }), { memory }));
  expect([http && passed(http, 6), other && passed(other, 6)]).toEqual([6, 4]);
});

test("requests that policy refuses do not count", () => {
  const memory = new PlannerMemory();
  const deny = { name: "d", namespace: "ns", action: "DENY", dryRun: false, provider: "" } as const;
  const rules = [{ from: [], to: [{ paths: [{ kind: "exact" as const, value: "/no" }] }], when: [] }];
  const policies = {
    authorizations: [{ ...deny, rules }],
    rateLimits: [{ policy: "default/limit", limits: [limit({ burst: 1 })] }],
  };
  const planner = rig(service({ routes: [route("ns/r", [rule("r")])] }, policies), { memory });
  expect([statusOf(planner.now({ target: "/no" })), statusOf(planner.now())]).toEqual([403, 200]);
});
