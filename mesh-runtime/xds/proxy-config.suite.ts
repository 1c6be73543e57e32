/** Arbitraries of `ProxyConfig` for property tests. */
import fc from "fast-check";
import type { HttpAuthorization } from "../policy/http-model.ts";
import type {
  L7Cluster,
  L7Filter,
  L7Listener,
  L7LoadBalancing,
  L7PathEdit,
  L7Policies,
  L7RetryPolicy,
  L7Route,
  L7RouteMatch,
  L7RouteRule,
  L7Service,
  L7StringMatch,
  L7Telemetry,
  ProxyConfig,
} from "./proxy-config.ts";

type Exactly<T> = { [K in keyof T]-?: fc.Arbitrary<T[K]> };

/** Every key must be given, so that a field added to the model is missed here by the compiler. */
const record = <T>(fields: Exactly<T>): fc.Arbitrary<T> => fc.record(fields) as unknown as fc.Arbitrary<T>;
const some = <T>(item: fc.Arbitrary<T>, maxLength = 2): fc.Arbitrary<T[]> => fc.array(item, { maxLength });
const maybe = <T>(item: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(item, { nil: undefined });
const filled = <T extends object>(lists: { [K in keyof T]-?: fc.Arbitrary<Exclude<T[K], undefined>> }) =>
  fc.record(lists as never, { requiredKeys: [] }) as unknown as fc.Arbitrary<T>;

const text = fc.string({ maxLength: 12 });
const name = fc.string({ minLength: 1, maxLength: 12 });
const names = some(name);
const bool = fc.boolean();
const count = fc.nat({ max: 1_000_000 });
const ms = fc.nat({ max: 2_147_483_647 });
const port = fc.integer({ min: 1, max: 65_535 });
const portOrNone = fc.integer({ min: 0, max: 65_535 });
const share = fc.double({ min: 0, max: 1, noNaN: true });
const percent = fc.double({ min: 0, max: 100, noNaN: true });
const status = fc.integer({ min: 200, max: 599 });

const stringMatchShape = {
  type: fc.constantFrom("Exact", "Prefix", "Suffix", "RegularExpression", "Present"),
  value: text,
  ignoreCase: bool,
} as const;
const stringMatch = record<L7StringMatch>(stringMatchShape);
const namedMatch = fc.record({ ...stringMatchShape, name, negated: bool });
const headerValue = fc.record({ name, value: text });
const headerEdit = fc.record({ set: some(headerValue), add: some(headerValue), remove: names });

const routeMatch = record<L7RouteMatch>({
  path: fc.record({
    type: fc.constantFrom("Exact", "PathPrefix", "Prefix", "RegularExpression"),
    value: text,
    ignoreCase: bool,
  }),
  method: maybe(stringMatch),
  headers: some(namedMatch),
  queryParams: some(namedMatch),
  authority: maybe(stringMatch),
  scheme: maybe(stringMatch),
  port: portOrNone,
  sourceNamespace: text,
});

const pathEdit: fc.Arbitrary<L7PathEdit> = fc.oneof(
  fc.record({ kind: fc.constantFrom("full", "prefix"), path: text }),
  fc.record({ kind: fc.constant("regex"), pattern: text, substitution: text }),
);
const backendFilter: fc.Arbitrary<L7Filter> = fc.oneof(
  fc.record({ kind: fc.constantFrom("requestHeaders", "responseHeaders"), edit: headerEdit }),
  fc.record({ kind: fc.constant("rewrite"), hostname: text, path: maybe(pathEdit) }),
);
const filter: fc.Arbitrary<L7Filter> = fc.oneof(
  backendFilter,
  fc.record({
    kind: fc.constant("redirect"),
    scheme: text,
    hostname: text,
    port: portOrNone,
    path: maybe(pathEdit),
    status,
  }),
  fc.record({ kind: fc.constant("mirror"), cluster: name, fraction: share }),
  fc.record({
    kind: fc.constant("cors"),
    cors: fc.record({
      allowOrigins: some(stringMatch),
      allowMethods: names,
      allowHeaders: names,
      exposeHeaders: names,
      maxAge: count,
      allowCredentials: bool,
    }),
  }),
  fc.record({ kind: fc.constant("directResponse"), status, body: text }),
);

const retry = record<L7RetryPolicy>({
  attempts: count,
  on: some(
    fc.constantFrom(
      "connect-failure",
      "refused-stream",
      "reset",
      "reset-before-request",
      "5xx",
      "gateway-error",
      "retriable-4xx",
      "retriable-status-codes",
      "cancelled",
      "deadline-exceeded",
      "internal",
      "resource-exhausted",
      "unavailable",
    ),
    4,
  ),
  statusCodes: some(status),
  backoffBaseMs: ms,
  unsafeMethods: bool,
});

const rule = record<L7RouteRule>({
  name: text,
  matches: some(routeMatch),
  filters: some(filter, 3),
  backends: some(fc.record({ cluster: text, weight: count, filters: some(backendFilter) })),
  timeouts: fc.record({ requestMs: ms, perTryMs: ms, idleMs: ms }),
  retry: maybe(retry),
  fault: maybe(
    fc.record({
      delay: maybe(fc.record({ fraction: share, ms })),
      abort: maybe(
        fc.record({
          fraction: share,
          httpStatus: fc.oneof(fc.constant(0), status),
          grpcStatus: fc.integer({ min: -1, max: 16 }),
        }),
      ),
    }),
  ),
});

const route = record<L7Route>({
  key: name,
  createdAtMs: fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
  ordered: bool,
  hostnames: names,
  rules: some(rule),
});

const hashBy: fc.Arbitrary<L7LoadBalancing["hashBy"]> = fc.oneof(
  fc.constant(undefined),
  fc.record({ kind: fc.constantFrom("header", "queryParameter"), name }),
  fc.record({ kind: fc.constant("cookie"), name, path: text, ttlMs: fc.option(ms, { nil: undefined }) }),
  fc.constant({ kind: "sourceIp" as const }),
);
const locality: fc.Arbitrary<L7LoadBalancing["locality"]> = fc.oneof(
  fc.constant({ kind: "none" as const }),
  fc.record({ kind: fc.constant("failover"), regions: some(fc.record({ from: name, to: name })) }),
  fc.record({
    kind: fc.constant("distribute"),
    shares: some(fc.record({ from: name, to: some(fc.record({ locality: name, weight: count })) })),
  }),
  fc.record({
    kind: fc.constant("scopes"),
    scopes: some(fc.constantFrom("REGION", "ZONE", "SUBZONE", "NODE"), 4),
    strict: bool,
  }),
);

const protocol = fc.constantFrom("HTTP", "HTTP2", "GRPC", "TCP", "AUTO");

const cluster = record<L7Cluster>({
  key: name,
  service: text,
  port,
  subset: text,
  members: maybe(names),
  protocol,
  loadBalancing: fc.record({
    policy: fc.constantFrom("LEAST_REQUEST", "ROUND_ROBIN", "RANDOM", "CONSISTENT_HASH"),
    hashBy,
    warmupMs: ms,
    locality,
  }),
  limits: fc.record({
    maxConnections: count,
    connectTimeoutMs: ms,
    maxPendingRequests: count,
    maxRequests: count,
    maxRetries: count,
    maxRequestsPerConnection: count,
    idleTimeoutMs: ms,
  }),
  outlierDetection: maybe(
    fc.record({
      consecutive5xx: count,
      consecutiveGatewayErrors: count,
      intervalMs: ms,
      baseEjectionMs: ms,
      maxEjectionPercent: percent,
      panicPercent: percent,
    }),
  ),
  retryBudget: maybe(fc.record({ percent, minConcurrency: count })),
  origin: text,
  outside: maybe(fc.record({ endpoints: some(fc.record({ host: name, port })) })),
});

const policyString = fc.oneof(
  fc.record({ kind: fc.constantFrom("exact", "prefix", "suffix"), value: text }),
  fc.constant({ kind: "presence" as const }),
);
const strings = fc.array(policyString, { minLength: 1, maxLength: 2 });
const ranges = fc.array(fc.record({ address: fc.ipV4(), length: fc.integer({ min: 0, max: 32 }) }), {
  minLength: 1,
  maxLength: 2,
});
const accounts = fc.array(fc.record({ namespace: name, serviceAccount: name }), { minLength: 1, maxLength: 2 });
const ports = fc.array(port, { minLength: 1, maxLength: 2 });

/** Policies for layer 7 proxies. */
export const httpAuthorization = record<HttpAuthorization>({
  name,
  namespace: name,
  action: fc.constantFrom("ALLOW", "DENY", "AUDIT", "CUSTOM"),
  dryRun: bool,
  provider: text,
  rules: some(
    fc.record({
      from: some(
        filled<HttpAuthorization["rules"][number]["from"][number]>({
          principals: strings,
          notPrincipals: strings,
          serviceAccounts: accounts,
          notServiceAccounts: accounts,
          namespaces: strings,
          notNamespaces: strings,
          ipBlocks: ranges,
          notIpBlocks: ranges,
          remoteIpBlocks: ranges,
          notRemoteIpBlocks: ranges,
          requestPrincipals: strings,
          notRequestPrincipals: strings,
        }),
      ),
      to: some(
        filled<HttpAuthorization["rules"][number]["to"][number]>({
          hosts: strings,
          notHosts: strings,
          ports,
          notPorts: ports,
          methods: strings,
          notMethods: strings,
          paths: strings,
          notPaths: strings,
        }),
      ),
      when: some(fc.record({ key: name, values: strings, notValues: strings }, { requiredKeys: ["key"] })),
    }),
  ),
});

const policiesShape: Exactly<L7Policies> = {
  authorizations: some(httpAuthorization),
  jwtRules: some(
    fc.record({
      policy: name,
      issuer: name,
      audiences: names,
      jwks: text,
      fromHeaders: some(fc.record({ name, prefix: text })),
      fromParams: names,
      fromCookies: names,
      forwardOriginalToken: bool,
      outputPayloadToHeader: text,
      outputClaimToHeaders: some(fc.record({ header: name, claim: name })),
    }),
  ),
  rateLimits: some(
    fc.record({
      policy: name,
      limits: some(
        fc.record({
          name: text,
          requests: count,
          periodMs: ms,
          burst: count,
          per: fc.constantFrom("Total", "Identity", "Header"),
          header: text,
          matches: some(routeMatch),
          overrides: some(fc.record({ value: name, requests: count, burst: count })),
        }),
      ),
    }),
  ),
};

const accessLog = fc.record({ enabled: bool, minStatus: fc.integer({ min: 0, max: 599 }) });
const tracing = fc.record({ enabled: bool, sampling: share });

/** Configurations of gateways and waypoints, within the limits of the wire. */
export const proxyConfig = record<ProxyConfig>({
  name,
  namespace: name,
  kind: fc.constantFrom("gateway", "waypoint"),
  listeners: some(
    record<L7Listener>({
      ...policiesShape,
      name,
      port,
      protocol: fc.constantFrom("HTTP", "HTTPS"),
      hostname: text,
      certificates: names,
      routes: some(route),
    }),
  ),
  services: some(
    record<L7Service>({
      ...policiesShape,
      service: name,
      addresses: names,
      ports: some(fc.record({ port, protocol, routes: some(route), cluster: name, defaultRetry: retry })),
    }),
  ),
  workloads: some(fc.record({ ...policiesShape, workload: name, addresses: names })),
  clusters: some(cluster),
  authorizers: some(
    fc.record({
      name,
      kind: fc.constantFrom("http", "grpc"),
      cluster: text,
      authority: text,
      timeoutMs: ms,
      failOpen: bool,
      statusOnError: status,
      pathPrefix: text,
      includeRequestHeaders: names,
      includeAdditionalHeaders: some(headerValue),
      headersToUpstreamOnAllow: names,
      headersToDownstreamOnAllow: names,
      headersToDownstreamOnDeny: names,
      maxRequestBytes: count,
      allowPartialMessage: bool,
    }),
  ),
  certificates: some(fc.record({ key: name, chain: name, privateKey: name })),
  telemetry: record<L7Telemetry>({
    accessLog,
    tracing,
    byService: some(fc.record({ service: name, accessLog, tracing })),
  }),
  pathNormalization: fc.constantFrom("NONE", "BASE", "MERGE_SLASHES", "DECODE_AND_MERGE_SLASHES"),
  tellsCallersAs: fc.constantFrom("", "spiffe://cluster.local/ns/shop/sa/waypoint"),
});
