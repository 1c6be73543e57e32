import type { Duplex } from "node:stream";
import { Fields } from "../http1/index.ts";
import type { Engine, EngineTarget } from "../l7/engine.ts";
import type { ExchangeOutcome } from "../l7/exchange-outcome.ts";
import type { Endpoint } from "../l7/mesh-view.ts";
import type { Peer } from "../l7/peer.ts";
import type { ForwardPlan, ReplyPlan } from "../l7/request-plan.ts";
import type { Workload } from "../xds/model.ts";
import type { L7Cluster, L7Listener, ProxyConfig } from "../xds/proxy-config.ts";
import type { ProxySettings } from "./config.ts";

export const settings: ProxySettings = {
  podName: "waypoint-1",
  namespace: "default",
  podIp: "127.16.1.10",
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

export const workload = (namespace: string, name: string, address: string, more: Partial<Workload> = {}): Workload => ({
  uid: `Kubernetes//Pod/${namespace}/${name}-1`,
  name: `${name}-1`,
  namespace,
  addresses: [address],
  tunnelProtocol: "HBONE",
  nativeTunnel: false,
  trustDomain: "cluster.local",
  serviceAccount: name,
  node: "node-a",
  canonicalName: name,
  canonicalRevision: "v1",
  workloadType: "DEPLOYMENT",
  workloadName: name,
  services: {},
  authorizationPolicies: [],
  status: "HEALTHY",
  clusterId: "Kubernetes",
  locality: { region: "r1", zone: "r1-a", subzone: "" },
  ...more,
});

export const service = "default/httpbin.default.svc.cluster.local";
export const httpbin = workload("default", "httpbin", "127.16.1.11");
export const sleep = workload("default", "sleep", "127.16.1.12");

export const endpoint: Endpoint = {
  key: "k",
  address: "127.16.1.11",
  port: 8080,
  hbone: true,
  target: "127.16.1.11:8080",
  identity: { trustDomain: "cluster.local", namespace: "default", serviceAccount: "httpbin" },
  workload: httpbin,
  service,
  healthy: true,
  locality: httpbin.locality,
  addedMs: 0,
};

export const caller: Peer = {
  principal: "cluster.local/ns/default/sa/sleep",
  sourceIp: "127.16.1.12",
  destinationIp: "10.0.0.1",
  workload: sleep,
  sni: "",
  scheme: "http",
};

export const cluster: L7Cluster = {
  key: `${service}|8000|`,
  service,
  port: 8000,
  subset: "",
  members: undefined,
  protocol: "HTTP",
  loadBalancing: { policy: "LEAST_REQUEST", hashBy: undefined, warmupMs: 0, locality: { kind: "none" } },
  limits: {
    maxConnections: 0,
    connectTimeoutMs: 1_000,
    maxPendingRequests: 0,
    maxRequests: 0,
    maxRetries: 3,
    maxRequestsPerConnection: 0,
    idleTimeoutMs: 0,
  },
  outlierDetection: undefined,
  retryBudget: undefined,
  origin: "",
};

const facts = {
  path: "/users/1234567",
  port: 8000,
  service,
  route: undefined,
  rule: undefined,
  decision: undefined,
  shadow: undefined,
  audited: [],
  token: undefined,
};

export const forwardPlan = (more: Partial<ForwardPlan> = {}): ForwardPlan => ({
  kind: "forward",
  ...facts,
  target: "/users/1234567",
  authority: "httpbin",
  fields: new Fields(),
  backend: { cluster: cluster.key, weight: 1, filters: [] },
  cluster,
  upgrade: undefined,
  timeouts: { requestMs: 0, perTryMs: 0, idleMs: 0 },
  retry: { attempts: 0, on: [], statusCodes: [], backoffBaseMs: 25, unsafeMethods: false },
  hash: undefined,
  delayMs: 0,
  mirrors: [],
  responseEdits: [],
  deadlineMs: 0,
  ...more,
});

export const replyPlan = (more: Partial<ReplyPlan> = {}): ReplyPlan => ({
  kind: "reply",
  ...facts,
  reply: { status: 403, flag: "RBAC_ACCESS_DENIED", body: "RBAC: access denied" },
  refusal: undefined,
  delayMs: 0,
  ...more,
});

export const request: NonNullable<ExchangeOutcome["request"]> = {
  protocol: "HTTP/1.1",
  scheme: "http",
  method: "GET",
  authority: "httpbin:8000",
  target: "/users/1234567?q=1",
  fields: new Fields(["user-agent", "curl/8", "x-request-id", "1-2-3", "x-forwarded-for", "127.16.1.12"]),
  body: { kind: "none" },
  upgrade: undefined,
  grpc: false,
  trace: { traceId: "a".repeat(32), parentSpanId: "", spanId: "b".repeat(16), sampled: false },
};

export const outcome = (more: Partial<ExchangeOutcome> = {}): ExchangeOutcome => ({
  request,
  plan: forwardPlan(),
  peer: caller,
  target: "service/httpbin",
  port: 8000,
  status: 200,
  grpcStatus: -1,
  flag: "-",
  startedUnixMs: 1_700_000_000_000,
  durationMs: 3,
  requestBytes: 1,
  responseBytes: 2,
  endpoint,
  attempts: 1,
  requestMessages: 0,
  responseMessages: 0,
  ...more,
});

export const listener = (port: number, more: Partial<L7Listener> = {}): L7Listener => ({
  name: `listener-${port}`,
  port,
  protocol: "HTTP",
  hostname: "",
  certificates: [],
  routes: [],
  authorizations: [],
  jwtRules: [],
  rateLimits: [],
  ...more,
});

export const proxyConfig = (more: Partial<ProxyConfig> = {}): ProxyConfig => ({
  name: "waypoint",
  namespace: "default",
  kind: "waypoint",
  listeners: [],
  services: [],
  workloads: [],
  clusters: [],
  authorizers: [],
  certificates: [],
  telemetry: {
    accessLog: { enabled: false, minStatus: 0 },
    tracing: { enabled: false, sampling: 0 },
    byService: [],
  },
  pathNormalization: "BASE",
  tellsCallersAs: "",
  ...more,
});

/** Stands where the engine stands and writes down what it is given: fronts are tested without HTTP. */
export class RecordingEngine implements Pick<Engine, "destination" | "listener" | "serve"> {
  readonly served: { readonly peer: Peer; readonly target: EngineTarget; readonly alpn: string | undefined }[] = [];
  readonly destinations = new Map<string, EngineTarget>();
  onServe: (stream: Duplex) => void = (stream) => stream.pipe(stream);

  listener(port: number): EngineTarget {
    return { key: `listener/${port}`, port };
  }

  destination(host: string, port: number): EngineTarget | undefined {
    return this.destinations.get(`${host}:${port}`);
  }

  serve(stream: Duplex, peer: Peer, target: EngineTarget, alpn?: "h2" | "http/1.1"): void {
    this.served.push({ peer, target, alpn });
    stream.on("error", () => undefined);
    this.onServe(stream);
  }
}

/** Things to close after a test, last opened first. */
export const opened: { close(): unknown }[] = [];
export async function closeOpened(): Promise<void> {
  for (const thing of opened.splice(0).reverse()) {
    await thing.close();
  }
}
