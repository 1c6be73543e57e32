import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { L7NamedMatch, L7Route, L7RouteMatch } from "../../../xds/proxy-config.ts";
import { exact, match, path, route, rule } from "../planner-rig.suite.ts";
import { candidatesOf } from "./candidate.ts";
import { compileMatch } from "./compile-match.ts";
import { literalPrefix, RouteTable } from "./route-table.ts";
import type { RoutedRequest } from "./routed-request.ts";

interface Looked {
  reads: number;
}

const request = (
  path: string,
  headers: Readonly<Record<string, string>> = {},
  more: Partial<RoutedRequest> = {},
): RoutedRequest & Looked => ({
  method: "GET",
  authority: "app",
  scheme: "http",
  path,
  query: "",
  port: 80,
  sourceNamespace: "",
  reads: 0,
  header(name) {
    this.reads++;
    return headers[name];
  },
  ...more,
});

const routesOf = (matches: readonly L7RouteMatch[]): L7Route[] =>
  matches.map((one, index) =>
    route(`ns/r${String(index).padStart(4, "0")}`, [rule(String(index), { matches: [one] })]),
  );

const table = (routes: readonly L7Route[]) => new RouteTable(candidatesOf(routes, () => undefined));

describe("the index agrees with trying all candidates in order", () => {
  const segment = fc.constantFrom("a", "b", "ab", "A");
  const somePath = fc.array(segment, { maxLength: 3 }).map((parts) => `/${parts.join("/")}`);
  const type = fc.constantFrom(
    "Exact" as const,
    "PathPrefix" as const,
    "Prefix" as const,
    "RegularExpression" as const,
  );
  const named: fc.Arbitrary<L7NamedMatch> = fc.record({
    name: fc.constantFrom("x", "y"),
    type: fc.constantFrom("Exact" as const, "Prefix" as const, "Present" as const),
    value: fc.constantFrom("a", "A", "b"),
    ignoreCase: fc.boolean(),
    negated: fc.boolean(),
  });
  const few = fc.array(named, { maxLength: 2 });
  const someMatch = fc
    .record({
      path: fc.record({ type, value: somePath, ignoreCase: fc.boolean() }),
      tail: fc.constantFrom("", "/", ".*", "(/a|)"),
      method: fc.option(fc.constantFrom("GET", "POST"), { nil: undefined }),
      headers: few,
      queryParams: few,
    })
    .map(({ path: { type: kind, value, ignoreCase }, tail, method, headers, queryParams }) =>
      match({
        path: { type: kind, value: kind === "RegularExpression" || tail === "/" ? value + tail : value, ignoreCase },
        method: method === undefined ? undefined : { type: "Exact", value: method, ignoreCase: false },
        headers,
        queryParams,
      }),
    );
  const someRequest = fc.record({
    path: fc.tuple(somePath, fc.constantFrom("", "/", "c")).map((parts) => parts.join("")),
    method: fc.constantFrom("GET", "POST"),
    headers: fc.record({ x: fc.constantFrom("a", "A", "b") }, { requiredKeys: [] }),
    query: fc.constantFrom("", "?x=a", "?y=b&x=A", "?xy=a&y"),
  });

  const atRoot = someMatch.map((one) => ({ ...one, path: match().path }));

  test.each([
    ["by precedence", false, someMatch],
    ["as written", true, someMatch],
    ["many at one path", false, atRoot],
    ["many at one path, as written", true, atRoot],
  ])("%s", (_name, ordered, some) => {
    fc.assert(
      fc.property(
        fc.array(some, { minLength: 1, maxLength: 30, size: "max" }),
        fc.array(someRequest, { minLength: 1, maxLength: 8 }),
        (matches, requests) => {
          const routes = routesOf(matches).map((one) => ({ ...one, ordered }));
          const candidates = candidatesOf(routes, () => undefined);
          const indexed = new RouteTable(candidates);
          for (const { path: asked, headers, ...more } of requests) {
            const given = request(asked, headers as Record<string, string>, more);
            const scanned = candidates.find((candidate) => compileMatch(candidate.match)?.(given));
            expect(indexed.match(given)?.rule.name).toBe(scanned?.rule.name);
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe("the work for a request does not grow with the number of routes", () => {
  const many = (make: (index: number) => L7RouteMatch) =>
    table(routesOf(Array.from({ length: 1_000 }, (_, i) => make(i))));

  test.each<[string, (index: number) => L7RouteMatch, string]>([
    ["exact paths", (i) => path("Exact", `/item/${i}`, { headers: [exact("x-a", "1")] }), "/item/500"],
    ["prefixes", (i) => path("PathPrefix", `/item/${i}`, { headers: [exact("x-a", "1")] }), "/item/500/x"],
    ["expressions", (i) => path("RegularExpression", `/item/${i}/.*`, { headers: [exact("x-a", "1")] }), "/item/500/x"],
    ["values of a header", (i) => match({ headers: [exact("x-a", String(i))] }), "/"],
    [
      "paths without case",
      (i) => match({ path: { type: "Exact", value: `/Item/${i}`, ignoreCase: true }, headers: [exact("x-a", "1")] }),
      "/ITEM/500",
    ],
  ])("%s", (_name, make, asked) => {
    const given = request(asked, { "x-a": asked === "/" ? "500" : "1" });
    expect(many(make).match(given)?.rule.name).toBe("500");
    expect(given.reads).toBeLessThanOrEqual(4);
  });
});

test.each([
  ["/api/v[0-9]+", "/api/v"],
  ["^/api$", "/api"],
  ["/a?b", "/"],
  ["/ab*", "/a"],
  ["/ab{2}", "/a"],
  ["/a|/b", ""],
  ["/a(b|c)", "/a"],
  ["/a[|]", ""],
  ["(?i)/a", ""],
  ["/a\\.b", "/a"],
  [".*", ""],
  ["", ""],
])("all that %j matches begins with %j", (expression, literal) => {
  expect(literalPrefix(expression)).toBe(literal);
});
