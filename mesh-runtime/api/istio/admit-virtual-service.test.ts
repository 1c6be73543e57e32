import { describe, expect, test } from "vitest";
import { virtualServiceKind } from "../kinds/virtualservice.ts";
import { verdictOf } from "./verdict.suite.ts";

const to = (host: string, more: object = {}) => ({ destination: { host }, ...more });
const route = [to("web")];
const service = (spec: object) => verdictOf(virtualServiceKind, { hosts: ["web"], ...spec });
const rule = (fields: object) => service({ http: [{ route, ...fields }] });
const alone = (fields: object) => service({ http: [fields] });
const matched = (match: object) => rule({ match: [match] });
const routes = (...destinations: object[]) => service({ http: [{ route: destinations }] });
const hosts = (...names: string[]) => service({ hosts: names, http: [{ route }] });
const requestHeaders = (request: object) => rule({ headers: { request } });
const tls = (fields: object) => service({ tls: [{ match: [{ sniHosts: ["web"] }], route, ...fields }] });

describe("a VirtualService may have", () => {
  test.each([
    [
      "all kinds of matches",
      matched({ uri: { regex: "/a/[0-9]+(/.*)?" }, method: { exact: "GET" }, queryParams: { a: {} } }),
    ],
    ["an empty path prefix", matched({ uri: { prefix: "" } })],
    ["headers that must not be there", matched({ withoutHeaders: { "x-a": { regex: "*" } } })],
    ["a gateway of another namespace", service({ gateways: ["ns/gw", "mesh"], http: [{ route }] })],
    ["a port in a match", matched({ port: 80, sourceLabels: { app: "a" }, sourceNamespace: "b" })],
    ["a host that is set", requestHeaders({ set: { ":authority": "a", "x-a": "%START_TIME%", "x-b": "100%%" } })],
    ["retries by condition and code", rule({ retries: { attempts: 2, retryOn: "5xx,connect-failure,503" } })],
    ["no retries at all", rule({ retries: { attempts: 0 } })],
    ["an answer of its own", alone({ directResponse: { status: 503, body: { string: "later" } } })],
    ["a rewrite by expression", rule({ rewrite: { uriRegexRewrite: { match: "^/a/(.*)", rewrite: "/b/\\1" } } })],
    ["a fault by gRPC status", rule({ fault: { abort: { grpcStatus: "UNAVAILABLE", percentage: { value: 1 } } } })],
    ["one destination of no weight", routes(to("a", { weight: 0 }))],
    ["two hosts that share an end", hosts("a.example", "*.b.example")],
    ["TLS that is passed through", tls({})],
    ["TCP by address", service({ tcp: [{ match: [{ destinationSubnets: ["10.0.0.0/8"], port: 27017 }], route }] })],
    ["a delegate", service({ hosts: [], http: [{ route }] })],
    ["a rule that delegates", alone({ delegate: { name: "other" } })],
    [
      "a claim at a gateway",
      service({
        gateways: ["gw"],
        http: [{ match: [{ headers: { "@request.auth.claims.group": { exact: "a" } } }], route }],
      }),
    ],
  ])("%s", (_what, said) => {
    expect(said).toEqual({ refusal: "", warnings: [] });
  });
});

describe("a VirtualService may not have", () => {
  test.each([
    ["a rule that does nothing", alone({}), "HTTP route, redirect or direct_response is required"],
    ["a route and a redirect", rule({ redirect: { uri: "/b" } }), "HTTP route cannot contain both route and redirect"],
    [
      "a route and an answer",
      rule({ directResponse: { status: 200 } }),
      "HTTP route cannot contain both route and direct_response",
    ],
    [
      "a fault and a redirect",
      alone({ fault: { delay: { fixedDelay: "1s" } }, redirect: { uri: "/" } }),
      "HTTP route cannot contain both fault and redirect",
    ],
    ["a delegate with a route", rule({ delegate: { name: "a" } }), "must not specify route"],
    [
      "a delegate in a delegate",
      service({ hosts: [], http: [{ route, delegate: { name: "a" } }] }),
      "delegate HTTP route cannot contain delegate",
    ],
    [
      "gateways in a delegate",
      service({ hosts: [], gateways: ["gw"], http: [{ route }] }),
      "delegate virtual service must have no gateways specified",
    ],
    [
      "a gateway of two slashes",
      service({ gateways: ["a/b/c"], http: [{ route }] }),
      'invalid value for gateway name: "b/c"',
    ],
    [
      "a host that covers another",
      hosts("*.example", "a.example"),
      "duplicate hosts in virtual service: *.example & a.example",
    ],
    ["a host that is none", hosts("a b"), 'domain name "a b" invalid'],
    [
      "an empty prefix of a host",
      matched({ authority: { prefix: "" } }),
      '"authority": prefix string match should not be empty',
    ],
    ["an empty expression", matched({ uri: { regex: "" } }), '"uri": regex string match should not be empty'],
    [
      "an expression that looks ahead",
      matched({ uri: { regex: "(?=a)" } }),
      '"uri": error parsing regexp: invalid or unsupported Perl syntax: `(?=`; Istio uses RE2',
    ],
    [
      "an expression of 1025 characters",
      matched({ uri: { regex: "a".repeat(1025) } }),
      "regex is too large, max length allowed is 1024",
    ],
    ["a header name with a blank", matched({ headers: { "a b": {} } }), "header name a b is not a valid header name"],
    [
      "a claim inside the mesh",
      matched({ headers: { "@request.auth.claims.group": { exact: "a" } } }),
      "JWT claim based routing (key: @request.auth.claims.group) is only supported for gateway, found no gateways: []",
    ],
    ["a source that is no namespace", matched({ sourceNamespace: "a.b" }), "sourceNamespace match a.b is invalid"],
    ["labels that are none", matched({ sourceLabels: { "a b": "c" } }), 'invalid tag key: "a b"'],
    ["port 70000", matched({ port: 70000 }), "port number 70000 must be in the range 1..65535"],
    [
      "a pseudo header that is set",
      requestHeaders({ set: { ":path": "/" } }),
      'invalid header ":path": header cannot have ":" prefix',
    ],
    ["the host taken away", requestHeaders({ remove: ["Host"] }), 'invalid header "Host": cannot set Host header'],
    [
      "an open variable",
      requestHeaders({ add: { a: "50%" } }),
      "header value configuration: invalid header configuration. Un-escaped %",
    ],
    ["a line break in a value", requestHeaders({ add: { a: "b\r\nc: d" } }), "is invalid"],
    [
      "a host set twice",
      rule({ rewrite: { authority: "a" }, headers: { request: { set: { host: "b" } } } }),
      'authority header cannot be set multiple times: have "a", attempting to set "b"',
    ],
    [
      "a method that is none",
      rule({ corsPolicy: { allowMethods: ["BREW"] } }),
      '"BREW" is not a supported HTTP method',
    ],
    [
      "an origin of nothing",
      rule({ corsPolicy: { allowOrigins: [{}] } }),
      "is not a valid match type for CORS allow origins",
    ],
    ["a fault of nothing", rule({ fault: {} }), "HTTP fault injection must have an abort and/or a delay"],
    [
      "a tiny share",
      rule({ fault: { abort: { httpStatus: 500, percentage: { value: 0.00001 } } } }),
      "is neither 0.0, nor in range [0.0001, 100.0]",
    ],
    ["an unknown gRPC status", rule({ fault: { abort: { grpcStatus: "NO" } } }), 'gRPC status "NO" is not supported'],
    [
      "a delay that grows",
      rule({ fault: { delay: { exponentialDelay: "1s" } } }),
      "exponentialDelay not supported yet",
    ],
    ["a mirror of everybody", rule({ mirror: { host: "*" } }), "invalid destination host *"],
    [
      "a mirror of more than all",
      rule({ mirror: { host: "b" }, mirrorPercentage: { value: 101 } }),
      "mirror_percentage must have a max value of 100 (it has 101.000000)",
    ],
    [
      "one of several mirrors of less than nothing",
      rule({ mirrors: [{ destination: { host: "b" }, percentage: { value: -1 } }] }),
      "mirror percentage must have a min value of 0",
    ],
    ["a redirect to nowhere", alone({ redirect: {} }), "redirect must specify URI, authority, scheme, or port"],
    ["a redirect with 400", alone({ redirect: { uri: "/", redirectCode: 400 } }), "400 is not a valid redirect code"],
    [
      "a redirect with 200",
      alone({ redirect: { uri: "/", redirectCode: 200 } }),
      "200 is not a valid redirect code, must be 3xx",
    ],
    ["a redirect to FTP", alone({ redirect: { scheme: "ftp" } }), 'invalid redirect scheme, must be "http" or "https"'],
    ["a status of 99", alone({ directResponse: { status: 99 } }), "HTTP status 99 is not in range 200-599"],
    [
      "an unknown reason to retry",
      rule({ retries: { attempts: 1, retryOn: "always" } }),
      '"always" is not a valid retryOn policy',
    ],
    [
      "a rewrite of nothing",
      rule({ rewrite: {} }),
      "rewrite must specify at least one of URI, UriRegexRewrite, or authority",
    ],
    [
      "half an expression",
      rule({ rewrite: { uriRegexRewrite: { match: "a" } } }),
      "UriRegexRewrite requires both Rewrite and Match fields",
    ],
    ["a subset without a form", routes({ destination: { host: "a", subset: "v.1" } }), "subset name is invalid: v.1"],
    [
      "a destination's port of nothing",
      routes({ destination: { host: "a", port: {} } }),
      "port number 0 must be in the range 1..65535",
    ],
    ["TLS without a match", tls({ match: [] }), "TLS route must have at least one match condition"],
    [
      "TLS for somebody else",
      tls({ match: [{ sniHosts: ["a.example"] }] }),
      'SNI host "a.example" is not a compatible subset of any of the virtual service hosts: [web]',
    ],
    ["TLS to nowhere", tls({ route: [] }), "TLS route is required"],
    ["TCP to nowhere", service({ tcp: [{}] }), "TCP route is required"],
    [
      "a network that is none",
      service({ tcp: [{ match: [{ destinationSubnets: ["10.0.0.0/99"] }], route }] }),
      "10.0.0.0/99 is not a valid CIDR block",
    ],
  ])("%s", (_what, said, text) => {
    expect(said.refusal).toContain(text);
  });

  test("two mistakes without a list of both", () => {
    expect(routes(to("*"), to("a", { weight: -1 })).refusal).toBe(
      "2 errors occurred:\n\t* invalid destination host *\n\t* weight -1 < 0\n\n",
    );
  });
});

describe("a VirtualService is warned of", () => {
  const on = (prefix: string, more: object = {}) => ({ match: [{ uri: { prefix }, ...more }], route });
  test.each([
    [
      "a second rule without matches",
      [{ route }, { route }],
      "virtualService rule #1 not used (only the last rule can have no matches)",
    ],
    [
      "a rule behind one without matches",
      [{ route }, on("/a")],
      "virtualService rule #1 not used (route without matches defined before)",
    ],
    [
      "a match that stands before",
      [on("/a"), { ...on("/a"), name: "b" }],
      'virtualService rule "b" not used (all matches used by prior rules)',
    ],
    [
      "a longer prefix behind a shorter",
      [on("/a"), on("/a/b")],
      "virtualService rule #1 match #0 of prefix /a/b is not used (duplicate/overlapping match in rule #0 of prefix /a on #0)",
    ],
  ])("%s", (_what, http, text) => {
    const said = service({ http });
    expect(said.refusal).toBe("");
    expect(said.warnings).toContain(text);
  });

  test.each([
    ["the longer prefix first", [on("/a/b"), on("/a")]],
    ["other headers", [on("/a", { headers: { a: { exact: "b" } } }), on("/a/b")]],
    ["another port", [on("/a", { port: 80 }), on("/a/b", { port: 81 })]],
  ])("nothing with %s", (_what, http) => {
    expect(service({ http })).toEqual({ refusal: "", warnings: [] });
  });

  test("old words", () => {
    expect(rule({ mirror: { host: "b" }, mirrorPercent: 10 }).warnings.join()).toContain(
      'use "mirrorPercentage" instead',
    );
    expect(service({ gateways: ["gw.ns.svc"], http: [{ route }] }).warnings.join()).toContain(
      'prefer the <namespace>/<name> format: "ns/gw"',
    );
  });
});
