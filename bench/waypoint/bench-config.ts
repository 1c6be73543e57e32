import type { HttpAuthorization } from "../../mesh-runtime/policy/http-model.ts";
import type { ProxySettings } from "../../mesh-runtime/proxy/config.ts";
import type { MeshAddress } from "../../mesh-runtime/xds/codec.ts";
import type { Workload } from "../../mesh-runtime/xds/model.ts";
import type { L7Cluster, L7RouteRule, ProxyConfig } from "../../mesh-runtime/xds/proxy-config.ts";
import { loggedFromStatus, tracedPercent } from "./envoy-telemetry.ts";

/** The destination's pod: HBONE on its own address, as agents listen. */
export const backendAddress = "127.251.0.2";
const waypointAddress = "127.251.0.1";
const hostname = (name: string): string => `${name}.bench.svc.cluster.local`;

export const benchSettings: ProxySettings = {
  podName: "waypoint-1",
  namespace: "bench",
  podIp: waypointAddress,
  node: "node-a",
  serviceAccount: "waypoint",
  gateway: "waypoint",
  workloadName: "waypoint",
  app: "waypoint",
  version: "latest",
  xdsAddress: "",
  xdsRootFile: "",
  tokenFile: "",
  telemetryEndpoint: "",
  telemetryTokenFile: "",
  trustDomain: "cluster.local",
  clusterId: "Kubernetes",
  region: "r1",
  zone: "r1-a",
  hostPorts: new Map(),
  accessLogEncoding: "TEXT",
  workersMax: 0,
};

const workload = (name: string, serviceAccount: string, address: string, services: readonly string[]): Workload => ({
  uid: `Kubernetes//Pod/bench/${name}`,
  name,
  namespace: "bench",
  addresses: [address],
  tunnelProtocol: "HBONE",
  nativeTunnel: false,
  trustDomain: "cluster.local",
  serviceAccount,
  node: "node-a",
  canonicalName: name,
  canonicalRevision: "v1",
  workloadType: "DEPLOYMENT",
  workloadName: name,
  services: Object.fromEntries(
    services.map((service) => [`bench/${hostname(service)}`, [{ servicePort: 8080, targetPort: 8080 }]]),
  ),
  authorizationPolicies: [],
  status: "HEALTHY",
  clusterId: "Kubernetes",
  locality: { region: "r1", zone: "r1-a", subzone: "" },
});

/** The mesh as the waypoint knows it: a caller, and one pod behind the service and both of its versions. */
export function benchAddresses(backend: string): { readonly name: string; readonly value: MeshAddress }[] {
  const workloads = [
    workload("client", "client", "127.0.0.1", []),
    workload("echo", "backend", backend, ["echo", "echo-v1", "echo-v2"]),
  ];
  return [
    ...workloads.map((value) => ({ name: value.uid, value: { kind: "workload" as const, workload: value } })),
    ...["echo", "echo-v1", "echo-v2"].map((name) => ({
      name: `bench/${hostname(name)}`,
      value: {
        kind: "service" as const,
        service: {
          name,
          namespace: "bench",
          hostname: hostname(name),
          addresses: [],
          ports: [{ servicePort: 8080, targetPort: 8080 }],
        },
      },
    })),
  ];
}

const clusterKey = (name: string): string => `bench/${hostname(name)}|8080|`;

const cluster = (name: string): L7Cluster => ({
  key: clusterKey(name),
  service: `bench/${hostname(name)}`,
  port: 8080,
  subset: "",
  members: undefined,
  protocol: "HTTP",
  loadBalancing: { policy: "LEAST_REQUEST", hashBy: undefined, warmupMs: 0, locality: { kind: "none" } },
  limits: {
    maxConnections: 0,
    connectTimeoutMs: 10_000,
    maxPendingRequests: 0,
    maxRequests: 0,
    maxRetries: 0,
    maxRequestsPerConnection: 0,
    idleTimeoutMs: 3_600_000,
  },
  outlierDetection: undefined,
  retryBudget: undefined,
  origin: "",
});

const retry = {
  attempts: 3,
  on: ["connect-failure", "refused-stream", "unavailable", "cancelled", "retriable-status-codes"] as const,
  statusCodes: [503],
  backoffBaseMs: 25,
  unsafeMethods: true,
};

const rule = (name: string, more: Partial<L7RouteRule>): L7RouteRule => ({
  name,
  matches: [],
  filters: [],
  backends: [],
  timeouts: { requestMs: 5_000, perTryMs: 0, idleMs: 0 },
  retry,
  fault: undefined,
  ...more,
});

const exact = (kind: "principals" | "methods", value: string) => ({ [kind]: [{ kind: "exact" as const, value }] });

/** Ten rules (or as many as asked): the last one is the one that lets the caller in. */
function authorization(rules: number): HttpAuthorization {
  return {
    name: "callers",
    namespace: "bench",
    action: "ALLOW",
    dryRun: false,
    provider: "",
    rules: Array.from({ length: rules }, (_, index) => {
      const last = index === rules - 1;
      return {
        from: [exact("principals", `cluster.local/ns/bench/sa/${last ? "client" : `caller-${index}`}`)],
        to: [
          {
            ...exact("methods", last ? "GET" : "POST"),
            paths: [{ kind: "prefix" as const, value: last ? "/" : `/area-${index}/` }],
          },
        ],
        when: [],
      };
    }),
  };
}

/** The same work as `envoyConfig`: authorization, header-matched and weighted routes, retries, telemetry. */
export function benchConfig({ routes, rules }: { readonly routes: number; readonly rules: number }): ProxyConfig {
  const plain = { path: { type: "PathPrefix" as const, value: "/", ignoreCase: false } };
  const noMatch = {
    method: undefined,
    queryParams: [],
    authority: undefined,
    scheme: undefined,
    port: 0,
    sourceNamespace: "",
  };
  const matched = Array.from({ length: routes - 1 }, (_, index) =>
    rule(`r${index}`, {
      matches: [
        {
          ...plain,
          ...noMatch,
          headers: [{ name: "x-route", type: "Exact", value: `r${index}`, ignoreCase: false, negated: false }],
        },
      ],
      backends: [{ cluster: clusterKey("echo-v2"), weight: 1, filters: [] }],
    }),
  );
  const weighted = rule("weighted", {
    backends: [
      { cluster: clusterKey("echo-v1"), weight: 90, filters: [] },
      { cluster: clusterKey("echo-v2"), weight: 10, filters: [] },
    ],
  });
  return {
    name: "waypoint",
    namespace: "bench",
    kind: "waypoint",
    listeners: [],
    services: [
      {
        service: `bench/${hostname("echo")}`,
        addresses: [],
        authorizations: [authorization(rules)],
        jwtRules: [],
        rateLimits: [],
        ports: [
          {
            port: 8080,
            protocol: "HTTP",
            cluster: clusterKey("echo"),
            defaultRetry: {
              attempts: 2,
              on: ["reset-before-request"],
              statusCodes: [],
              backoffBaseMs: 25,
              unsafeMethods: false,
            },
            routes: [
              {
                key: "HTTPRoute/bench/echo",
                createdAtMs: 0,
                ordered: false,
                hostnames: [],
                rules: [...matched, weighted],
              },
            ],
          },
        ],
      },
    ],
    workloads: [],
    clusters: ["echo", "echo-v1", "echo-v2"].map(cluster),
    authorizers: [],
    certificates: [],
    telemetry: {
      accessLog: { enabled: true, minStatus: loggedFromStatus },
      tracing: { enabled: true, sampling: tracedPercent / 100 },
      byService: [],
    },
    pathNormalization: "BASE",
    tellsCallersAs: "",
  };
}
