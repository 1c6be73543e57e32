import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readDestinationRule } from "./destination-rule.ts";
import { readRateLimitPolicy } from "./rate-limit-policy.ts";
import { readRequestAuthentication } from "./request-authentication.ts";
import { readTelemetry } from "./telemetry.ts";
import { readVirtualService } from "./virtual-service.ts";

type Json = string | number | boolean | null | Json[] | { [name: string]: Json };

/** One object of each kind that uses all that is understood, and where its reader tells what is not. */
const kinds: readonly {
  readonly kind: string;
  readonly spec: Json;
  readonly reported: (object: unknown) => readonly string[];
  /** Maps: their keys are data, no fields. */
  readonly maps: readonly string[];
}[] = [
  {
    kind: "DestinationRule",
    reported: (object) => readDestinationRule(object).unsupported,
    maps: ["labels", "to"],
    spec: {
      host: "a",
      exportTo: ["*"],
      trafficPolicy: {
        connectionPool: {
          tcp: { maxConnections: 1, connectTimeout: "1s", idleTimeout: "1h" },
          http: {
            http1MaxPendingRequests: 1,
            http2MaxRequests: 1,
            maxRetries: 1,
            maxRequestsPerConnection: 1,
            idleTimeout: "1s",
            h2UpgradePolicy: "UPGRADE",
            useClientProtocol: true,
          },
        },
        loadBalancer: {
          consistentHash: { httpCookie: { name: "c", path: "/", ttl: "0s" }, ringHash: { minimumRingSize: 1 } },
          warmup: { duration: "1s", minimumPercent: 10, aggression: 1 },
          localityLbSetting: {
            enabled: true,
            distribute: [{ from: "a", to: { b: 100 } }],
            failover: [{ from: "a", to: "b" }],
            failoverPriority: ["topology.kubernetes.io/zone"],
          },
        },
        outlierDetection: {
          consecutive5xxErrors: 1,
          consecutiveGatewayErrors: 0,
          interval: "1s",
          baseEjectionTime: "1s",
          maxEjectionPercent: 1,
          minHealthPercent: 1,
        },
        retryBudget: { percent: 1, minRetryConcurrency: 1 },
        tls: { mode: "ISTIO_MUTUAL" },
        portLevelSettings: [{ port: { number: 80 }, loadBalancer: { simple: "RANDOM" } }],
      },
      subsets: [{ name: "s", labels: { a: "b" }, trafficPolicy: { outlierDetection: {} } }],
    },
  },
  {
    kind: "VirtualService",
    reported: (object) => {
      const { unsupported, passedOver } = readVirtualService(object);
      return [...unsupported, ...passedOver];
    },
    maps: ["set", "add", "headers", "withoutHeaders", "queryParams"],
    spec: {
      hosts: ["a"],
      gateways: ["mesh"],
      exportTo: ["."],
      http: [
        {
          name: "r",
          match: [
            {
              name: "m",
              uri: { prefix: "/" },
              ignoreUriCase: true,
              scheme: { exact: "http" },
              method: { regex: "GET|POST" },
              authority: { prefix: "a" },
              headers: { a: { exact: "b" } },
              withoutHeaders: { b: {} },
              queryParams: { c: { regex: "*" } },
              port: 80,
              sourceNamespace: "n",
              gateways: ["mesh"],
            },
          ],
          route: [
            {
              destination: { host: "a", subset: "s", port: { number: 80 } },
              weight: 1,
              headers: { request: { set: { a: "b" }, remove: ["c"] }, response: { add: { d: "e" } } },
            },
          ],
          rewrite: { uriRegexRewrite: { match: "a", rewrite: "b" }, authority: "c" },
          timeout: "1s",
          retries: { attempts: 1, perTryTimeout: "1s", retryOn: "5xx,503", backoff: "1s" },
          fault: {
            delay: { percentage: { value: 1 }, fixedDelay: "1s" },
            abort: { percentage: { value: 1 }, httpStatus: 500 },
          },
          mirrors: [{ destination: { host: "a" }, percentage: { value: 1 } }],
          corsPolicy: {
            allowOrigins: [{ exact: "*" }],
            allowMethods: ["GET"],
            allowHeaders: ["a"],
            exposeHeaders: ["b"],
            maxAge: "1s",
            allowCredentials: false,
            unmatchedPreflights: "FORWARD",
          },
        },
        { redirect: { uri: "/", authority: "a", port: 80, scheme: "https", redirectCode: 302 } },
        { directResponse: { status: 200, body: { string: "a" } } },
      ],
    },
  },
  {
    kind: "RequestAuthentication",
    reported: (object) => readRequestAuthentication(object).unsupported,
    maps: ["targetRefs", "selector"],
    spec: {
      targetRefs: [{ group: "", kind: "Service", name: "a" }],
      jwtRules: [
        {
          issuer: "a",
          audiences: ["b"],
          jwksUri: "https://a.example",
          timeout: "1s",
          fromHeaders: [{ name: "a", prefix: "b" }],
          fromParams: ["a"],
          fromCookies: ["b"],
          forwardOriginalToken: true,
          outputPayloadToHeader: "a",
          outputClaimToHeaders: [{ header: "a", claim: "b" }],
        },
      ],
    },
  },
  {
    kind: "Telemetry",
    reported: (object) => readTelemetry(object).unsupported,
    maps: ["targetRefs", "selector"],
    spec: {
      selector: { matchLabels: { a: "b" } },
      accessLogging: [
        {
          match: { mode: "SERVER" },
          providers: [{ name: "envoy" }],
          disabled: false,
          filter: { expression: "response.code >= 400" },
        },
      ],
      tracing: [{ providers: [{ name: "otel" }], randomSamplingPercentage: 1.5, disableSpanReporting: false }],
    },
  },
  {
    kind: "RateLimitPolicy",
    reported: (object) => readRateLimitPolicy(object).invalid,
    maps: ["targetRefs", "matches"],
    spec: {
      targetRefs: [{ group: "", kind: "Service", name: "a" }],
      limits: [
        {
          name: "a",
          requests: 1,
          interval: "1s",
          burst: 2,
          per: "Header",
          header: "x",
          overrides: [{ value: "v", requests: 2, burst: 3 }],
          matches: [{ path: { type: "Exact", value: "/" }, method: "GET" }],
        },
      ],
    },
  },
];

/** Paths of all values inside, those of maps left out. */
function pathsOf(value: Json, maps: readonly string[], at: readonly (string | number)[] = []): (string | number)[][] {
  if (Array.isArray(value)) {
    return value.flatMap((item, index) => pathsOf(item, maps, [...at, index]));
  }
  if (typeof value !== "object" || value === null) {
    return [];
  }
  return [
    [...at],
    ...Object.entries(value).flatMap(([name, inner]) =>
      maps.includes(name) ? [] : pathsOf(inner, maps, [...at, name]),
    ),
  ];
}

function withField(value: Json, path: readonly (string | number)[], name: string, field: Json): Json {
  const [first, ...rest] = path;
  if (first === undefined) {
    return { ...(value as { [name: string]: Json }), [name]: field };
  }
  const inner = (value as { [name: string]: Json })[first] ?? null;
  const changed = withField(inner, rest, name, field);
  return Array.isArray(value)
    ? value.map((item, index) => (index === first ? changed : item))
    : { ...(value as { [name: string]: Json }), [first]: changed };
}

const anything = fc.jsonValue({ maxDepth: 5 });

describe.each(kinds)("reading a $kind", ({ spec, reported, maps }) => {
  it("understands all that it promises", () => {
    expect(reported({ spec })).toEqual([]);
  });

  it("tells of each field that it does not know, wherever it stands", () => {
    for (const path of pathsOf(spec, maps)) {
      const told = reported({ spec: withField(spec, path, "surprise", true) });
      expect({ path, told }).toEqual({ path, told: [expect.stringContaining("surprise")] });
    }
  });

  it("does not throw, whatever stands in the place of a field", () => {
    const paths = pathsOf(spec, maps);
    const names = [
      ...new Set(
        JSON.stringify(spec)
          .match(/"(\w+)":/g)
          ?.map((name) => name.slice(1, -2)) ?? [],
      ),
      "exact",
      "simple",
      "constructor",
      "__proto__",
    ];
    fc.assert(
      fc.property(fc.constantFrom(...paths), fc.constantFrom(...names), anything, (path, name, value) => {
        reported({ metadata: { name: "a" }, spec: withField(spec, path, name, value as Json) });
      }),
      { numRuns: 300 },
    );
  });

  it("does not throw on objects that are none", () => {
    fc.assert(
      fc.property(anything, (value) => {
        reported(value);
        reported({ spec: value, metadata: value });
      }),
    );
  });
});
