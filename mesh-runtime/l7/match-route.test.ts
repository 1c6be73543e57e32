import { describe, expect, test } from "vitest";
import type { L7Listener, L7Route, L7RouteMatch, L7RouteRule } from "../xds/model.ts";
import { hostOf } from "./host-pattern.ts";
import { compileRoutes, matchListener, matchRoute, type RoutedRequest } from "./match-route.ts";

const path = (type: L7RouteMatch["path"]["type"], value: string, more: Partial<L7RouteMatch> = {}): L7RouteMatch => ({
  path: { type, value },
  method: "",
  headers: [],
  queryParams: [],
  ...more,
});
const anyPath = (more: Partial<L7RouteMatch>) => path("PathPrefix", "/", more);
const rule = (name: string, ...matches: L7RouteMatch[]): L7RouteRule => ({
  name,
  matches,
  backends: [],
  requestTimeoutMs: 0,
});
const route = (key: string, rules: L7RouteRule[], more: Partial<L7Route> = {}): L7Route => ({
  key,
  createdAtMs: 0,
  hostnames: [],
  rules,
  ...more,
});
const listener = (routes: L7Route[], hostname = "", name = "http"): L7Listener => ({
  name,
  port: 80,
  protocol: "HTTP",
  hostname,
  routes,
  authorizations: [],
});

/** Name of the rule that a request takes. */
function taken(
  listeners: L7Listener[],
  target: string,
  { host = "a.test", method = "GET", headers = {} as Record<string, string> } = {},
) {
  const [requestPath = "", query] = target.split("?");
  const request: RoutedRequest = {
    method,
    path: requestPath,
    query: query === undefined ? "" : `?${query}`,
    header: (name) => headers[name],
  };
  const entry = matchListener(compileRoutes(listeners), host);
  return entry === undefined ? "no listener" : (matchRoute(entry, host, request)?.rule.name ?? "no route");
}

describe("paths", () => {
  const routes = [
    listener([
      route("ns/r", [
        rule("regex", path("RegularExpression", "/v[0-9]+/.*")),
        rule("short", path("PathPrefix", "/a")),
        rule("long", path("PathPrefix", "/a/b/")),
        rule("exact", path("Exact", "/a/b")),
        rule("root", path("PathPrefix", "/")),
      ]),
    ]),
  ];
  test.each([
    ["/a/b", "exact"],
    ["/a/b/", "long"],
    ["/a/b/c", "long"],
    ["/a/bc", "short"],
    ["/a", "short"],
    ["/a/", "short"],
    ["/ab", "root"],
    ["/A", "root"],
    ["/", "root"],
    ["/v12/x", "root"],
  ])("%s takes %s", (target, expected) => {
    expect(taken(routes, target)).toBe(expected);
  });

  test("a regular expression matches whole paths, after prefixes", () => {
    const only = [listener([route("ns/r", [rule("regex", path("RegularExpression", "/v[0-9]+"))])])];
    expect([taken(only, "/v1"), taken(only, "/v1/x"), taken(only, "/x/v1")]).toEqual(["regex", "no route", "no route"]);
  });

  test("a rule without matches takes everything", () => {
    expect(taken([listener([route("ns/r", [rule("all")])])], "/x")).toBe("all");
  });
});

describe("precedence", () => {
  const byQuery = anyPath({ queryParams: [{ name: "q", type: "Exact", value: "1" }] });
  const byHeader = anyPath({ headers: [{ name: "X-A", type: "Exact", value: "1" }] });
  const byHeaders = anyPath({
    headers: [
      { name: "X-A", type: "Exact", value: "1" },
      { name: "x-b", type: "RegularExpression", value: "2|3" },
    ],
  });
  const byMethod = anyPath({ method: "POST" });
  const routes = [
    listener([
      route("ns/r", [
        rule("plain", anyPath({})),
        rule("query", byQuery),
        rule("header", byHeader),
        rule("headers", byHeaders),
        rule("method", byMethod),
      ]),
    ]),
  ];
  test.each([
    ["method before headers", { method: "POST", headers: { "x-a": "1", "x-b": "2" } }, "/?q=1", "method"],
    ["two headers before one", { headers: { "x-a": "1", "x-b": "3" } }, "/?q=1", "headers"],
    ["header before query", { headers: { "x-a": "1", "x-b": "4" } }, "/?q=1", "header"],
    ["query before nothing", {}, "/?q=1&q=2", "query"],
    ["first value of a parameter", {}, "/?q=2&q=1", "plain"],
    ["a parameter is not decoded", {}, "/?%71=1", "plain"],
    ["header values are compared with their case", { headers: { "x-a": "I" } }, "/", "plain"],
  ])("%s", (_name, request, target, expected) => {
    expect(taken(routes, target, request)).toBe(expected);
  });

  test("the oldest route wins, then the name, then the place in the route", () => {
    const all = (name: string) => rule(name);
    const young = route("a/young", [all("young")], { createdAtMs: 2 });
    const old = route("z/old", [all("old"), all("old second")], { createdAtMs: 1 });
    const b = route("a/b", [all("b")], { createdAtMs: 1 });
    expect(taken([listener([young, old])], "/")).toBe("old");
    expect(taken([listener([young, old, b])], "/")).toBe("b");
  });

  test("rules of several routes compete by their matches", () => {
    const one = route("a/one", [rule("one", path("PathPrefix", "/x"))], { createdAtMs: 1 });
    const two = route("a/two", [rule("two", path("PathPrefix", "/x/y"))], { createdAtMs: 2 });
    expect(taken([listener([one, two])], "/x/y")).toBe("two");
  });
});

describe("hosts", () => {
  const named = (name: string, ...hostnames: string[]) => route(`ns/${name}`, [rule(name)], { hostnames });

  test.each([
    ["a.b.test", "exact"],
    ["x.b.test", "wide"],
    ["x.a.b.test", "narrow"],
    ["b.test", "any"],
    ["other", "any"],
  ])("%s takes %s", (host, expected) => {
    const routes = [
      listener([named("any"), named("wide", "*.b.test"), named("narrow", "*.a.b.test"), named("exact", "A.b.test")]),
    ];
    expect(taken(routes, "/", { host })).toBe(expected);
  });

  test("a host with routes of its own does not fall back to a wildcard's", () => {
    const exact = route("ns/exact", [rule("exact", path("Exact", "/x"))], { hostnames: ["a.test"] });
    expect(taken([listener([exact, named("wide", "*.test")])], "/y")).toBe("no route");
  });

  test("a route's names count only where the listener covers them", () => {
    const routes = [listener([named("in", "a.test", "b.other"), named("all")], "*.test")];
    expect(taken(routes, "/", { host: "a.test" })).toBe("in");
    expect(taken(routes, "/", { host: "c.test" })).toBe("all");
    expect(taken(routes, "/", { host: "b.other" })).toBe("no listener");
  });

  test("a wildcard route under an exact listener is for that name alone", () => {
    const routes = [listener([named("wide", "*.test")], "a.test")];
    expect([taken(routes, "/"), taken(routes, "/", { host: "b.test" })]).toEqual(["wide", "no listener"]);
  });

  test("the most specific listener takes the request", () => {
    const routes = [listener([named("any")]), listener([named("mine")], "a.test"), listener([named("wide")], "*.test")];
    expect(taken(routes, "/")).toBe("mine");
    expect(taken(routes, "/", { host: "b.test" })).toBe("wide");
    expect(taken(routes, "/", { host: "b" })).toBe("any");
  });

  test.each([
    ["A.test:80", "a.test"],
    ["a.test", "a.test"],
    ["[::1]:80", "[::1]"],
    ["", ""],
  ])("the host of %j is %j", (authority, host) => {
    expect(hostOf(authority)).toBe(host);
  });
});
