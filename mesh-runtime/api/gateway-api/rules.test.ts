import { describe, expect, test } from "vitest";
import { admit } from "../admission.ts";
import { gatewayKind } from "../kinds/gateway.ts";
import { gatewayClassKind } from "../kinds/gatewayclass.ts";
import { httpRouteKind } from "../kinds/httproute.ts";
import { peerAuthenticationKind } from "../kinds/peerauthentication.ts";

/** Messages of a refusal; none when the spec is fine. */
function messages(kind: typeof gatewayKind, spec: object): string[] {
  const object = { metadata: { name: "x" }, spec };
  const result = admit({ kind, operation: "create", object, namespace: "web", fieldValidation: "Strict" });
  if (result.ok) {
    return [];
  }
  expect(result.status.code).toBe(422);
  return (result.status.details?.causes ?? []).map((cause) => `${cause.field}: ${cause.message}`);
}

const http = { name: "a", port: 80, protocol: "HTTP" };
const gateway = (listener: object, rest: object = {}) => ({
  gatewayClassName: "istio",
  listeners: [{ ...http, ...listener }],
  ...rest,
});
const twice = (a: object, b: object) => ({
  gatewayClassName: "istio",
  listeners: [
    { ...http, ...a },
    { ...http, name: "b", ...b },
  ],
});

describe("a Gateway", () => {
  test.each([
    ["HTTPS with options only", gateway({ protocol: "HTTPS", tls: { options: { a: "b" } } })],
    ["TLS passed through", gateway({ protocol: "TLS", tls: { mode: "Passthrough" } })],
    ["two hosts on one port", twice({ hostname: "a.com" }, { hostname: "b.com" })],
    ["one host and all hosts on one port", twice({ hostname: "a.com" }, {})],
    ["an IPv6 address", gateway({}, { addresses: [{ value: "2001:db8::1" }] })],
    ["a wildcard host name as an address", gateway({}, { addresses: [{ type: "Hostname", value: "*.a.com" }] })],
    ["labels for what is made", gateway({}, { infrastructure: { labels: { "a.com/b": "c" } } })],
  ])("may have %s", (_name, spec) => {
    expect(messages(gatewayKind, spec)).toEqual([]);
  });

  test.each([
    ["tls on HTTP", gateway({ tls: { options: { a: "b" } } }), "tls must not be specified for protocols"],
    [
      "HTTPS passed through",
      gateway({ protocol: "HTTPS", tls: { mode: "Passthrough" } }),
      "tls mode must be Terminate for protocol HTTPS",
    ],
    ["a host on TCP", gateway({ protocol: "TCP", hostname: "a.com" }), "hostname must not be specified for protocols"],
    ["two listeners that are the same", twice({}, {}), "Combination of port, protocol and hostname must be unique"],
    [
      "nothing to terminate with",
      gateway({ protocol: "HTTPS", tls: {} }),
      "certificateRefs or options must be specified when mode is Terminate",
    ],
    [
      "an address that is none",
      gateway({}, { addresses: [{ value: "a" }] }),
      "an IPAddress is an IPv4 or IPv6 address",
    ],
    [
      "a host name that is none",
      gateway({}, { addresses: [{ type: "Hostname", value: "A" }] }),
      "Hostname value must be empty or contain only",
    ],
    [
      "a host name twice",
      gateway({}, { addresses: ["a", "a"].map((value) => ({ type: "Hostname", value })) }),
      "Hostname values must be unique",
    ],
    [
      "a bad label key",
      gateway({}, { infrastructure: { labels: { "a b": "c" } } }),
      "Label keys must be in the form of an optional DNS subdomain prefix",
    ],
    [
      "a bad annotation key",
      gateway({}, { infrastructure: { annotations: { "a b": "c" } } }),
      "Annotation keys must be in the form",
    ],
  ])("may not have %s", (_name, spec, text) => {
    expect(messages(gatewayKind, spec).join("\n")).toContain(text);
  });
});

const web = { name: "web", port: 80 };
const rule = (extra: object) => ({ rules: [{ backendRefs: [web], ...extra }] });
const filtered = (...filters: object[]) => rule({ filters });
const header = { type: "RequestHeaderModifier", requestHeaderModifier: { remove: ["a"] } };
const prefixRewrite = {
  type: "URLRewrite",
  urlRewrite: { path: { type: "ReplacePrefixMatch", replacePrefixMatch: "/" } },
};
const paths = (count: number) => Array.from({ length: count }, (_, i) => ({ path: { value: `/${i}` } }));
const external = (fields: object) => filtered({ type: "ExternalAuth", externalAuth: { backendRef: web, ...fields } });

describe("an HTTPRoute", () => {
  test.each([
    ["a rewritten prefix", filtered(prefixRewrite)],
    ["128 matches", { rules: [{ matches: paths(64) }, { matches: paths(64) }] }],
    ["two sections of one gateway", { parentRefs: ["a", "b"].map((sectionName) => ({ name: "g", sectionName })) }],
    ["the same name in two namespaces", { parentRefs: ["a", "b"].map((namespace) => ({ name: "g", namespace })) }],
    ["a regular expression for a path", rule({ matches: [{ path: { type: "RegularExpression", value: "[" } }] })],
    ["an authorizer", external({ protocol: "HTTP", http: { path: "/check" } })],
    ["a request timeout of 0s", rule({ timeouts: { request: "0s", backendRequest: "1h" } })],
  ])("may have %s", (_name, spec) => {
    expect(messages(httpRouteKind, spec)).toEqual([]);
  });

  test.each([
    ["129 matches", { rules: [{ matches: paths(64) }, { matches: paths(64) }, {}] }, "must be less than 128"],
    ["two rules of one name", { rules: [{ name: "a" }, { name: "a" }] }, "Rule name must be unique within the route"],
    [
      "one parent with and without section",
      { parentRefs: [{ name: "g" }, { name: "g", sectionName: "a" }] },
      "sectionName or port must be specified",
    ],
    ["one parent twice", { parentRefs: [{ name: "g" }, { name: "g" }] }, "sectionName or port must be unique"],
    ["a filter twice", filtered(header, header), "RequestHeaderModifier filter cannot be repeated"],
    [
      "a filter's field without its type",
      filtered({ ...header, cors: {} }),
      "filter.cors must be nil if the filter.type is not CORS",
    ],
    [
      "a rewritten prefix of two paths",
      rule({ filters: [prefixRewrite], matches: paths(2) }),
      "When using URLRewrite filter with path.replacePrefixMatch",
    ],
    [
      "a rewritten prefix of two paths at a backend",
      { rules: [{ matches: paths(2), backendRefs: [{ ...web, filters: [prefixRewrite] }] }] },
      "Within backendRefs, When using URLRewrite filter",
    ],
    [
      "a replacement of another type",
      filtered({ type: "URLRewrite", urlRewrite: { path: { type: "ReplaceFullPath", replacePrefixMatch: "/" } } }),
      "type must be 'ReplacePrefixMatch' when replacePrefixMatch is set",
    ],
    [
      "more than the whole as a mirror",
      filtered({
        type: "RequestMirror",
        requestMirror: { backendRef: web, fraction: { numerator: 3, denominator: 2 } },
      }),
      "numerator must be less than or equal to denominator",
    ],
    ["an authorizer without its settings", external({ protocol: "GRPC" }), "grpc must be specified when protocol"],
    [
      "a permanent cookie without an end",
      rule({ sessionPersistence: { cookieConfig: { lifetimeType: "Permanent" } } }),
      "AbsoluteTimeout must be specified when cookie lifetimeType is Permanent",
    ],
    ["a path that ends in dots", rule({ matches: [{ path: { value: "/a/.." } }] }), "must not end with '/..'"],
    ["a path with a fragment", rule({ matches: [{ path: { value: "/a#b" } }] }), "must not contain '#'"],
  ])("may not have %s", (_name, spec, text) => {
    expect(messages(httpRouteKind, spec).join("\n")).toContain(text);
  });
});

test("a GatewayClass keeps its controller for life", () => {
  const stored = (controllerName: string) => ({
    metadata: { name: "x", resourceVersion: "1" },
    spec: { controllerName },
  });
  const update = (next: string) =>
    admit({
      kind: gatewayClassKind,
      operation: "update",
      object: stored(next),
      old: stored("istio.io/gateway-controller"),
      name: "x",
    });
  expect(update("istio.io/gateway-controller").ok).toBe(true);
  const changed = update("istio.io/other");
  expect(changed.ok ? "" : changed.status.message).toContain('spec.controllerName: Invalid value: "string": Value is');
});

test("a custom kind is not updated without a resourceVersion", () => {
  const object = { metadata: { name: "x" }, spec: {} };
  const result = admit({
    kind: peerAuthenticationKind,
    operation: "update",
    object,
    old: { metadata: { name: "x", namespace: "web", resourceVersion: "1" } },
    namespace: "web",
    name: "x",
  });
  expect(result.ok ? "" : result.status.message).toContain("metadata.resourceVersion: Invalid value: 0x0");
});
