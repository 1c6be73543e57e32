/** Random layer 7 policies and requests for property tests, from small vocabularies so that they meet often. */
import fc from "fast-check";
import type { HttpAuthorization, HttpCondition, HttpOperation, HttpRule, HttpSource } from "./http-model.ts";
import type { StringMatch } from "./model.ts";
import type { RequestAttributes } from "./request-attributes.ts";

const list = <T>(item: fc.Arbitrary<T>) => fc.array(item, { minLength: 1, maxLength: 2 });

const matcher = (value: fc.Arbitrary<string>): fc.Arbitrary<StringMatch> =>
  fc.oneof(
    { weight: 3, arbitrary: value.map((whole) => ({ kind: "exact" as const, value: whole })) },
    fc.tuple(value, fc.nat(20)).map(([whole, end]) => ({ kind: "prefix" as const, value: whole.slice(0, end + 1) })),
    fc.tuple(value, fc.nat(20)).map(([whole, start]) => ({ kind: "suffix" as const, value: whole.slice(-start - 1) })),
    fc.constant({ kind: "presence" as const }),
  );

const namespace = fc.constantFrom("a", "ab", "b");
const account = fc.constantFrom("x", "y");
const principal = fc.tuple(namespace, account).map(([ns, sa]) => `td/ns/${ns}/sa/${sa}`);
const ip = fc.constantFrom("10.0.0.1", "10.0.0.2", "10.1.0.1", "192.168.0.1");
const range = fc.record({ address: ip, length: fc.constantFrom(-1, 0, 8, 16, 31, 32) });
const port = fc.constantFrom(80, 8080);
const host = fc.constantFrom("a.example", "A.Example:80", "b.example");
const method = fc.constantFrom("GET", "get", "POST");
const path = fc.constantFrom("/", "/a", "/a/", "/a/b", "/a/b/c", "/a/x=1", "/b//", "/admin/users");
const template = fc.constantFrom(
  "/{*}",
  "/{**}",
  "/a/{*}",
  "/a/{**}",
  "/{*}/b",
  "/a/{**}/c",
  "/{**}/",
  "/{*}/{*}/c",
  "/{**}/{*}",
  "/a{*}",
);
const issuer = fc.constantFrom("https://i", "https://i/x", "j");
const subject = fc.constantFrom("s", "x/s", "st", "");
const requestPrincipal = fc.oneof(
  fc.tuple(issuer, subject).map(([iss, sub]) => `${iss}/${sub}`),
  fc.constantFrom("https://i/", "/s", "j", "s"),
);
const word = fc.constantFrom("r", "rw", "w");

const some = <T extends object>(fields: { [K in keyof T]-?: fc.Arbitrary<Exclude<T[K], undefined>> }) =>
  fc.record(fields as never, { requiredKeys: [] }) as unknown as fc.Arbitrary<T>;
/** Few fields at a time: rules that ask for everything never hold. */
const few = <T extends object>(fields: { [K in keyof T]-?: fc.Arbitrary<Exclude<T[K], undefined>> }): fc.Arbitrary<T> =>
  fc
    .tuple(some<T>(fields), fc.subarray(Object.keys(fields), { maxLength: 2 }))
    .map(([all, kept]) => Object.fromEntries(Object.entries(all).filter(([name]) => kept.includes(name))) as T);

const source = few<HttpSource>({
  principals: list(matcher(principal)),
  notPrincipals: list(matcher(principal)),
  namespaces: list(matcher(fc.oneof(namespace, fc.constantFrom("a*b", "*a*")))),
  notNamespaces: list(matcher(namespace)),
  serviceAccounts: list(fc.record({ namespace, serviceAccount: account })),
  notServiceAccounts: list(fc.record({ namespace, serviceAccount: account })),
  ipBlocks: list(range),
  notIpBlocks: list(range),
  remoteIpBlocks: list(range),
  notRemoteIpBlocks: list(range),
  requestPrincipals: list(matcher(requestPrincipal)),
  notRequestPrincipals: list(matcher(requestPrincipal)),
});

const paths = list(
  fc.oneof(
    matcher(path),
    template.map((value) => ({ kind: "exact" as const, value })),
  ),
);
const operation = few<HttpOperation>({
  hosts: list(matcher(host)),
  notHosts: list(matcher(host)),
  ports: list(port),
  notPorts: list(port),
  methods: list(matcher(method)),
  notMethods: list(matcher(method)),
  paths,
  notPaths: paths,
});

const exact = (value: fc.Arbitrary<string>) => value.map((text) => ({ kind: "exact" as const, value: text }));
const rangeText = exact(fc.constantFrom("10.0.0.0/8", "10.0.0.1", "192.168.0.0/16", "nonsense"));
const when = (key: string, value: fc.Arbitrary<StringMatch>): fc.Arbitrary<HttpCondition> =>
  fc.oneof(
    fc.record({ key: fc.constant(key), values: list(value) }),
    fc.record({ key: fc.constant(key), notValues: list(value) }),
    fc.record({ key: fc.constant(key), values: list(value), notValues: list(value) }),
  );
const condition = fc.oneof(
  when("source.principal", matcher(principal)),
  when("source.namespace", matcher(namespace)),
  when("source.ip", rangeText),
  when("remote.ip", rangeText),
  when("destination.ip", rangeText),
  when("destination.port", exact(fc.constantFrom("80", "8080"))),
  when("connection.sni", matcher(fc.constantFrom("a.example", "b.example"))),
  when("request.headers[X-A]", matcher(fc.constantFrom("1", "12"))),
  when("request.headers[x-b]", matcher(fc.constantFrom("1", "12"))),
  when("request.auth.principal", matcher(requestPrincipal)),
  when("request.auth.audiences", matcher(word)),
  when("request.auth.presenter", matcher(word)),
  when("request.auth.claims[scope]", matcher(word)),
  when("request.auth.claims[groups]", matcher(word)),
  when("request.auth.claims[nested][groups]", matcher(word)),
  when("experimental.envoy.filters.a[b]", matcher(word)),
);

const rule: fc.Arbitrary<HttpRule> = fc.record({
  from: fc.array(source, { maxLength: 2 }),
  to: fc.array(operation, { maxLength: 2 }),
  when: fc.array(condition, { maxLength: 1 }),
});

/** One policy; its name is not unique. */
export const httpPolicy: fc.Arbitrary<HttpAuthorization> = fc.record({
  name: fc.constantFrom("p", "q"),
  namespace: fc.constant("default"),
  action: fc.constantFrom("ALLOW", "ALLOW", "DENY", "AUDIT", "CUSTOM"),
  dryRun: fc.oneof({ weight: 4, arbitrary: fc.constant(false) }, fc.constant(true)),
  provider: fc.constant("authorizer"),
  rules: fc.array(rule, { maxLength: 3 }),
});

const claims = fc
  .record(
    {
      iss: issuer,
      sub: fc.oneof(subject, fc.constant(7)),
      scope: fc.oneof(word, fc.constant("r w"), fc.constant(1)),
      groups: fc.oneof(word, list(fc.oneof(word, fc.constant(true)))),
      nested: fc.record({ groups: fc.oneof(word, list(word)) }),
    },
    { requiredKeys: ["iss"] },
  )
  .map((values): Readonly<Record<string, unknown>> => values);
const token = fc.record({
  principal: requestPrincipal,
  audiences: fc.array(word, { maxLength: 2 }),
  presenter: fc.oneof(word, fc.constant("")),
  claims,
});

/** One request; `headers` are what `header` reads. */
export const httpRequest: fc.Arbitrary<RequestAttributes> = fc
  .record(
    {
      sourcePrincipal: principal,
      sourceIp: ip,
      remoteIp: ip,
      destinationIp: ip,
      destinationPort: port,
      method,
      host,
      path,
      headers: fc.record(
        { "x-a": fc.constantFrom("", "1", "12"), "x-b": fc.constantFrom("1", "2") },
        { requiredKeys: [] },
      ),
      token,
      sni: fc.constantFrom("", "a.example", "b.example"),
    },
    { requiredKeys: ["sourceIp", "destinationIp", "destinationPort", "method", "host", "path", "headers"] },
  )
  .map(({ headers, ...request }) => ({
    ...request,
    header: (name: string) => (headers as Readonly<Record<string, string>>)[name],
  }));
