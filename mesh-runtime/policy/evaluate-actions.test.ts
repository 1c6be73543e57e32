import { describe, expect, test } from "vitest";
import { evaluateL7, evaluateShadow, evaluateTcp, matchAudit, matchCustom } from "./evaluate-l7.ts";
import type { HttpAuthorization, HttpRule } from "./http-model.ts";
import { prepareHttpPolicies } from "./prepare-http.ts";
import { prepareConnection, type TcpAttributes } from "./request-attributes.ts";
import { exact, policyWith, presence, requestWith, tokenWith } from "./test-request.suite.ts";

const get: Partial<HttpRule> = { to: [{ methods: [exact("GET")] }] };
const post: Partial<HttpRule> = { to: [{ methods: [exact("POST")] }] };
const named = (
  name: string,
  action: HttpAuthorization["action"],
  rule: Partial<HttpRule>,
  more = {},
): HttpAuthorization => policyWith(action, rule, { name, ...more });
const rules = (...given: Partial<HttpRule>[]): HttpRule[] =>
  given.map((rule) => ({ from: [], to: [], when: [], ...rule }));

describe("CUSTOM", () => {
  test("names authorizer, policy and the first rule of every policy that matches, in order", () => {
    const prepared = prepareHttpPolicies([
      named("a", "CUSTOM", {}, { provider: "opa", rules: rules(post, get, {}) }),
      named("b", "CUSTOM", post, { provider: "other" }),
      named("c", "CUSTOM", get, { provider: "ext" }),
    ]);
    expect(matchCustom(prepared, requestWith())).toEqual([
      { provider: "opa", policy: "default/a", rule: 1 },
      { provider: "ext", policy: "default/c", rule: 0 },
    ]);
  });
  test("decides nothing by itself", () => {
    const prepared = prepareHttpPolicies([named("a", "CUSTOM", get, { provider: "opa" })]);
    expect(evaluateL7(prepared, requestWith())).toMatchObject({ allowed: true, reason: "no-policy-applies" });
    expect(prepared.keys).toEqual(["default/a"]);
  });
  test("is not asked in dry run, nor without rules", () => {
    const prepared = prepareHttpPolicies([
      named("a", "CUSTOM", get, { provider: "opa", dryRun: true }),
      named("b", "CUSTOM", get, { provider: "opa", rules: [] }),
    ]);
    expect(matchCustom(prepared, requestWith())).toEqual([]);
    expect(evaluateShadow(prepared, requestWith())).toBeUndefined();
  });
  test("asks whatever the token, which nobody has verified yet", () => {
    const rule: Partial<HttpRule> = {
      from: [{ requestPrincipals: [exact("i/alice")], namespaces: [exact("shop")] }],
      when: [{ key: "request.auth.claims[a]", values: [presence] }],
    };
    const prepared = prepareHttpPolicies([named("a", "CUSTOM", rule, { provider: "opa" })]);
    const { sourcePrincipal: _, ...anonymous } = requestWith();
    expect([matchCustom(prepared, requestWith()).length, matchCustom(prepared, anonymous).length]).toEqual([1, 0]);
    const negated = [{ notRequestPrincipals: [presence] }];
    const token = tokenWith({});
    expect(
      matchCustom(prepareHttpPolicies([named("a", "CUSTOM", { from: negated })]), requestWith({ token })),
    ).toHaveLength(1);
  });
  test("asks by all other conditions", () => {
    const of = (value: string) =>
      matchCustom(
        prepareHttpPolicies([
          named("a", "CUSTOM", { when: [{ key: "request.headers[x-a]", values: [exact(value)] }] }),
        ]),
        requestWith(),
      ).length;
    expect([of("1,2"), of("9")]).toEqual([1, 0]);
  });
  test("widens where it cannot be judged, as DENY does", () => {
    const when = [{ key: "experimental.envoy.filters.a[b]", values: [exact("x")] }];
    expect(matchCustom(prepareHttpPolicies([named("a", "CUSTOM", { when })]), requestWith())).toHaveLength(1);
  });
});

describe("AUDIT", () => {
  test("notes the policies that match and decides nothing", () => {
    const prepared = prepareHttpPolicies([
      named("a", "AUDIT", get),
      named("b", "AUDIT", post),
      named("c", "AUDIT", {}),
    ]);
    expect(matchAudit(prepared, requestWith())).toEqual(["default/a", "default/c"]);
    expect(evaluateL7(prepared, requestWith()).reason).toBe("no-policy-applies");
  });
  test("notes nothing in dry run", () => {
    const prepared = prepareHttpPolicies([named("a", "AUDIT", get, { dryRun: true })]);
    expect(matchAudit(prepared, requestWith())).toEqual([]);
  });
});

describe("dry run", () => {
  test("is judged apart and never enforced", () => {
    const prepared = prepareHttpPolicies([
      named("live", "ALLOW", get),
      named("deny", "DENY", get, { dryRun: true }),
      named("allow", "ALLOW", post, { dryRun: true }),
    ]);
    expect(evaluateL7(prepared, requestWith())).toMatchObject({ allowed: true, evaluated: ["default/live"] });
    expect(evaluateShadow(prepared, requestWith())).toMatchObject({ allowed: false, policy: "default/deny" });
  });
  test("an ALLOW policy in dry run would refuse what it does not match", () => {
    const prepared = prepareHttpPolicies([named("allow", "ALLOW", post, { dryRun: true })]);
    expect(evaluateL7(prepared, requestWith()).allowed).toBe(true);
    expect(evaluateShadow(prepared, requestWith())).toMatchObject({
      allowed: false,
      reason: "no-allow-policy-matched",
    });
  });
  test("there is nothing to say without such policies", () => {
    expect(evaluateShadow(prepareHttpPolicies([named("live", "DENY", get)]), requestWith())).toBeUndefined();
  });
});

describe("order", () => {
  test("DENY before ALLOW, whatever the order they come in; the first that matches decides", () => {
    const prepared = prepareHttpPolicies([
      named("allow", "ALLOW", get),
      named("deny-post", "DENY", post),
      named("deny-get", "DENY", get),
      named("deny-all", "DENY", {}),
    ]);
    expect(evaluateL7(prepared, requestWith())).toEqual({
      allowed: false,
      reason: "denied-by-policy",
      policy: "default/deny-get",
      rule: 0,
      attribute: "request.method",
      evaluated: ["default/deny-post", "default/deny-get"],
    });
  });
  test("a DENY policy without rules never matches, an ALLOW policy without rules allows nobody", () => {
    const of = (action: "ALLOW" | "DENY") =>
      evaluateL7(prepareHttpPolicies([named("p", action, {}, { rules: [] })]), requestWith());
    expect([of("DENY").allowed, of("ALLOW").allowed]).toEqual([true, false]);
    expect(of("ALLOW")).toEqual({
      allowed: false,
      reason: "no-allow-policy-matched",
      policy: "default/p",
      attribute: "none",
      evaluated: ["default/p"],
    });
  });
});

describe("a connection without HTTP", () => {
  const connection: TcpAttributes = {
    sourcePrincipal: "cluster.local/ns/shop/sa/cart",
    sourceIp: "10.0.1.5",
    destinationIp: "10.0.2.7",
    destinationPort: 6379,
    sni: "redis.example",
  };
  const caller = { from: [{ namespaces: [exact("shop")] }] };
  const http: [string, Partial<HttpRule>][] = [
    ["methods", { to: [{ methods: [exact("GET")] }] }],
    ["notMethods", { to: [{ notMethods: [exact("GET")] }] }],
    ["paths", { to: [{ paths: [presence] }] }],
    ["notPaths", { to: [{ notPaths: [exact("/")] }] }],
    ["hosts", { to: [{ hosts: [presence] }] }],
    ["notHosts", { to: [{ notHosts: [exact("a")] }] }],
    ["headers", { when: [{ key: "request.headers[x]", notValues: [presence] }] }],
    ["requestPrincipals", { from: [{ requestPrincipals: [presence] }] }],
    ["notRequestPrincipals", { from: [{ notRequestPrincipals: [presence] }] }],
    ["a token's principal", { when: [{ key: "request.auth.principal", values: [presence] }] }],
    ["claims", { when: [{ key: "request.auth.claims[a]", notValues: [presence] }] }],
    ["audiences", { when: [{ key: "request.auth.audiences", values: [exact("a")] }] }],
    ["one operation of two", { to: [{ ports: [6379] }, { paths: [exact("/a")] }] }],
  ];
  test.each(http)("%s: ALLOW loses the whole rule, DENY is left with the rest", (_what, rule) => {
    const decide = (action: HttpAuthorization["action"], also: Partial<HttpRule> = {}) =>
      evaluateTcp(prepareHttpPolicies([policyWith(action, { ...rule, ...also })]), connection).allowed;
    expect([decide("ALLOW"), decide("DENY"), decide("CUSTOM")]).toEqual([false, false, false]);
    if (rule.to === undefined) {
      expect(decide("DENY", { to: [{ ports: [80] }] })).toBe(true);
    }
  });
  test.each<[string, Partial<HttpRule>, boolean]>([
    ["caller", caller, true],
    ["port", { to: [{ ports: [6379] }] }, true],
    ["another port", { to: [{ notPorts: [6379] }] }, false],
    ["SNI", { when: [{ key: "connection.sni", values: [exact("redis.example")] }] }, true],
    ["source.ip", { when: [{ key: "source.ip", values: [exact("10.0.1.0/24")] }] }, true],
    ["remote.ip", { from: [{ remoteIpBlocks: [{ address: "10.0.1.5", length: 32 }] }] }, true],
    ["destination.ip", { when: [{ key: "destination.ip", notValues: [exact("10.0.2.7")] }] }, false],
    ["nothing", {}, true],
  ])("%s is judged as ever", (_what, rule, holds) => {
    const of = (action: "ALLOW" | "DENY") => evaluateTcp(prepareHttpPolicies([policyWith(action, rule)]), connection);
    expect([of("ALLOW").allowed, of("DENY").allowed]).toEqual([holds, !holds]);
  });
  test("CUSTOM refuses what it matches, for nobody asks an authorizer about bytes", () => {
    const prepared = prepareHttpPolicies([
      named("ext", "CUSTOM", caller, { provider: "opa" }),
      named("allow", "ALLOW", caller),
    ]);
    expect(evaluateTcp(prepared, connection)).toMatchObject({
      allowed: false,
      policy: "default/ext",
      attribute: "source.namespace",
    });
    expect(evaluateL7(prepared, requestWith()).allowed).toBe(true);
  });
  test("AUDIT and dry run decide nothing", () => {
    const prepared = prepareHttpPolicies([named("a", "AUDIT", {}), named("b", "DENY", {}, { dryRun: true })]);
    expect(evaluateTcp(prepared, connection)).toEqual({ allowed: true, reason: "no-policy-applies", evaluated: [] });
  });
});

describe("so many rules that they are indexed", () => {
  const callers = (action: HttpAuthorization["action"], more: Partial<HttpAuthorization> = {}) =>
    ["a", "b", "shop", "c", "d", "e", "shop", "f", "g"].map((ns, n) =>
      named(`p${n}`, action, { from: [{ namespaces: [exact(ns)] }] }, { provider: `authorizer-${n}`, ...more }),
    );
  test("every action finds its policies", () => {
    expect(matchAudit(prepareHttpPolicies(callers("AUDIT")), requestWith())).toEqual(["default/p2", "default/p6"]);
    expect(matchCustom(prepareHttpPolicies(callers("CUSTOM")), requestWith())).toEqual([
      { provider: "authorizer-2", policy: "default/p2", rule: 0 },
      { provider: "authorizer-6", policy: "default/p6", rule: 0 },
    ]);
    expect(evaluateL7(prepareHttpPolicies(callers("DENY")), requestWith()).policy).toBe("default/p2");
    expect(evaluateL7(prepareHttpPolicies(callers("ALLOW")), requestWith()).policy).toBe("default/p2");
    expect(evaluateShadow(prepareHttpPolicies(callers("DENY", { dryRun: true })), requestWith())?.policy).toBe(
      "default/p2",
    );
    expect(evaluateTcp(prepareHttpPolicies(callers("DENY")), requestWith()).policy).toBe("default/p2");
  });
  test("a connection without HTTP is not looked up by what only HTTP has", () => {
    const paths = callers("DENY").map((policy) => ({
      ...policy,
      rules: rules({ to: [{ paths: [exact(`/${policy.name}`)] }] }),
    }));
    expect(evaluateTcp(prepareHttpPolicies(paths), requestWith())).toMatchObject({
      allowed: false,
      policy: "default/p0",
    });
  });
});

test("policies without rules are read all the same", () => {
  const empty = { rules: [] };
  const prepared = prepareHttpPolicies([
    named("deny", "DENY", {}, empty),
    named("a", "ALLOW", {}, empty),
    named("b", "ALLOW", get),
  ]);
  expect(evaluateL7(prepared, requestWith())).toMatchObject({
    policy: "default/b",
    rule: 0,
    evaluated: ["default/deny", "default/a", "default/b"],
  });
});

test("a connection is prepared once: principal and addresses", () => {
  expect(
    prepareConnection({ sourcePrincipal: "td/ns/shop/sa/cart", sourceIp: "10.0.0.1", destinationIp: "x" }),
  ).toEqual({
    parts: { namespace: "shop", serviceAccount: "cart" },
    sourceIp: [10, 0, 0, 1],
    destinationIp: undefined,
  });
  expect(prepareConnection({ sourceIp: "10.0.0.1", destinationIp: "10.0.0.2" }).parts).toBeUndefined();
});
