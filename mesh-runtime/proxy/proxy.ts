import { readFile } from "node:fs/promises";
import type { ProxyStatus } from "../api/telemetry.ts";
import type { Running } from "../common/lifetime.ts";
import type { Log } from "../common/log.ts";
import { ports } from "../common/ports.ts";
import { startCertificateManager } from "../identity/certificate-client.ts";
import { prometheusText } from "../telemetry/prometheus-text.ts";
import { startPusher } from "../telemetry/pusher.ts";
import { Recorder } from "../telemetry/recorder.ts";
import { AccessLog } from "./access-log.ts";
import { adminPages } from "./admin-pages.ts";
import { Audits, addAuditMetrics } from "./audits.ts";
import { ClusterCounters } from "./cluster-counters.ts";
import type { ProxySettings } from "./config.ts";
import { addCopyMetrics } from "./copy-metrics.ts";
import { Cores, coresMax } from "./cores.ts";
import { DataPlane, type DrainTimes, drainTimes } from "./data-plane.ts";
import { addEnvoyMetrics } from "./envoy-metrics.ts";
import { trimHeap, trimWhenIdle } from "./heap-trim.ts";
import { type Page, startMonitoringServer } from "./monitoring-server.ts";
import { proxyStatus, proxyVersion } from "./proxy-status.ts";
import { startProxyXds } from "./proxy-xds.ts";
import { WantedKeys } from "./wanted-keys.ts";

const securedEveryMs = 1_000;
const stdout = 1;

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

/** Puts the parts together: data plane, configuration over xDS, own certificate, telemetry, monitoring. */
export async function startProxy(settings: ProxySettings, { log, onListen, drain }: ProxyHooks): Promise<Proxy> {
  const startedUnixMs = Date.now();
  const { trustDomain, namespace, serviceAccount } = settings;
  const identity = { trustDomain, namespace, serviceAccount };
  const controlPlane = {
    address: settings.xdsAddress,
    rootCertificateFile: settings.xdsRootFile,
    tokenProvider: () => readFile(settings.tokenFile, "utf8"),
  };
  const certificates = startCertificateManager({ ca: controlPlane, impersonate: false, log });
  const accessLog = new AccessLog(stdout);
  const recorder = new Recorder({
    proxy: `${settings.podName}.${namespace}`,
    node: settings.node,
    status: () => status(),
    clusters: () => counters.take(Date.now()),
  });
  const counters = new ClusterCounters(() => plane.clusters());
  const audits = new Audits();
  const wantedKeys = new WantedKeys((issuer) => xds.wantKeys(issuer));
  const plane = new DataPlane({
    settings,
    certificates,
    recorder,
    counters,
    audits,
    accessLog,
    log,
    onUnknownKey: wantedKeys.wanted,
    reusePort: coresMax(settings) > 1,
    ...(onListen === undefined ? {} : { onListen }),
  });
  const cores = new Cores({
    settings,
    certificates,
    plane,
    recorder,
    counters,
    audits,
    wantedKeys,
    log,
    drain: { ...drainTimes, ...drain },
  });
  const xds = startProxyXds({ settings, controlPlane, cores, log });

  let started = false;
  let draining = false;
  const isReady = (): boolean => started && !draining && plane.bound && certificates.current(identity) !== undefined;
  const status = (): ProxyStatus =>
    proxyStatus({
      settings,
      startedUnixMs,
      xds,
      view: plane.view,
      certificates,
      config: () => cores.config,
      openConnections: () => cores.openConnections,
    });
  const metrics: Page = () => ({
    status: 200,
    contentType: "text/plain; version=0.0.4",
    body: prometheusText(recorder.edges.values(), { component: "proxy", version: proxyVersion }, (page) => {
      const kind = cores.config?.kind ?? "gateway";
      addEnvoyMetrics(page, counters, kind);
      addAuditMetrics(page, audits);
      addCopyMetrics(page, recorder.copies, counters, kind);
      const lost = accessLog.dropped;
      page.counter("towpath_access_log_lines_dropped_total", "Lines that the log was too slow for.", "", lost);
      page.gauge("towpath_proxy_threads", "Threads that serve.", "", cores.running);
    }),
  });
  const ready: Page = () => ({
    status: isReady() ? 200 : 503,
    contentType: "text/plain",
    body: isReady() ? "ready\n" : "not ready\n",
  });
  const admin = adminPages({
    status,
    config: () => cores.config,
    clusters: () => plane.clusters(),
    view: plane.view,
  });
  const monitoring = await Promise.all([
    startMonitoringServer(settings.podIp, ports.readiness, { "/healthz/ready": ready }),
    startMonitoringServer(settings.podIp, ports.metrics, { "/metrics": metrics, "/stats/prometheus": metrics }),
    startMonitoringServer(settings.podIp, ports.admin, { ...admin, "/stats/prometheus": metrics }),
  ]);
  const pusher = startPusher({
    endpoint: settings.telemetryEndpoint,
    tokenFile: settings.telemetryTokenFile,
    recorder,
    log,
  });
  const trim = trimWhenIdle(() => recorder.requests);
  const secured = setInterval(() => plane.noteSecured(Date.now()), securedEveryMs).unref();

  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    draining = true;
    await cores.drain();
    clearInterval(secured);
    await accessLog.flushed();
    await Promise.all([
      trim.close(),
      xds.close(),
      certificates.close(),
      pusher.close(),
      ...monitoring.map((page) => page.close()),
    ]);
  };

  return {
    ready: Promise.all([xds.synced, plane.settled, certificates.fetch(identity)]).then(() => {
      trimHeap();
      started = true;
    }),
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}
