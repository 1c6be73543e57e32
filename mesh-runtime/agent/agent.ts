import { readFile } from "node:fs/promises";
import { memoryUsage } from "node:process";
import type { ProxyStatus } from "../api/telemetry.ts";
import type { Running } from "../common/lifetime.ts";
import type { Log } from "../common/log.ts";
import { createHbonePool } from "../hbone/pool.ts";
import { startCertificateManager } from "../identity/certificate-client.ts";
import { prometheusText } from "../telemetry/prometheus-text.ts";
import { startPusher } from "../telemetry/pusher.ts";
import { Recorder } from "../telemetry/recorder.ts";
import { startXdsClient, subscribeTo } from "../xds/client.ts";
import { addressType, authorizationType, outsideType } from "../xds/codec.ts";
import { startAdmin } from "./admin.ts";
import { createAttestor } from "./attestation.ts";
import type { AgentConfig } from "./config.ts";
import { Dialer } from "./dialer.ts";
import { watchFirstSync } from "./first-sync.ts";
import { InboundGate } from "./inbound-gate.ts";
import { createInboundTelemetry } from "./inbound-telemetry.ts";
import type { LocalPod } from "./local-pod.ts";
import { type MeshChange, MeshState } from "./mesh-state.ts";
import { createOutboundTelemetry } from "./outbound-telemetry.ts";
import { OutsideDestinations } from "./outside-destinations.ts";
import { PodRegistry } from "./pod-registry.ts";
import { securedEdges } from "./secured-edges.ts";
import { startZdsClient } from "./zds-client.ts";

const version = "0.1.0";
const securedEveryMs = 1_000;

/** The composition root: every part gets what it needs here and knows nothing else. */
export async function startAgent(config: AgentConfig, log: Log): Promise<Running> {
  const startedUnixMs = Date.now();
  const mesh = new MeshState();
  const outside = new OutsideDestinations();
  const controlPlane = {
    address: config.xdsAddress,
    rootCertificateFile: config.xdsRoot,
    tokenProvider: () => readFile(config.tokenFile, "utf8"),
  };
  const certificates = startCertificateManager({ ca: controlPlane, impersonate: true, log: log.with({ part: "ca" }) });
  const xds = startXdsClient({
    ...controlPlane,
    node: {
      id: `ztunnel~${config.address}~ztunnel-${config.node}.istio-system~istio-system.svc.cluster.local`,
      metadata: {
        NAME: `ztunnel-${config.node}`,
        NAMESPACE: "istio-system",
        NODE_NAME: config.node,
        CLUSTER_ID: config.clusterId,
        INSTANCE_IPS: config.address,
        ISTIO_VERSION: version,
      },
    },
    subscriptions: [
      subscribeTo(addressType, "*", (update) => mesh.applyAddresses(update)),
      subscribeTo(authorizationType, "*", (update) => mesh.applyAuthorizations(update)),
      subscribeTo(outsideType, "*", (update) => outside.apply(update)),
    ],
    log: log.with({ part: "xds" }),
  });
  const firstSync = watchFirstSync(xds.synced);
  xds.synced.then(() => {
    log.info("the mesh is known", { workloads: mesh.workloads.size, services: mesh.services.size });
  }, undefined);

  const status = (): ProxyStatus => {
    const { connected, lastAppliedUnixMs = 0, rejected } = xds.status();
    return {
      timeUnixMs: Date.now(),
      proxy: `ztunnel~${config.node}`,
      kind: "agent",
      node: config.node,
      version,
      startedUnixMs,
      xdsConnected: connected,
      lastAppliedUnixMs,
      resources: {
        workloads: mesh.workloads.size,
        services: mesh.services.size,
        authorizations: mesh.policies.size,
        proxyConfigs: 0,
      },
      rejected: rejected.slice(0, 64).map(({ typeUrl, name, error }) => ({
        type: typeUrl,
        name: name.slice(0, 512),
        reason: error.slice(0, 512),
      })),
      certificates: certificates
        .status()
        .flatMap(({ certificate }) => (certificate === undefined ? [] : [certificate]))
        .slice(0, 1024)
        .map(({ spiffeId, serial, notBeforeUnixMs, notAfterUnixMs }) => ({
          identity: spiffeId,
          serial,
          notBeforeUnixMs,
          notAfterUnixMs,
        })),
      openConnections: gate.openCalls,
      residentBytes: memoryUsage.rss(),
    };
  };
  // Sampling is done where records are made.
  const recorder = new Recorder({ proxy: `ztunnel~${config.node}`, node: config.node, status, sampling: 1 });
  const pool = createHbonePool({ certificates, trustDomain: config.trustDomain, log: log.with({ part: "hbone" }) });
  const dialer = new Dialer({ mesh, pool, outside });
  const inboundTelemetry = createInboundTelemetry(mesh, recorder, log.with({ scope: "access" }), config.node);
  const gate = new InboundGate(mesh, inboundTelemetry, firstSync);

  const registry: PodRegistry = new PodRegistry({
    trustDomain: config.trustDomain,
    clusterId: config.clusterId,
    certificates,
    listeners: {
      inbound: { gate, telemetry: inboundTelemetry },
      outbound: {
        attestor: createAttestor(),
        dialer,
        telemetry: createOutboundTelemetry(mesh, recorder, log.with({ scope: "access" }), config.node),
        firstSync,
        podNews: (pod, timeoutMs) => registry.news(pod, timeoutMs),
      },
      certificates,
      firstSync,
      onCaptureChanged: (pod) => dropOldWays(pod),
    },
  });

  /** Idle connections that were made before the pod joined or left the mesh must not serve another request. */
  function dropOldWays(pod: LocalPod): void {
    for (const { front, pod: owner } of registry.pods) {
      if (owner === pod) {
        front?.pool.closeWhere(({ upstream }) => upstream.dialed.target.kind === "workload");
      }
    }
  }

  /** The same for destinations. */
  function followWorkloads({ workloads }: MeshChange): void {
    for (const { before, after } of workloads) {
      if (before === undefined || before.tunnelProtocol === after?.tunnelProtocol) {
        continue;
      }
      for (const { front } of registry.pods) {
        front?.pool.closeWhere(
          ({ upstream: { dialed } }) => dialed.target.kind === "workload" && dialed.target.workload.uid === before.uid,
        );
      }
      if (before.tunnelProtocol === "HBONE") {
        before.addresses.forEach(pool.forget);
      }
    }
  }
  mesh.onChange(followWorkloads);
  outside.onChange(() => {
    for (const { front } of registry.pods) {
      front?.pool.closeWhere(({ upstream }) => upstream.dialed.target.kind === "external");
    }
    dialer.recheckOutside();
  });
  const stopRenewals = certificates.onRenewal((certificate) => registry.renewed(certificate));

  const securedTimer = setInterval(() => {
    for (const edge of securedEdges(pool, mesh, Date.now())) {
      recorder.secured(edge);
    }
  }, securedEveryMs).unref();
  const pusher = startPusher({
    endpoint: config.telemetryEndpoint,
    tokenFile: config.telemetryTokenFile,
    recorder,
    log: log.with({ part: "telemetry" }),
  });
  const zds = startZdsClient({
    path: config.zds,
    node: config.node,
    log: log.with({ part: "zds" }),
    onConnected: () => registry.snapshotBegins(),
    handle: (request) => registry.handle(request),
  });
  const admin = await startAdmin(config.address, {
    ready: () => firstSync.done && zds.connected,
    metrics: () => prometheusText(recorder.edges.values(), { component: "ztunnel", version }),
    configDump: () => ({
      version,
      node: config.node,
      pods: registry.pods.map(({ pod, hbone, front }) => ({
        ...pod.spec,
        identity: pod.spiffeId,
        captureStands: pod.captured,
        policyEnforced: pod.enforced,
        inboundHboneConnections: hbone?.openConnections ?? 0,
        outboundConnections: front?.connections.size ?? 0,
        idleUpstreams: front?.pool.size ?? 0,
      })),
      workloads: [...mesh.workloads.values()],
      services: [...mesh.services.values()],
      policies: [...mesh.policies.values()],
      outside: { mode: outside.mode, destinations: outside.list() },
      certificates: certificates.status(),
      hbonePool: pool.connections().map(({ source, peer, ...connection }) => ({
        ...connection,
        source: source.info,
        peer: peer.info,
      })),
      xds: xds.status(),
    }),
  });

  return {
    close: async () => {
      clearInterval(securedTimer);
      stopRenewals();
      admin.close();
      await zds.close();
      await registry.close();
      pool.close();
      await Promise.all([xds.close(), certificates.close(), pusher.close()]);
    },
  };
}
