import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { proxyConfigType } from "./codec.ts";
import type { FilterSchema, RouteRuleSchema } from "./gen/l7-route_pb.js";
import { type L7ServicePortSchema, ProxyConfigSchema } from "./gen/proxy-config_pb.js";
import { proxyConfig } from "./proxy-config.suite.ts";
import type { L7Cluster, ProxyConfig } from "./proxy-config.ts";

type Init = MessageInitShape<typeof ProxyConfigSchema>;

const accessLog = { enabled: false, minStatus: 0 };
const tracing = { enabled: false, sampling: 0 };
const empty: ProxyConfig = {
  name: "waypoint",
  namespace: "default",
  kind: "waypoint",
  listeners: [],
  services: [],
  workloads: [],
  clusters: [],
  authorizers: [],
  certificates: [],
  telemetry: { accessLog, tracing, byService: [] },
  pathNormalization: "BASE",
  tellsCallersAs: "",
};
const wire: Init = {
  name: "waypoint",
  namespace: "default",
  kind: 2,
  telemetry: { accessLog, tracing },
  pathNormalization: 2,
};
/** A number that no enum has. */
const later: number = 99;
const decode = (init: Init) => proxyConfigType.decode(toBinary(ProxyConfigSchema, create(ProxyConfigSchema, init)));

describe("a proxy's configuration on the wire", () => {
  it("comes back as it was", () => {
    fc.assert(
      fc.property(proxyConfig, (config) => {
        expect(proxyConfigType.decode(proxyConfigType.encode(config))).toEqual({ value: config });
      }),
      { numRuns: 200 },
    );
  }, 60_000);

  it("may be empty, and is named by namespace and gateway", () => {
    expect(decode(wire)).toEqual({ value: empty });
    expect(proxyConfigType.name(empty)).toBe("default/waypoint");
  });

  it("is read or refused whatever one byte of it becomes, without an exception", () => {
    fc.assert(
      fc.property(proxyConfig, fc.nat(), fc.integer({ min: 0, max: 255 }), (config, at, byte) => {
        const bytes = proxyConfigType.encode(config);
        bytes[at % bytes.length] = byte;
        proxyConfigType.decode(bytes);
      }),
    );
  });

  it("carries times that no timer holds as the longest one", () => {
    const cluster = {
      key: "k",
      service: "",
      port: 80,
      subset: "",
      members: undefined,
      protocol: "AUTO",
      loadBalancing: { policy: "RANDOM", hashBy: undefined, warmupMs: 0.2, locality: { kind: "none" } },
      limits: {
        maxConnections: 0,
        connectTimeoutMs: 359_996_400_000,
        maxPendingRequests: 0,
        maxRequests: 0,
        maxRetries: 0,
        maxRequestsPerConnection: 0,
        idleTimeoutMs: 0,
      },
      outlierDetection: undefined,
      retryBudget: undefined,
      origin: "",
    } satisfies L7Cluster;
    const decoded = proxyConfigType.decode(proxyConfigType.encode({ ...empty, clusters: [cluster] }));
    expect(decoded).toMatchObject({
      value: { clusters: [{ loadBalancing: { warmupMs: 1 }, limits: { connectTimeoutMs: 2_147_483_647 } }] },
    });
  });

  type Rule = MessageInitShape<typeof RouteRuleSchema>;
  const service = (port: MessageInitShape<typeof L7ServicePortSchema>): Init => ({
    ...wire,
    services: [{ service: "s", policies: {}, ports: [port] }],
  });
  const rule = (fields: Rule): Init =>
    service({ port: 80, protocol: 1, cluster: "c", defaultRetry: {}, routes: [{ key: "k", rules: [fields] }] });
  const filter = (value: Exclude<MessageInitShape<typeof FilterSchema>["filter"], undefined>): Init =>
    rule({ timeouts: {}, filters: [{ filter: value }] });

  it.each<[string, Init, RegExp]>([
    ["no kind", { ...wire, kind: 0 }, /kind: value 0/],
    ["a kind of a later version", { ...wire, kind: later }, /kind: value 99/],
    ["an identity to tell callers as that is none", { ...wire, tellsCallersAs: "spiffe://a b" }, /SPIFFE/],
    ["no path normalization", { ...wire, pathNormalization: 0 }, /path normalization/],
    ["no telemetry", { name: "w", namespace: "n", kind: 1, pathNormalization: 1 }, /telemetry/],
    ["a listener without policies", { ...wire, listeners: [{ name: "l", port: 80, protocol: 1 }] }, /policies/],
    ["a listener at port 0", { ...wire, listeners: [{ name: "l", protocol: 1, policies: {} }] }, /no port/],
    [
      "an action of a later version",
      {
        ...wire,
        workloads: [{ workload: "w", policies: { authorizations: [{ name: "a", namespace: "n", action: later }] } }],
      },
      /action of n\/a: value 99/,
    ],
    ["a service port without a protocol", service({ port: 80, cluster: "c", defaultRetry: {} }), /protocol of port 80/],
    ["a service port without a cluster", service({ port: 80, protocol: 1, defaultRetry: {} }), /cluster of port 80/],
    ["a rule without timeouts", rule({}), /timeouts/],
    ["a match without a path", rule({ timeouts: {}, matches: [{}] }), /path match/],
    ["a retry condition that is unknown", rule({ timeouts: {}, retry: { on: [later] } }), /retry condition/],
    ["a filter without a kind", filter({ case: undefined }), /filter: no kind/],
    [
      "a mirror of more than all",
      filter({ case: "mirror", value: { cluster: "c", fraction: 1.1 } }),
      /mirror fraction/,
    ],
    ["a mirror of NaN", filter({ case: "mirror", value: { cluster: "c", fraction: Number.NaN } }), /mirror fraction/],
    ["a redirect with status 99", filter({ case: "redirect", value: { status: 99 } }), /no status/],
    ["a path edit without a kind", filter({ case: "rewrite", value: { path: {} } }), /path edit/],
    [
      "a mirror at a backend",
      rule({
        timeouts: {},
        backends: [{ filters: [{ filter: { case: "mirror", value: { cluster: "c", fraction: 1 } } }] }],
      }),
      /mirror is for rules alone/,
    ],
    ["a delay of 25 days", rule({ timeouts: {}, fault: { delay: { fraction: 1, ms: 2_160_000_000 } } }), /fault delay/],
    ["a status of gRPC that is none", rule({ timeouts: {}, fault: { abort: { grpcStatus: 17 } } }), /gRPC/],
    [
      "a cluster without a locality",
      {
        ...wire,
        clusters: [{ key: "k", port: 80, protocol: 1, loadBalancing: { policy: 1 }, limits: {} }],
      },
      /locality/,
    ],
    ["a certificate without its key", { ...wire, certificates: [{ key: "n/s", chain: "c" }] }, /key of n\/s/],
    [
      "more rate limits than it takes",
      {
        ...wire,
        workloads: [
          {
            workload: "w",
            policies: { rateLimits: Array.from({ length: 1_025 }, () => ({ policy: "p" })) },
          },
        ],
      },
      /rate limits: 1025 entries/,
    ],
    [
      "a pattern that is too long",
      rule({
        timeouts: {},
        matches: [{ path: { type: 1, value: "x".repeat(8_193) } }],
      }),
      /path match: 8193 characters/,
    ],
  ])("is refused with %s", (_what, init, error) => {
    expect(decode(init)).toEqual({ error: expect.stringMatching(error) });
  });
});
