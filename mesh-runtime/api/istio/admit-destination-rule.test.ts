import { describe, expect, test } from "vitest";
import { destinationRuleKind } from "../kinds/destinationrule.ts";
import { verdictOf } from "./verdict.suite.ts";

const policy = (trafficPolicy: object) => verdictOf(destinationRuleKind, { host: "web", trafficPolicy });
const balanced = (loadBalancer: object, outlierDetection?: object) =>
  policy({ loadBalancer, ...(outlierDetection ? { outlierDetection } : {}) });
const locality = (localityLbSetting: object, outlierDetection?: object) =>
  balanced({ localityLbSetting }, outlierDetection);
const hashed = (consistentHash: object) => balanced({ consistentHash });
const http = (settings: object) => policy({ connectionPool: { http: settings } });
const tcp = (settings: object) => policy({ connectionPool: { tcp: settings } });
const tls = (settings: object) => policy({ tls: settings });
const host = (name: string) => verdictOf(destinationRuleKind, { host: name });
const subset = (fields: object) =>
  verdictOf(destinationRuleKind, { host: "web", subsets: [{ name: "v1", ...fields }] });
const exported = (...exportTo: string[]) => verdictOf(destinationRuleKind, { host: "web", exportTo });
const selecting = (...exportTo: string[]) =>
  verdictOf(destinationRuleKind, { host: "web", exportTo, workloadSelector: { matchLabels: { a: "b" } } });

describe("a DestinationRule may have", () => {
  test.each([
    ["a host with a star in front", host("*.web.svc")],
    ["a host that ends in a dot", host("web.example.")],
    ["a cookie that is made", hashed({ httpCookie: { name: "c", ttl: "0s", attributes: [{ name: "SameSite" }] } })],
    ["a ring", hashed({ httpHeaderName: "a", ringHash: { minimumRingSize: 1024 } })],
    ["a prime table", hashed({ httpHeaderName: "a", maglev: { tableSize: 65537 } })],
    ["shares by region", locality({ distribute: [{ from: "r1/*", to: { "r1/*": 80, "r2/*": 20 } }] })],
    ["failover with outlier detection", locality({ failover: [{ from: "r1", to: "r2" }] }, {})],
    ["an idle timeout that is off", tcp({ idleTimeout: "0s" })],
    ["a secret for mutual TLS", tls({ mode: "MUTUAL", credentialName: "cert" })],
    ["a tunnel", policy({ tunnel: { protocol: "POST", targetHost: "10.0.0.1", targetPort: 443 } })],
    ["an empty subset policy of a port", subset({ labels: { version: "v1" } })],
    ["export to its own namespace while selecting callers", selecting(".")],
    ["no slow start's start", balanced({ warmup: { duration: "30s", minimumPercent: null } })],
  ])("%s", (_what, said) => {
    expect(said).toEqual({ refusal: "", warnings: [] });
  });
});

describe("a DestinationRule may not have", () => {
  test.each([
    ["a host with an underscore", host("a_b"), 'domain name "a_b" invalid (label "a_b" invalid)'],
    ["a host that ends in a number", host("a.1"), '(top level domain "1" cannot be all-numeric)'],
    ["a host of 256 characters", host(`${"a.".repeat(127)}aa`), "too long (max 255)"],
    ["a policy of nothing", policy({}), "traffic policy must have at least one field"],
    [
      "a tunnel with the proxy protocol",
      policy({ tunnel: { targetHost: "a", targetPort: 1 }, proxyProtocol: { version: "V1" } }),
      "tunnel and proxyProtocol must not be set together",
    ],
    ["a tunnel to nowhere", policy({ tunnel: { targetHost: "a_", targetPort: 0 } }), "tunnel target port is invalid"],
    ["a tunnel by GET", policy({ tunnel: { protocol: "GET", targetHost: "a", targetPort: 1 } }), '"CONNECT" or "POST"'],
    ["fewer than no requests", http({ http2MaxRequests: -1 }), "http2 max requests must be non-negative"],
    ["fewer than no connections", tcp({ maxConnections: -1 }), "max connections must be non-negative"],
    ["microseconds", tcp({ connectTimeout: "1500us" }), "only durations to ms precision are supported"],
    [
      "an idle timeout that is none",
      tcp({ idleTimeout: "soon" }),
      'error decoding configuration: bad Duration: time: invalid duration "soon"',
    ],
    ["a negative idle timeout", tcp({ idleTimeout: "-1s" }), "duration must be greater than 1ms"],
    [
      "the client's protocol and another",
      http({ h2UpgradePolicy: "UPGRADE", useClientProtocol: true }),
      "use client protocol must not be true when H2UpgradePolicy is UPGRADE",
    ],
    ["a cookie without a name", hashed({ httpCookie: { name: "" } }), "name required for HttpCookie"],
    [
      "an attribute twice",
      hashed({ httpCookie: { name: "c", attributes: [{ name: "a" }, { name: "a" }] } }),
      "duplicate cookie attribute name: a",
    ],
    [
      "a table of a size that is not prime",
      hashed({ maglev: { tableSize: 100 } }),
      "tableSize must be a prime number for maglev",
    ],
    ["a table of no size", hashed({ maglev: {} }), "tableSize must be set for maglev"],
    ["a huge table", hashed({ maglev: { tableSize: 5_000_011 } }), "tableSize must be less than 5000011"],
    [
      "two ways to hash",
      hashed({ httpHeaderName: "a", useSourceIp: true }),
      '"spec.trafficPolicy.loadBalancer.consistentHash" must validate one and only one schema (oneOf). Found 2 valid alternatives',
    ],
    [
      "shares beyond 100",
      locality({ distribute: [{ from: "a", to: { a: 60, b: 60 } }] }),
      "total locality weight 120 != 100",
    ],
    [
      "a share of nothing",
      locality({ distribute: [{ from: "a", to: { a: 0, b: 100 } }] }),
      "locality weight must be in range [1, 100]",
    ],
    [
      "shares for one place twice",
      locality({
        distribute: [
          { from: "a", to: { a: 100 } },
          { from: "a/b", to: { a: 100 } },
        ],
      }),
      "locality a/b overlap with previous specified ones",
    ],
    [
      "shares for everywhere and for one place",
      locality({ distribute: ["*", "a"].map((from) => ({ from, to: { a: 100 } })) }),
      "locality a overlap with previous specified ones",
    ],
    [
      "a star in the middle",
      locality({ distribute: [{ from: "a*b", to: { a: 100 } }] }),
      "wildcard '*' number can not exceed 1 and must be in the end",
    ],
    [
      "a place without a zone",
      locality({ distribute: [{ from: "a//b", to: { a: 100 } }] }),
      "must not contain empty region/zone/subzone info",
    ],
    [
      "shares and failover",
      locality({ distribute: [{ from: "a", to: { a: 100 } }], failover: [{ from: "a", to: "b" }] }),
      "can not simultaneously specify 'distribute' and 'failover'",
    ],
    ["failover to itself", locality({ failover: [{ from: "a", to: "a" }] }, {}), "must specify different regions"],
    ["failover to a zone", locality({ failover: [{ from: "a", to: "b/c" }] }, {}), "failover only specify region"],
    [
      "failover by region twice over",
      locality({ failover: [{ from: "a", to: "b" }], failoverPriority: ["topology.kubernetes.io/region"] }, {}),
      "topology label 'topology.kubernetes.io/region'",
    ],
    [
      "ejection without a split",
      policy({ outlierDetection: { consecutiveLocalOriginFailures: 1 } }),
      "split external local origin errors is set to false",
    ],
    ["mutual TLS without keys", tls({ mode: "MUTUAL" }), "2 errors occurred:"],
    [
      "a secret and files",
      tls({ mode: "SIMPLE", credentialName: "a", caCertificates: "/b" }),
      "cannot specify client certificates or CA certificate or CA CRL If credentialName is set",
    ],
    [
      "names that are not verified",
      tls({ mode: "SIMPLE", insecureSkipVerify: true, subjectAltNames: ["a"] }),
      "when InsecureSkipVerify is set true",
    ],
    [
      "an authority that is not asked",
      tls({ mode: "SIMPLE", insecureSkipVerify: true, caCertificates: "/a" }),
      "is set true",
    ],
    [
      "an authority that is not asked, mutually",
      tls({ mode: "MUTUAL", insecureSkipVerify: true, caCertificates: "/a" }),
      "cannot specify CaCertificates or SubjectAltNames",
    ],
    ["a subset with a dot", subset({ name: "v.1" }), "subset name is invalid: v.1"],
    ["labels that are none", subset({ labels: { a: "b c" } }), '1 error occurred:\n\t* invalid tag value: "b c"'],
    [
      "a port without a setting",
      policy({ portLevelSettings: [{ port: { number: 80 } }] }),
      "port traffic policy must have at least one field",
    ],
    ["the same export twice", exported("a", "a"), "duplicate entries in exportTo for entry a"],
    [
      "its own namespace by two names",
      exported("web", "."),
      "duplicate entries in exportTo: . and current namespace web",
    ],
    ["export to nobody", exported("~"), "exportTo ~ (none) is not allowed"],
    [
      "export to what is no namespace",
      exported("a b"),
      "only .,*, or a valid DNS 1123 label is allowed as exportTo entry",
    ],
    [
      "export beyond its namespace while selecting callers",
      selecting("a"),
      "cannot have exportTo beyond current namespace",
    ],
    ["several exports while selecting callers", selecting(".", "a"), "cannot have multiple entries in exportTo"],
  ])("%s", (_what, said, text) => {
    expect(said.refusal).toContain(text);
  });
});

describe("a DestinationRule is warned of", () => {
  test.each([
    [
      "failover without outlier detection",
      locality({ failoverPriority: ["a"] }),
      "outlier detection policy must be provided for failover",
    ],
    ["an old ring size", hashed({ httpHeaderName: "a", minimumRingSize: 8 }), "MinimumRingSize is deprecated"],
    [
      "a selector of nothing",
      verdictOf(destinationRuleKind, { host: "web", workloadSelector: {} }),
      "workload selector specified without labels",
    ],
  ])("%s", (_what, said, text) => {
    expect(said.refusal).toBe("");
    expect(said.warnings.join()).toContain(text);
  });

  test("nothing in a subset, as istiod loses it there", () => {
    const old = { outlierDetection: { consecutiveErrors: 5 } };
    expect(subset({ trafficPolicy: old }).warnings).toEqual([]);
    expect(policy(old).warnings).toHaveLength(1);
  });
});
