import { describe, expect, test } from "vitest";
import { evaluateL4 } from "./evaluate-l4.ts";
import type { Authorization, ConnectionAttributes, Match } from "./model.ts";

const connection = (more: Partial<ConnectionAttributes> = {}): ConnectionAttributes => ({
  sourcePrincipal: "cluster.local/ns/shop/sa/cart",
  sourceIp: "10.0.1.5",
  destinationIp: "10.0.2.7",
  destinationPort: 8080,
  ...more,
});
const { sourcePrincipal: _, ...plain } = connection();

const policy = (
  action: "ALLOW" | "DENY",
  matches: readonly Match[][],
  more: Partial<Authorization> = {},
): Authorization => ({
  name: action.toLowerCase(),
  namespace: "default",
  scope: "NAMESPACE",
  action,
  dryRun: false,
  groups: [{ rules: matches.map((alternatives) => ({ matches: alternatives })) }],
  ...more,
});

const allows = (match: Match, attributes: ConnectionAttributes): boolean =>
  evaluateL4({ policies: [policy("ALLOW", [[match]])], unknown: [] }, attributes).allowed;
const denies = (match: Match, attributes: ConnectionAttributes): boolean =>
  !evaluateL4({ policies: [policy("DENY", [[match]])], unknown: [] }, attributes).allowed;

const exact = (value: string) => ({ kind: "exact", value }) as const;
const prefix = (value: string) => ({ kind: "prefix", value }) as const;
const suffix = (value: string) => ({ kind: "suffix", value }) as const;
const presence = { kind: "presence" } as const;

describe("each field", () => {
  /** Match, then: holds for the caller shop/cart, holds for plain text. */
  const table: [name: string, match: Match, caller: boolean, plainText: boolean][] = [
    ["nothing", {}, true, true],
    ["principal", { principals: [exact("cluster.local/ns/shop/sa/cart")] }, true, false],
    ["another principal", { principals: [exact("cluster.local/ns/shop/sa/other")] }, false, false],
    ["principal with its scheme", { principals: [exact("spiffe://cluster.local/ns/shop/sa/cart")] }, false, false],
    ["principal in another case", { principals: [exact("cluster.local/ns/Shop/sa/cart")] }, false, false],
    ["principal prefix", { principals: [prefix("cluster.local/ns/shop/")] }, true, false],
    ["principal suffix", { principals: [suffix("/sa/cart")] }, true, false],
    ["empty principal prefix", { principals: [prefix("")] }, true, false],
    ["any principal", { principals: [presence] }, true, false],
    ["one of two principals", { principals: [exact("x"), suffix("cart")] }, true, false],
    ["not the principal", { notPrincipals: [exact("cluster.local/ns/shop/sa/cart")] }, false, true],
    ["no principal", { notPrincipals: [presence] }, false, true],
    ["namespace", { namespaces: [exact("shop")] }, true, false],
    ["namespace prefix", { namespaces: [prefix("sh")] }, true, false],
    ["any namespace", { namespaces: [presence] }, true, false],
    ["not the namespace", { notNamespaces: [exact("shop")] }, false, true],
    ["not another namespace", { notNamespaces: [exact("x")] }, true, true],
    ["service account", { serviceAccounts: [{ namespace: "shop", serviceAccount: "cart" }] }, true, false],
    ["its name elsewhere", { serviceAccounts: [{ namespace: "x", serviceAccount: "cart" }] }, false, false],
    ["not the account", { notServiceAccounts: [{ namespace: "shop", serviceAccount: "cart" }] }, false, true],
    ["source range", { sourceIps: [{ address: "10.0.0.0", length: 16 }] }, true, true],
    ["source address", { sourceIps: [{ address: "10.0.1.5", length: 32 }] }, true, true],
    ["another source", { sourceIps: [{ address: "10.0.1.4", length: 32 }] }, false, false],
    ["odd length", { sourceIps: [{ address: "10.0.1.4", length: 31 }] }, true, true],
    ["everywhere", { sourceIps: [{ address: "0.0.0.0", length: 0 }] }, true, true],
    ["IPv6 everywhere", { sourceIps: [{ address: "::", length: 0 }] }, false, false],
    ["not the source", { notSourceIps: [{ address: "10.0.0.0", length: 8 }] }, false, false],
    ["destination range", { destinationIps: [{ address: "10.0.2.0", length: 24 }] }, true, true],
    ["not the destination", { notDestinationIps: [{ address: "10.0.2.0", length: 24 }] }, false, false],
    ["port", { destinationPorts: [80, 8080] }, true, true],
    ["another port", { destinationPorts: [80] }, false, false],
    ["not the port", { notDestinationPorts: [8080] }, false, false],
    ["not another port", { notDestinationPorts: [80] }, true, true],
    ["fields together", { namespaces: [exact("shop")], destinationPorts: [8080] }, true, false],
    ["fields together, one wrong", { namespaces: [exact("shop")], destinationPorts: [80] }, false, false],
    ["positive and negative", { namespaces: [presence], notNamespaces: [exact("shop")] }, false, false],
    ["STRICT", { notPrincipals: [presence] }, false, true],
    ["STRICT but for a port", { notPrincipals: [presence], notDestinationPorts: [8080] }, false, false],
  ];

  test.each(table)("%s", (_name, match, caller, plainText) => {
    expect([allows(match, connection()), allows(match, plain)]).toEqual([caller, plainText]);
    expect([denies(match, connection()), denies(match, plain)]).toEqual([caller, plainText]);
  });

  test("IPv4 addresses in IPv6 form are IPv4 addresses", () => {
    const mapped = connection({ sourceIp: "::ffff:10.0.1.5" });
    expect(allows({ sourceIps: [{ address: "10.0.1.0", length: 24 }] }, mapped)).toBe(true);
    expect(allows({ sourceIps: [{ address: "::ffff:10.0.1.0", length: 120 }] }, connection())).toBe(true);
  });

  test("a range that cannot be read closes: DENY matches, ALLOW does not", () => {
    for (const range of [
      { address: "10.0.0", length: 8 },
      { address: "10.0.0.0", length: 33 },
    ]) {
      expect([allows({ sourceIps: [range] }, connection()), denies({ sourceIps: [range] }, connection())]).toEqual([
        false,
        true,
      ]);
      expect([
        allows({ notSourceIps: [range] }, connection()),
        denies({ notSourceIps: [range] }, connection()),
      ]).toEqual([false, true]);
    }
  });

  test("a principal that is not of Istio's form has no namespace and no account", () => {
    const odd = connection({ sourcePrincipal: "cluster.local/service/x" });
    expect(allows({ namespaces: [presence] }, odd)).toBe(false);
    expect(allows({ principals: [presence] }, odd)).toBe(true);
  });
});

describe("order", () => {
  const caller = [[{ namespaces: [exact("shop")] }]];

  test("denies when a DENY rule matches even if an ALLOW rule matches too", () => {
    expect(
      evaluateL4({ policies: [policy("ALLOW", caller), policy("DENY", caller)], unknown: [] }, connection()),
    ).toEqual({
      allowed: false,
      reason: "denied-by-policy",
      policy: "default/deny",
      rule: 0,
      attribute: "source.namespace",
      evaluated: ["default/deny"],
    });
  });

  test("lets everything through that is not denied when there is no ALLOW policy", () => {
    const other = policy("DENY", [[{ namespaces: [exact("x")] }]]);
    expect(evaluateL4({ policies: [other], unknown: [] }, connection())).toEqual({
      allowed: true,
      reason: "no-policy-applies",
      evaluated: ["default/deny"],
    });
  });

  test("an ALLOW policy without rules allows nobody", () => {
    const nobody = policy("ALLOW", [], { groups: [] });
    expect(evaluateL4({ policies: [nobody], unknown: [] }, connection())).toEqual({
      allowed: false,
      reason: "no-allow-policy-matched",
      policy: "default/allow",
      attribute: "none",
      evaluated: ["default/allow"],
    });
  });

  test("a rule without clauses matches everybody", () => {
    const everybody = policy("ALLOW", []);
    expect(evaluateL4({ policies: [everybody], unknown: [] }, plain)).toMatchObject({
      allowed: true,
      attribute: "none",
    });
  });

  test("rules are ORed, clauses ANDed, matches ORed", () => {
    const two = policy("ALLOW", [], {
      groups: [
        { rules: [{ matches: [{ namespaces: [exact("x")] }] }, { matches: [{ destinationPorts: [8080] }] }] },
        { rules: [{ matches: [{ namespaces: [exact("x")] }, { namespaces: [exact("shop")] }] }] },
      ],
    });
    expect(evaluateL4({ policies: [two], unknown: [] }, connection())).toMatchObject({ allowed: true, rule: 1 });
    expect(evaluateL4({ policies: [two], unknown: [] }, plain)).toMatchObject({ allowed: false });
  });

  test("a clause without matches closes: DENY matches, ALLOW does not", () => {
    const degenerate = [[], [{ destinationPorts: [8080] }]];
    expect(evaluateL4({ policies: [policy("ALLOW", degenerate)], unknown: [] }, connection()).allowed).toBe(false);
    expect(evaluateL4({ policies: [policy("DENY", degenerate)], unknown: [] }, connection()).allowed).toBe(false);
  });

  test("a policy that is named but not known refuses, even if another allows", () => {
    expect(evaluateL4({ policies: [policy("ALLOW", caller)], unknown: ["default/gone"] }, connection())).toEqual({
      allowed: false,
      reason: "unknown-policy",
      policy: "default/gone",
      attribute: "none",
      evaluated: ["default/gone"],
    });
  });

  test("a policy in dry run is not enforced", () => {
    const dry = { dryRun: true };
    const policies = [policy("DENY", caller, dry), policy("ALLOW", [], { ...dry, groups: [] })];
    expect(evaluateL4({ policies, unknown: [] }, connection())).toMatchObject({
      allowed: true,
      reason: "no-policy-applies",
    });
  });
});

describe("nearest miss", () => {
  test("names the ALLOW rule with most matching attributes and the first that fails", () => {
    const policies = [
      policy("ALLOW", [], { name: "nobody", groups: [] }),
      policy("ALLOW", [[{ namespaces: [exact("x")] }], [{ destinationPorts: [9090] }]], { name: "far" }),
      policy("ALLOW", [], {
        name: "near",
        groups: [
          { rules: [{ matches: [{ namespaces: [exact("x")] }] }] },
          {
            rules: [
              { matches: [{ serviceAccounts: [{ namespace: "shop", serviceAccount: "cart" }] }] },
              { matches: [{ destinationPorts: [9090] }] },
            ],
          },
        ],
      }),
    ];
    expect(evaluateL4({ policies, unknown: [] }, connection())).toMatchObject({
      policy: "default/near",
      rule: 1,
      attribute: "destination.port",
      evaluated: ["default/nobody", "default/far", "default/near"],
    });
  });

  test("plain text fails at the caller's identity", () => {
    const policies = [
      policy("ALLOW", [
        [{ serviceAccounts: [{ namespace: "shop", serviceAccount: "cart" }] }],
        [{ destinationPorts: [8080] }],
      ]),
    ];
    expect(evaluateL4({ policies, unknown: [] }, plain)).toMatchObject({ attribute: "source.serviceAccount", rule: 0 });
  });
});

test("asks of one workload share what was prepared, and answers do not mix", () => {
  const allow: Authorization = {
    name: "p",
    namespace: "ns",
    scope: "NAMESPACE",
    action: "ALLOW",
    dryRun: false,
    groups: [{ rules: [{ matches: [{ destinationPorts: [80] }] }] }],
  };
  const applicable = { policies: [allow], unknown: [] };
  const at = (destinationPort: number) =>
    evaluateL4(applicable, { sourceIp: "10.0.0.1", destinationIp: "10.0.0.2", destinationPort });
  expect([at(80).allowed, at(81).allowed, at(80).allowed]).toEqual([true, false, true]);
  expect(at(80)).toBe(at(80));
});

test.each<[string, Match]>([
  ["source.principal", { principals: [{ kind: "presence" }] }],
  ["source.serviceAccount", { serviceAccounts: [{ namespace: "shop", serviceAccount: "cart" }] }],
  ["source.namespace", { namespaces: [{ kind: "presence" }] }],
  ["source.ip", { sourceIps: [{ address: "10.0.0.0", length: 8 }] }],
  ["destination.ip", { destinationIps: [{ address: "10.0.0.0", length: 8 }] }],
  ["destination.port", { destinationPorts: [8080] }],
])("a decision names %s where it decided", (attribute, match) => {
  const denying: Authorization = {
    name: "p",
    namespace: "ns",
    scope: "NAMESPACE",
    action: "DENY",
    dryRun: false,
    groups: [{ rules: [{ matches: [match] }] }],
  };
  expect(evaluateL4({ policies: [denying], unknown: [] }, connection())).toMatchObject({ allowed: false, attribute });
});

test("what was read before an unknown policy refuses is named in order", () => {
  const denying: Authorization = {
    name: "d",
    namespace: "ns",
    scope: "NAMESPACE",
    action: "DENY",
    dryRun: false,
    groups: [],
  };
  const allowing: Authorization = { ...denying, name: "a", action: "ALLOW" };
  expect(evaluateL4({ policies: [allowing, denying], unknown: ["ns/x", "ns/y"] }, connection())).toEqual({
    allowed: false,
    reason: "unknown-policy",
    policy: "ns/x",
    attribute: "none",
    evaluated: ["ns/d", "ns/x", "ns/y"],
  });
});
