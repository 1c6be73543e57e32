/** Cases of Gateway API's conformance suite (HTTPRoute redirects) and of the specification's tables. */
import { describe, expect, test } from "vitest";
import type { L7Filter, L7PathEdit } from "../../../xds/proxy-config.ts";
import {
  type Asked,
  gateway,
  listener,
  path,
  peerOf,
  replied,
  replyField,
  rig,
  route,
  rule,
  service,
  statusOf,
} from "../planner-rig.suite.ts";

type Redirect = Extract<L7Filter, { kind: "redirect" }>;

const redirect = (more: Partial<Redirect> = {}): Redirect => ({
  kind: "redirect",
  scheme: "",
  hostname: "",
  port: 0,
  path: undefined,
  status: 302,
  ...more,
});

function location(filter: Partial<Redirect>, asked: Asked, prefix = "/", port = 80): string {
  const rules = [rule("r", { matches: [path("PathPrefix", prefix)], filters: [redirect(filter)], backends: [] })];
  const secure = asked.scheme === "https";
  const at = listener([route("ns/r", rules)], { port, protocol: secure ? "HTTPS" : "HTTP" });
  const plan = rig(gateway(at)).now({ ...asked, peer: peerOf({ scheme: asked.scheme ?? "http" }) });
  return replyField(plan, "location")[0] ?? "";
}

describe("HTTPRouteRedirectPortAndScheme", () => {
  const host = { hostname: "example.org" };
  test.each<[string, number, Partial<Redirect>, string]>([
    ["http", 80, { ...host }, "http://example.org/x"],
    ["http", 80, { ...host, port: 80 }, "http://example.org/x"],
    ["http", 80, { ...host, port: 8080 }, "http://example.org:8080/x"],
    ["http", 80, { ...host, scheme: "https" }, "https://example.org/x"],
    ["http", 80, { ...host, scheme: "https", port: 443 }, "https://example.org/x"],
    ["http", 80, { ...host, scheme: "https", port: 8443 }, "https://example.org:8443/x"],
    ["http", 8080, { ...host }, "http://example.org:8080/x"],
    ["http", 8080, { ...host, port: 80 }, "http://example.org/x"],
    ["http", 8080, { ...host, scheme: "https" }, "https://example.org/x"],
    ["https", 443, { ...host }, "https://example.org/x"],
    ["https", 443, { ...host, port: 443 }, "https://example.org/x"],
    ["https", 443, { ...host, port: 8443 }, "https://example.org:8443/x"],
    ["https", 443, { ...host, scheme: "http" }, "http://example.org/x"],
    ["https", 443, { ...host, scheme: "http", port: 80 }, "http://example.org/x"],
    ["https", 443, { ...host, scheme: "http", port: 8080 }, "http://example.org:8080/x"],
    ["http", 80, { port: 8083 }, "http://app.ns:8083/x"],
    ["http", 80, {}, "http://app.ns/x"],
  ])("%s listener on %s, %j", (scheme, port, filter, expected) => {
    const asked = { target: "/x", authority: "app.ns:1234", scheme: scheme as "http" | "https" };
    expect(location(filter, asked, "/", port)).toBe(expected);
  });
});

describe("paths", () => {
  const prefixed = (value: string): L7PathEdit => ({ kind: "prefix", path: value });
  test.each<[string, string, L7PathEdit, string]>([
    ["/original-prefix/lemon", "/original-prefix", prefixed("/replacement-prefix"), "/replacement-prefix/lemon"],
    ["/full/path/original", "/full", { kind: "full", path: "/full-path-replacement" }, "/full-path-replacement"],
    ["/path-and-host", "/path-and-host", prefixed("/replacement-prefix"), "/replacement-prefix"],
    // HTTPPathModifier, table of prefix replacements
    ["/foo/bar", "/foo", prefixed("/xyz"), "/xyz/bar"],
    ["/foo/bar", "/foo", prefixed("/xyz/"), "/xyz/bar"],
    ["/foo/bar", "/foo/", prefixed("/xyz"), "/xyz/bar"],
    ["/foo/bar", "/foo/", prefixed("/xyz/"), "/xyz/bar"],
    ["/foo", "/foo", prefixed("/xyz"), "/xyz"],
    ["/foo/", "/foo", prefixed("/xyz"), "/xyz/"],
    ["/foo/bar", "/foo", prefixed(""), "/bar"],
    ["/foo/", "/foo", prefixed(""), "/"],
    ["/foo", "/foo", prefixed(""), "/"],
    ["/foo/", "/foo", prefixed("/"), "/"],
    ["/foo", "/foo", prefixed("/"), "/"],
    ["/foo?a=b", "/", prefixed("/v1"), "/v1/foo?a=b"],
    ["/foo?a=b", "/", { kind: "full", path: "/x?c=d" }, "/x?c=d"],
  ])("%s under %s by %j", (target, prefix, edit, expected) => {
    expect(location({ path: edit }, { target }, prefix)).toBe(`http://app.ns${expected}`);
  });
});

test.each([301, 302, 303, 307, 308])("status %s is answered without a body", (status) => {
  const filters = [redirect({ status })];
  const plan = rig(service({ routes: [route("ns/r", [rule("r", { filters, backends: [] })])] })).now();
  expect(replied(plan)).toMatchObject({ reply: { status, flag: "-", body: "" }, refusal: undefined });
});

test.each<[string, Partial<Redirect>]>([
  ["a host with a line break", { hostname: "a\r\nx: y" }],
  ["a path with a line break", { path: { kind: "full", path: "/a\r\nx: y" } }],
  ["a scheme with a colon", { scheme: "http:" }],
  ["a status that is none", { status: 200 }],
])("%s is answered 500, never sent", (_name, filter) => {
  const rules = [rule("r", { filters: [redirect(filter)], backends: [] })];
  expect(statusOf(rig(service({ routes: [route("ns/r", rules)] })).now())).toBe(500);
});

test("fields that the rule adds to answers are on redirects too", () => {
  const edit = { set: [{ name: "X-Set", value: "1" }], add: [], remove: [] };
  const filters = [redirect(), { kind: "responseHeaders", edit } as const];
  const plan = rig(service({ routes: [route("ns/r", [rule("r", { filters, backends: [] })])] })).now();
  expect(replyField(plan, "x-set")).toEqual(["1"]);
});
