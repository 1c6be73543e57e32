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
import type { HttpAuthorization } from "../policy/http-model.ts";
import type { L7Listener, L7RouteRule, Workload } from "../xds/model.ts";
import type { ClientTimeouts } from "./client-connection.ts";
import { createDial, type Dial } from "./dial-upstream.ts";
import type { ExchangeOutcome } from "./exchange-outcome.ts";
import { type L7Server, startL7Server } from "./l7-server.ts";
import { MeshView } from "./mesh-view.ts";
import { preparePort } from "./port-state.ts";
import { UpstreamPools } from "./upstream-pools.ts";

/** Things to close after a test, last opened first. */
export const opened: { close(): unknown }[] = [];

export async function closeOpened(): Promise<void> {
  for (const thing of opened.splice(0).reverse()) {
    await thing.close();
  }
}

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
  const server = createTcpServer((socket) => {
    socket.on("error", () => undefined);
    onSocket(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  opened.push(server);
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

export const rule = (more: Partial<L7RouteRule> = {}): L7RouteRule => ({
  name: "",
  matches: [],
  backends: [{ service: serviceKey, port: 80, weight: 1 }],
  requestTimeoutMs: 0,
  ...more,
});

export const listener = (
  rules: L7RouteRule[],
  authorizations: HttpAuthorization[] = [],
  hostname = "",
): L7Listener => ({
  name: "http",
  port: 80,
  protocol: "HTTP",
  hostname,
  routes: [{ key: "default/web", createdAtMs: 0, hostnames: [], rules }],
  authorizations,
});

export interface Rig {
  readonly server: L7Server;
  readonly view: MeshView;
  readonly pools: UpstreamPools;
  readonly outcomes: ExchangeOutcome[];
  /** Resolves with the next outcome that is recorded from now on. */
  nextOutcome(): Promise<ExchangeOutcome>;
}

const noHbone = { connect: () => Promise.reject(new Error("no HBONE here")) };

/** A proxy in this process, on a free port, in front of the given pods of one service. */
export async function startRig(
  workloads: readonly Workload[],
  options: { listener?: L7Listener; dial?: Dial; timeouts?: Partial<ClientTimeouts> } = {},
): Promise<Rig> {
  const view = new MeshView();
  const service = {
    name: "web",
    namespace: "default",
    hostname: "web.default.svc.cluster.local",
    addresses: [],
    ports: [],
  };
  view.apply(
    [
      { name: serviceKey, value: { kind: "service", service } },
      ...workloads.map((value) => ({ name: value.uid, value: { kind: "workload" as const, workload: value } })),
    ],
    [],
  );
  const identity = { trustDomain: "cluster.local", namespace: "ingress", serviceAccount: "gateway" };
  const dial =
    options.dial ?? createDial({ hbone: noHbone, identity, localAddress: "127.0.0.1", connectTimeoutMs: 1_000 });
  const pools = new UpstreamPools(dial);
  const outcomes: ExchangeOutcome[] = [];
  const waiting: ((outcome: ExchangeOutcome) => void)[] = [];
  const server = await startL7Server({
    host: "127.0.0.1",
    port: 0,
    context: {
      view,
      pools,
      random: () => 0,
      onExchange: (outcome) => {
        outcomes.push(outcome);
        waiting.shift()?.(outcome);
      },
    },
    state: preparePort(80, [options.listener ?? listener([rule()])]),
    ...(options.timeouts === undefined ? {} : { timeouts: options.timeouts }),
  });
  opened.push({ close: () => pools.close() }, { close: () => server.drain(0) });
  return { server, view, pools, outcomes, nextOutcome: () => new Promise((resolve) => waiting.push(resolve)) };
}

/** Opens a connection to the proxy. */
export async function dialRig({ server }: Rig): Promise<Socket> {
  const socket = connect({ host: "127.0.0.1", port: server.port, allowHalfOpen: true });
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
  const request = httpRequest({ host: "127.0.0.1", port: rig.server.port, path: "/", ...options });
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
