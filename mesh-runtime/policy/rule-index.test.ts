import { describe, expect, test } from "vitest";
import { evaluateL7 } from "./evaluate-l7.ts";
import type { HttpAuthorization, HttpOperation, HttpRule, HttpSource } from "./http-model.ts";
import { prepareHttpPolicies } from "./prepare-http.ts";
import { RequestContext } from "./request-context.ts";
import { RuleIndex } from "./rule-index.ts";
import { indexWays, readFacet } from "./rule-keys.ts";
import { exact, policyWith, prefix, presence, requestWith, suffix } from "./test-request.suite.ts";

const rule = (from: HttpSource[], to: HttpOperation[] = []): HttpRule => ({ from, to, when: [] });
const candidates = (rules: readonly HttpRule[], request = requestWith()) =>
  new RuleIndex(rules.map(indexWays), readFacet).candidates(new RequestContext(request));

describe("the ways to find a rule", () => {
  test.each<[string, HttpRule, string[][]]>([
    ["nothing asked", rule([]), []],
    [
      "accounts",
      rule([{ serviceAccounts: [{ namespace: "n", serviceAccount: "s" }], namespaces: [exact("x")] }]),
      [["account n/s"]],
    ],
    ["principals", rule([{ principals: [exact("a"), exact("b")] }]), [["principal a", "principal b"]]],
    [
      "namespaces",
      rule([{ namespaces: [exact("a")] }, { namespaces: [exact("b")] }]),
      [["namespace a", "namespace b"]],
    ],
    ["a source that asks for nobody", rule([{ namespaces: [exact("a")] }, {}]), []],
    ["a namespace with a star inside", rule([{ namespaces: [exact("a*b")] }]), []],
    ["a namespace by its beginning", rule([{ namespaces: [exact("a"), prefix("b")] }]), []],
    ["empty lists", rule([{ principals: [], serviceAccounts: [] }], [{ paths: [], hosts: [] }]), []],
    ["only what it must not be", rule([{ notPrincipals: [exact("a")] }], [{ notPaths: [exact("/")] }]), []],
    [
      "paths",
      rule([], [{ paths: [exact("/a"), prefix("/b"), exact("/c/{*}/d")] }]),
      [["path /a", "pathPrefix /b", "pathPrefix /c/"]],
    ],
    ["a path by its end", rule([], [{ paths: [exact("/a"), suffix("/b")] }]), []],
    ["any path", rule([], [{ paths: [presence] }]), []],
    ["a template that is none, which DENY takes for everything", rule([], [{ paths: [exact("/{**}/{*}")] }]), []],
    ["hosts", rule([], [{ hosts: [exact("A.example")] }]), [["host a.example"]]],
    ["paths and hosts", rule([], [{ hosts: [exact("a")], paths: [exact("/")] }]), [["path /"], ["host a"]]],
    [
      "a header",
      { ...rule([]), when: [{ key: "request.headers[X-A]", values: [exact("1"), exact("2")] }] },
      [["header x-a 1", "header x-a 2"]],
    ],
    [
      "a header that must not be",
      { ...rule([]), when: [{ key: "request.headers[x-a]", notValues: [exact("1")] }] },
      [],
    ],
    ["a header by its beginning", { ...rule([]), when: [{ key: "request.headers[x-a]", values: [prefix("1")] }] }, []],
    [
      "headers that Envoy makes up",
      {
        ...rule([]),
        when: [
          { key: "request.headers[host]", values: [exact("a")] },
          { key: "request.headers[:method]", values: [exact("GET")] },
        ],
      },
      [],
    ],
    [
      "conditions on the caller",
      {
        ...rule([]),
        when: [
          { key: "source.principal", values: [exact("a")] },
          { key: "source.namespace", values: [exact("n")] },
        ],
      },
      [["principal a"], ["namespace n"]],
    ],
    [
      "other conditions",
      {
        ...rule([]),
        when: [
          { key: "connection.sni", values: [exact("a")] },
          { key: "request.auth.claims[a]", values: [exact("1")] },
        ],
      },
      [],
    ],
  ])("%s", (_what, given, ways) => {
    expect(indexWays(given).map((keys) => keys.map(({ facet, value }) => `${facet} ${value}`))).toEqual(ways);
  });
});

describe("an index", () => {
  test("looks rules up by what is rarest, and always tries the rest", () => {
    const shop = { namespaces: [exact("shop")] };
    const rules = [
      rule([shop], [{ paths: [exact("/a")] }]),
      rule([shop], [{ paths: [exact("/api/users/7/orders")] }]),
      rule([]),
      rule([shop], [{ paths: [prefix("/api/")] }]),
      rule([{ namespaces: [exact("other")] }]),
    ];
    expect(candidates(rules)).toEqual([[2], [1], [3]]);
  });
  test("finds a rule once per key that fits", () => {
    expect(candidates([rule([], [{ paths: [prefix("/api"), prefix("/api/"), prefix("/api"), exact("/x")] }])])).toEqual(
      [[0], [0]],
    );
  });
  test("cuts no beginning that is longer than the path", () => {
    const rules = [rule([], [{ paths: [prefix("/a")] }]), rule([], [{ paths: [prefix(`/a${"b".repeat(50)}`)] }])];
    expect(candidates(rules, requestWith({ path: "/ab" }))).toEqual([[0]]);
  });
  test("always tries the rules whose beginnings are of rare lengths when there are too many lengths", () => {
    const rules = Array.from({ length: 20 }, (_, n) => rule([], [{ paths: [prefix(`/${"x".repeat(n)}`)] }]));
    const [rest, ...found] = candidates(rules, requestWith({ path: "/y" }));
    expect([rest, found]).toEqual([[16, 17, 18, 19], [[0]]]);
  });
  test("keeps rules that ask for the same together", () => {
    const same = rule([], [{ paths: [exact("/api/users/7/orders")] }]);
    expect(candidates([same, rule([], [{ paths: [exact("/x")] }]), same])).toEqual([[0, 2]]);
  });
  test("takes a beginning that is the whole path", () => {
    expect(candidates([rule([], [{ paths: [prefix("/ab")] }])], requestWith({ path: "/ab" }))).toEqual([[0]]);
  });
  test("judges a way by its commonest key", () => {
    const common = { paths: [exact("/common")] };
    const rules = [
      rule([], [{ paths: [exact("/rare"), exact("/common")], hosts: [exact("h")] }]),
      rule([], [common]),
      rule([], [common]),
      rule([], [{ hosts: [exact("h")] }]),
    ];
    expect(candidates(rules, requestWith({ path: "/common", host: "other" }))).toEqual([[1, 2]]);
    expect(candidates(rules, requestWith({ path: "/rare", host: "H" }))).toEqual([[0, 3]]);
  });
  test("looks up by the commonest lengths when there are too many, and never by a part of what a rule asks", () => {
    const lengths = Array.from({ length: 17 }, (_, n) => rule([], [{ paths: [prefix(`/${"x".repeat(n)}`)] }]));
    const long = `/${"x".repeat(16)}`;
    const again = rule([], [{ paths: [prefix(long)] }]);
    const mixed = rule([], [{ paths: [exact("/other"), prefix(`/${"x".repeat(15)}`)] }]);
    const found = candidates([...lengths, again, mixed], requestWith({ path: long }));
    expect(found).toContainEqual([16, 17]);
    const [rest = [], ...others] = candidates(
      [...lengths, again, again, mixed, rule([], [{ paths: [prefix("/y"), exact("/other")] }])],
      requestWith({ path: "/other" }),
    );
    expect([
      rest.length,
      others
        .flat()
        .toSorted((a, b) => a - b)
        .filter((ordinal) => ordinal > 17),
    ]).toEqual([1, [19, 20]]);
  });
  test("looks callers up by principal, and hosts in any case", () => {
    const principal = "cluster.local/ns/shop/sa/cart";
    expect(candidates([rule([{ principals: [exact("x")] }]), rule([{ principals: [exact(principal)] }])])).toEqual([
      [1],
    ]);
    expect(
      candidates([rule([], [{ hosts: [exact("x")] }]), rule([], [{ hosts: [exact("SHOP.example.com:8080")] }])]),
    ).toEqual([[1]]);
  });
  test("looks headers up by their values", () => {
    const asks = (value: string): HttpRule => ({
      ...rule([]),
      when: [{ key: "request.headers[X-A]", values: [exact(value)] }],
    });
    expect(candidates([asks("1"), asks("1,2"), asks("2")])).toEqual([[1]]);
  });
  test("finds nobody for a caller without identity", () => {
    const { sourcePrincipal: _, ...anonymous } = requestWith();
    expect(candidates([rule([{ principals: [exact("a")] }])], anonymous)).toEqual([]);
    expect(candidates([rule([{ namespaces: [exact("a")] }])], anonymous)).toEqual([]);
    expect(candidates([rule([{ serviceAccounts: [{ namespace: "a", serviceAccount: "b" }] }])], anonymous)).toEqual([]);
  });
});

describe("a thousand policies", () => {
  const policies = (action: HttpAuthorization["action"]): HttpAuthorization[] =>
    Array.from({ length: 1_000 }, (_, n) =>
      policyWith(
        action,
        rule(
          [{ serviceAccounts: [{ namespace: "shop", serviceAccount: `sa-${n}` }] }],
          [{ paths: [prefix(`/svc-${n}/`)] }],
        ),
        { name: `p${n}` },
      ),
    );
  const request = requestWith({ sourcePrincipal: "cluster.local/ns/shop/sa/sa-700", path: "/svc-700/x" });
  test("the one that matches decides", () => {
    expect(evaluateL7(prepareHttpPolicies(policies("ALLOW")), request)).toMatchObject({
      allowed: true,
      policy: "default/p700",
    });
    expect(evaluateL7(prepareHttpPolicies(policies("DENY")), request)).toMatchObject({
      allowed: false,
      policy: "default/p700",
    });
  });
  test("a miss is explained by the rule that fits the caller, however far back it stands", () => {
    const missed = evaluateL7(prepareHttpPolicies(policies("ALLOW")), { ...request, path: "/other" });
    expect(missed).toMatchObject({ allowed: false, policy: "default/p700", rule: 0, attribute: "request.path" });
  });
  test("the first of several that match decides, whichever way they are found", () => {
    const same = policyWith("DENY", rule([{ namespaces: [exact("shop")] }]), { name: "first" });
    const last = policyWith("DENY", rule([]), { name: "last" });
    const prepared = prepareHttpPolicies([
      ...policies("DENY").slice(0, 500),
      same,
      ...policies("DENY").slice(500),
      last,
    ]);
    expect(evaluateL7(prepared, request).policy).toBe("default/first");
  });
});
