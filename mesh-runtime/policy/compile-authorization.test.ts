import { describe, expect, test } from "vitest";
import { compileAuthorization } from "./compile-authorization.ts";
import type { HttpAuthorization } from "./http-model.ts";
import type { Scope } from "./model.ts";
import type { AuthorizationPolicyResource, RuleFields } from "./resource.ts";

type Spec = NonNullable<AuthorizationPolicyResource["spec"]>;

const resource = (
  spec: Spec,
  more: Partial<AuthorizationPolicyResource["metadata"]> = {},
): AuthorizationPolicyResource => ({
  metadata: { name: "p", namespace: "web", ...more },
  spec,
});
const selector = { matchLabels: { app: "web" } };
const l4 = (spec: Spec) => compileAuthorization(resource({ selector, ...spec })).authorization?.groups;

describe("for agents", () => {
  test("scope follows selector and namespace", () => {
    const scope = (spec: Spec, namespace: string) =>
      compileAuthorization(resource(spec, { namespace })).authorization?.scope;
    expect(scope({}, "web")).toBe("NAMESPACE");
    expect(scope({}, "istio-system")).toBe("GLOBAL");
    expect(scope({ selector }, "web")).toBe("WORKLOAD_SELECTOR");
    expect(scope({ selector }, "istio-system")).toBe("WORKLOAD_SELECTOR");
  });

  test("spec {} is ALLOW with nobody, rules [{}] is ALLOW with everybody", () => {
    expect(compileAuthorization(resource({})).authorization).toEqual({
      name: "p",
      namespace: "web",
      scope: "NAMESPACE",
      action: "ALLOW",
      dryRun: false,
      groups: [],
    });
    expect(compileAuthorization({ metadata: { name: "p", namespace: "web" } }).authorization?.groups).toEqual([]);
    expect(l4({ rules: [{}] })).toEqual([{ rules: [] }]);
  });

  test.each([
    ["own namespace's account", ["cart"], [{ namespace: "web", serviceAccount: "cart" }]],
    ["another namespace's account", ["shop/cart"], [{ namespace: "shop", serviceAccount: "cart" }]],
  ])("service accounts: %s", (_name, serviceAccounts, expected) => {
    expect(l4({ rules: [{ from: [{ source: { serviceAccounts } }] }] })).toEqual([
      { rules: [{ matches: [{ serviceAccounts: expected }] }] },
    ]);
  });

  test.each([
    ["*", { kind: "presence" }],
    ["cluster.local/ns/a/*", { kind: "prefix", value: "cluster.local/ns/a/" }],
    ["*/sa/b", { kind: "suffix", value: "/sa/b" }],
    ["cluster.local/ns/a/sa/b", { kind: "exact", value: "cluster.local/ns/a/sa/b" }],
    ["a*b", { kind: "exact", value: "a*b" }],
  ])("principal %s", (principal, expected) => {
    expect(l4({ rules: [{ from: [{ source: { principals: [principal] } }] }] })).toEqual([
      { rules: [{ matches: [{ principals: [expected] }] }] },
    ]);
  });

  test("all fields of source, operation and the conditions of layer 4", () => {
    expect(
      l4({
        rules: [
          {
            from: [
              {
                source: {
                  namespaces: ["a"],
                  notNamespaces: ["b"],
                  ipBlocks: ["10.0.0.0/8", "::1"],
                  notIpBlocks: ["10.1.1.1"],
                },
              },
              { source: { notPrincipals: ["*"], notServiceAccounts: ["c"] } },
            ],
            to: [{ operation: { ports: ["80"], notPorts: ["81"] } }],
            when: [
              { key: "source.namespace", values: ["d"], notValues: ["e"] },
              { key: "source.principal", notValues: ["f*"] },
              { key: "source.ip", values: ["1.2.3.4"] },
              { key: "destination.ip", values: ["1.2.3.0/24"] },
              { key: "destination.port", values: ["8080"] },
            ],
          },
        ],
      }),
    ).toEqual([
      {
        rules: [
          {
            matches: [
              {
                namespaces: [{ kind: "exact", value: "a" }],
                notNamespaces: [{ kind: "exact", value: "b" }],
                sourceIps: [
                  { address: "10.0.0.0", length: 8 },
                  { address: "::1", length: 128 },
                ],
                notSourceIps: [{ address: "10.1.1.1", length: 32 }],
              },
              {
                notServiceAccounts: [{ namespace: "web", serviceAccount: "c" }],
                notPrincipals: [{ kind: "presence" }],
              },
            ],
          },
          { matches: [{ destinationPorts: [80], notDestinationPorts: [81] }] },
          {
            matches: [{ namespaces: [{ kind: "exact", value: "d" }], notNamespaces: [{ kind: "exact", value: "e" }] }],
          },
          { matches: [{ notPrincipals: [{ kind: "prefix", value: "f" }] }] },
          { matches: [{ sourceIps: [{ address: "1.2.3.4", length: 32 }] }] },
          { matches: [{ destinationIps: [{ address: "1.2.3.0", length: 24 }] }] },
          { matches: [{ destinationPorts: [8080] }] },
        ],
      },
    ]);
  });

  const httpNote = (found: string, consequence: string) => [
    {
      reason: "UnsupportedValue",
      accepted: true,
      message: `ztunnel does not support HTTP attributes (found: ${found}). In ambient mode you must use a waypoint proxy to enforce HTTP rules. ${consequence} This will be more restrictive than requested.`,
    },
  ];

  test("ALLOW rules with HTTP attributes are left out; none left allows nobody", () => {
    const rules = [
      { from: [{ source: { namespaces: ["a"] } }], to: [{ operation: { paths: ["/a"], methods: ["GET"] } }] },
      { from: [{ source: { namespaces: ["b"] } }] },
    ];
    const compiled = compileAuthorization(resource({ selector, rules }));
    expect(compiled.authorization?.groups).toEqual([
      { rules: [{ matches: [{ namespaces: [{ kind: "exact", value: "b" }] }] }] },
    ]);
    expect(compiled.notes).toEqual(
      httpNote("methods, paths", "Within an ALLOW policy, rules matching HTTP attributes are omitted."),
    );
    expect(l4({ rules: rules.slice(0, 1) })).toEqual([]);
  });

  test.each([
    ["only methods", { to: [{ operation: { methods: ["POST"] } }] }, [{ rules: [] }], "methods"],
    [
      "ports and methods",
      { to: [{ operation: { methods: ["POST"], ports: ["80"] } }] },
      [{ rules: [{ matches: [{ destinationPorts: [80] }] }] }],
      "methods",
    ],
    [
      "one operation of two",
      { to: [{ operation: { paths: ["/a"] } }, { operation: { ports: ["80"] } }] },
      [{ rules: [] }],
      "paths",
    ],
    [
      "a caller and methods",
      { from: [{ source: { namespaces: ["a"] } }], to: [{ operation: { methods: ["POST"] } }] },
      [{ rules: [{ matches: [{ namespaces: [{ kind: "exact", value: "a" }] }] }] }],
      "methods",
    ],
    ["a header", { when: [{ key: "request.headers[x]", values: ["a"] }] }, [{ rules: [] }], "request.headers[x]"],
    ["a token", { from: [{ source: { requestPrincipals: ["*"] } }] }, [{ rules: [] }], "requestPrincipals"],
  ])("DENY keeps its layer 4 parts and so denies more: %s", (_name, rule, groups, found) => {
    const compiled = compileAuthorization(resource({ selector, action: "DENY", rules: [rule] }));
    expect(compiled.authorization?.groups).toEqual(groups);
    expect(compiled.notes).toEqual(
      httpNote(found, "DENY policy with HTTP attributes is enforced without the HTTP rules."),
    );
  });

  test.each(["CUSTOM", "AUDIT"])("%s is refused with Istio's words", (action) => {
    expect(compileAuthorization(resource({ selector, action }))).toMatchObject({
      notes: [
        { reason: "UnsupportedValue", accepted: false, message: `ztunnel does not support the ${action} action` },
      ],
    });
  });

  test("dry run is refused with Istio's words", () => {
    const { authorization, http, notes } = compileAuthorization(
      resource({}, { annotations: { "istio.io/dry-run": "true" } }),
    );
    expect([authorization, http?.dryRun]).toEqual([undefined, true]);
    expect({ notes }).toEqual({
      notes: [
        {
          reason: "UnsupportedValue",
          accepted: false,
          message:
            'found policy "web/p" using dry-run annotation, but support for ambient dry-run authorizationPolicies isn\'t enabled',
        },
      ],
    });
  });

  test("values that cannot be read never loosen: ALLOW gives the matcher up, DENY widens", () => {
    const rules = [{ from: [{ source: { namespaces: ["a"], ipBlocks: ["10.0.0.0/33"] } }] }];
    expect(l4({ rules })).toEqual([]);
    expect(l4({ action: "DENY", rules })).toEqual([
      { rules: [{ matches: [{ namespaces: [{ kind: "exact", value: "a" }] }] }] },
    ]);
    expect(l4({ rules: [{ to: [{ operation: { notPorts: ["http"] } }] }] })).toEqual([]);
  });
});

describe("for layer 7 proxies", () => {
  const targetRefs = [{ group: "gateway.networking.k8s.io", kind: "Gateway", name: "ingress" }];
  const admin = [{ to: [{ operation: { paths: ["/admin/*"] } }] }];
  const http = (spec: Spec, ...rest: [string?, ((name: string) => boolean)?]) =>
    compileAuthorization(resource({ targetRefs, ...spec }), ...rest);

  test("a targeted policy is for layer 7 alone", () => {
    const rules = [{ to: [{ operation: { hosts: ["istioinaction.io"], paths: ["/users/{*}/orders", "/a*"] } }] }];
    expect(http({ rules })).toEqual({
      http: {
        name: "p",
        namespace: "web",
        action: "ALLOW",
        dryRun: false,
        provider: "",
        rules: [
          {
            from: [],
            to: [
              {
                hosts: [{ kind: "exact", value: "istioinaction.io" }],
                paths: [
                  { kind: "exact", value: "/users/{*}/orders" },
                  { kind: "prefix", value: "/a" },
                ],
              },
            ],
            when: [],
          },
        ],
      },
      notes: [],
    });
  });

  test("a policy without a target is compiled for both", () => {
    const { authorization, http: compiled } = compileAuthorization(resource({}));
    expect([authorization?.groups, compiled?.rules]).toEqual([[], []]);
  });

  test.each<[string, string | undefined, boolean, Partial<HttpAuthorization>, string | undefined]>([
    ["CUSTOM asks a provider that is known", "opa", true, { action: "CUSTOM", provider: "opa" }, undefined],
    [
      "CUSTOM denies what it matches when its provider is unknown",
      "opa",
      false,
      { action: "DENY", provider: "" },
      "opa",
    ],
    ["CUSTOM without a provider denies what it matches", undefined, false, { action: "DENY", provider: "" }, ""],
  ])("%s", (_what, name, known, wanted, unknownProvider) => {
    const provider = name === undefined ? {} : { provider: { name } };
    const compiled = http({ action: "CUSTOM", rules: admin, ...provider }, undefined, () => known);
    expect(compiled.http).toMatchObject({
      ...wanted,
      rules: [{ to: [{ paths: [{ kind: "prefix", value: "/admin/" }] }] }],
    });
    expect([compiled.unknownProvider, compiled.authorization, compiled.notes]).toEqual([
      unknownProvider,
      undefined,
      [],
    ]);
  });

  test("AUDIT is compiled, and is nothing for an agent", () => {
    expect(http({ action: "AUDIT", rules: admin }).http).toMatchObject({ action: "AUDIT", rules: [{}] });
    const { authorization, notes } = compileAuthorization(resource({ action: "AUDIT", rules: admin }));
    expect([authorization, notes[0]?.message]).toEqual([undefined, "ztunnel does not support the AUDIT action"]);
  });

  test("an action that nobody knows denies what it matches", () => {
    expect(http({ action: "LATER", rules: admin }).http).toMatchObject({ action: "DENY", rules: [{}] });
  });

  test.each([
    ["true", true],
    ["1", true],
    ["True", true],
    ["TRUE", true],
    ["t", true],
    ["T", true],
    ["yes", false],
    ["false", false],
    ["tRUE", false],
    ["", false],
  ])("the dry-run annotation %j means %s, as Go reads it", (text, dryRun) => {
    const annotations = { "istio.io/dry-run": text };
    const compiled = compileAuthorization(resource({ targetRefs, action: "DENY", rules: admin }, { annotations }));
    expect(compiled.http).toMatchObject({ action: "DENY", dryRun, rules: [{}] });
    expect(compiled.notes).toHaveLength(dryRun ? 1 : 0);
  });

  test("CUSTOM in dry run asks nobody and denies nothing", () => {
    const annotations = { "istio.io/dry-run": "true" };
    const spec = { targetRefs, action: "CUSTOM", provider: { name: "unknown" }, rules: admin };
    const { http: compiled, unknownProvider } = compileAuthorization(resource(spec, { annotations }));
    expect([compiled?.action, compiled?.dryRun, unknownProvider]).toEqual(["CUSTOM", true, undefined]);
  });

  test("request principals and conditions are carried", () => {
    const rules = [
      {
        from: [{ source: { requestPrincipals: ["https://i/*"], notRequestPrincipals: ["*/x"] } }],
        when: [
          { key: "request.auth.claims[groups]", values: ["a"], notValues: ["b*"] },
          { key: "remote.ip", values: ["10.0.0.0/8"] },
          { key: "destination.port", notValues: ["80"] },
        ],
      },
    ];
    expect(http({ rules }).http?.rules).toEqual([
      {
        from: [
          {
            requestPrincipals: [{ kind: "prefix", value: "https://i/" }],
            notRequestPrincipals: [{ kind: "suffix", value: "/x" }],
          },
        ],
        to: [],
        when: [
          {
            key: "request.auth.claims[groups]",
            values: [{ kind: "exact", value: "a" }],
            notValues: [{ kind: "prefix", value: "b" }],
          },
          { key: "remote.ip", values: [{ kind: "exact", value: "10.0.0.0/8" }] },
          { key: "destination.port", notValues: [{ kind: "exact", value: "80" }] },
        ],
      },
    ]);
  });

  test.each<[string, RuleFields]>([
    ["a source", { from: [{ source: { namespaces: ["a"] } }, { source: { ipBlocks: ["10.0.0.0/33"] } }] }],
    ["a client range", { from: [{ source: { remoteIpBlocks: ["x"] } }] }],
    ["an operation", { to: [{ operation: { paths: ["/a"] } }, { operation: { ports: ["http"] } }] }],
    ["a condition", { when: [{ key: "destination.port", values: ["65536"] }] }],
    ["a condition's range", { when: [{ key: "source.ip", notValues: ["10.0.0.256"] }] }],
  ])("%s that cannot be read loses the whole ALLOW rule and widens a DENY rule", (_what, rule) => {
    expect(http({ rules: [rule, {}] }).http?.rules).toEqual([{ from: [], to: [], when: [] }]);
    expect(http({ action: "DENY", rules: [rule] }).http?.rules).toHaveLength(1);
  });
});

describe("a policy that cannot be compiled", () => {
  const broken = { rules: [null] } as unknown as Spec;

  test.each<[string, object, string, Scope]>([
    ["its namespace", {}, "web", "NAMESPACE"],
    ["the mesh", {}, "istio-system", "GLOBAL"],
    ["what it selects", { selector: { matchLabels: { app: "a" } } }, "web", "WORKLOAD_SELECTOR"],
  ])("denies everything in %s, and says so", (_what, spec, namespace, scope) => {
    const { authorization, http, notes } = compileAuthorization(resource({ ...broken, ...spec }, { namespace }));
    expect(authorization).toEqual({
      name: "p",
      namespace,
      scope,
      action: "DENY",
      dryRun: false,
      groups: [{ rules: [] }],
    });
    expect(http).toMatchObject({ action: "DENY", dryRun: false, rules: [{ from: [], to: [], when: [] }] });
    expect(notes).toEqual([
      { reason: "Invalid", accepted: false, message: expect.stringMatching(/cannot be read and denies everything/) },
    ]);
  });

  test("denies everything at its targets alone", () => {
    const targetRefs = [{ kind: "Service", name: "a" }];
    const { authorization, http } = compileAuthorization(resource({ ...broken, targetRefs, action: "ALLOW" }));
    expect([authorization, http?.action]).toEqual([undefined, "DENY"]);
  });
});
