import fc from "fast-check";
import { expect, test } from "vitest";
import { evaluateL4 } from "./evaluate-l4.ts";
import type { Authorization, ConnectionAttributes, Match, StringMatch } from "./model.ts";

// A second, plain implementation: no early exits, no preparation, no reasons.
const text = (match: StringMatch, value: string | undefined): boolean => {
  const given = value ?? "";
  return (
    value !== undefined &&
    ((match.kind === "exact" && given === match.value) ||
      (match.kind === "prefix" && given.startsWith(match.value)) ||
      (match.kind === "suffix" && given.endsWith(match.value)) ||
      (match.kind === "presence" && given !== ""))
  );
};
const number = (address: string): number => address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
const inside = (range: { address: string; length: number }, ip: string): boolean =>
  Math.floor(number(range.address) / 2 ** (32 - range.length)) === Math.floor(number(ip) / 2 ** (32 - range.length));

const field = <V>(
  values: readonly V[] | undefined,
  notValues: readonly V[] | undefined,
  is: (value: V) => boolean,
): boolean => (!values?.length || values.some(is)) && !(notValues ?? []).some(is);

const oracleMatch = (match: Match, at: ConnectionAttributes): boolean => {
  const [, , namespace, , serviceAccount] = (at.sourcePrincipal ?? "////").split("/");
  const ns = at.sourcePrincipal === undefined ? undefined : namespace;
  return [
    field(match.principals, match.notPrincipals, (value) => text(value, at.sourcePrincipal)),
    field(match.namespaces, match.notNamespaces, (value) => text(value, ns)),
    field(
      match.serviceAccounts,
      match.notServiceAccounts,
      (value) => value.namespace === ns && value.serviceAccount === serviceAccount,
    ),
    field(match.sourceIps, match.notSourceIps, (value) => inside(value, at.sourceIp)),
    field(match.destinationIps, match.notDestinationIps, (value) => inside(value, at.destinationIp)),
    field(match.destinationPorts, match.notDestinationPorts, (value) => value === at.destinationPort),
  ].every(Boolean);
};

const oracle = (policies: readonly Authorization[], at: ConnectionAttributes): boolean => {
  const hit = ({ groups }: Authorization): boolean =>
    groups.some(({ rules }) => rules.every(({ matches }) => matches.some((match) => oracleMatch(match, at))));
  const live = policies.filter(({ dryRun }) => !dryRun);
  const allow = live.filter(({ action }) => action === "ALLOW");
  return !live.some((policy) => policy.action === "DENY" && hit(policy)) && (allow.length === 0 || allow.some(hit));
};

const list = <T>(arbitrary: fc.Arbitrary<T>) => fc.array(arbitrary, { minLength: 1, maxLength: 2 });
const namespace = fc.constantFrom("a", "ab", "b");
const account = fc.constantFrom("x", "y");
const ip = fc.constantFrom("10.0.0.1", "10.0.0.2", "10.1.0.1", "192.168.0.1");
const port = fc.constantFrom(80, 8080);
const principal = fc.tuple(namespace, account).map(([ns, sa]) => `cluster.local/ns/${ns}/sa/${sa}`);
const stringMatch = (value: fc.Arbitrary<string>): fc.Arbitrary<StringMatch> =>
  fc.oneof(
    value.map((whole) => ({ kind: "exact" as const, value: whole })),
    fc.tuple(value, fc.nat(30)).map(([whole, end]) => ({ kind: "prefix" as const, value: whole.slice(0, end) })),
    fc.tuple(value, fc.nat(30)).map(([whole, start]) => ({ kind: "suffix" as const, value: whole.slice(start) })),
    fc.constant({ kind: "presence" as const }),
  );
const range = fc.record({ address: ip, length: fc.constantFrom(0, 8, 16, 31, 32) });
const serviceAccount = fc.record({ namespace, serviceAccount: account });
const match: fc.Arbitrary<Match> = fc.record(
  {
    principals: list(stringMatch(principal)),
    notPrincipals: list(stringMatch(principal)),
    namespaces: list(stringMatch(namespace)),
    notNamespaces: list(stringMatch(namespace)),
    serviceAccounts: list(serviceAccount),
    notServiceAccounts: list(serviceAccount),
    sourceIps: list(range),
    notSourceIps: list(range),
    destinationIps: list(range),
    destinationPorts: list(port),
    notDestinationPorts: list(port),
  },
  { requiredKeys: [] },
);
const authorization: fc.Arbitrary<Authorization> = fc.record({
  name: fc.constantFrom("p", "q"),
  namespace: fc.constant("default"),
  scope: fc.constant("NAMESPACE" as const),
  action: fc.constantFrom("ALLOW" as const, "DENY" as const),
  dryRun: fc.boolean(),
  groups: fc.array(fc.record({ rules: fc.array(fc.record({ matches: list(match) }), { maxLength: 2 }) }), {
    maxLength: 2,
  }),
});
const attributes: fc.Arbitrary<ConnectionAttributes> = fc.record(
  { sourcePrincipal: principal, sourceIp: ip, destinationIp: ip, destinationPort: port },
  { requiredKeys: ["sourceIp", "destinationIp", "destinationPort"] },
);

test("decides as a plain reading of the rules does", () => {
  fc.assert(
    fc.property(fc.array(authorization, { maxLength: 3 }), attributes, (policies, at) => {
      expect(evaluateL4({ policies, unknown: [] }, at).allowed).toBe(oracle(policies, at));
    }),
    { numRuns: 3000 },
  );
}, 60_000);

test("every refusal names its reason, and only policies that were read", () => {
  fc.assert(
    fc.property(fc.array(authorization, { maxLength: 3 }), attributes, (policies, at) => {
      const decision = evaluateL4({ policies, unknown: [] }, at);
      if (!decision.allowed) {
        expect(decision.evaluated).toContain(decision.policy);
      }
    }),
  );
}, 60_000);

test("no policy and no attribute makes evaluation throw", () => {
  const few = { maxLength: 2 };
  const anything = fc.string({ unit: "binary", maxLength: 20 });
  const wild: fc.Arbitrary<Authorization> = fc.record({
    name: anything,
    namespace: anything,
    scope: fc.constant("GLOBAL" as const),
    action: fc.constantFrom("ALLOW" as const, "DENY" as const),
    dryRun: fc.boolean(),
    groups: fc.array(
      fc.record({
        rules: fc.array(
          fc.record({
            matches: fc.array(
              fc.record({
                principals: fc.array(stringMatch(anything), few),
                sourceIps: fc.array(fc.record({ address: anything, length: fc.oneof(fc.integer(), fc.double()) }), few),
                notDestinationPorts: fc.array(fc.double(), few),
              }),
              few,
            ),
          }),
          few,
        ),
      }),
      few,
    ),
  });
  fc.assert(
    fc.property(
      fc.array(wild, few),
      anything,
      anything,
      fc.double(),
      (policies, sourcePrincipal, address, destinationPort) => {
        evaluateL4(
          { policies, unknown: [] },
          { sourcePrincipal, sourceIp: address, destinationIp: address, destinationPort },
        );
      },
    ),
    { numRuns: 500 },
  );
}, 60_000);
