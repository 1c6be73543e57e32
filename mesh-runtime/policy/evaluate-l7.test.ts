import { describe, expect, test } from "vitest";
import { evaluateL7 } from "./evaluate-l7.ts";
import type { HttpCondition, HttpOperation, HttpRule, HttpSource } from "./http-model.ts";
import type { DecidingAttribute } from "./model.ts";
import { prepareHttpPolicies } from "./prepare-http.ts";
import {
  decisionOf as decision,
  exact,
  policyWith,
  prefix,
  presence,
  requestWith as request,
  suffix,
  tokenWith,
} from "./test-request.suite.ts";

describe("operations", () => {
  test.each<[string, HttpOperation, boolean]>([
    ["nothing", {}, true],
    ["method", { methods: [exact("GET")] }, true],
    ["method in lower case", { methods: [exact("get")] }, false],
    ["method prefix", { methods: [prefix("G")] }, true],
    ["not the method", { notMethods: [exact("GET")] }, false],
    ["not another method", { notMethods: [exact("POST")] }, true],
    ["host with its port, in any case", { hosts: [exact("SHOP.example.com:8080")] }, true],
    ["host without its port", { hosts: [exact("shop.example.com")] }, false],
    ["host with any port", { hosts: [prefix("shop.example.com:")] }, true],
    ["host suffix", { hosts: [suffix(".Example.com:8080")] }, true],
    ["any host", { hosts: [presence] }, true],
    ["not the host", { notHosts: [prefix("shop.")] }, false],
    ["path", { paths: [exact("/api/users/7/orders")] }, true],
    ["path in another case", { paths: [exact("/API/users/7/orders")] }, false],
    ["path prefix", { paths: [prefix("/api/")] }, true],
    ["path suffix", { paths: [suffix("/orders")] }, true],
    ["any path", { paths: [presence] }, true],
    ["not the path", { notPaths: [prefix("/api")] }, false],
    ["no path, which a DENY rule with only a port means", { ports: [80], paths: [] }, true],
    ["path template", { paths: [exact("/api/users/{*}/orders")] }, true],
    ["path template, too short", { paths: [exact("/api/users/{*}")] }, false],
    ["path template for the rest", { paths: [exact("/api/{**}")] }, true],
    ["path template for the middle", { paths: [exact("/api/{**}/orders")] }, true],
    ["path template, other end", { paths: [exact("/api/{**}/carts")] }, false],
    ["port", { ports: [80] }, true],
    ["another port", { ports: [8080] }, false],
    ["not the port", { notPorts: [80] }, false],
    ["fields together", { methods: [exact("GET")], paths: [prefix("/x")] }, false],
  ])("%s", (_name, operation, holds) => {
    expect(decision("ALLOW", { to: [operation] }).allowed).toBe(holds);
    expect(decision("DENY", { to: [operation] }).allowed).toBe(!holds);
  });
});

describe("sources", () => {
  test.each<[string, HttpSource, caller: boolean, outside: boolean]>([
    ["principal", { principals: [exact("cluster.local/ns/shop/sa/cart")] }, true, false],
    ["not the principal", { notPrincipals: [exact("cluster.local/ns/shop/sa/cart")] }, false, true],
    ["namespace", { namespaces: [exact("shop")] }, true, false],
    ["account", { serviceAccounts: [{ namespace: "shop", serviceAccount: "cart" }] }, true, false],
    ["not the account", { notServiceAccounts: [{ namespace: "shop", serviceAccount: "cart" }] }, false, true],
    ["peer address", { ipBlocks: [{ address: "10.0.0.0", length: 8 }] }, true, true],
    ["client address", { remoteIpBlocks: [{ address: "203.0.113.0", length: 24 }] }, true, true],
    ["namespace prefix", { namespaces: [prefix("sh")] }, true, false],
    ["namespace suffix", { namespaces: [suffix("op")] }, true, false],
    ["any namespace", { namespaces: [presence] }, true, false],
    ["namespace with a star inside", { namespaces: [exact("s*p")] }, true, false],
    ["namespace with stars around", { namespaces: [suffix("ho*")] }, true, false],
    ["namespace with a star inside, too long", { namespaces: [exact("sho*op")] }, false, false],
    ["namespace with two stars inside", { namespaces: [exact("s*o*p")] }, true, false],
    ["namespace with two stars inside, out of order", { namespaces: [exact("s*o*h*p")] }, false, false],
    ["namespace with a star inside, and nothing for it", { namespaces: [exact("sho*p")] }, true, false],
    ["namespace with pieces that overlap the end", { namespaces: [exact("sh*op*p")] }, false, false],
    ["namespace by its beginning without a star", { namespaces: [exact("sho")] }, false, false],
    ["namespace with stars, other beginning", { namespaces: [exact("x*p")] }, false, false],
    ["namespace with stars, other end", { namespaces: [exact("s*x")] }, false, false],
    ["not the namespace", { notNamespaces: [exact("shop")] }, false, true],
    ["not another namespace", { notNamespaces: [exact("other")] }, true, true],
    ["any principal", { principals: [presence] }, true, false],
    ["no principal at all", { notPrincipals: [presence] }, false, true],
    [
      "principal with its scheme, which never matches",
      { principals: [exact("spiffe://cluster.local/ns/shop/sa/cart")] },
      false,
      false,
    ],
    ["principal suffix", { principals: [suffix("/sa/cart")] }, true, false],
    ["principal of another trust domain", { principals: [exact("td/ns/shop/sa/cart")] }, false, false],
    ["account of another namespace", { serviceAccounts: [{ namespace: "x", serviceAccount: "cart" }] }, false, false],
    [
      "one of several accounts",
      {
        serviceAccounts: [
          { namespace: "shop", serviceAccount: "x" },
          { namespace: "shop", serviceAccount: "cart" },
        ],
      },
      true,
      false,
    ],
    ["not the peer address", { notIpBlocks: [{ address: "10.0.1.5", length: 32 }] }, false, false],
    ["a token, without one", { requestPrincipals: [presence] }, false, false],
    ["no token, without one", { notRequestPrincipals: [presence] }, true, true],
    ["not the client address", { notRemoteIpBlocks: [{ address: "203.0.113.0", length: 24 }] }, false, false],
  ])("%s", (_name, source, caller, outside) => {
    const { sourcePrincipal: _, ...anonymous } = request();
    expect(decision("ALLOW", { from: [source] }).allowed).toBe(caller);
    expect(decision("ALLOW", { from: [source] }, anonymous).allowed).toBe(outside);
  });
});

describe("conditions", () => {
  test.each<[string, HttpCondition, boolean]>([
    ["header, repeated ones joined", { key: "request.headers[X-A]", values: [exact("1,2")] }, true],
    ["header prefix", { key: "request.headers[x-a]", values: [prefix("1")] }, true],
    ["header present", { key: "request.headers[x-a]", values: [presence] }, true],
    ["empty header present", { key: "request.headers[x-empty]", values: [presence] }, true],
    ["header absent", { key: "request.headers[x-b]", values: [presence] }, false],
    ["header must be absent, and is", { key: "request.headers[x-b]", notValues: [presence] }, true],
    ["header must be absent, and is not", { key: "request.headers[x-a]", notValues: [presence] }, false],
    ["header not of a value", { key: "request.headers[x-a]", notValues: [exact("9")] }, true],
    ["source.principal", { key: "source.principal", values: [suffix("/cart")] }, true],
    ["source.namespace", { key: "source.namespace", notValues: [exact("shop")] }, false],
    ["source.ip", { key: "source.ip", values: [exact("10.0.0.0/8")] }, true],
    ["source.ip that is no range", { key: "source.ip", values: [exact("10.0.0")] }, false],
    ["remote.ip", { key: "remote.ip", values: [exact("203.0.113.9")] }, true],
    ["destination.ip", { key: "destination.ip", values: [exact("10.0.2.0/24")] }, true],
    ["destination.port", { key: "destination.port", values: [exact("80")] }, true],
    ["destination.port in a longer form", { key: "destination.port", values: [exact("0080")] }, true],
    ["not the destination.port", { key: "destination.port", notValues: [exact("80")] }, false],
    ["one of two values", { key: "request.headers[x-a]", values: [exact("9"), suffix(",2")] }, true],
    ["a value and not another", { key: "request.headers[x-a]", values: [presence], notValues: [suffix("2")] }, false],
    ["another destination.port", { key: "destination.port", values: [exact("81")] }, false],
    ["another method as a header", { key: "request.headers[:method]", values: [exact("POST")] }, false],
    ["another authority as a header", { key: "request.headers[:authority]", values: [exact("x")] }, false],
    ["the host header", { key: "request.headers[host]", values: [exact("Shop.Example.com:8080")] }, true],
    ["the method as a header", { key: "request.headers[:method]", values: [exact("GET")] }, true],
    [
      "the authority as a header",
      { key: "request.headers[:authority]", values: [exact("Shop.Example.com:8080")] },
      true,
    ],
    [
      "the host header, with its case",
      { key: "request.headers[Host]", values: [exact("shop.example.com:8080")] },
      false,
    ],
    ["source.namespace by a star inside", { key: "source.namespace", values: [exact("s*p")] }, true],
    ["connection.sni without TLS", { key: "connection.sni", values: [presence] }, false],
    ["no connection.sni without TLS", { key: "connection.sni", notValues: [presence] }, true],
    ["neither values nor notValues", { key: "request.headers[x-b]" }, true],
    ["a claim, which nobody verified", { key: "request.auth.claims[groups]", values: [presence] }, false],
    ["the absence of a claim", { key: "request.auth.claims[groups]", notValues: [exact("x")] }, true],
  ])("%s", (_name, condition, holds) => {
    expect(decision("ALLOW", { when: [condition] }).allowed).toBe(holds);
  });
});

test("explains a denial and a miss", () => {
  expect(decision("DENY", { to: [{ paths: [prefix("/api")] }] })).toMatchObject({
    reason: "denied-by-policy",
    policy: "default/p",
    rule: 0,
    attribute: "request.path",
  });
  const rule = { from: [{ namespaces: [exact("shop")] }], to: [{ methods: [exact("POST")] }] };
  expect(decision("ALLOW", rule)).toMatchObject({ reason: "no-allow-policy-matched", attribute: "request.method" });
});

test("an SNI compares in lower case, with stars at its ends", () => {
  const at = request({ sni: "API.Example.com" });
  const holds = (...values: HttpCondition["values"] & object) =>
    decision("ALLOW", { when: [{ key: "connection.sni", values }] }, at).allowed;
  expect([holds(exact("api.example.com")), holds(suffix(".example.com")), holds(exact("API.Example.com"))]).toEqual([
    true,
    true,
    false,
  ]);
});

test("without a client address of its own the peer is the client", () => {
  const { remoteIp: _, ...direct } = request();
  const rule = { from: [{ remoteIpBlocks: [{ address: "10.0.0.0", length: 8 }] }] };
  expect([decision("ALLOW", rule, direct).allowed, decision("ALLOW", rule).allowed]).toEqual([true, false]);
});

describe("what cannot be judged closes: DENY matches and ALLOW does not", () => {
  test.each<[string, HttpCondition]>([
    ["Envoy's metadata", { key: "experimental.envoy.filters.network.mysql_proxy[db.t]", values: [exact("[update]")] }],
    ["Envoy's metadata, negated", { key: "experimental.envoy.filters.a[b]", notValues: [exact("x")] }],
    ["a key that nobody knows", { key: "source.weather", values: [exact("rain")] }],
    ["a header without brackets", { key: "request.headers.x-a", values: [presence] }],
    ["a header without a name", { key: "request.headers[]", notValues: [presence] }],
    ["a pseudo-header that is not known", { key: "request.headers[:path]", values: [exact("/api/users/7/orders")] }],
    ["a claim without brackets", { key: "request.auth.claims", values: [presence] }],
    ["a claim with half a bracket", { key: "request.auth.claims[a", notValues: [presence] }],
    ["a range that is none", { key: "source.ip", values: [exact("10.0.0")] }],
    ["a range that is a wildcard", { key: "remote.ip", values: [presence] }],
    ["a port that is none", { key: "destination.port", values: [exact("http")] }],
    ["a port with more behind it", { key: "destination.port", values: [exact("80x")] }],
    ["a port by its beginning", { key: "destination.port", values: [prefix("80")] }],
    ["a header with more behind its brackets", { key: "request.headers[x-a]b", values: [presence] }],
    ["a key that is as long as that of claims", { key: "request.auth.weathe[a]", notValues: [presence] }],
  ])("%s", (_name, condition) => {
    expect(decision("ALLOW", { when: [condition] }).allowed).toBe(false);
    expect(decision("DENY", { when: [condition] }).allowed).toBe(false);
  });

  test.each<[string, HttpCondition]>([
    ["a range that is none", { key: "source.ip", notValues: [exact("10.0.0")] }],
    ["a port that is none", { key: "destination.port", notValues: [exact("-1")] }],
  ])("negated, %s", (_name, condition) => {
    expect(decision("ALLOW", { when: [condition] }).allowed).toBe(false);
    expect(decision("DENY", { when: [condition] }).allowed).toBe(false);
  });

  test("a peer whose address cannot be read is in no range", () => {
    const at = request({ sourceIp: "unknown", remoteIp: "unknown", destinationIp: "" });
    const all = [{ address: "0.0.0.0", length: 0 }];
    expect(decision("ALLOW", { from: [{ ipBlocks: all }] }, at).allowed).toBe(false);
    expect(decision("ALLOW", { from: [{ remoteIpBlocks: all }] }, at).allowed).toBe(false);
    expect(decision("ALLOW", { when: [{ key: "destination.ip", values: [exact("0.0.0.0/0")] }] }, at).allowed).toBe(
      false,
    );
  });

  test("a principal that is not of Istio's form has neither namespace nor account", () => {
    const at = request({ sourcePrincipal: "cluster.local/ns/shop/sa/cart/extra" });
    expect(decision("ALLOW", { from: [{ namespaces: [presence] }] }, at).allowed).toBe(false);
    expect(
      decision("ALLOW", { from: [{ serviceAccounts: [{ namespace: "shop", serviceAccount: "cart" }] }] }, at).allowed,
    ).toBe(false);
    expect(decision("ALLOW", { from: [{ principals: [prefix("cluster.local/")] }] }, at).allowed).toBe(true);
  });
});

test("IPv6 and IPv4 inside of it are compared as what they are", () => {
  const from = (address: string, length: number) => ({ from: [{ ipBlocks: [{ address, length }] }] });
  const at = (sourceIp: string) => request({ sourceIp });
  expect(decision("ALLOW", from("2001:db8::", 32), at("2001:db8::5")).allowed).toBe(true);
  expect(decision("ALLOW", from("2001:db8::", 32), at("2001:db9::5")).allowed).toBe(false);
  expect(decision("ALLOW", from("10.0.0.0", 8), at("::ffff:10.0.0.5")).allowed).toBe(true);
  expect(decision("ALLOW", from("::", 0), at("10.0.0.5")).allowed).toBe(false);
});

test("reads addresses and principal of a connection from what was prepared", () => {
  const prepared = {
    parts: { namespace: "n", serviceAccount: "s" },
    sourceIp: [1, 2, 3, 4],
    destinationIp: [5, 6, 7, 8],
  };
  const { remoteIp: _, ...at } = request({ connection: prepared });
  expect(decision("ALLOW", { from: [{ namespaces: [exact("n")] }] }, at).allowed).toBe(true);
  expect(decision("ALLOW", { from: [{ ipBlocks: [{ address: "1.2.3.4", length: 32 }] }] }, at).allowed).toBe(true);
  expect(decision("ALLOW", { from: [{ remoteIpBlocks: [{ address: "1.2.3.4", length: 32 }] }] }, at).allowed).toBe(
    true,
  );
  expect(decision("ALLOW", { when: [{ key: "destination.ip", values: [exact("5.6.7.8")] }] }, at).allowed).toBe(true);
});

test("without policies everything passes, and nothing is allocated for it", () => {
  const none = prepareHttpPolicies([]);
  const decided = evaluateL7(none, request());
  expect(decided).toEqual({ allowed: true, reason: "no-policy-applies", evaluated: [] });
  expect(evaluateL7(none, request())).toBe(decided);
  expect(none.keys).toEqual([]);
});

test("the same rule gives the same decision object; another deciding attribute another one", () => {
  const rule = { from: [{ namespaces: [exact("shop")] }, { ipBlocks: [{ address: "10.9.0.0", length: 16 }] }] };
  const prepared = prepareHttpPolicies([policyWith("ALLOW", rule)]);
  const first = evaluateL7(prepared, request());
  expect(evaluateL7(prepared, request())).toBe(first);
  const { sourcePrincipal: _, ...other } = request({ sourceIp: "10.9.0.1" });
  expect([first.attribute, evaluateL7(prepared, other).attribute]).toEqual(["source.namespace", "source.ip"]);
});

test("a path template that is none closes", () => {
  const paths = [exact("/{**}/{*}")];
  expect([decision("ALLOW", { to: [{ paths }] }).allowed, decision("DENY", { to: [{ paths }] }).allowed]).toEqual([
    false,
    false,
  ]);
  const notPaths = paths;
  expect([decision("ALLOW", { to: [{ notPaths }] }).allowed, decision("DENY", { to: [{ notPaths }] }).allowed]).toEqual(
    [false, false],
  );
});

describe("a decision names the attribute that decided", () => {
  const token = tokenWith({ aud: "a", azp: "a", groups: "a" });
  const when = (key: string): Partial<HttpRule> => ({ when: [{ key, notValues: [exact("no such value")] }] });
  test.each<[DecidingAttribute, Partial<HttpRule>]>([
    ["source.principal", { from: [{ principals: [presence] }] }],
    ["source.serviceAccount", { from: [{ notServiceAccounts: [{ namespace: "x", serviceAccount: "x" }] }] }],
    ["source.namespace", { from: [{ namespaces: [presence] }] }],
    ["source.ip", { from: [{ ipBlocks: [{ address: "0.0.0.0", length: 0 }] }] }],
    ["remote.ip", { from: [{ remoteIpBlocks: [{ address: "0.0.0.0", length: 0 }] }] }],
    ["request.auth.principal", { from: [{ requestPrincipals: [presence] }] }],
    ["request.host", { to: [{ hosts: [presence] }] }],
    ["request.method", { to: [{ methods: [presence] }] }],
    ["request.path", { to: [{ paths: [presence] }] }],
    ["destination.port", { to: [{ ports: [80] }] }],
    ["source.principal", when("source.principal")],
    ["source.namespace", when("source.namespace")],
    ["source.ip", { when: [{ key: "source.ip", values: [exact("0.0.0.0/0")] }] }],
    ["remote.ip", { when: [{ key: "remote.ip", values: [exact("0.0.0.0/0")] }] }],
    ["destination.ip", { when: [{ key: "destination.ip", values: [exact("0.0.0.0/0")] }] }],
    ["destination.port", { when: [{ key: "destination.port", values: [exact("80")] }] }],
    ["connection.sni", when("connection.sni")],
    ["request.header", when("request.headers[x-a]")],
    ["request.header", when("request.headers[host]")],
    ["request.header", when("request.headers[:method]")],
    ["request.auth.principal", when("request.auth.principal")],
    ["request.auth.audiences", when("request.auth.audiences")],
    ["request.auth.presenter", when("request.auth.presenter")],
    ["request.auth.claims", when("request.auth.claims[groups]")],
    ["none", {}],
    ["none", { from: [{}] }],
  ])("%s", (attribute, rule) => {
    expect(decision("DENY", rule, request({ token }))).toMatchObject({ allowed: false, attribute });
  });
  test.each<[DecidingAttribute, string]>([
    ["request.header", "request.headers"],
    ["request.header", "request.headers[:path]"],
    ["request.auth.claims", "request.auth.claims"],
    ["none", "experimental.envoy.filters.a[b]"],
  ])("%s for what cannot be judged: %s", (attribute, key) => {
    expect(decision("DENY", when(key))).toMatchObject({ allowed: false, attribute });
    expect(decision("ALLOW", when(key))).toMatchObject({ allowed: false, attribute });
  });
});
