/** The cases that istio.io documents, from resource to decision (tasks "Authorization", reference "Authorization Policy"). */
import { describe, expect, test } from "vitest";
import { bindsGateway, bindsService } from "./binding.ts";
import { compileAuthorization } from "./compile-authorization.ts";
import { evaluateL7, evaluateShadow, evaluateTcp, matchCustom } from "./evaluate-l7.ts";
import type { HttpAuthorization } from "./http-model.ts";
import { normalizePath } from "./normalize-path.ts";
import { prepareHttpPolicies } from "./prepare-http.ts";
import type { RequestAttributes } from "./request-attributes.ts";
import type { AuthorizationPolicyResource } from "./resource.ts";
import { requestWith, tokenWith } from "./test-request.suite.ts";

type Spec = NonNullable<AuthorizationPolicyResource["spec"]>;
const waypoint = { namespace: "foo", name: "waypoint", gatewayClassName: "istio-waypoint", labels: {} };
const httpbin = { namespace: "foo", name: "httpbin" };
const targetRefs = [{ group: "", kind: "Service", name: "httpbin" }];

/** The policies as they arrive at the waypoint of httpbin. */
const prepared = (specs: readonly Spec[], annotations = {}) =>
  prepareHttpPolicies(
    specs
      .map(
        (spec, n): AuthorizationPolicyResource => ({
          metadata: { name: `p${n}`, namespace: "foo", annotations },
          spec: { targetRefs, ...spec },
        }),
      )
      .filter((resource) => bindsService(resource, httpbin, waypoint))
      .map((resource) => compileAuthorization(resource, "istio-system", (name) => name === "sample-ext-authz").http)
      .filter((policy): policy is HttpAuthorization => policy !== undefined),
  );

interface Call {
  readonly as?: string;
  readonly method?: string;
  readonly path?: string;
  readonly host?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly ip?: string;
  readonly port?: number;
}
const call = ({
  as,
  method = "GET",
  path = "/",
  host = "httpbin.foo",
  headers = {},
  claims,
  ip,
  port = 8000,
}: Call): RequestAttributes =>
  requestWith({
    sourcePrincipal: as === undefined ? undefined : `cluster.local/ns/${as.replace("/", "/sa/")}`,
    method,
    path: normalizePath(path)?.path ?? "",
    host,
    header: (name) => headers[name],
    token: claims && tokenWith({ iss: "testing@secure.istio.io", sub: "testing@secure.istio.io", ...claims }),
    remoteIp: ip,
    destinationPort: port,
  });

const cases = (name: string, specs: readonly Spec[], calls: readonly (readonly [string, Call, boolean])[]) =>
  describe(name, () => {
    test.each(calls)("%s", (_what, given, allowed) => {
      expect(evaluateL7(prepared(specs), call(given)).allowed).toBe(allowed);
    });
  });

cases(
  "deny by default, then GET for everybody (task HTTP traffic)",
  [{}, { rules: [{ to: [{ operation: { methods: ["GET"] } }] }] }],
  [
    ["GET", {}, true],
    ["POST", { method: "POST" }, false],
  ],
);

cases("nothing but the empty policy", [{}], [["GET", { as: "a/b" }, false]]);
cases("a rule that asks for nothing", [{ rules: [{}] }], [["without identity", {}, true]]);
cases("a DENY rule that asks for nothing", [{ action: "DENY", rules: [{}] }], [["anybody", { as: "a/b" }, false]]);

cases(
  "callers, methods, paths and a token (reference, first example)",
  [
    {
      rules: [
        {
          from: [
            { source: { principals: ["cluster.local/ns/default/sa/curl"] } },
            { source: { namespaces: ["test"] } },
          ],
          to: [
            { operation: { methods: ["GET"], paths: ["/info*"] } },
            { operation: { methods: ["POST"], paths: ["/data"] } },
          ],
          when: [{ key: "request.auth.claims[iss]", values: ["https://accounts.google.com"] }],
        },
      ],
    },
  ],
  [
    [
      "the principal reads",
      { as: "default/curl", path: "/info/1", claims: { iss: "https://accounts.google.com" } },
      true,
    ],
    [
      "the namespace writes",
      { as: "test/x", method: "POST", path: "/data", claims: { iss: "https://accounts.google.com" } },
      true,
    ],
    [
      "writes where one reads",
      { as: "test/x", method: "POST", path: "/info", claims: { iss: "https://accounts.google.com" } },
      false,
    ],
    ["another caller", { as: "default/x", path: "/info", claims: { iss: "https://accounts.google.com" } }, false],
    ["another issuer", { as: "test/x", path: "/info", claims: {} }, false],
    ["no token", { as: "test/x", path: "/info" }, false],
    ["with a query", { as: "test/x", path: "/info?x=/data", claims: { iss: "https://accounts.google.com" } }, true],
  ],
);

cases(
  "everybody but one namespace (reference, deny example)",
  [
    {
      action: "DENY",
      rules: [{ from: [{ source: { notNamespaces: ["foo"] } }], to: [{ operation: { methods: ["POST"] } }] }],
    },
  ],
  [
    ["POST from outside", { as: "bar/x", method: "POST" }, false],
    ["POST without identity", { method: "POST" }, false],
    ["POST from foo", { as: "foo/x", method: "POST" }, true],
    ["GET from outside", { as: "bar/x" }, true],
  ],
);

cases(
  "only GET, by notMethods (task explicit deny)",
  [
    {
      action: "DENY",
      rules: [
        {
          to: [{ operation: { methods: ["GET"] } }],
          when: [{ key: "request.headers[x-token]", notValues: ["admin"] }],
        },
      ],
    },
    { rules: [{ to: [{ operation: { methods: ["GET"], paths: ["/ip"] } }] }] },
  ],
  [
    ["the guest", { path: "/ip", headers: { "x-token": "guest" } }, false],
    ["the admin", { path: "/ip", headers: { "x-token": "admin" } }, true],
    ["the admin elsewhere", { path: "/get", headers: { "x-token": "admin" } }, false],
    ["without the header", { path: "/ip" }, false],
  ],
);

cases(
  "a token is required (task JWT)",
  [{ rules: [{ from: [{ source: { requestPrincipals: ["testing@secure.istio.io/testing@secure.istio.io"] } }] }] }],
  [
    ["with it", { claims: {} }, true],
    ["of another subject", { claims: { sub: "other" } }, false],
    ["without", { as: "foo/curl" }, false],
  ],
);

cases(
  "a token with a group (task JWT)",
  [
    {
      rules: [
        {
          from: [{ source: { requestPrincipals: ["testing@secure.istio.io/testing@secure.istio.io"] } }],
          when: [{ key: "request.auth.claims[groups]", values: ["group1"] }],
        },
      ],
    },
  ],
  [
    ["in the group", { claims: { groups: ["group1", "group2"] } }, true],
    ["in another", { claims: { groups: ["group2"] } }, false],
    ["in none", { claims: {} }, false],
  ],
);

cases(
  "no token is refused, but for some paths (task ingress JWT)",
  [
    {
      action: "DENY",
      rules: [{ from: [{ source: { notRequestPrincipals: ["*"] } }], to: [{ operation: { notPaths: ["/healthz"] } }] }],
    },
  ],
  [
    ["with a token", { claims: {} }, true],
    ["without", {}, false],
    ["without, at the open path", { path: "/healthz" }, true],
    ["without, beside the open path", { path: "/healthz/../admin" }, false],
    ["without, at the open path in another spelling", { path: "/%68ealthz" }, true],
  ],
);

cases(
  "allowed by address (task ingress access control)",
  [{ rules: [{ from: [{ source: { remoteIpBlocks: ["1.2.3.4", "5.6.7.0/24"] } }] }] }],
  [
    ["the address", { ip: "1.2.3.4" }, true],
    ["the range", { ip: "5.6.7.200" }, true],
    ["another", { ip: "5.6.8.1" }, false],
  ],
);

cases(
  "hosts are compared in any case, ports count (reference, Operation)",
  [{ rules: [{ to: [{ operation: { hosts: ["example.com", "*.test.com", "svc.*"] } }] }] }],
  [
    ["exact", { host: "Example.COM" }, true],
    ["exact with a port", { host: "example.com:80" }, false],
    ["suffix", { host: "a.test.com" }, true],
    ["suffix without a name before it", { host: ".test.com" }, true],
    ["prefix with a port", { host: "SVC.foo:8000" }, true],
    ["another", { host: "example.org" }, false],
  ],
);

cases(
  "paths by template (reference, Operation)",
  [
    {
      rules: [
        { to: [{ operation: { paths: ["/store/{*}/items", "/files/{**}"], notPaths: ["/files/secret/{**}"] } }] },
      ],
    },
  ],
  [
    ["one segment", { path: "/store/7/items" }, true],
    ["two segments", { path: "/store/7/8/items" }, false],
    ["the rest", { path: "/files/a/b/c" }, true],
    ["what is taken out", { path: "/files/secret/x" }, false],
    ["what is taken out, by a detour", { path: "/files/public/%2e%2e/secret/x" }, false],
  ],
);

cases(
  "ports are service ports",
  [{ action: "DENY", rules: [{ to: [{ operation: { ports: ["8000"], methods: ["DELETE"] } }] }] }],
  [
    ["at the port", { method: "DELETE" }, false],
    ["at another", { method: "DELETE", port: 80 }, true],
  ],
);

cases(
  "service accounts, with and without namespace",
  [{ rules: [{ from: [{ source: { serviceAccounts: ["curl", "bar/reader"] } }] }] }],
  [
    ["of the policy's namespace", { as: "foo/curl" }, true],
    ["of the other namespace", { as: "bar/reader" }, true],
    ["of that name elsewhere", { as: "bar/curl" }, false],
  ],
);

test.each<[string, Spec["rules"]]>([
  ["methods in lower case", [{ to: [{ operation: { methods: ["get"] } }] }]],
  ["paths without a slash", [{ to: [{ operation: { paths: ["headers"] } }] }]],
  ["principals with their scheme", [{ from: [{ source: { principals: ["spiffe://cluster.local/ns/foo/sa/curl"] } }] }]],
])("%s are taken and never match", (_what, rules) => {
  expect(evaluateL7(prepared([{ rules: rules ?? [] }]), call({ as: "foo/curl", path: "/headers" })).allowed).toBe(
    false,
  );
});

test("CUSTOM comes first and asks only for what it matches (task external authorization)", () => {
  const policies = prepared([
    {
      action: "CUSTOM",
      provider: { name: "sample-ext-authz" },
      rules: [{ to: [{ operation: { paths: ["/headers"] } }] }],
    },
  ]);
  expect(matchCustom(policies, call({ path: "/headers" }))).toEqual([
    { provider: "sample-ext-authz", policy: "foo/p0", rule: 0 },
  ]);
  expect(matchCustom(policies, call({ path: "/ip" }))).toEqual([]);
});

test("CUSTOM with a provider that nobody knows denies what it matches", () => {
  const policies = prepared([
    { action: "CUSTOM", provider: { name: "gone" }, rules: [{ to: [{ operation: { paths: ["/headers"] } }] }] },
  ]);
  expect(evaluateL7(policies, call({ path: "/headers" }))).toMatchObject({ allowed: false, policy: "foo/p0" });
  expect(evaluateL7(policies, call({ path: "/ip" })).allowed).toBe(true);
});

test("dry run lets everything pass and says what it would do (task dry run)", () => {
  const policies = prepared([{ action: "DENY", rules: [{ to: [{ operation: { paths: ["/headers"] } }] }] }], {
    "istio.io/dry-run": "true",
  });
  expect(evaluateL7(policies, call({ path: "/headers" })).allowed).toBe(true);
  expect(evaluateShadow(policies, call({ path: "/headers" }))).toMatchObject({ allowed: false, policy: "foo/p0" });
});

describe("TCP (task TCP traffic)", () => {
  const connect = (specs: readonly Spec[], destinationPort: number) =>
    evaluateTcp(prepared(specs), { sourceIp: "10.0.0.1", destinationIp: "10.0.0.2", destinationPort }).allowed;
  test("ports are judged", () => {
    const specs = [{ rules: [{ to: [{ operation: { ports: ["9000", "9001"] } }] }] }];
    expect([connect(specs, 9000), connect(specs, 9002)]).toEqual([true, false]);
  });
  test("an ALLOW rule with a method is gone, which closes the port", () => {
    expect(connect([{ rules: [{ to: [{ operation: { methods: ["GET"], ports: ["9000"] } }] }] }], 9000)).toBe(false);
  });
  test("a DENY rule with a method denies its port, and no other", () => {
    const specs: Spec[] = [{ action: "DENY", rules: [{ to: [{ operation: { methods: ["GET"], ports: ["9000"] } }] }] }];
    expect([connect(specs, 9000), connect(specs, 9001)]).toEqual([false, true]);
  });
});

test("a policy without a target is not the waypoint's, and is the ingress gateway's", () => {
  const denyAll: AuthorizationPolicyResource = { metadata: { name: "deny-all", namespace: "foo" }, spec: {} };
  expect(bindsService(denyAll, httpbin, waypoint)).toBe(false);
  expect(bindsGateway(denyAll, { ...waypoint, name: "ingress", gatewayClassName: "istio" })).toBe(true);
});
