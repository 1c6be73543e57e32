import { describe, expect, test } from "vitest";
import { enact, retract } from "../manifests.ts";
import { allowed, at, configure, curl, denied, joined, mesh, policy, says, stranger, to } from "./authz-place.ts";
import { type Case, check } from "./cases.ts";
import { eventually } from "./eventually.ts";

const methods = (list: string): string => `[{ to: [{ operation: { methods: [${list}] } }] }]`;

export function httpSuite(): void {
  describe("Istio's task: authorization for HTTP traffic, step by step", () => {
    const all: readonly Case[0][] = [
      { path: "/productpage" },
      { path: "/reviews/1" },
      { path: "/reviews/1", method: "POST", body: "x" },
      { path: "/ratings" },
    ];
    const step = async (
      texts: readonly string[],
      fromFoo: readonly boolean[],
      fromBar: readonly boolean[],
    ): Promise<void> => {
      await enact(mesh, joined(...texts));
      const cases = (row: readonly boolean[]): Case[] => all.map((ask, index) => [ask, row[index] ? allowed : denied]);
      await check(curl, to("http"), cases(fromFoo));
      await check(stranger, to("http"), cases(fromBar));
    };
    const nothing = policy("allow-nothing", "http", "ALLOW", "[]");
    const viewer = policy(
      "productpage-viewer",
      "http",
      "ALLOW",
      "[{ to: [{ operation: { methods: [GET], paths: [/productpage] } }] }]",
    );
    const reviews = policy(
      "reviews-viewer",
      "http",
      "ALLOW",
      '[{ from: [{ source: { principals: ["cluster.local/ns/foo/sa/curl"] } }], to: [{ operation: { methods: [GET], paths: ["/reviews/*"] } }] }]',
    );
    const ratings = policy(
      "ratings-viewer",
      "http",
      "ALLOW",
      '[{ from: [{ source: { namespaces: [bar] } }], to: [{ operation: { paths: ["*/ratings", /ratings] } }] }, { from: [{ source: { serviceAccounts: [foo/curl] } }], to: [{ operation: { methods: [POST] } }] }]',
    );

    test("without a policy everybody does everything", () =>
      step([], [true, true, true, true], [true, true, true, true]));
    test("allow-nothing", async () => {
      await step([nothing], [false, false, false, false], [false, false, false, false]);
      expect(await says("AuthorizationPolicy", "allow-nothing", ["WaypointAccepted", "True", "Accepted"])).toBe(
        `bound to ${at}/waypoint`,
      );
    });
    test("a viewer may GET one path", () => step([viewer], [true, false, false, false], [true, false, false, false]));
    test("by principal", () => step([reviews], [true, true, false, false], [true, false, false, false]));
    test("by namespace or by service account", () =>
      step([ratings], [true, true, true, false], [true, false, false, true]));
    test("each policy taken back is an answer less", async () => {
      await retract(mesh, joined(nothing, viewer, reviews));
      await eventually(() =>
        check(curl, to("http"), [
          [{ path: "/productpage" }, denied],
          [{ path: "/x", method: "POST" }, allowed],
        ]),
      );
      await retract(mesh, ratings);
      await eventually(() => check(curl, to("http"), [[{ path: "/productpage" }, allowed]]));
    });
  });

  test("the ambient task: only curl, and only GET", async () => {
    const only = policy(
      "curl-only",
      "http",
      "ALLOW",
      '[{ from: [{ source: { principals: ["cluster.local/ns/foo/sa/curl"] } }], to: [{ operation: { methods: [GET] } }] }]',
    );
    await enact(mesh, only);
    await check(curl, to("http"), [
      [{ path: "/productpage" }, allowed],
      [{ path: "/productpage", method: "DELETE" }, denied],
      [{ to: `http.${at}:7070`, protocol: "grpc", path: "/towpath.test.Echo/One" }, { status: 7 }],
    ]);
    await check(stranger, to("http"), [[{ path: "/productpage" }, denied]]);
    await retract(mesh, only);
  });

  test("Istio's task: explicit deny beats allow", async () => {
    await enact(
      mesh,
      policy("deny-method-get", "deny", "DENY", `[{ to: [{ operation: { methods: [GET], ports: ["80"] } }] }]`),
    );
    await check(curl, to("deny"), [
      [{ path: "/get" }, denied],
      [{ path: "/post", method: "POST" }, allowed],
      [{ to: `deny.${at}:8080`, path: "/get" }, allowed],
    ]);
    await enact(
      mesh,
      policy(
        "deny-method-get",
        "deny",
        "DENY",
        '[{ to: [{ operation: { methods: [GET] } }], when: [{ key: "request.headers[x-token]", notValues: [admin] }] }]',
      ),
    );
    await check(curl, to("deny"), [
      [{ path: "/get", headers: { "x-token": "admin" } }, allowed],
      [{ path: "/get", headers: { "x-token": "guest" } }, denied],
      [{ path: "/get" }, denied],
    ]);
    await enact(mesh, policy("allow-path-ip", "deny", "ALLOW", "[{ to: [{ operation: { paths: [/ip] } }] }]"));
    await check(curl, to("deny"), [
      [{ path: "/ip", headers: { "x-token": "guest" } }, denied],
      [{ path: "/ip", headers: { "x-token": "admin" } }, allowed],
      [{ path: "/get", headers: { "x-token": "admin" } }, denied],
    ]);
  });

  test("AUDIT changes nothing", async () => {
    await enact(mesh, policy("audit", "audit", "AUDIT", methods("GET")));
    await says("AuthorizationPolicy", "audit", ["WaypointAccepted", "True", "Accepted"]);
    await check(curl, to("audit"), [
      [{}, allowed],
      [{ method: "POST" }, allowed],
    ]);
  });

  test("path templates, and the attributes that the reference lists", async () => {
    await enact(
      mesh,
      policy(
        "attributes",
        "audit",
        "ALLOW",
        `
    - to: [{ operation: { paths: ["/foo/{*}/bar", "/deep/{**}/end", "/tail/{**}"] } }]
    - to: [{ operation: { hosts: ["audit.foo:8080", "*.example.com"], notMethods: [DELETE] } }]
    - to: [{ operation: { paths: [/present*], notPaths: [/present/not] } }]
    - { to: [{ operation: { paths: [/headers] } }], when: [{ key: "request.headers[x-a]", values: ["1", "pre*", "*post"] }, { key: "request.headers[x-b]", notValues: ["*"] }] }
    - { to: [{ operation: { paths: [/port] } }], when: [{ key: destination.port, values: ["8080"] }] }
    - { to: [{ operation: { paths: [/source] } }], when: [{ key: source.namespace, values: [foo] }, { key: source.principal, notValues: ["*/sa/other"] }] }`,
      ),
    );
    const rows = (paths: readonly string[], expected: Case[1]): Case[] => paths.map((path) => [{ path }, expected]);
    const port: Case[0] = { to: `audit.${at}:8080` };
    await check(curl, to("audit"), [
      ...rows(["/foo/1/bar", "/deep/1/end", "/deep/1/2/end", "/tail/1/2/3", "/present", "/present/yes"], allowed),
      ...rows(["/foo/1/2/bar", "/foo//bar", "/deep/1/2", "/present/not", "/other", "/headers"], denied),
      [{ path: "/foo/1/bar?a=b" }, allowed],
      [{ path: "/headers", headers: { "x-a": "prefixed" } }, allowed],
      [{ path: "/headers", headers: { "x-a": "the post" } }, allowed],
      [{ path: "/headers", headers: { "x-a": "2" } }, denied],
      [{ path: "/headers", headers: { "x-a": "1", "x-b": "there" } }, denied],
      [{ ...port, path: "/any" }, allowed],
      [{ ...port, path: "/any", method: "DELETE" }, denied],
      [{ host: "a.example.com", path: "/any" }, allowed],
      [{ host: "A.EXAMPLE.com", path: "/any" }, allowed],
      [{ host: "a.example.org", path: "/any" }, denied],
      [{ ...port, host: "x", path: "/port" }, allowed],
      [{ path: "/port" }, denied],
      [{ path: "/source" }, allowed],
    ]);
    await check(stranger, to("audit"), [[{ path: "/source" }, denied]]);
  });

  test("Istio's task: dry-run enforces nothing and tells what it would have done", async () => {
    const dryRun = { annotations: '{ istio.io/dry-run: "true" }' };
    await enact(
      mesh,
      policy("deny-headers", "dry", "DENY", "[{ to: [{ operation: { paths: [/headers] } }] }]", dryRun),
    );
    await enact(mesh, policy("allow-ip", "dry", "ALLOW", "[{ to: [{ operation: { paths: [/ip] } }] }]", dryRun));
    await check(curl, to("dry"), [
      [{ path: "/headers" }, allowed],
      [{ path: "/ip" }, allowed],
      [{ path: "/get" }, allowed],
    ]);
    // As istiod says of it without its flag for ambient, whatever the policy's target is.
    expect(await says("AuthorizationPolicy", "deny-headers", ["ZtunnelAccepted", "False", "UnsupportedValue"])).toBe(
      `found policy "${at}/deny-headers" using dry-run annotation, but support for ambient dry-run authorizationPolicies isn't enabled`,
    );
    await says("AuthorizationPolicy", "deny-headers", ["WaypointAccepted", "True", "Accepted"]);
    for (const [name, path] of [
      ["deny-headers", "/headers"],
      ["allow-ip", "/get"],
    ]) {
      const shadow = await mesh.collector.until(
        ({ batches }) =>
          batches
            .flatMap(({ shadows }) => shadows)
            .find((entry) => entry.policy === `${at}/${name}` && entry.path === path),
        `what ${name} would have done`,
      );
      expect(shadow).toMatchObject({ wouldBe: "denied", method: "GET" });
    }
  });

  test("path normalization as MeshConfig says it, and what was judged is what arrives", async () => {
    await enact(
      mesh,
      policy("normal", "normal", "DENY", '[{ to: [{ operation: { paths: [/admin], ports: ["80"] } }] }]'),
    );
    const passes = (target: string): Case[1] => ({ ...allowed, target });
    const table: readonly (readonly [path: string, ...byMode: readonly Case[1][]])[] = [
      ["/admin", denied, denied, denied, denied],
      ["/x/../admin", passes("/x/../admin"), denied, denied, denied],
      ["/x\\..\\admin", passes("/x\\..\\admin"), denied, denied, denied],
      ["//admin", passes("//admin"), passes("//admin"), denied, denied],
      ["/x//y", passes("/x//y"), passes("/x//y"), passes("/x/y"), passes("/x/y")],
      ["/x%2f..%2fadmin", passes("/x%2f..%2fadmin"), passes("/x%2f..%2fadmin"), passes("/x%2f..%2fadmin"), denied],
      ["/x%5c..%5cadmin", passes("/x%5c..%5cadmin"), passes("/x%5c..%5cadmin"), passes("/x%5c..%5cadmin"), denied],
    ];
    for (const [index, mode] of ["NONE", "BASE", "MERGE_SLASHES", "DECODE_AND_MERGE_SLASHES"].entries()) {
      await configure(mode);
      await eventually(() =>
        check(
          curl,
          to("normal"),
          table.map(([path, ...byMode]) => [{ path }, byMode[index] ?? {}]),
        ),
      );
    }
    await configure("BASE");
  });
}
