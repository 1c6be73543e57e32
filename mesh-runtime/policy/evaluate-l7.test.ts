import { describe, expect, test } from "vitest";
import { evaluateL7 } from "./evaluate-l7.ts";
import type { HttpCondition, HttpOperation, HttpRule, HttpSource } from "./http-model.ts";
import { prepareHttpPolicies } from "./prepare-http.ts";
import type { RequestAttributes } from "./request-attributes.ts";

const headers: Record<string, string> = { "x-a": "1,2", "x-empty": "" };
const request = (more: Partial<RequestAttributes> = {}): RequestAttributes => ({
  sourcePrincipal: "cluster.local/ns/shop/sa/cart",
  sourceIp: "10.0.1.5",
  remoteIp: "203.0.113.9",
  destinationIp: "10.0.2.7",
  destinationPort: 80,
  method: "GET",
  host: "Shop.Example.com:8080",
  path: "/api/users/7/orders",
  header: (name) => headers[name],
  ...more,
});

const decision = (action: "ALLOW" | "DENY", rule: Partial<HttpRule>, attributes = request()) =>
  evaluateL7(
    prepareHttpPolicies([
      {
        name: "p",
        namespace: "default",
        action,
        dryRun: false,
        provider: "",
        rules: [{ from: [], to: [], when: [], ...rule }],
      },
    ]),
    attributes,
  );

const exact = (value: string) => ({ kind: "exact", value }) as const;
const prefix = (value: string) => ({ kind: "prefix", value }) as const;
const suffix = (value: string) => ({ kind: "suffix", value }) as const;
const presence = { kind: "presence" } as const;

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
