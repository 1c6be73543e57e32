import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type AdmissionRequest, admit } from "@/mesh-runtime/api/admission.ts";
import { kindByGvk } from "@/mesh-runtime/api/registry.ts";
import { type AuthorizationPolicyResource, simulate } from "@/mesh-runtime/policy/index.ts";
import { canonical } from "@/server/golden-paths/resource.ts";
import { type AllowRule, commonRules } from "./common-rules.ts";

const rule = (source: object | null, operation: object | null = null, when?: readonly unknown[]): AllowRule => ({
  ...(source === null ? {} : { from: [{ source: source as Record<string, unknown> }] }),
  ...(operation === null ? {} : { to: [{ operation: operation as Record<string, unknown> }] }),
  ...(when === undefined ? {} : { when }),
});
const accounts = (...serviceAccounts: string[]): object => ({ serviceAccounts });
const headers = [{ key: "request.headers[x-a]", values: ["*"] }];

describe("what two lists of rules both let in", () => {
  test.each<[string, AllowRule[], AllowRule[], AllowRule[]]>([
    [
      "is all of equal lists",
      [rule(accounts("a/a", "b/b"))],
      [rule(accounts("a/a", "b/b"))],
      [rule(accounts("a/a", "b/b"))],
    ],
    ["is none of lists about others", [rule(accounts("a/a"))], [rule(accounts("b/b"))], []],
    ["leaves out who was added", [rule(accounts("a/a"))], [rule(accounts("a/a", "x/x"))], [rule(accounts("a/a"))]],
    ["leaves out who was taken away", [rule(accounts("a/a", "b/b"))], [rule(accounts("b/b"))], [rule(accounts("b/b"))]],
    [
      "keeps to the ports of both",
      [rule(accounts("a/a"), { ports: ["1", "2"] })],
      [rule(accounts("a/a"), { ports: ["2", "3"] })],
      [rule(accounts("a/a"), { ports: ["2"] })],
    ],
    [
      "keeps to the side that says more",
      [rule(accounts("a/a"))],
      [rule(null, { ports: ["1"] })],
      [rule(accounts("a/a"), { ports: ["1"] })],
    ],
    ["is what is wanted where anybody gets in", [rule(accounts("a/a"))], [{}], [rule(accounts("a/a"))]],
    ["is none where conditions differ", [rule(accounts("a/a"), null, headers)], [rule(accounts("a/a"))], []],
    ["is none where one pattern meets another", [rule(null, { paths: ["/a*"] })], [rule(null, { paths: ["/*"] })], []],
    [
      "reads a namespace as its accounts",
      [rule(accounts("a/a", "b/b"))],
      [rule({ namespaces: ["b"] })],
      [rule(accounts("b/b"))],
    ],
    [
      "reads any identity as all of them",
      [rule(accounts("a/a"))],
      [rule({ principals: ["*"] })],
      [rule(accounts("a/a"))],
    ],
    ["is none where callers are named in another way", [rule(accounts("a/a"))], [rule({ notNamespaces: ["b"] })], []],
  ])("%s", (_what, wanted, live, expected) => {
    expect(commonRules(wanted, live)).toEqual(expected);
  });
});

const names = ["a/a", "a/b", "b/a"] as const;
const someOf = <T>(values: readonly T[]) => fc.uniqueArray(fc.constantFrom(...values), { minLength: 1, maxLength: 2 });
const source = fc.oneof(
  fc.record({ serviceAccounts: someOf(names) }, { requiredKeys: ["serviceAccounts"] }),
  fc.record({ notServiceAccounts: someOf(names) }),
  fc.record({ namespaces: someOf(["a", "b"]) }),
  fc.record({ principals: someOf(["*", "cluster.local/ns/a/sa/a"]) }),
  fc.record({ notPrincipals: someOf(["cluster.local/ns/a/sa/a"]) }),
);
const anyRule: fc.Arbitrary<AllowRule> = fc.record(
  {
    from: fc.array(
      source.map((one) => ({ source: one })),
      { minLength: 1, maxLength: 2 },
    ),
    to: fc.array(
      fc.record({ ports: someOf(["1", "2"]) }).map((operation) => ({ operation })),
      { minLength: 1, maxLength: 2 },
    ),
  },
  { requiredKeys: [] },
);
const rules = fc.array(anyRule, { maxLength: 3 });
const policy = (of: readonly AllowRule[]) => ({
  apiVersion: "security.istio.io/v1",
  kind: "AuthorizationPolicy",
  metadata: { name: "p", namespace: "a" },
  spec: { action: "ALLOW", rules: of },
});
const lets = (of: readonly AllowRule[]) => {
  const mesh = simulate({
    authorizationPolicies: [policy(of) as AuthorizationPolicyResource],
    peerAuthentications: [],
  });
  return (account: string | undefined, destinationPort: number): boolean =>
    mesh.connection(
      { namespace: "a", labels: {} },
      {
        ...(account === undefined ? {} : { sourcePrincipal: `cluster.local/ns/${account.replace("/", "/sa/")}` }),
        sourceIp: "10.0.0.1",
        destinationIp: "10.0.0.2",
        destinationPort,
      },
    ).allowed;
};

describe("whatever both lists are", () => {
  test("nobody gets in whom one of them does not let in", () => {
    void fc.assert(
      fc.property(rules, rules, (wanted, live) => {
        const [both, one, other] = [lets(commonRules(wanted, live)), lets(wanted), lets(live)];
        for (const account of [...names, "b/b", undefined]) {
          for (const port of [1, 2, 3]) {
            expect(!both(account, port) || (one(account, port) && other(account, port))).toBe(true);
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  test("a list in common with itself is itself, and the API takes what comes out", () => {
    const kind = kindByGvk({ group: "security.istio.io", version: "v1", kind: "AuthorizationPolicy" });
    void fc.assert(
      fc.property(rules, rules, (wanted, live) => {
        expect(commonRules(wanted, wanted)).toEqual([...new Map(wanted.map((one) => [canonical(one), one])).values()]);
        const object = policy(commonRules(wanted, live));
        const given = { kind, object, ...object.metadata, operation: "create", fieldValidation: "Strict" };
        const result = admit(given as AdmissionRequest);
        expect(result.ok ? [] : result.status).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });
});
