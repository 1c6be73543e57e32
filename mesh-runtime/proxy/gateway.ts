import { readFile } from "node:fs/promises";
import type { ProxyStatus } from "../api/telemetry.ts";
import type { Running } from "../common/lifetime.ts";
import type { Log } from "../common/log.ts";
import { ports } from "../common/ports.ts";
import { createHbonePool } from "../hbone/pool.ts";
import { startCertificateManager } from "../identity/certificate-client.ts";
import { createDial } from "../l7/dial-upstream.ts";
import { MeshView } from "../l7/mesh-view.ts";
import { UpstreamPools } from "../l7/upstream-pools.ts";
import { prometheusText } from "../telemetry/prometheus-text.ts";
import { startPusher } from "../telemetry/pusher.ts";
import { Recorder } from "../telemetry/recorder.ts";
import { startXdsClient, subscribeTo } from "../xds/client.ts";
import { addressType, proxyConfigType } from "../xds/codec.ts";
import type { ProxyConfig } from "../xds/model.ts";
import { BoundListeners } from "./bound-listeners.ts";
import type { GatewayConfig } from "./config.ts";
import { GatewayTelemetry } from "./gateway-telemetry.ts";
import { type Page, startMonitoringServer } from "./monitoring-server.ts";

const version = "0.1.0";
const securedEveryMs = 1_000;

/** A running gateway. */
export interface Gateway extends Running {
  /** Resolves when configuration and certificate are there and every listener is bound. */
  readonly ready: Promise<void>;
}

export interface GatewayHooks {
  readonly log: Log;
  readonly onListen?: (name: string, address: string, port: number) => void;
}

/** Puts the parts together: configuration over xDS, own certificate, listeners, telemetry, monitoring. */
export async function startGateway(config: GatewayConfig, { log, onListen }: GatewayHooks): Promise<Gateway> {
  const startedUnixMs = Date.now();
  const identity = {
    trustDomain: config.trustDomain,
    namespace: config.namespace,
    serviceAccount: config.serviceAccount,
  };
  const endpoint = {
    address: config.xdsAddress,
    rootCertificateFile: config.xdsRootFile,
    tokenProvider: () => readFile(config.tokenFile, "utf8"),
  };
  const certificates = startCertificateManager({ ca: endpoint, impersonate: false, log });
  const hbone = createHbonePool({ certificates, trustDomain: config.trustDomain, log });
  const view = new MeshView();
  const pools = new UpstreamPools(createDial({ hbone, identity, localAddress: config.podIp, connectTimeoutMs: 5_000 }));
  const recorder = new Recorder({
    proxy: `${config.podName}.${config.namespace}`,
    node: config.node,
    status: () => status(),
    sampling: 1,
  });
  const telemetry = new GatewayTelemetry(config, recorder);
  const listeners = new BoundListeners({
    podIp: config.podIp,
    hostPorts: config.hostPorts,
    context: { view, pools, onExchange: (outcome) => telemetry.record(outcome), random: Math.random },
    log,
    onListen: (address, port) => onListen?.("http", address, port),
  });
  const own = `${config.namespace}/${config.gateway}`;
  let proxyConfig: ProxyConfig | undefined;
  const xds = startXdsClient({
    ...endpoint,
    log,
    node: {
      id: `router~${config.podIp}~${config.podName}.${config.namespace}~${config.namespace}.svc.cluster.local`,
      metadata: {
        NAME: config.podName,
        NAMESPACE: config.namespace,
        NODE_NAME: config.node,
        CLUSTER_ID: config.clusterId,
      },
    },
    subscriptions: [
      subscribeTo(addressType, "*", ({ upserted, removed }) => {
        view.apply(upserted, removed);
        return undefined;
      }),
      subscribeTo(proxyConfigType, [own], ({ upserted, removed }) => {
        const next = upserted.find(({ name }) => name === own)?.value;
        if (next !== undefined) {
          proxyConfig = next;
          listeners.apply(next.listeners);
        } else if (removed.includes(own)) {
          proxyConfig = undefined;
          listeners.apply([]);
        }
        return undefined;
      }),
    ],
  });

  let draining = false;
  const isReady = (): boolean =>
    !draining && proxyConfig !== undefined && listeners.ready && certificates.current(identity) !== undefined;
  const status = (): ProxyStatus => {
    const { connected, lastAppliedUnixMs, rejected } = xds.status();
    const { workloads, services } = view.counts;
    return {
      timeUnixMs: Date.now(),
      proxy: `${config.podName}.${config.namespace}`,
      kind: "gateway",
      node: config.node,
      version,
      startedUnixMs,
      xdsConnected: connected,
      lastAppliedUnixMs: lastAppliedUnixMs ?? 0,
      resources: {
        workloads,
        services,
        authorizations: new Set(
          proxyConfig?.listeners.flatMap(({ authorizations }) => authorizations.map((a) => `${a.namespace}/${a.name}`)),
        ).size,
        proxyConfigs: proxyConfig === undefined ? 0 : 1,
      },
      rejected: rejected
        .slice(0, 64)
        .map(({ typeUrl, name, error }) => ({ type: typeUrl, name: name.slice(0, 512), reason: error.slice(0, 512) })),
      certificates: certificates.status().flatMap(({ spiffeId, certificate }) =>
        certificate === undefined
          ? []
          : [
              {
                identity: spiffeId,
                serial: certificate.serial,
                notBeforeUnixMs: certificate.notBeforeUnixMs,
                notAfterUnixMs: certificate.notAfterUnixMs,
              },
            ],
      ),
      openConnections: listeners.openConnections,
      residentBytes: process.memoryUsage.rss(),
    };
  };

  const metrics: Page = () => ({
    status: 200,
    contentType: "text/plain; version=0.0.4",
    body: prometheusText(recorder.edges.values(), { component: "proxy", version }),
  });
  const monitoring = await Promise.all([
    startMonitoringServer(config.podIp, ports.readiness, {
      "/healthz/ready": () => ({
        status: isReady() ? 200 : 503,
        contentType: "text/plain",
        body: isReady() ? "ready\n" : "not ready\n",
      }),
    }),
    startMonitoringServer(config.podIp, ports.metrics, { "/metrics": metrics, "/stats/prometheus": metrics }),
    startMonitoringServer(config.podIp, ports.admin, {
      "/config_dump": () => ({
        status: 200,
        contentType: "application/json",
        body: `${JSON.stringify({ status: status(), proxyConfig: proxyConfig ?? null }, null, 2)}\n`,
      }),
    }),
  ]);
  const pusher = startPusher({
    endpoint: config.telemetryEndpoint,
    tokenFile: config.telemetryTokenFile,
    recorder,
    log,
  });
  const secured = setInterval(() => telemetry.secured(hbone.connections(), view, Date.now()), securedEveryMs).unref();

  return {
    ready: Promise.all([xds.synced, certificates.fetch(identity)]).then(() => listeners.settled),
    async close() {
      draining = true;
      await listeners.close();
      clearInterval(secured);
      pools.close();
      hbone.close();
      await Promise.all([xds.close(), certificates.close(), pusher.close(), ...monitoring.map((page) => page.close())]);
    },
  };
}
