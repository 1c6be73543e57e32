import { describe, expect, test } from "vitest";
import { enact, manifests } from "../manifests.ts";
import { type Case, check, fromOutside } from "./cases.ts";
import { ask, backend, has, joined, listener, mesh, notFound, route, rule, says, v1, v2, v3 } from "./gateway-place.ts";

export function matchingSuite(): void {
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
}
