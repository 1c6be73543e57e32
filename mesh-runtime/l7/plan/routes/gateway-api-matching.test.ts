/** Cases of Gateway API's conformance suite (HTTPRoute matching), as tables. */
import { describe, expect, test } from "vitest";
import type { L7RouteMatch, L7RouteRule } from "../../../xds/proxy-config.ts";
import type { Asked } from "../planner-rig.suite.ts";
import { backend, exact, gateway, listener, match, path, rig, route, rule, service } from "../planner-rig.suite.ts";

const to = (cluster: string, ...matches: L7RouteMatch[]): L7RouteRule =>
  rule(cluster, { matches, backends: [backend(cluster === "v3" ? "app" : cluster)] });

const header = (name: string, value: string) => match({ headers: [exact(name, value)] });
const query = (...pairs: [string, string][]) => ({ queryParams: pairs.map(([name, value]) => exact(name, value)) });
const method = (value: string) => ({ method: { type: "Exact" as const, value, ignoreCase: false } });

/** Name of the rule that a request takes at a service with one route. */
function taken(rules: readonly L7RouteRule[], asked: Asked): string {
  const plan = rig(service({ routes: [route("ns/r", rules)] })).now(asked);
  return plan.rule?.name ?? (plan.kind === "reply" ? String(plan.reply.status) : "");
}

describe("HTTPRouteMatching", () => {
  const rules = [
    to("v1", path("PathPrefix", "/"), header("version", "one")),
    to("v2", path("PathPrefix", "/v2"), header("version", "two")),
  ];
  test.each<[string, Record<string, string>, string]>([
    ["/", {}, "v1"],
    ["/example", {}, "v1"],
    ["/", { version: "one" }, "v1"],
    ["/v2", {}, "v2"],
    ["/v2example", {}, "v1"],
    ["/foo/v2/example", {}, "v1"],
    ["/v2/", {}, "v2"],
    ["/v2/example", {}, "v2"],
    ["/", { Version: "two" }, "v2"],
  ])("%s with %j takes %s", (target, headers, expected) => {
    expect(taken(rules, { target, headers })).toBe(expected);
  });
});

describe("HTTPRoutePathMatchOrder", () => {
  const rules = [
    to("v1", path("Exact", "/match")),
    to("v2", path("Exact", "/match/exact")),
    to("v3", path("Exact", "/match/exact/one")),
    to("v3", path("PathPrefix", "/match/")),
    to("v1", path("PathPrefix", "/match/prefix/")),
    to("v2", path("PathPrefix", "/match/prefix/one")),
  ];
  test.each([
    ["/match/exact/one", "v3"],
    ["/match/exact", "v2"],
    ["/match", "v1"],
    ["/match/prefix/one/any", "v2"],
    ["/match/prefix/any", "v1"],
    ["/match/any", "v3"],
    ["/matchany", "404"],
  ])("%s takes %s", (target, expected) => {
    expect(taken(rules, { target })).toBe(expected);
  });
});

describe("HTTPRouteHeaderMatching", () => {
  const rules = [
    to("v1", header("version", "one")),
    to("v2", header("version", "two")),
    to("v3", match({ headers: [exact("version", "two"), exact("color", "orange")] })),
    to("v1", header("color", "blue"), header("color", "green")),
    to("v2", header("color", "red"), header("color", "yellow")),
  ];
  test.each<[Record<string, string>, string]>([
    [{ Version: "one" }, "v1"],
    [{ Version: "two" }, "v2"],
    [{ Version: "two", Color: "orange" }, "v3"],
    [{ Version: "two", Color: "blue" }, "v2"],
    [{ Color: "orange" }, "404"],
    [{ "Some-Other-Header": "one" }, "404"],
    [{ Color: "blue" }, "v1"],
    [{ Color: "green" }, "v1"],
    [{ Color: "red" }, "v2"],
    [{ Color: "yellow" }, "v2"],
    [{ Color: "purple" }, "404"],
  ])("%j takes %s", (headers, expected) => {
    expect(taken(rules, { headers })).toBe(expected);
  });
});

describe("HTTPRouteQueryParamMatching", () => {
  const whale: [string, string] = ["animal", "whale"];
  const rules = [
    to("v1", match(query(whale))),
    to("v2", match(query(["animal", "dolphin"]))),
    to("v3", match(query(["animal", "dolphin"], ["color", "blue"])), match(query(["ANIMAL", "Whale"]))),
    to("p1", path("PathPrefix", "/path1", query(whale))),
    to("h1", match({ headers: [exact("version", "one")], ...query(whale) })),
    to("p2", path("PathPrefix", "/path2", { headers: [exact("version", "two")], ...query(whale) })),
    to(
      "or",
      path("PathPrefix", "/path3", query(["animal", "shark"])),
      path("PathPrefix", "/path4", { headers: [exact("version", "three")], ...query(["animal", "kraken"]) }),
    ),
    to("p5", path("PathPrefix", "/path5")),
    to("hydra", match(query(["animal", "hydra"]))),
    to("four", header("version", "four")),
  ];
  test.each<[string, Record<string, string>, string]>([
    ["/?animal=whale", {}, "v1"],
    ["/?animal=dolphin", {}, "v2"],
    ["/?animal=dolphin&color=blue", {}, "v3"],
    ["/?color=blue&animal=dolphin", {}, "v3"],
    ["/?ANIMAL=Whale", {}, "v3"],
    ["/?animal=whale&otherparam=irrelevant", {}, "v1"],
    ["/?animal=dolphin&color=yellow", {}, "v2"],
    ["/?color=blue", {}, "404"],
    ["/?animal=dog", {}, "404"],
    ["/?animal=whaledolphin", {}, "404"],
    ["/?xanimal=whale", {}, "404"],
    ["/?animal", {}, "404"],
    ["/", {}, "404"],
    ["/path1?animal=whale", {}, "p1"],
    ["/?animal=whale", { version: "one" }, "h1"],
    ["/path2?animal=whale", { version: "two" }, "p2"],
    ["/path3?animal=shark", {}, "or"],
    ["/path4?animal=kraken", { version: "three" }, "or"],
    ["/?animal=shark", {}, "404"],
    ["/path4?animal=kraken", {}, "404"],
    ["/path5?animal=hydra", {}, "p5"],
    ["/?animal=hydra", { version: "four" }, "four"],
  ])("%s with %j takes %s", (target, headers, expected) => {
    expect(taken(rules, { target, headers })).toBe(expected);
  });
});

describe("HTTPRouteMethodMatching", () => {
  const rules = [
    to("v1", match(method("POST"))),
    to("v2", match(method("GET"))),
    to("p1", path("PathPrefix", "/path1", method("GET"))),
    to("h1", match({ headers: [exact("version", "one")], ...method("PUT") })),
    to("p2", path("PathPrefix", "/path2", { headers: [exact("version", "two")], ...method("POST") })),
    to(
      "or",
      path("PathPrefix", "/path3", method("PATCH")),
      path("PathPrefix", "/path4", { headers: [exact("version", "three")], ...method("DELETE") }),
    ),
    to("p5", path("PathPrefix", "/path5")),
    to("patch", match(method("PATCH"))),
    to("four", header("version", "four")),
  ];
  test.each<[string, string, Record<string, string>, string]>([
    ["POST", "/", {}, "v1"],
    ["GET", "/", {}, "v2"],
    ["HEAD", "/", {}, "404"],
    ["get", "/", {}, "404"],
    ["GET", "/path1", {}, "p1"],
    ["PUT", "/", { version: "one" }, "h1"],
    ["POST", "/path2", { version: "two" }, "p2"],
    ["PATCH", "/path3", {}, "or"],
    ["DELETE", "/path4", { version: "three" }, "or"],
    ["PUT", "/", {}, "404"],
    ["DELETE", "/path4", {}, "404"],
    ["PATCH", "/path5", {}, "p5"],
    ["PATCH", "/", { version: "four" }, "patch"],
  ])("%s %s with %j takes %s", (verb, target, headers, expected) => {
    expect(taken(rules, { method: verb, target, headers })).toBe(expected);
  });
});

describe("precedence across routes", () => {
  const at = (...routes: Parameters<typeof listener>[0]) => rig(gateway(listener(routes)));

  test("HTTPRouteMatchingAcrossRoutes", () => {
    const planner = at(
      route("ns/one", [to("v1", path("PathPrefix", "/"), header("version", "one"))], {
        hostnames: ["example.com", "example.net"],
      }),
      route("ns/two", [to("v2", path("PathPrefix", "/v2"), header("version", "two"))], { hostnames: ["example.com"] }),
    );
    const name = (authority: string, target: string, headers = {}) =>
      planner.now({ authority, target, headers }).rule?.name;
    expect(name("example.com", "/")).toBe("v1");
    expect(name("example.com", "/example")).toBe("v1");
    expect(name("example.net", "/example")).toBe("v1");
    expect(name("example.com", "/example", { Version: "one" })).toBe("v1");
    expect(name("example.com", "/v2")).toBe("v2");
    expect(name("example.net", "/v2")).toBe("v1");
    expect(name("example.com", "/", { Version: "two" })).toBe("v2");
  });

  test("the oldest route wins, then the name, then the place in the route", () => {
    const young = route("a/young", [rule("young")], { createdAtMs: 2 });
    const old = route("z/old", [rule("old"), rule("old second")], { createdAtMs: 1 });
    const b = route("a/b", [rule("b")], { createdAtMs: 1 });
    expect(at(young, old).now().rule?.name).toBe("old");
    expect(at(young, old, b).now().rule?.name).toBe("b");
  });

  test("an ordered route keeps its order and comes behind all others", () => {
    const rules = [rule("any"), rule("exact", { matches: [path("Exact", "/x")] })];
    const ordered = route("ns/vs", rules, { ordered: true });
    expect(at(ordered).now({ target: "/x" }).rule?.name).toBe("any");
    const api = route("ns/r", [rule("api", { matches: [path("PathPrefix", "/x")] })], { createdAtMs: 9 });
    expect(at(ordered, api).now({ target: "/x" }).rule?.name).toBe("api");
  });
});

describe("hosts", () => {
  const named = (name: string, ...hostnames: string[]) => route(`ns/${name}`, [rule(name)], { hostnames });
  const all = [named("any"), named("wide", "*.b.test"), named("narrow", "*.a.b.test"), named("exact", "A.b.test")];
  const taking = (scope: ReturnType<typeof gateway>, authority: string) => {
    const plan = rig(scope).now({ authority });
    return plan.rule?.name ?? (plan.kind === "reply" ? plan.reply.status : 0);
  };

  test.each([
    ["a.b.test", "exact"],
    ["x.b.test", "wide"],
    ["x.a.b.test", "narrow"],
    ["b.test", "any"],
    ["other", "any"],
    ["A.B.TEST:8080", "exact"],
  ])("%s takes %s", (authority, expected) => {
    expect(taking(gateway(listener(all)), authority)).toBe(expected);
  });

  test("a host with routes of its own does not fall back to a wildcard's", () => {
    const own = route("ns/exact", [rule("exact", { matches: [path("Exact", "/x")] })], { hostnames: ["a.test"] });
    expect(taking(gateway(listener([own, named("wide", "*.test")])), "a.test")).toBe(404);
  });

  test("HTTPRouteHostnameIntersection: names count only where the listener covers them", () => {
    const scope = gateway(listener([named("in", "a.test", "b.other"), named("all")], { hostname: "*.test" }));
    expect(taking(scope, "a.test")).toBe("in");
    expect(taking(scope, "c.test")).toBe("all");
    expect(taking(scope, "b.other")).toBe(404);
    const narrow = gateway(listener([named("wide", "*.test")], { hostname: "a.test" }));
    expect([taking(narrow, "a.test"), taking(narrow, "b.test")]).toEqual(["wide", 404]);
  });

  test("HTTPRouteListenerHostnameMatching: the most specific listener takes the request", () => {
    const scope = gateway(
      listener([named("any")]),
      listener([named("mine")], { hostname: "a.test", name: "a" }),
      listener([named("wide")], { hostname: "*.test", name: "w" }),
    );
    expect([taking(scope, "a.test"), taking(scope, "b.test"), taking(scope, "b")]).toEqual(["mine", "wide", "any"]);
  });
});
