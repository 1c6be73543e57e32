import { join } from "node:path";
import type { Running } from "../common/lifetime.ts";
import type { Log } from "../common/log.ts";
import type { KubeClient } from "../kube-client/client.ts";
import { createCertificateHandler } from "./ca/certificate-handler.ts";
import { openCertificateAuthority, rootCertificateFile } from "./ca/root-store.ts";
import { createTokenAuthenticator } from "./ca/token-authenticator.ts";
import type { ControlPlaneConfig } from "./config.ts";
import { ensureGatewayClasses } from "./gateway-classes.ts";
import { startGrpcServer } from "./grpc-server.ts";
import { startKeySets } from "./jwks/start-key-sets.ts";
import { controlPlaneMetrics } from "./monitoring/metrics.ts";
import { startMonitoringServer } from "./monitoring/monitoring-server.ts";
import { syncz } from "./monitoring/syncz.ts";
import { startPublisher } from "./publisher.ts";
import { createStatusKeeper } from "./status/status-keeper.ts";
import { keySources, sourcesOfIssuers } from "./translate/l7/jwt-rules.ts";
import { runsOnNode } from "./world/bound-pods.ts";
import { watchWorld } from "./world/watched-world.ts";
import { createDiscoveryHub } from "./xds-server/discovery-hub.ts";

/** Namespace of the mesh's own policies, and of the agents' ServiceAccount. */
const rootNamespace = "istio-system";
const agents: ReadonlySet<string> = new Set([`${rootNamespace}/ztunnel`]);

export interface ControlPlaneOptions {
  readonly config: Omit<ControlPlaneConfig, "kubeconfig">;
  readonly client: KubeClient;
  readonly log: Log;
}

export interface RunningControlPlane extends Running {
  readonly xdsPort: number;
  readonly monitoringPort: number;
  /** The mesh's root certificates, PEM. */
  readonly rootCertificateFile: string;
  /** Resolves when the world is known and proxies get answers. */
  readonly ready: Promise<void>;
}

/** Puts the parts together: CA, watches, translation, discovery, statuses, monitoring. */
export async function startControlPlane({ config, client, log }: ControlPlaneOptions): Promise<RunningControlPlane> {
  const authority = await openCertificateAuthority(config.data, config.trustDomain);
  const stopping = new AbortController();
  const keys = await startKeySets({
    folder: config.data,
    world: () => watched.world,
    onChange: () => watched.touch("requestAuthentications"),
    log: log.with({ part: "jwks" }),
  });
  const watched = watchWorld(client, log, { rootNamespace, keySets: keys.keySets, keyProblems: keys.keyProblems });
  const authenticator = createTokenAuthenticator((token, audiences) => client.reviewToken(token, audiences));
  const hub = createDiscoveryHub({
    agents,
    authenticator,
    log,
    onProgress: (ended) => statuses.onProgress(ended),
    onKeysWanted: (issuers) => {
      for (const url of sourcesOfIssuers(watched.world, issuers)) {
        keys.wanted(url);
      }
    },
  });
  const facts = { trustDomain: config.trustDomain, clusterId: config.clusterId, rootNamespace };
  const statuses = createStatusKeeper({ client, watched, hub, facts, log });
  const certificates = createCertificateHandler({
    authority: () => authority,
    authenticator,
    trustDomain: config.trustDomain,
    lifetimeMs: config.certificateLifetimeSeconds * 1_000,
    agents,
    runsOnNode: (identity, node) => runsOnNode(watched, identity, node),
    log,
  });
  const grpc = await startGrpcServer({
    authority,
    address: config.address,
    port: config.xdsPort,
    discovery: hub.handle,
    certificates: certificates.handle,
  });
  const monitoring = await startMonitoringServer({
    address: config.address,
    port: config.monitoringPort,
    ready: () => hub.snapshot() !== undefined,
    syncz: () => syncz(hub.streams(), hub.snapshot()),
    metrics: () =>
      controlPlaneMetrics({ streams: hub.streams(), snapshot: hub.snapshot(), certificates: certificates.counts }),
  });
  const publishing = startPublisher({
    watched,
    facts,
    log,
    onSnapshot: (snapshot) => hub.publish(snapshot),
    onTranslation: (translation, changedAtMs) => {
      keys.follow(keySources(watched.world));
      statuses.onTranslation(translation, changedAtMs);
    },
  });
  const classes = ensureGatewayClasses(client, log, stopping.signal);

  return {
    xdsPort: grpc.port,
    monitoringPort: monitoring.port,
    rootCertificateFile: join(config.data, rootCertificateFile),
    ready: publishing.then(() => undefined),
    async close() {
      stopping.abort();
      keys.close();
      watched.close();
      (await publishing).stop();
      statuses.stop();
      await Promise.all([grpc.close(), monitoring.close(), classes]);
    },
  };
}
