import { describe, expect, it } from "vitest";
import { readTrafficPolicy } from "./traffic-policy.ts";
import { readFields } from "./unsupported.ts";

const read = (policy: unknown) => {
  const unsupported: string[] = [];
  return { policy: readTrafficPolicy(readFields(policy, unsupported, "p")), unsupported };
};

describe("what endpoints are chosen by", () => {
  it.each([
    [{ httpHeaderName: "X-User" }, { kind: "header", name: "x-user" }],
    [{ httpQueryParameterName: "User" }, { kind: "queryParameter", name: "User" }],
    [{ useSourceIp: true }, { kind: "sourceIp" }],
    [{ httpCookie: { name: "u" } }, { kind: "cookie", name: "u", path: "", ttlMs: undefined }],
    [{ httpCookie: { name: "u", ttl: "0s" } }, { kind: "cookie", name: "u", path: "", ttlMs: 0 }],
    [
      { httpCookie: { name: "u", path: "/", ttl: "1m" }, maglev: {} },
      { kind: "cookie", name: "u", path: "/", ttlMs: 60_000 },
    ],
  ])("%j", (consistentHash, hashBy) => {
    const { policy, unsupported } = read({ loadBalancer: { consistentHash } });
    expect(policy?.loadBalancer).toMatchObject({ policy: "CONSISTENT_HASH", hashBy });
    expect(unsupported).toEqual([]);
  });

  it.each([
    [{}, "p.loadBalancer.consistentHash.key (none is named)"],
    [{ useSourceIp: false }, "p.loadBalancer.consistentHash.key (none is named)"],
    [{ httpCookie: { name: "u", attributes: [{}] } }, "p.loadBalancer.consistentHash.httpCookie.attributes"],
  ])("%j is told", (consistentHash, path) => {
    expect(read({ loadBalancer: { consistentHash } }).unsupported).toEqual([path]);
  });

  it.each([
    ["UNSPECIFIED", "LEAST_REQUEST", []],
    ["LEAST_CONN", "LEAST_REQUEST", []],
    ["LEAST_REQUEST", "LEAST_REQUEST", []],
    ["ROUND_ROBIN", "ROUND_ROBIN", []],
    ["RANDOM", "RANDOM", []],
    ["PASSTHROUGH", "LEAST_REQUEST", ["p.loadBalancer.simple (PASSTHROUGH)"]],
    ["toString", "LEAST_REQUEST", ["p.loadBalancer.simple (toString)"]],
  ])("%s is %s", (simple, policy, told) => {
    const found = read({ loadBalancer: { simple } });
    expect(found.policy?.loadBalancer?.policy).toBe(policy);
    expect(found.unsupported).toEqual(told);
  });

  it("warms up by the newer field before the older", () => {
    const warmup = (loadBalancer: object) => read({ loadBalancer }).policy?.loadBalancer?.warmupMs;
    expect(warmup({ warmupDurationSecs: "5s" })).toBe(5_000);
    expect(warmup({ warmupDurationSecs: "5s", warmup: { duration: "7s" } })).toBe(7_000);
    expect(read({ loadBalancer: { warmup: { duration: "1s", aggression: 2 } } }).unsupported).toEqual([
      "p.loadBalancer.warmup.aggression",
    ]);
  });
});

describe("what breaks the circuit", () => {
  it("is Istio's default where the block says nothing", () => {
    expect(read({ outlierDetection: {} }).policy?.outlierDetection).toEqual({
      consecutive5xx: 5,
      consecutiveGatewayErrors: 0,
      intervalMs: 10_000,
      baseEjectionMs: 30_000,
      maxEjectionPercent: 10,
      panicPercent: 0,
    });
    expect(read({ retryBudget: {} }).policy?.retryBudget).toEqual({ percent: 20, minConcurrency: 3 });
    expect(read({}).policy).toMatchObject({ outlierDetection: undefined, retryBudget: undefined });
  });

  it("may be switched off kind by kind", () => {
    expect(
      read({ outlierDetection: { consecutive5xxErrors: 0, consecutiveGatewayErrors: 3 } }).policy?.outlierDetection,
    ).toMatchObject({ consecutive5xx: 0, consecutiveGatewayErrors: 3 });
  });

  it.each([
    [{ splitExternalLocalOriginErrors: false }, []],
    [{ splitExternalLocalOriginErrors: true }, ["p.outlierDetection.splitExternalLocalOriginErrors"]],
    [{ consecutiveLocalOriginFailures: 3 }, ["p.outlierDetection.consecutiveLocalOriginFailures"]],
    [{ consecutiveErrors: 3 }, ["p.outlierDetection.consecutiveErrors"]],
    [{ interval: "soon" }, ["p.outlierDetection.interval"]],
    [{ consecutive5xxErrors: -1 }, ["p.outlierDetection.consecutive5xxErrors"]],
  ])("%j tells of %j", (outlierDetection, told) => {
    expect(read({ outlierDetection }).unsupported).toEqual(told);
  });
});

describe("TLS to hosts of the mesh", () => {
  it.each([
    [{ mode: "ISTIO_MUTUAL" }, []],
    [{ mode: "ISTIO_MUTUAL", sni: "a" }, ["p.tls.sni"]],
    [{ mode: "DISABLE" }, [expect.stringMatching(/^p\.tls\.mode \(DISABLE: .* mutual TLS\)$/)]],
    [{ mode: "SIMPLE", sni: "a" }, [expect.stringContaining("SIMPLE")]],
    [{}, [expect.stringContaining("DISABLE")]],
  ])("%j tells of %j", (tls, told) => {
    expect(read({ tls }).unsupported).toEqual(told);
  });
});

describe("connection pools", () => {
  it("idle by the time of HTTP before that of TCP", () => {
    const idle = (connectionPool: object) => read({ connectionPool }).policy?.connectionPool?.idleTimeoutMs;
    expect(idle({ tcp: { idleTimeout: "1m" } })).toBe(60_000);
    expect(idle({ tcp: { idleTimeout: "1m" }, http: { idleTimeout: "2m" } })).toBe(120_000);
    expect(idle({})).toBeUndefined();
  });

  it.each([
    [{ useClientProtocol: true, h2UpgradePolicy: "UPGRADE" }, "CLIENT_PROTOCOL", []],
    [{ h2UpgradePolicy: "UPGRADE" }, "UPGRADE", []],
    [{ h2UpgradePolicy: "DO_NOT_UPGRADE" }, "DO_NOT_UPGRADE", []],
    [{ h2UpgradePolicy: "MAYBE" }, "DEFAULT", ["p.connectionPool.http.h2UpgradePolicy (MAYBE)"]],
    [{ maxConcurrentStreams: 5 }, "DEFAULT", ["p.connectionPool.http.maxConcurrentStreams"]],
  ])("%j upgrade by %s", (http, upgrade, told) => {
    const { policy, unsupported } = read({ connectionPool: { http } });
    expect(policy?.connectionPool?.upgrade).toBe(upgrade);
    expect(unsupported).toEqual(told);
  });
});
