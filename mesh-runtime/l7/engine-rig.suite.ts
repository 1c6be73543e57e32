import { once } from "node:events";
import {
  type Agent,
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type RequestListener,
  type Server,
} from "node:http";
import { type AddressInfo, connect, createServer as createTcpServer, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Log } from "../common/log.ts";
import type { Workload } from "../xds/model.ts";
import type { L7Cluster, L7Listener, L7RouteRule, L7Service, ProxyConfig } from "../xds/proxy-config.ts";
import { createEngine } from "./create-engine.ts";
import type { Engine, EngineTarget } from "./engine.ts";
import type { EngineOptions } from "./engine-options.ts";
import type { ExchangeOutcome, TunnelOutcome } from "./exchange-outcome.ts";
import { MeshView } from "./mesh-view.ts";
import type { Peer } from "./peer.ts";

/** Things to close after a test, last opened first. */
export const opened: { close(): unknown }[] = [];

export async function closeOpened(): Promise<void> {
  for (const thing of opened.splice(0).reverse()) {
    await thing.close();
  }
}

export const silentLog: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
} as unknown as Log;

/** A real `node:http` server on a free port of 127.0.0.1. */
export async function startBackend(listener: RequestListener): Promise<{ server: Server; port: number }> {
  const server = createServer({ keepAliveTimeout: 60_000 }, listener);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  opened.push({
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  });
  return { server, port: (server.address() as AddressInfo).port };
}

/** A raw TCP server: what it gets is what the proxy sent. */
export async function startRawBackend(onSocket: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createTcpServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    onSocket(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  opened.push({
    close: () => {
      server.close();
      for (const socket of sockets) {
        socket.destroy();
      }
    },
  });
  return (server.address() as AddressInfo).port;
}

export const serviceKey = "default/web.default.svc.cluster.local";

export const workload = (name: string, port: number, more: Partial<Workload> = {}): Workload => ({
  uid: `Kubernetes//Pod/default/${name}`,
  name,
  namespace: "default",
  addresses: ["127.0.0.1"],
  tunnelProtocol: "NONE",
  nativeTunnel: false,
  trustDomain: "cluster.local",
  serviceAccount: "web",
  node: "node-a",
  canonicalName: "web",
  canonicalRevision: "v1",
  workloadType: "DEPLOYMENT",
  workloadName: "web",
  services: { [serviceKey]: [{ servicePort: 80, targetPort: port }] },
  authorizationPolicies: [],
  status: "HEALTHY",
  clusterId: "Kubernetes",
  locality: { region: "", zone: "", subzone: "" },
  ...more,
});

export const cluster = (more: Partial<L7Cluster> = {}): L7Cluster => ({
  key: `${serviceKey}|80|`,
  service: serviceKey,
  port: 80,
  subset: "",
  members: undefined,
  protocol: "AUTO",
  loadBalancing: { policy: "ROUND_ROBIN", hashBy: undefined, warmupMs: 0, locality: { kind: "none" } },
  limits: {
    maxConnections: 0,
    connectTimeoutMs: 1_000,
    maxPendingRequests: 0,
    maxRequests: 0,
    maxRetries: 0,
    maxRequestsPerConnection: 0,
    idleTimeoutMs: 0,
  },
  outlierDetection: undefined,
  retryBudget: undefined,
  origin: "",
  ...more,
});

export const rule = (more: Partial<L7RouteRule> = {}): L7RouteRule => ({
  name: "",
  matches: [],
  filters: [],
  backends: [{ cluster: cluster().key, weight: 1, filters: [] }],
  timeouts: { requestMs: 0, perTryMs: 0, idleMs: 0 },
  retry: undefined,
  fault: undefined,
  ...more,
});

export const listener = (rules: L7RouteRule[], more: Partial<L7Listener> = {}): L7Listener => ({
  name: "http",
  port: 80,
  protocol: "HTTP",
  hostname: "",
  certificates: [],
  routes: [{ key: "HTTPRoute/default/web", createdAtMs: 0, ordered: false, hostnames: [], rules }],
  authorizations: [],
  jwtRules: [],
  rateLimits: [],
  ...more,
});

export const service = (more: Partial<L7Service> = {}): L7Service => ({
  service: serviceKey,
  addresses: ["10.0.0.1"],
  ports: [
    {
      port: 80,
      protocol: "AUTO",
      routes: [],
      cluster: cluster().key,
      defaultRetry: {
        attempts: 2,
        on: ["reset-before-request"],
        statusCodes: [],
        backoffBaseMs: 25,
        unsafeMethods: false,
      },
    },
  ],
  authorizations: [],
  jwtRules: [],
  rateLimits: [],
  ...more,
});

export const proxyConfig = (more: Partial<ProxyConfig> = {}): ProxyConfig => ({
  name: "proxy",
  namespace: "default",
  kind: "gateway",
  listeners: [],
  services: [],
  workloads: [],
  clusters: [cluster()],
  authorizers: [],
  certificates: [],
  telemetry: {
    accessLog: { enabled: false, minStatus: 0 },
    tracing: { enabled: true, sampling: 0 },
    byService: [],
  },
  pathNormalization: "BASE",
  tellsCallersAs: "",
  ...more,
});

export const peer = (more: Partial<Peer> = {}): Peer => ({
  principal: undefined,
  sourceIp: "127.0.0.1",
  destinationIp: "127.0.0.1",
  workload: undefined,
  sni: "",
  scheme: "http",
  ...more,
});

export interface Rig {
  readonly engine: Engine;
  readonly view: MeshView;
  readonly port: number;
  readonly outcomes: ExchangeOutcome[];
  readonly tunnels: TunnelOutcome[];
  /** Resolves with the next outcome that is recorded from now on. */
  nextOutcome(): Promise<ExchangeOutcome>;
  /** Resolves with the next report of that phase. */
  nextTunnel(phase: TunnelOutcome["phase"]): Promise<TunnelOutcome>;
}

const noHbone = { connect: () => Promise.reject(new Error("no HBONE here")) };

export interface RigSetup {
  readonly config?: ProxyConfig;
  readonly peer?: Peer;
  readonly engine?: Partial<EngineOptions>;
  /** In place of the listener of port 80, or of port 80 of the service at a waypoint. */
  readonly target?: (engine: Engine) => EngineTarget | undefined;
}

/** An engine in this process, behind a free port, in front of the given pods of one service. */
export async function startRig(workloads: readonly Workload[], setup: RigSetup = {}): Promise<Rig> {
  const config = setup.config ?? proxyConfig({ listeners: [listener([rule()])] });
  const view = new MeshView({ kind: config.kind });
  const web = {
    name: "web",
    namespace: "default",
    hostname: "web.default.svc.cluster.local",
    addresses: ["10.0.0.1"],
    ports: [{ servicePort: 80, targetPort: 0 }],
  };
  view.apply(
    [
      { name: serviceKey, value: { kind: "service", service: web } },
      ...workloads.map((value) => ({ name: value.uid, value: { kind: "workload" as const, workload: value } })),
    ],
    [],
  );
  const outcomes: ExchangeOutcome[] = [];
  const tunnels: TunnelOutcome[] = [];
  const waiting: ((outcome: ExchangeOutcome) => void)[] = [];
  const waitingTunnels: { phase: TunnelOutcome["phase"]; resolve: (outcome: TunnelOutcome) => void }[] = [];
  const engine = createEngine({
    view,
    hbone: noHbone,
    identity: { trustDomain: "cluster.local", namespace: "default", serviceAccount: "proxy" },
    localAddress: "127.0.0.1",
    locality: { region: "", zone: "", subzone: "" },
    random: () => 0,
    log: silentLog,
    onExchange: (outcome) => {
      outcomes.push(outcome);
      waiting.shift()?.(outcome);
    },
    onTunnel: (outcome) => {
      tunnels.push(outcome);
      const index = waitingTunnels.findIndex(({ phase }) => phase === outcome.phase);
      if (index !== -1) {
        waitingTunnels.splice(index, 1)[0]?.resolve(outcome);
      }
    },
    ...setup.engine,
  });
  engine.apply(config);
  const target =
    setup.target?.(engine) ??
    (config.kind === "gateway" ? engine.listener(80) : engine.destination("web.default.svc.cluster.local", 80));
  if (target === undefined) {
    throw new Error("the configuration has no such target");
  }
  const server = createTcpServer({ allowHalfOpen: true, noDelay: true }, (socket) =>
    engine.serve(socket, setup.peer ?? peer(), target),
  );
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  opened.push({ close: () => engine.drain(0) }, server);
  return {
    engine,
    view,
    port: (server.address() as AddressInfo).port,
    outcomes,
    tunnels,
    nextOutcome: () => new Promise((resolve) => waiting.push(resolve)),
    nextTunnel: (phase) => new Promise((resolve) => waitingTunnels.push({ phase, resolve })),
  };
}

/** Opens a connection to the proxy. */
export async function dialRig({ port }: Rig): Promise<Socket> {
  const socket = connect({ host: "127.0.0.1", port, allowHalfOpen: true });
  socket.on("error", () => undefined);
  opened.push({ close: () => socket.destroy() });
  await once(socket, "connect");
  return socket;
}

/** Everything until the stream ends or breaks. */
export async function readAll(stream: Duplex): Promise<string> {
  let text = "";
  stream.on("data", (chunk: Buffer) => {
    text += chunk.toString("latin1");
  });
  await new Promise<void>((resolve) => {
    stream.once("end", resolve);
    stream.once("close", resolve);
  });
  stream.end();
  return text;
}

/** Sends bytes on a connection of their own and reads until the proxy closes it. */
export async function exchangeRaw(rig: Rig, request: string): Promise<string> {
  const socket = await dialRig(rig);
  socket.write(request, "latin1");
  return await readAll(socket);
}

export const close = "Connection: close\r\n";

/** A GET as text; without other fields its connection ends with the answer. */
export const get = (path: string, fields = close): string => `GET ${path} HTTP/1.1\r\nHost: web\r\n${fields}\r\n`;

/** Calls through the rig with node's client. */
export async function call(
  rig: Rig,
  options: { path?: string; method?: string; body?: Buffer; headers?: Record<string, string>; agent?: Agent },
) {
  const request = httpRequest({ host: "127.0.0.1", port: rig.port, path: "/", ...options });
  // What breaks after the response began shows when its body is read.
  request.on("error", () => undefined);
  request.end(options.body);
  const [response] = (await once(request, "response")) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of response) {
    chunks.push(chunk as Buffer);
  }
  return { status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) };
}
