import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ResourceRef } from "../mesh-runtime/kube-client/resource.ts";
import type { Ask } from "./conformance/ask.ts";
import { type Case, check, fromOutside } from "./conformance/cases.ts";
import { echo, gatewayRef, openGateways, startPlace } from "./conformance/place.ts";
import { conditionsOf, enact, manifests, retract } from "./manifests.ts";
import { refOf, type TestMesh } from "./mesh.ts";
import type { WithConditions } from "./workloads.ts";

/**
 * The cases of Gateway API's conformance suite (conformance/tests) for HTTPRoute, GRPCRoute and Gateway that apply to an
 * ingress of this mesh: real requests from outside to the gateway's pod. What is the same code as in the mesh (edits of
 * fields, redirects, retries, …) is asked there in full and here in short. Each table has host names of its own.
 */
const at = "infra";
let mesh: TestMesh;
let addresses: ReadonlyMap<string, string>;

beforeAll(async () => {
  mesh = await startPlace(
    [at, "web", "app"],
    [
      ...["v1", "v2", "v3"].flatMap((version) => echo(at, `echo-${version}`, version)),
      ...echo("app", "app-v1", "v1"),
      ...echo("web", "web-v1", "v1"),
    ],
  );
  addresses = await openGateways(
    mesh,
    `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: same, namespace: ${at}, annotations: { networking.istio.io/service-type: ClusterIP } }
spec:
  gatewayClassName: istio
  listeners:
    - { name: http, port: 80, protocol: HTTP, allowedRoutes: { namespaces: { from: Same } } }
    - { name: all, port: 8081, protocol: HTTP, allowedRoutes: { namespaces: { from: All } } }
    - name: selected
      port: 8082
      protocol: HTTP
      allowedRoutes: { namespaces: { from: Selector, selector: { matchLabels: { kubernetes.io/metadata.name: web } } } }
    - { name: grpc-only, port: 8083, protocol: HTTP, allowedRoutes: { kinds: [{ kind: GRPCRoute }] } }
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: hosts, namespace: ${at}, annotations: { networking.istio.io/service-type: ClusterIP } }
spec:
  gatewayClassName: istio
  listeners:
    - { name: listener-1, port: 80, protocol: HTTP, hostname: very.specific.com }
    - { name: listener-2, port: 80, protocol: HTTP, hostname: "*.wildcard.io" }
    - { name: listener-3, port: 80, protocol: HTTP, hostname: "*.anotherwildcard.io" }
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: listeners, namespace: ${at}, annotations: { networking.istio.io/service-type: ClusterIP } }
spec:
  gatewayClassName: istio
  listeners:
    - { name: bar, port: 80, protocol: HTTP, hostname: bar.com }
    - { name: foo-bar, port: 80, protocol: HTTP, hostname: foo.bar.com }
    - { name: any-bar, port: 80, protocol: HTTP, hostname: "*.bar.com" }
    - { name: any-foo, port: 80, protocol: HTTP, hostname: "*.foo.com" }
    - { name: p1-foo, port: 8091, protocol: HTTP, hostname: foo.com }
    - { name: p2-foo, port: 8092, protocol: HTTP, hostname: foo.com }
    - { name: p2-bar, port: 8092, protocol: HTTP, hostname: bar.com }
    - { name: p3-foo, port: 8093, protocol: HTTP, hostname: foo.com }
    - { name: p3-bar, port: 8093, protocol: HTTP, hostname: bar.com }
    - { name: i-empty, port: 8094, protocol: HTTP }
    - { name: i-example, port: 8094, protocol: HTTP, hostname: "*.example.com" }
    - { name: i-foo-example, port: 8094, protocol: HTTP, hostname: "*.foo.example.com" }
    - { name: i-abc, port: 8094, protocol: HTTP, hostname: abc.foo.example.com }
`,
  );
});
afterAll(async () => {
  await mesh?.[Symbol.asyncDispose]();
});

const v1: Case[1] = { backend: "echo-v1" };
const v2: Case[1] = { backend: "echo-v2" };
const v3: Case[1] = { backend: "echo-v3" };
const notFound: Case[1] = { status: 404 };

/** Asks a listener's port of a Gateway; ports below 1024 are bound at 8000 more. */
const ask = (gateway: string, host: string, port = 80): Ask => ({
  to: host,
  at: `${addresses.get(gateway)}:${port < 1024 ? 8000 + port : port}`,
});

interface RouteOptions {
  readonly parents?: string;
  readonly hostnames?: string;
  readonly kind?: string;
  readonly namespace?: string;
}

/** A route of the Gateway `same`, for the host of its own name. */
const route = (
  name: string,
  rules: string,
  {
    parents = "[{ name: same, sectionName: http }]",
    hostnames = `[${name}.test]`,
    kind = "HTTPRoute",
    namespace = at,
  }: RouteOptions = {},
): string => `
apiVersion: gateway.networking.k8s.io/v1
kind: ${kind}
metadata: { name: ${name}, namespace: ${namespace} }
spec:
  parentRefs: ${parents}
  hostnames: ${hostnames}
  rules: ${rules}
`;
const backend = (version: number, port = 8080): string => `backendRefs: [{ name: echo-v${version}, port: ${port} }]`;
const rule = (path: string, version: number): string =>
  `{ matches: [{ path: { value: ${path} } }], ${backend(version)} }`;
const joined = (...texts: readonly string[]): string => texts.join("---");

const refFor = (kind: string): ResourceRef<WithConditions> =>
  refOf({ apiVersion: "gateway.networking.k8s.io/v1", kind }) as ResourceRef<WithConditions>;

/** Waits until a route says this of itself. */
async function says(name: string, type: string, status: string, reason: string, namespace = at): Promise<string> {
  const object = await mesh.until(refFor("HTTPRoute"), { namespace, name }, (now) =>
    conditionsOf(now).some(
      (condition) => condition.type === type && condition.status === status && condition.reason === reason,
    ),
  );
  return conditionsOf(object).find((condition) => condition.type === type)?.message ?? "";
}

interface ListenerStatus {
  readonly name: string;
  readonly attachedRoutes: number;
  readonly supportedKinds: readonly { readonly kind: string }[];
  readonly conditions: readonly {
    readonly type: string;
    readonly status: string;
    readonly reason: string;
    readonly message: string;
  }[];
}

/** Waits until a listener is as wanted. */
async function listener(
  gateway: string,
  name: string,
  wanted: (status: ListenerStatus) => boolean,
): Promise<ListenerStatus | undefined> {
  const find = (object: WithConditions | undefined): ListenerStatus | undefined =>
    (object?.status as { listeners?: ListenerStatus[] } | undefined)?.listeners?.find((entry) => entry.name === name);
  return find(
    await mesh.until(gatewayRef, { namespace: at, name: gateway }, (object) => {
      const found = find(object);
      return found !== undefined && wanted(found);
    }),
  );
}
const has = ({ conditions }: ListenerStatus, type: string, status: string, reason: string): boolean =>
  conditions.some((entry) => entry.type === type && entry.status === status && entry.reason === reason);

describe("which route", () => {
  test("HTTPRouteMatchingAcrossRoutes", async () => {
    await enact(
      mesh,
      joined(
        route(
          "part1",
          `[{ matches: [{ path: { value: / } }, { headers: [{ name: version, value: one }] }], ${backend(1)} }]`,
          { hostnames: "[example.com, example.net]" },
        ),
        route(
          "part2",
          `[{ matches: [{ path: { value: /v2 } }, { headers: [{ name: version, value: two }] }], ${backend(2)} }]`,
          { hostnames: "[example.com]" },
        ),
      ),
    );
    await check(fromOutside, ask("same", "example.com"), [
      [{ path: "/" }, v1],
      [{ path: "/example" }, v1],
      [{ path: "/example", host: "example.net" }, v1],
      [{ path: "/example", headers: { Version: "one" } }, v1],
      [{ path: "/v2" }, v2],
      [{ path: "/v2", host: "example.net" }, v1],
      [{ path: "/v2/example" }, v2],
      [{ headers: { Version: "two" } }, v2],
      [{ host: "example.org" }, notFound],
      [{ host: "EXAMPLE.com:8080" }, v1],
    ]);
  });

  test("matching, methods, queries, headers, exact paths and their order at a gateway", async () => {
    await enact(
      mesh,
      route(
        "matching",
        `
    - { matches: [{ path: { type: Exact, value: /match } }], ${backend(1)} }
    - { matches: [{ path: { type: Exact, value: /match/exact } }], ${backend(2)} }
    - { matches: [{ path: { value: /match/ } }], ${backend(3)} }
    - { matches: [{ path: { value: /match/prefix/one } }], ${backend(2)} }
    - { matches: [{ path: { value: /path1 }, method: POST }], ${backend(2)} }
    - { matches: [{ path: { value: /path1 } }], ${backend(1)} }
    - { matches: [{ path: { value: /query }, queryParams: [{ name: animal, value: whale }] }], ${backend(1)} }
    - { matches: [{ path: { value: /query }, queryParams: [{ name: animal, value: whale }, { name: color, value: blue }] }], ${backend(2)} }
    - { matches: [{ path: { value: /query }, headers: [{ name: version, value: three }] }], ${backend(3)} }
    - { matches: [{ headers: [{ type: RegularExpression, name: agent, value: "curl/[0-9.]+" }] }], ${backend(3)} }`,
      ),
    );
    await check(fromOutside, ask("same", "matching.test"), [
      [{ path: "/match" }, v1],
      [{ path: "/match/exact" }, v2],
      [{ path: "/match/prefix/one/any" }, v2],
      [{ path: "/match/any" }, v3],
      [{ path: "/path1", method: "POST" }, v2],
      [{ path: "/path1", method: "PUT" }, v1],
      [{ path: "/path10" }, notFound],
      [{ path: "/query?animal=whale" }, v1],
      [{ path: "/query?animal=whale&color=blue" }, v2],
      [{ path: "/query?animal=whale", headers: { version: "three" } }, v3],
      [{ path: "/query?animal=dog" }, notFound],
      [{ headers: { agent: "curl/8.0" } }, v3],
      [{ headers: { agent: "xcurl/8.0" } }, notFound],
      // Dots and escapes are settled before anything is matched, and that is what goes on.
      [{ path: "/path1/../match" }, { ...v1, target: "/match" }],
      [{ path: "/%6datch" }, { ...v1, target: "/match" }],
    ]);
  });

  test("HTTPRouteHostnameIntersection", async () => {
    const of = (name: string, hostnames: string, path: string, version: number): string =>
      route(name, `[${rule(path, version)}]`, { parents: "[{ name: hosts }]", hostnames });
    const routes = [
      of("s1", '[non.matching.com, "*.nonmatchingwildcard.io", very.specific.com]', "/s1", 1),
      of("s2", "[non.matching.com, wildcard.io, foo.wildcard.io, bar.wildcard.io, foo.bar.wildcard.io]", "/s2", 2),
      of("s3", '[non.matching.com, "*.specific.com"]', "/s3", 3),
      of("s4", '["*.anotherwildcard.io"]', "/s4", 1),
    ];
    await enact(mesh, joined(...routes));
    await mesh.apply(...manifests(of("s5", "[specific.but.wrong.com, wildcard.io]", "/s5", 2)));
    expect(await says("s5", "Accepted", "False", "NoMatchingListenerHostname")).toMatch(/no hostnames matched/);
    const rows = (hosts: readonly string[], path: string, expected: Case[1]): Case[] =>
      hosts.map((host) => [{ host, path }, expected]);
    await check(fromOutside, ask("hosts", "very.specific.com"), [
      ...rows(["very.specific.com", "very.specific.com:1234"], "/s1", v1),
      ...rows(["non.matching.com", "foo.nonmatchingwildcard.io", "foo.wildcard.io"], "/s1", notFound),
      ...rows(["foo.wildcard.io", "bar.wildcard.io", "foo.bar.wildcard.io"], "/s2", v2),
      ...rows(["non.matching.com", "wildcard.io", "very.specific.com"], "/s2", notFound),
      ...rows(["very.specific.com"], "/s3", v3),
      ...rows(["non.matching.com", "foo.specific.com", "foo.wildcard.io"], "/s3", notFound),
      ...rows(["foo.anotherwildcard.io", "bar.anotherwildcard.io", "foo.bar.anotherwildcard.io"], "/s4", v1),
      ...rows(["anotherwildcard.io", "foo.wildcard.io", "very.specific.com"], "/s4", notFound),
      ...rows(["very.specific.com", "foo.wildcard.io", "foo.anotherwildcard.io"], "/non-matching-prefix", notFound),
      ...rows(["specific.but.wrong.com", "wildcard.io"], "/s5", notFound),
    ]);
    for (const [name, count] of [
      ["listener-1", 2],
      ["listener-2", 1],
      ["listener-3", 1],
    ] as const) {
      const status = await listener("hosts", name, ({ attachedRoutes }) => attachedRoutes === count);
      expect(status && has(status, "Accepted", "True", "Accepted")).toBe(true);
      expect(status && has(status, "ResolvedRefs", "True", "ResolvedRefs")).toBe(true);
    }
  });

  test("HTTPRouteListenerHostnameMatching, HTTPRouteListenerPortMatching, GatewayHTTPListenerIsolation", async () => {
    const of = (name: string, parents: string, version: number, path = "/"): string =>
      route(name, `[${rule(path, version)}]`, { parents, hostnames: "[]" });
    const isolated = (section: string): string =>
      of(section, `[{ name: listeners, sectionName: ${section} }]`, 1, `/${section}`);
    await enact(
      mesh,
      joined(
        of("l1", "[{ name: listeners, sectionName: bar }]", 1),
        of("l2", "[{ name: listeners, sectionName: foo-bar }]", 2),
        of("l3", "[{ name: listeners, sectionName: any-bar }, { name: listeners, sectionName: any-foo }]", 3),
        of("p1", "[{ name: listeners, port: 8091 }]", 1),
        of("p2", "[{ name: listeners, port: 8092 }]", 2),
        of("p3", "[{ name: listeners, port: 8093, sectionName: p3-foo }]", 3),
        ...["i-empty", "i-example", "i-foo-example", "i-abc"].map(isolated),
      ),
    );
    await check(fromOutside, ask("listeners", "bar.com"), [
      [{ host: "bar.com" }, v1],
      [{ host: "foo.bar.com" }, v2],
      [{ host: "baz.bar.com" }, v3],
      [{ host: "boo.bar.com" }, v3],
      [{ host: "multiple.prefixes.bar.com" }, v3],
      [{ host: "multiple.prefixes.foo.com" }, v3],
      [{ host: "foo.com" }, notFound],
      [{ host: "no.matching.host" }, notFound],
      [ask("listeners", "foo.com", 8091), v1],
      [ask("listeners", "bar.com", 8091), notFound],
      [ask("listeners", "foo.com", 8092), v2],
      [ask("listeners", "bar.com", 8092), v2],
      [ask("listeners", "foo.com", 8093), v3],
      [ask("listeners", "bar.com", 8093), notFound],
      ...(
        [
          ["bar.com", "i-empty"],
          ["bar.example.com", "i-example"],
          ["bar.foo.example.com", "i-foo-example"],
          ["abc.foo.example.com", "i-abc"],
        ] as const
      ).flatMap(([host, own]) =>
        ["i-empty", "i-example", "i-foo-example", "i-abc"].map(
          (section): Case => [
            { ...ask("listeners", host, 8094), path: `/${section}` },
            section === own ? v1 : notFound,
          ],
        ),
      ),
    ]);
  });
});

describe("who may attach and refer", () => {
  test("HTTPRouteCrossNamespace, HTTPRouteInvalidCrossNamespaceParentRef, allowedRoutes by label", async () => {
    const foreign = (name: string, section: string): string =>
      route(name, "[{ backendRefs: [{ name: web-v1, port: 8080 }] }]", {
        parents: `[{ name: same, namespace: ${at}, sectionName: ${section} }]`,
        namespace: "web",
      });
    await enact(mesh, joined(foreign("cross", "all"), foreign("selected", "selected")));
    await mesh.apply(...manifests(foreign("not-allowed", "http")));
    expect(await says("not-allowed", "Accepted", "False", "NotAllowedByListeners", "web")).toMatch(/not allowed/);
    await check(fromOutside, ask("same", "cross.test", 8081), [
      [{}, { backend: "web-v1" }],
      [ask("same", "selected.test", 8082), { backend: "web-v1" }],
      [ask("same", "not-allowed.test"), notFound],
      // A route of another listener is none of this one.
      [ask("same", "cross.test"), notFound],
    ]);
  });

  test("HTTPRouteReferenceGrant: refused, allowed, refused again when it is deleted; only what it names", async () => {
    const grant = (to: string, kind = "HTTPRoute", from = at): string => `
apiVersion: gateway.networking.k8s.io/v1beta1
kind: ReferenceGrant
metadata: { name: grant, namespace: app }
spec:
  from: [{ group: gateway.networking.k8s.io, kind: ${kind}, namespace: ${from} }]
  to: [{ group: "", kind: Service${to} }]
`;
    await mesh.apply(
      ...manifests(
        route(
          "granted",
          `
    - { matches: [{ path: { value: /own } }], ${backend(1)} }
    - { backendRefs: [{ name: app-v1, namespace: app, port: 8080 }] }`,
        ),
      ),
    );
    const refused = async (): Promise<void> => {
      expect(await says("granted", "ResolvedRefs", "False", "RefNotPermitted")).toMatch(/missing a ReferenceGrant/);
      await reaches([
        [{}, { status: 500 }],
        [{ path: "/own" }, v1],
      ]);
    };
    const reaches = async (cases: readonly Case[]): Promise<void> => {
      await eventually(() => check(fromOutside, ask("same", "granted.test"), cases));
    };
    await refused();
    for (const wrong of [grant(", name: somebody-else"), grant("", "GRPCRoute"), grant("", "HTTPRoute", "web")]) {
      await mesh.apply(...manifests(wrong));
      await refused();
    }
    for (const right of [grant(", name: app-v1"), grant("")]) {
      await mesh.apply(...manifests(right));
      await says("granted", "ResolvedRefs", "True", "ResolvedRefs");
      await reaches([
        [{}, { backend: "app-v1" }],
        [{ path: "/own" }, v1],
      ]);
    }
    await retract(mesh, grant(""));
    await refused();
  });

  test.each([
    ["wrong-port", "[{ name: same, port: 81 }]", "NoMatchingParent"],
    ["wrong-section", "[{ name: same, port: 80, sectionName: http1 }]", "NoMatchingParent"],
    ["wrong-both", "[{ name: same, port: 81, sectionName: http }]", "NoMatchingParent"],
    ["wrong-kind", "[{ name: same, sectionName: grpc-only }]", "NotAllowedByListeners"],
  ])("a route with a %s of its parent is not accepted", async (name, parents, reason) => {
    await mesh.apply(...manifests(route(name, `[{ ${backend(1)} }]`, { parents })));
    await says(name, "Accepted", "False", reason);
    await check(fromOutside, ask("same", `${name}.test`), [[{}, notFound]]);
  });

  test("HTTPRouteInvalidNonExistentBackendRef, -BackendRefUnknownKind, HTTPRouteOmittedBackendRefs", async () => {
    await mesh.apply(
      ...manifests(
        joined(
          route("no-backend", "[{ backendRefs: [{ name: nobody, port: 8080 }] }]"),
          route(
            "no-kind",
            "[{ backendRefs: [{ group: unknown.example, kind: NonExistent, name: echo-v1, port: 80 }] }]",
          ),
        ),
      ),
    );
    await enact(
      mesh,
      route(
        "omitted",
        `[{ matches: [{ path: { type: Exact, value: /omitted } }] }, { matches: [{ path: { type: Exact, value: /empty } }], backendRefs: [] }, { ${backend(1)} }]`,
      ),
    );
    await says("no-backend", "ResolvedRefs", "False", "BackendNotFound");
    await says("no-kind", "ResolvedRefs", "False", "InvalidKind");
    await eventually(() =>
      check(fromOutside, ask("same", "omitted.test"), [
        [{ host: "no-backend.test" }, { status: 500 }],
        [{ host: "no-kind.test" }, { status: 500 }],
        [{ path: "/omitted" }, { status: 500 }],
        [{ path: "/empty" }, { status: 500 }],
        [{ path: "/forward" }, v1],
      ]),
    );
  });

  test("GatewayWithAttachedRoutes, GatewayInvalidRouteKind, unsupported protocols", async () => {
    const text = (name: string, more: string): string => `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: ${name}, namespace: ${at} }
spec: { gatewayClassName: istio, listeners: [{ name: http, ${more} }] }
`;
    const gateways = joined(
      text("bad-kind", "port: 80, protocol: HTTP, allowedRoutes: { kinds: [{ kind: InvalidRoute }] }"),
      text(
        "mixed-kind",
        "port: 80, protocol: HTTP, allowedRoutes: { kinds: [{ kind: InvalidRoute }, { kind: HTTPRoute }] }",
      ),
      text("bad-protocol", "port: 80, protocol: example.com/unknown"),
    );
    await mesh.apply(...manifests(gateways));
    const bad = await listener("bad-kind", "http", (status) =>
      has(status, "ResolvedRefs", "False", "InvalidRouteKinds"),
    );
    expect(bad).toMatchObject({ supportedKinds: [], attachedRoutes: 0 });
    const mixed = await listener("mixed-kind", "http", (status) =>
      has(status, "ResolvedRefs", "False", "InvalidRouteKinds"),
    );
    expect(mixed?.supportedKinds.map(({ kind }) => kind)).toEqual(["HTTPRoute"]);
    await listener("bad-protocol", "http", (status) => has(status, "Accepted", "False", "UnsupportedProtocol"));
    await retract(mesh, gateways);

    const attached = await listener("same", "grpc-only", () => true);
    expect(attached).toMatchObject({ attachedRoutes: 0, supportedKinds: [{ kind: "GRPCRoute" }] });
  });
});

/** Asks again until it is so: what follows a change that no receipt announces. */
async function eventually(attempt: () => Promise<void>): Promise<void> {
  const deadline = performance.now() + 5_000;
  for (;;) {
    try {
      await attempt();
      return;
    } catch (error) {
      if (performance.now() > deadline) {
        throw error;
      }
    }
  }
}

describe("what a rule does at a gateway", () => {
  test("fields, rewrites (HTTPRouteRewriteHost, -Path), redirects with the listener's port", async () => {
    const filter = (path: string, filters: string, rest = `, ${backend(1)}`): string =>
      `{ matches: [{ path: { value: ${path} } }], filters: [${filters}]${rest} }`;
    const edit = "{ set: [{ name: X-Set, value: set }], add: [{ name: X-Add, value: add }], remove: [X-Remove] }";
    await enact(
      mesh,
      joined(
        route(
          "edits",
          `[${[
            filter("/request", `{ type: RequestHeaderModifier, requestHeaderModifier: ${edit} }`),
            filter("/response", `{ type: ResponseHeaderModifier, responseHeaderModifier: ${edit} }`),
            filter("/one", "{ type: URLRewrite, urlRewrite: { hostname: one.example.org } }"),
            filter(
              "/prefix",
              "{ type: URLRewrite, urlRewrite: { path: { type: ReplacePrefixMatch, replacePrefixMatch: / } } }",
            ),
            filter("/plain", "{ type: RequestRedirect, requestRedirect: { hostname: example.org } }", ""),
            filter("/port", "{ type: RequestRedirect, requestRedirect: { hostname: example.org, port: 8080 } }", ""),
            filter(
              "/https",
              "{ type: RequestRedirect, requestRedirect: { scheme: https, hostname: example.org } }",
              "",
            ),
            filter(
              "/https-443",
              "{ type: RequestRedirect, requestRedirect: { scheme: https, port: 443, statusCode: 301 } }",
              "",
            ),
            filter("/https-8443", "{ type: RequestRedirect, requestRedirect: { scheme: https, port: 8443 } }", ""),
          ].join(", ")}]`,
        ),
        route(
          "other-port",
          `[${[
            filter("/plain", "{ type: RequestRedirect, requestRedirect: { hostname: example.org } }", ""),
            filter("/port-80", "{ type: RequestRedirect, requestRedirect: { hostname: example.org, port: 80 } }", ""),
            filter(
              "/https",
              "{ type: RequestRedirect, requestRedirect: { scheme: https, hostname: example.org } }",
              "",
            ),
          ].join(", ")}]`,
          { parents: "[{ name: same, sectionName: all }]" },
        ),
      ),
    );
    const location = (value: string, status = 302): Case[1] => ({ status, headers: { location: value } });
    const other = ask("same", "other-port.test", 8081);
    await check(fromOutside, ask("same", "edits.test"), [
      [
        { path: "/request", headers: { "x-add": "a", "x-remove": "b", "x-set": "c" } },
        { ...v1, seen: { "x-add": "a,add", "x-remove": null, "x-set": "set" } },
      ],
      [
        { path: "/response", headers: { "x-echo-set": "x-add=a;x-remove=b;x-set=c" } },
        { ...v1, headers: { "x-add": "a,add", "x-remove": null, "x-set": "set" } },
      ],
      [{ path: "/one" }, { seenHost: "one.example.org" }],
      [{ path: "/prefix/x" }, { target: "/x", seenHost: "edits.test" }],
      [{ path: "/plain" }, location("http://example.org/plain")],
      [{ path: "/port" }, location("http://example.org:8080/port")],
      [{ path: "/https" }, location("https://example.org/https")],
      [{ path: "/https-443?a=b" }, location("https://edits.test/https-443?a=b", 301)],
      [{ path: "/https-8443" }, location("https://edits.test:8443/https-8443")],
      [{ ...other, path: "/plain" }, location("http://example.org:8081/plain")],
      [{ ...other, path: "/port-80" }, location("http://example.org/port-80")],
      [{ ...other, path: "/https" }, location("https://example.org/https")],
    ]);
  });

  test("weights, timeouts, retries, mirrors and CORS", async () => {
    await enact(
      mesh,
      route(
        "more",
        `
    - { matches: [{ path: { value: /weight } }], backendRefs: [{ name: echo-v1, port: 8080, weight: 70 }, { name: echo-v2, port: 8080, weight: 30 }] }
    - { matches: [{ path: { value: /timeout } }], timeouts: { request: 300ms }, ${backend(1)} }
    - { matches: [{ path: { value: /retry } }], retry: { codes: [500], attempts: 2, backoff: 5ms }, ${backend(1)} }
    - matches: [{ path: { value: /mirror } }]
      filters: [{ type: RequestMirror, requestMirror: { backendRef: { name: echo-v2, port: 8080 } } }, { type: RequestMirror, requestMirror: { backendRef: { name: echo-v3, port: 8080 } } }]
      ${backend(1)}
    - matches: [{ path: { value: /cors } }]
      filters: [{ type: CORS, cors: { allowOrigins: ["https://*.bar.com"], allowMethods: [GET], allowCredentials: true } }]
      ${backend(1)}`,
      ),
    );
    const told = await fromOutside(Array(200).fill({ ...ask("same", "more.test"), path: "/weight" }), 8);
    const first = told.filter(({ body }) => (body as { backend?: string }).backend === "echo-v1").length;
    expect(Math.abs(first - 140)).toBeLessThan(33);
    const cors = { origin: "https://a.bar.com", "access-control-request-method": "GET" };
    await check(fromOutside, ask("same", "more.test"), [
      [{ path: "/timeout" }, v1],
      [{ path: "/timeout?delay=1000" }, { status: 504, body: "upstream request timeout" }],
      [{ path: "/retry?responseCode=500&succeedAfter=2&uuid=g1" }, v1],
      [{ path: "/retry?responseCode=500&succeedAfter=3&uuid=g2" }, { status: 500 }],
      [{ path: "/mirror?gateway" }, v1],
      [
        { path: "/cors", method: "OPTIONS", headers: cors },
        {
          status: [200, 204],
          headers: { "access-control-allow-origin": "https://a.bar.com", "access-control-allow-credentials": "true" },
        },
      ],
      [
        { path: "/cors", method: "OPTIONS", headers: { ...cors, origin: "https://evil.com" } },
        { status: [200, 204, 403], headers: { "access-control-allow-origin": null } },
      ],
    ]);
    await enact(
      mesh,
      route(
        "seen",
        `[${rule("/__seen", 2)}, { matches: [{ path: { value: /3 } }], filters: [{ type: URLRewrite, urlRewrite: { path: { type: ReplaceFullPath, replaceFullPath: /__seen } } }], ${backend(3)} }]`,
      ),
    );
    for (const path of ["/__seen", "/3"]) {
      await eventually(async () => {
        const [{ body } = { body: [] }] = await fromOutside([{ ...ask("same", "seen.test"), path }]);
        expect((body as string[]).filter((target) => target === "/mirror?gateway")).toHaveLength(1);
      });
    }
  });

  test("HTTPRouteBackendProtocolH2C, -WebSocket; HTTP/2 with prior knowledge from outside", async () => {
    await enact(
      mesh,
      joined(
        route("h2c", `[{ ${backend(1, 8081)} }]`),
        route("ws", `[{ ${backend(1, 8082)} }]`),
        route("h1", `[{ ${backend(1)} }]`),
      ),
    );
    await check(fromOutside, ask("same", "h2c.test"), [
      [{}, { ...v1, http: "2.0" }],
      [{ protocol: "http2" }, { ...v1, http: "2.0" }],
      [
        { protocol: "http2", host: "h1.test" },
        { ...v1, http: "1.1" },
      ],
      [
        { protocol: "websocket", host: "ws.test", path: "/ws" },
        { status: 101, body: ["hello", [1, 2, 3]] },
      ],
    ]);
  });

  test("GRPCRoute: methods, hostnames of listeners, trailers, streams", async () => {
    const call = (host: string, path = "/towpath.test.Echo/One"): Ask => ({
      ...ask("same", host, 8083),
      protocol: "grpc",
      path,
    });
    await enact(
      mesh,
      joined(
        route(
          "grpc",
          `
    - { matches: [{ method: { service: towpath.test.Echo, method: One } }], ${backend(1, 7070)} }
    - { matches: [{ method: { service: towpath.test.Echo, method: Two } }], ${backend(2, 7070)} }
    - { matches: [{ method: { method: Chat } }], ${backend(3, 7070)} }`,
          { kind: "GRPCRoute", parents: "[{ name: same, sectionName: grpc-only }]" },
        ),
        route("grpc-hosts", `[{ ${backend(2, 7070)} }]`, {
          kind: "GRPCRoute",
          parents: "[{ name: hosts, sectionName: listener-2 }]",
          hostnames: '["*.grpc.wildcard.io"]',
        }),
      ),
    );
    await check(fromOutside, call("grpc.test"), [
      [{}, { ...v1, headers: { "x-trailer": "echo-v1" } }],
      [{ path: "/towpath.test.Echo/Two" }, v2],
      [{ path: "/towpath.test.Echo/Three" }, { status: 12 }],
      [{ protocol: "chat", path: "/towpath.test.Echo/Chat" }, { body: ["a", "b", "c"] }],
      [{ host: "other.test" }, { status: 12 }],
      [{ ...call("a.grpc.wildcard.io"), at: ask("hosts", "").at ?? "" }, v2],
      [{ ...call("a.wildcard.io"), at: ask("hosts", "").at ?? "" }, { status: 12 }],
    ]);
  });

  test("GatewayModifyListeners, GatewayObservedGenerationBump: a listener more, and one less", async () => {
    const gateway = (...hostnames: readonly string[]): string => `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: hosts, namespace: ${at}, annotations: { networking.istio.io/service-type: ClusterIP } }
spec:
  gatewayClassName: istio
  listeners: [${["very.specific.com", '"*.wildcard.io"', ...hostnames].map((hostname, index) => `{ name: listener-${index + 1}, port: 80, protocol: HTTP, hostname: ${hostname} }`).join(", ")}]
`;
    await mesh.apply(
      ...manifests(route("added", `[{ ${backend(3)} }]`, { parents: "[{ name: hosts }]", hostnames: "[]" })),
    );
    const generations: number[] = [];
    for (const hostnames of [["new.example", '"*.anotherwildcard.io"'], ['"*.anotherwildcard.io"']]) {
      await mesh.apply(...manifests(gateway(...hostnames)));
      const object = await mesh.until(gatewayRef, { namespace: at, name: "hosts" }, (now) =>
        conditionsOf(now).every(({ observedGeneration }) => Number(observedGeneration) === now?.metadata?.generation),
      );
      generations.push(object?.metadata?.generation ?? 0);
      const served = hostnames.includes("new.example");
      await eventually(() =>
        check(fromOutside, ask("hosts", "new.example"), [
          [{ path: "/x" }, served ? v3 : notFound],
          [{ path: "/s4", host: "foo.anotherwildcard.io" }, v1],
        ]),
      );
    }
    expect(new Set(generations).size).toBe(2);
  });
});
