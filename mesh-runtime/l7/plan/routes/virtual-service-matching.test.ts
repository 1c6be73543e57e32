/** What VirtualServices match beyond Gateway API (istio.io "Virtual Service", HTTPMatchRequest). */
import { expect, test } from "vitest";
import type { L7NamedMatch, L7RouteMatch, L7StringMatch } from "../../../xds/proxy-config.ts";
import { type Asked, match, path, peerOf, rig, route, rule, service, statusOf } from "../planner-rig.suite.ts";

const text = (type: L7StringMatch["type"], value: string, ignoreCase = false): L7StringMatch => ({
  type,
  value,
  ignoreCase,
});
const named = (name: string, type: L7StringMatch["type"], value: string, negated = false): L7NamedMatch => ({
  name,
  type,
  value,
  ignoreCase: false,
  negated,
});
const head = (...headers: L7NamedMatch[]) => match({ headers });
const insensitive = (type: L7RouteMatch["path"]["type"], value: string) =>
  match({ path: { type, value, ignoreCase: true } });

test.each<[string, L7RouteMatch, Asked, boolean]>([
  ["a prefix is by characters", path("Prefix", "/ab"), { target: "/abc" }, true],
  ["an empty prefix takes all", path("Prefix", ""), { target: "/abc" }, true],
  ["an exact path without case", insensitive("Exact", "/Ab"), { target: "/aB" }, true],
  ["a prefix without case", insensitive("Prefix", "/Ab"), { target: "/aBc" }, true],
  ["a segment prefix without case", insensitive("PathPrefix", "/Ab"), { target: "/aB/c" }, true],
  ["a segment prefix without case is by segments", insensitive("PathPrefix", "/Ab"), { target: "/aBc" }, false],
  ["a path with case", path("Exact", "/Ab"), { target: "/ab" }, false],
  ["an expression covers the whole path", path("RegularExpression", "/v[0-9]+"), { target: "/v1/x" }, false],
  ["an expression", path("RegularExpression", "/v[0-9]+/.*"), { target: "/v12/x" }, true],
  ["an expression with a literal beginning", path("RegularExpression", "/api/(a|b)/c?"), { target: "/api/b/" }, true],
  ["a choice of expressions", path("RegularExpression", "/a|/b"), { target: "/b" }, true],
  ["the query is not of the path", path("Exact", "/a"), { target: "/a?b" }, true],
  ["a header by prefix", head(named("X-A", "Prefix", "v")), { headers: { "x-a": "v1" } }, true],
  ["a header by suffix", head(named("X-A", "Suffix", "1")), { headers: { "x-a": "v1" } }, true],
  ["a header by expression", head(named("x-a", "RegularExpression", "v\\d")), { headers: { "x-a": "v1" } }, true],
  ["presence, though empty", head(named("x-a", "Present", "")), { headers: { "x-a": "" } }, true],
  ["presence of nothing", head(named("x-a", "Present", "")), {}, false],
  ["absence", head(named("x-a", "Present", "", true)), {}, true],
  ["absence of what is there", head(named("x-a", "Present", "", true)), { headers: { "X-A": "1" } }, false],
  ["another value, negated", head(named("x-a", "Exact", "1", true)), { headers: { "x-a": "2" } }, true],
  ["no value, negated", head(named("x-a", "Exact", "1", true)), {}, true],
  ["the value, negated", head(named("x-a", "Exact", "1", true)), { headers: { "x-a": "1" } }, false],
  ["repeated fields are joined", head(named("x-a", "Exact", "1,2")), { headers: { "x-a": ["1", "2"] } }, true],
  ["a broken expression never holds, negated neither", head(named("x-a", "RegularExpression", "(", true)), {}, false],
  [
    "a parameter by expression",
    match({ queryParams: [named("q", "RegularExpression", "a+")] }),
    { target: "/?q=aa" },
    true,
  ],
  ["presence of a parameter", match({ queryParams: [named("q", "Present", "")] }), { target: "/?q" }, true],
  ["a method by expression", match({ method: text("RegularExpression", "GET|HEAD") }), { method: "HEAD" }, true],
  ["authority with its case", match({ authority: text("Exact", "app.ns:80") }), { authority: "app.ns:80" }, true],
  ["authority by prefix", match({ authority: text("Prefix", "app") }), { authority: "app.ns" }, true],
  ["another authority", match({ authority: text("Exact", "app") }), { authority: "app.ns" }, false],
  ["scheme", match({ scheme: text("Exact", "https") }), { scheme: "https" }, true],
  ["another scheme", match({ scheme: text("Exact", "https") }), {}, false],
  ["port", match({ port: 80 }), {}, true],
  ["another port", match({ port: 81 }), {}, false],
  ["the caller's namespace", match({ sourceNamespace: "default" }), {}, true],
  ["another namespace", match({ sourceNamespace: "other" }), {}, false],
  ["no proven namespace", match({ sourceNamespace: "default" }), { peer: peerOf({ principal: undefined }) }, false],
])("%s", (_name, matched, asked, expected) => {
  const planner = rig(service({ routes: [route("ns/vs", [rule("r", { matches: [matched] })], { ordered: true })] }));
  expect(statusOf(planner.now(asked))).toBe(expected ? 200 : 404);
});
