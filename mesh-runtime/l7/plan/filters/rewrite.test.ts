/** Cases of Gateway API's conformance suite (rewrites, header modifiers) and what Istio adds. */
import { describe, expect, test } from "vitest";
import type { L7Filter, L7HeaderEdit, L7PathEdit, L7RouteMatch } from "../../../xds/proxy-config.ts";
import { type Asked, backend, forwarded, path, rig, route, rule, service, statusOf } from "../planner-rig.suite.ts";

const edit = (more: Partial<L7HeaderEdit>): L7HeaderEdit => ({ set: [], add: [], remove: [], ...more });
const plan = (
  filters: readonly L7Filter[],
  asked: Asked,
  match?: L7RouteMatch,
  backendFilters: readonly L7Filter[] = [],
) =>
  rig(
    service({
      routes: [
        route("ns/r", [
          rule("r", { filters, matches: match ? [match] : [], backends: [backend("app", 1, backendFilters)] }),
        ]),
      ],
    }),
  ).now(asked);

describe("paths", () => {
  const rewritten = (pathEdit: L7PathEdit, target: string, match: L7RouteMatch) =>
    forwarded(plan([{ kind: "rewrite", hostname: "", path: pathEdit }], { target }, match)).target;

  test.each<[string, L7RouteMatch, L7PathEdit, string]>([
    ["/prefix/one/two", path("PathPrefix", "/prefix/one"), { kind: "prefix", path: "/one" }, "/one/two"],
    ["/strip-prefix/three", path("PathPrefix", "/strip-prefix"), { kind: "prefix", path: "/" }, "/three"],
    ["/strip-prefix", path("PathPrefix", "/strip-prefix"), { kind: "prefix", path: "/" }, "/"],
    ["/full/one/two", path("PathPrefix", "/full/one"), { kind: "full", path: "/one" }, "/one"],
    ["/a/b?q=1", path("PathPrefix", "/a"), { kind: "prefix", path: "/z" }, "/z/b?q=1"],
    ["/a?q=1", path("Exact", "/a"), { kind: "prefix", path: "/z" }, "/z?q=1"],
    ["/v1/x", path("RegularExpression", "/v1/.*"), { kind: "prefix", path: "/z" }, "/z"],
    // VirtualService: by characters, as it is
    ["/abc", path("Prefix", "/ab"), { kind: "prefix", path: "/z" }, "/zc"],
    ["/ab/c", path("Prefix", "/ab/"), { kind: "prefix", path: "/" }, "/c"],
    // VirtualService uriRegexRewrite
    [
      "/service/foo/v1/api",
      path("Prefix", "/"),
      { kind: "regex", pattern: "^/service/([^/]+)(/.*)$", substitution: "\\2/instance/\\1" },
      "/v1/api/instance/foo",
    ],
    [
      "/aaa/one/bbb?x=one",
      path("Prefix", "/"),
      { kind: "regex", pattern: "one", substitution: "two" },
      "/aaa/two/bbb?x=one",
    ],
  ])("%s", (target, match, pathEdit, expected) => {
    expect(rewritten(pathEdit, target, match)).toBe(expected);
  });

  test.each<L7PathEdit>([
    { kind: "full", path: "/a b" },
    { kind: "prefix", path: "/\r\n" },
    { kind: "regex", pattern: "(", substitution: "x" },
    { kind: "regex", pattern: "a", substitution: "\\1" },
  ])("%j cannot be used: 500", (pathEdit) => {
    expect(statusOf(plan([{ kind: "rewrite", hostname: "", path: pathEdit }], {}))).toBe(500);
  });
});

describe("hosts", () => {
  test("a rewritten hostname is what is sent; the judged one is what was asked", () => {
    const sent = forwarded(plan([{ kind: "rewrite", hostname: "one.example.org", path: undefined }], {}));
    expect(sent.authority).toBe("one.example.org");
  });

  test("HTTPRouteBackendURLRewrite: of a backend beats that of the rule", () => {
    const rewrite = (hostname: string): L7Filter => ({ kind: "rewrite", hostname, path: undefined });
    expect(forwarded(plan([rewrite("rule.test")], {}, undefined, [rewrite("backend.test")])).authority).toBe(
      "backend.test",
    );
  });

  test("a Host that a VirtualService sets is the authority (Istio)", () => {
    const filter: L7Filter = { kind: "requestHeaders", edit: edit({ set: [{ name: "Host", value: "other.test" }] }) };
    const sent = forwarded(plan([filter], {}));
    expect([sent.authority, sent.fields.has("host")]).toEqual(["other.test", false]);
  });

  test("a host that is none is answered 500", () => {
    expect(statusOf(plan([{ kind: "rewrite", hostname: "a b", path: undefined }], {}))).toBe(500);
  });
});

describe("request fields", () => {
  const sent = (more: Partial<L7HeaderEdit>, headers: Record<string, string | string[]>) =>
    forwarded(plan([{ kind: "requestHeaders", edit: edit(more) }], { headers })).fields.list;
  const value = (name: string, text: string) => ({ name, value: text });

  test.each<[string, Partial<L7HeaderEdit>, Record<string, string | string[]>, string[]]>([
    ["set on nothing", { set: [value("X-A", "1")] }, {}, ["x-a", "1"]],
    ["set overwrites all", { set: [value("X-A", "1")] }, { "x-a": ["0", "2"] }, ["x-a", "1"]],
    ["add appends", { add: [value("X-A", "1")] }, { "x-a": "0" }, ["x-a", "0", "x-a", "1"]],
    ["remove", { remove: ["X-A"] }, { "x-a": ["0", "2"], "x-b": "1" }, ["x-b", "1"]],
    ["remove comes first", { remove: ["x-a"], add: [value("x-a", "1")] }, { "x-a": "0" }, ["x-a", "1"]],
    [
      "framing cannot be edited",
      { set: [value("Content-Length", "1")], add: [value("Transfer-Encoding", "chunked")] },
      {},
      [],
    ],
    ["a pseudo-header cannot", { set: [value(":path", "/x")] }, {}, []],
    ["a line break cannot be written", { set: [value("x-a", "1\r\nx-b: 2"), value("x-c\r\n", "1")] }, {}, []],
    ["text beyond ASCII is UTF-8", { set: [value("x-a", "é")] }, {}, ["x-a", "Ã©"]],
  ])("%s", (_name, more, headers, expected) => {
    expect(sent(more, headers)).toEqual(expected);
  });

  test("the request itself is not changed: telemetry reads what came", () => {
    const filters: L7Filter[] = [{ kind: "requestHeaders", edit: edit({ set: [value("x-a", "1")] }) }];
    const asked = { headers: { "x-a": "0" } };
    const planner = rig(service({ routes: [route("ns/r", [rule("r", { filters })])] }));
    expect(forwarded(planner.now(asked)).fields.get("x-a")).toBe("1");
    expect(forwarded(planner.now(asked)).fields.list).toEqual(["x-a", "1"]);
  });

  test("the rule's edits come first, then the backend's", () => {
    const of = (text: string): L7Filter => ({ kind: "requestHeaders", edit: edit({ add: [value("x-a", text)] }) });
    expect(forwarded(plan([of("rule")], {}, undefined, [of("backend")])).fields.list).toEqual([
      "x-a",
      "rule",
      "x-a",
      "backend",
    ]);
  });
});

test("edits of the answer are handed on in order", () => {
  const of = (text: string): L7Filter => ({
    kind: "responseHeaders",
    edit: edit({ set: [{ name: "X-A", value: text }], remove: ["Content-Length", "X-B"] }),
  });
  expect(forwarded(plan([of("rule")], {}, undefined, [of("backend")])).responseEdits).toEqual([
    { set: [{ name: "x-a", value: "rule" }], add: [], remove: ["x-b"] },
    { set: [{ name: "x-a", value: "backend" }], add: [], remove: ["x-b"] },
  ]);
});
