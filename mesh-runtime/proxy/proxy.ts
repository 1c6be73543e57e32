import { readFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import type { ProxyStatus } from "../api/telemetry.ts";
import type { Running } from "../common/lifetime.ts";
import type { Log } from "../common/log.ts";
import { ports } from "../common/ports.ts";
import { createHbonePool } from "../hbone/pool.ts";
import { startCertificateManager } from "../identity/certificate-client.ts";
import { createEngine } from "../l7/create-engine.ts";
import { MeshView } from "../l7/mesh-view.ts";
import { prometheusText } from "../telemetry/prometheus-text.ts";
import { startPusher } from "../telemetry/pusher.ts";
import { Recorder } from "../telemetry/recorder.ts";
import { startXdsClient, subscribeTo } from "../xds/client.ts";
import { addressType, proxyConfigType } from "../xds/codec.ts";
import type { ProxyConfig } from "../xds/proxy-config.ts";
import { AccessLog } from "./access-log.ts";
import { adminPages } from "./admin-pages.ts";
import { BoundListeners } from "./bound-listeners.ts";
import { ClusterCounters } from "./cluster-counters.ts";
import type { ProxySettings } from "./config.ts";
import { GatewayEdges, WaypointEdges } from "./edge-book.ts";
import { addEnvoyMetrics } from "./envoy-metrics.ts";
import type { Front } from "./front.ts";
import { type Page, startMonitoringServer } from "./monitoring-server.ts";
import { ProxyConfiguration } from "./proxy-configuration.ts";
import { proxyStatus, proxyVersion } from "./proxy-status.ts";
import { ProxyTelemetry } from "./proxy-telemetry.ts";
import { securedEdges } from "./secured-edges.ts";
import { TelemetryRules } from "./telemetry-rules.ts";
import { WaypointFront } from "./waypoint-front.ts";

const securedEveryMs = 1_000;
const stdout = 1;

/** How long each step of an orderly end may take; together below the 15 s that a pod has. */
export interface DrainTimes {
  /** Still serving, but no longer ready: until callers have heard. */
  readonly lameDuckMs: number;
  /** After GOAWAY, before connections that are idle are closed. */
  readonly goawayMs: number;
  /** For requests under way. */
  readonly finishMs: number;
}
export const drainTimes: DrainTimes = { lameDuckMs: 1_000, goawayMs: 250, finishMs: 12_000 };

/** A running proxy. */
export interface Proxy extends Running {
  /** Resolves when configuration and certificate are there and every listener is bound. */
  readonly ready: Promise<void>;
}

export interface ProxyHooks {
  readonly log: Log;
  readonly onListen?: (name: string, address: string, port: number) => void;
  readonly drain?: Partial<DrainTimes>;
}

/** Puts the parts together: configuration over xDS, own certificate, engine, front, telemetry, monitoring. */
export async function startProxy(settings: ProxySettings, { log, onListen, drain }: ProxyHooks): Promise<Proxy> {
  const startedUnixMs = Date.now();
  const { trustDomain, namespace, serviceAccount } = settings;
  const identity = { trustDomain, namespace, serviceAccount };
  const endpoint = {
    address: settings.xdsAddress,
    rootCertificateFile: settings.xdsRootFile,
    tokenProvider: () => readFile(settings.tokenFile, "utf8"),
  };
  const certificates = startCertificateManager({ ca: endpoint, impersonate: false, log });
  const hbone = createHbonePool({ certificates, trustDomain, log });
  const view = new MeshView();
  const rules = new TelemetryRules();
  const accessLog = new AccessLog(stdout);
  const recorder = new Recorder({
    proxy: `${settings.podName}.${namespace}`,
    node: settings.node,
    status: () => status(),
    clusters: () => counters.take(Date.now()),
  });
  let telemetry: ProxyTelemetry | undefined;
  let front: Front | undefined;
  const engine = createEngine({
    view,
    hbone,
    identity,
    localAddress: settings.podIp,
    locality: { region: settings.region, zone: settings.zone, subzone: "" },
    onExchange: (outcome) => telemetry?.exchange(outcome),
    onTunnel: (outcome) => telemetry?.tunnel(outcome),
    log,
  });
  const counters = new ClusterCounters(() => engine.clusters());
  const configured = Promise.withResolvers<void>();

  const startFront = (kind: ProxyConfig["kind"]): Front =>
    kind === "waypoint"
      ? new WaypointFront({
          host: settings.podIp,
          port: ports.hbone,
          certificates,
          identity,
          engine,
          view,
          log,
          onHandshakeRefused: (reason, address) => telemetry?.handshakeRefused(reason, address),
          onListen: (address, port) => onListen?.("hbone", address, port),
        })
      : new BoundListeners({
          podIp: settings.podIp,
          hostPorts: settings.hostPorts,
          engine,
          log,
          onListen: (address, port) => onListen?.("http", address, port),
        });

  const configuration = new ProxyConfiguration({
    engine,
    view,
    onKind: (kind) => {
      const edges = kind === "waypoint" ? new WaypointEdges(settings, recorder) : new GatewayEdges(settings, recorder);
      telemetry = new ProxyTelemetry({ settings, recorder, counters, rules, accessLog, edges });
      front = startFront(kind);
    },
    onApplied: (config, listeners) => {
      rules.update(config);
      front?.apply(listeners);
      configured.resolve();
    },
  });

  const own = `${namespace}/${settings.gateway}`;
  const xds = startXdsClient({
    ...endpoint,
    log,
    node: {
      id: `router~${settings.podIp}~${settings.podName}.${namespace}~${namespace}.svc.cluster.local`,
      metadata: {
        NAME: settings.podName,
        NAMESPACE: namespace,
        NODE_NAME: settings.node,
        CLUSTER_ID: settings.clusterId,
      },
    },
    subscriptions: [
      subscribeTo(addressType, "*", ({ upserted, removed }) => {
        view.apply(upserted, removed);
        return undefined;
      }),
      subscribeTo(proxyConfigType, [own], ({ upserted, removed }) => {
        const next = upserted.find(({ name }) => name === own)?.value;
        try {
          if (next !== undefined) {
            configuration.apply(next);
          } else if (removed.includes(own)) {
            configuration.remove();
          }
        } catch (error) {
          return [{ name: own, error: error instanceof Error ? error.message : String(error) }];
        }
        return undefined;
      }),
    ],
  });

  let draining = false;
  const isReady = (): boolean => !draining && front?.ready === true && certificates.current(identity) !== undefined;
  const status = (): ProxyStatus =>
    proxyStatus({
      settings,
      startedUnixMs,
      xds,
      view,
      certificates,
      config: () => configuration.current,
      openConnections: () => front?.openConnections ?? 0,
    });
  const metrics: Page = () => ({
    status: 200,
    contentType: "text/plain; version=0.0.4",
    body: prometheusText(recorder.edges.values(), { component: "proxy", version: proxyVersion }, (page) =>
      addEnvoyMetrics(page, counters, configuration.current?.kind ?? "gateway"),
    ),
  });
  const monitoring = await Promise.all([
    startMonitoringServer(settings.podIp, ports.readiness, {
      "/healthz/ready": () => ({
        status: isReady() ? 200 : 503,
        contentType: "text/plain",
        body: isReady() ? "ready\n" : "not ready\n",
      }),
    }),
    startMonitoringServer(settings.podIp, ports.metrics, { "/metrics": metrics, "/stats/prometheus": metrics }),
    startMonitoringServer(settings.podIp, ports.admin, {
      ...adminPages({
        status,
        config: () => configuration.current,
        clusters: () => engine.clusters(),
        view,
      }),
      "/stats/prometheus": metrics,
    }),
  ]);
  const pusher = startPusher({
    endpoint: settings.telemetryEndpoint,
    tokenFile: settings.telemetryTokenFile,
    recorder,
    log,
  });
  const secured = setInterval(() => {
    const callers = front?.connections() ?? [];
    for (const edge of securedEdges(settings, view, hbone.connections(), callers, Date.now())) {
      recorder.secured(edge);
    }
  }, securedEveryMs).unref();

  const drainFront = async (): Promise<void> => {
    const { lameDuckMs, goawayMs, finishMs } = { ...drainTimes, ...drain };
    if (front === undefined) {
      return;
    }
    await delay(lameDuckMs);
    const stopped = front.stopListening();
    await delay(goawayMs);
    await engine.drain(finishMs);
    front.destroyConnections();
    await stopped;
  };

  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    draining = true;
    await drainFront();
    clearInterval(secured);
    hbone.close();
    await accessLog.flushed();
    await Promise.all([xds.close(), certificates.close(), pusher.close(), ...monitoring.map((page) => page.close())]);
  };

  return {
    ready: Promise.all([xds.synced, configured.promise, certificates.fetch(identity)]).then(() => front?.settled),
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}
