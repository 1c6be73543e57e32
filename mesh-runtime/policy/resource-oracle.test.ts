import fc from "fast-check";
import { expect, test } from "vitest";
import { compileAuthorization } from "./compile-authorization.ts";
import { evaluateL4 } from "./evaluate-l4.ts";
import { evaluateL7, evaluateShadow, matchAudit } from "./evaluate-l7.ts";
import { httpRequest } from "./http-policies.suite.ts";
import { prepareHttpPolicies } from "./prepare-http.ts";
import type { RequestAttributes } from "./request-attributes.ts";
import type {
  AuthorizationPolicyResource,
  ConditionFields,
  OperationFields,
  RuleFields,
  SourceFields,
} from "./resource.ts";
import { readPolicies } from "./resource-oracle.suite.ts";

/** Values as people write them, of which some can be read by nobody. */
const principals = ["td/ns/a/sa/x", "td/ns/b/sa/y", "td/ns/a/*", "*/sa/x", "*"];
const namespaces = ["a", "ab", "b", "a*", "*b", "*"];
const accounts = ["x", "y", "a/x", "b/y"];
const ranges = ["10.0.0.0/8", "10.0.0.1", "192.168.0.0/16", "0.0.0.0/0", "nonsense"];
const ports = ["80", "8080", "http"];
const hosts = ["a.example", "A.EXAMPLE:80", "*.example", "b*", "*"];
const methods = ["GET", "get", "P*", "*"];
const paths = ["/", "/a", "/a/*", "*/b", "/a/b/c", "*"];
const numbers = ["1", "1*", "*"];

const texts = (values: readonly string[]) => fc.array(fc.constantFrom(...values), { minLength: 0, maxLength: 2 });
/** At most two fields: rules that ask for everything never hold. */
const few = <T extends object>(fields: Readonly<Record<keyof T & string, readonly string[]>>): fc.Arbitrary<T> =>
  fc
    .subarray(Object.keys(fields) as (keyof T & string)[], { maxLength: 2 })
    .chain((names) =>
      fc.record(Object.fromEntries(names.map((name) => [name, texts(fields[name])]))),
    ) as fc.Arbitrary<T>;

const source = few<Omit<SourceFields, "requestPrincipals" | "notRequestPrincipals">>({
  principals,
  notPrincipals: principals,
  namespaces,
  notNamespaces: namespaces,
  serviceAccounts: accounts,
  notServiceAccounts: accounts,
  ipBlocks: ranges,
  notIpBlocks: ranges,
  remoteIpBlocks: ranges,
  notRemoteIpBlocks: ranges,
});
const operation = few<OperationFields>({
  hosts,
  notHosts: hosts,
  ports,
  notPorts: ports,
  methods,
  notMethods: methods,
  paths,
  notPaths: paths,
});
const condition = (key: string, values: readonly string[]): fc.Arbitrary<ConditionFields> =>
  fc.oneof(
    fc.record({ key: fc.constant(key), values: texts(values) }),
    fc.record({ key: fc.constant(key), notValues: texts(values) }),
    fc.record({ key: fc.constant(key), values: texts(values), notValues: texts(values) }),
  );
const when = fc.oneof(
  condition("source.principal", principals),
  condition("source.namespace", ["a", "b", "a*", "*"]),
  condition("source.ip", ranges),
  condition("destination.port", ports),
  condition("request.headers[X-A]", numbers),
  condition("request.headers[x-b]", numbers),
);
const upTo = <T>(count: number, item: fc.Arbitrary<T>) => fc.array(item, { maxLength: count });
const rule: fc.Arbitrary<RuleFields> = fc.record(
  {
    from: upTo(2, fc.record({ source: source as fc.Arbitrary<SourceFields> })),
    to: upTo(2, fc.record({ operation })),
    when: upTo(2, when),
  },
  { requiredKeys: [] },
);
const policies = fc
  .array(
    fc.record({
      namespace: fc.constantFrom("a", "b"),
      annotations: fc.constantFrom({}, {}, {}, { "istio.io/dry-run": "true" }),
      spec: fc.record(
        {
          action: fc.constantFrom("ALLOW", "DENY", "AUDIT", "CUSTOM"),
          rules: upTo(3, rule),
        },
        { requiredKeys: [] },
      ),
    }),
    { maxLength: 4 },
  )
  .map((given) =>
    given.map(
      ({ namespace, annotations, spec }, index): AuthorizationPolicyResource => ({
        metadata: { name: `p${index}`, namespace, annotations },
        spec,
      }),
    ),
  );

const connectionOf = ({ sourcePrincipal, sourceIp, destinationIp, destinationPort }: RequestAttributes) => ({
  ...(sourcePrincipal === undefined ? {} : { sourcePrincipal }),
  sourceIp,
  destinationIp,
  destinationPort,
});

test("a policy decides as its resource reads, from text to verdict, at waypoints and at pods", () => {
  fc.assert(
    fc.property(policies, httpRequest, (given, request) => {
      const compiled = given.map((policy) => compileAuthorization(policy));
      const prepared = prepareHttpPolicies(compiled.flatMap(({ http }) => http ?? []));
      const atPods = { policies: compiled.flatMap(({ authorization }) => authorization ?? []), unknown: [] };
      expect({
        allowed: evaluateL7(prepared, request).allowed,
        shadow: evaluateShadow(prepared, request)?.allowed,
        audit: matchAudit(prepared, request),
        connection: evaluateL4(atPods, connectionOf(request)).allowed,
      }).toEqual(readPolicies(given, request));
    }),
    { numRuns: 3_000 },
  );
}, 60_000);
